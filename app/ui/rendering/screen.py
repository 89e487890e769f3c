"""The Pages page: every rendering setting, the page it gives and what it costs, while a slider is dragged.

The viewer component asks our routes by itself; this script only hands it the book's key, the fonts and presets there are,
and hears from it where the settings came to rest.
"""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from app.bookshelf.source import Reflow
from app.preview.font_choices import keep_font
from app.preview.routes import preview_url
from app.preview.settings_query import read_settings, read_settings_file, settings_values
from app.projection import GPUS
from app.ui.addresses import in_browser, keep_address, other_servers
from app.ui.book.chooser import draw_book_panel, open_story
from app.ui.book.opening import put_back, reflow_open_book
from app.ui.compare.reading import chosen_gpu, text_reading, window_of
from app.ui.components import page_viewer
from app.ui.export_menu import draw_export
from app.ui.exports_now import book_files
from app.ui.frame import servers_now
from app.ui.guard import safely
from app.ui.kept_conversations import reopen
from app.ui.link import PageLink, read_link, shown_letters
from app.ui.messages import Message, new_message
from app.ui.outside import plain
from app.ui.rendering.panel_data import fonts, panel_data, uploads_of
from app.ui.rendering.quick_panel import draw_quick_search
from app.ui.session import AppSession, session
from renderer import RenderConfig, RenderError
from renderer.fonts.font_file import MAX_FONT_BYTES

_STATE = "pages_state"
_VIEWER = "viewer"


class PagesState:
    """What this page remembers of a browser session besides its settings."""

    def __init__(self) -> None:
        self.revision = 0
        """Grows when Python, not the viewer, changed the settings: the viewer then takes them over."""
        self.shown: str = ""
        """Key of the settings that the viewer knows."""
        self.at = 0
        self.message: Message | None = None
        """The newest thing to tell in the viewer. It stays: the browser shows each serial number once."""
        self.fonts: list[str] = []
        """Tokens of fonts uploaded in this session."""
        self.link_read = False
        self.upload_read = ""
        self.held: RenderConfig | None = None
        """The settings B of A | B, while that is open."""
        self.show = ""
        """What lies over or beside the page: letters of link.SHOWN."""
        self.book_key = self.title = ""


def draw_pages() -> None:
    now, state = session(), _state()
    _read_link(now, state)
    with st.sidebar:
        draw_book_panel(now)
        _draw_fonts(state)
    if now.book is None:
        _draw_welcome(now, state)
        return
    put_back(now)
    if now.book_key != state.book_key:
        if state.book_key and now.book.title != state.title:
            state.at = 0  # another book: its passages are others
        state.book_key, state.title = now.book_key, now.book.title
    st.header(plain(now.book.title), anchor=False)
    if now.settings.key != state.shown:
        state.revision += 1
        state.shown = now.settings.key
    page_viewer(
        _viewer_data(now, state),
        key=_VIEWER,
        on_view_change=safely(_follow),
        on_load_change=safely(_load),
        on_book_change=safely(_change_book),
        on_gone_change=lambda: None,
    )
    keep_address(now, PageLink(now.book_key, now.settings, state.held, state.at, state.show))
    note = "Pages as ZIP or PDF, their manifest and the settings: below the page."
    draw_export(now, "pages", book_files(now, servers_now()), note)
    draw_quick_search(now)


def _state() -> PagesState:
    if _STATE not in st.session_state:
        st.session_state[_STATE] = PagesState()
    return st.session_state[_STATE]


def _viewer_data(now: AppSession, state: PagesState) -> dict[str, Any]:
    servers = servers_now()
    text = text_reading(now, servers)
    return {
        "base": in_browser(preview_url(now.book_key)),
        "settings": settings_values(now.settings),
        "revision": state.revision,
        "at": min(state.at, max(0, len(now.opened.text) - 1)),
        "open": {"b": settings_values(state.held) if state.held else None, "show": state.show},
        "message": [state.message.serial, state.message.text] if state.message else None,
        **panel_data(_known_uploads(now, state)),
        "windows": {"text": text.window.tokens, "pages": window_of(servers.pages).tokens},
        "reading": {"text": text.tokens, "sent": text.sent},
        "gpus": [{"id": gpu.id, "name": gpu.name, "short": _short(gpu.name)} for gpu in GPUS.values()],
        "gpu": chosen_gpu(now, servers).id,
    }


def _short(gpu: str) -> str:
    """ "NVIDIA H100 SXM 80 GB" → "H100", where a tile has no more room."""
    return re.sub(r"^NVIDIA (GeForce )?|( SXM)? \d+ GB$", "", gpu)


def _follow() -> None:
    """The viewer's settings came to rest. What it refused itself never gets here as a valid setting."""
    now, state, view = session(), _state(), st.session_state[_VIEWER].view
    if not view:
        return
    state.at, state.show = max(0, int(view.get("at", 0))), shown_letters(view.get("show", ""))
    if (gpu_id := str(view.get("gpu"))) in GPUS:
        now.gpu_id = gpu_id
    try:
        state.held = _as_settings(view["b"]) if view.get("b") else None
        now.settings = _as_settings(view["settings"])
    except RenderError:
        return  # the viewer shows the message beside the knob and keeps the last good picture
    state.shown = now.settings.key


def _as_settings(values: dict[str, Any]) -> RenderConfig:
    return read_settings({str(key): str(value) for key, value in values.items()})


def _load() -> None:
    now, state = session(), _state()
    try:
        now.settings = read_settings_file(st.session_state[_VIEWER].load)
    except RenderError as error:
        state.message = new_message(str(error))


def _change_book() -> None:
    """The advice to join hard-wrapped lines was taken."""
    now = session()
    if st.session_state[_VIEWER].book == "reflow" and now.book is not None:
        reflow_open_book(now, Reflow.DENSE)


def _read_link(now: AppSession, state: PagesState) -> None:
    """What the address says, once: later the session's own is newer."""
    if state.link_read:
        return
    state.link_read = True
    link = read_link(dict(st.query_params))
    troubles = list(link.troubles)
    if link.opens_something and now.book is None:
        troubles += filter(None, [reopen(now, link), other_servers(link)])
    if link.settings is not None:
        now.settings = link.settings
    state.at, state.held, state.show = link.at, link.held, link.show
    state.message = new_message(" ".join(troubles)) if troubles else None


def _known_uploads(now: AppSession, state: PagesState) -> tuple[str, ...]:
    """This session's uploaded fonts, and those that a link brought with it."""
    return tuple(dict.fromkeys([*state.fonts, *uploads_of(now.settings, state.held)]))


def _draw_welcome(now: AppSession, state: PagesState) -> None:
    st.title("Pages", anchor=False)
    if state.message:
        st.warning(plain(state.message.text), icon=":material/link_off:")
    st.markdown(
        "Every rendering setting, the page it gives and what it costs. Drag the resolution and watch the **compression ratio** "
        "of the whole book follow; lay the **grid of visual tokens** over a page and see what each one holds.\n\n"
        "Choose a book in the sidebar, or begin with the sample story."
    )
    if st.button("Begin with the sample story", type="primary", icon=":material/auto_stories:"):
        open_story(now)


def _draw_fonts(state: PagesState) -> None:
    st.subheader("Fonts")
    upload = st.file_uploader(
        "Add a TrueType font (.ttf)",
        type=["ttf"],
        max_upload_size=MAX_FONT_BYTES // 1024**2,
        key="font_upload",
        help="Checked, then kept under its hash on this machine. It appears in the viewer's font list.",
    )
    if upload is not None:
        _keep_upload(state, upload)
    with st.expander("Families, licences, scripts", icon=":material/text_fields:"):
        for font in fonts(tuple(state.fonts)):
            st.markdown(f"**{plain(font.family)}**" + (" (yours)" if font.uploaded else ""))
            st.caption(f"{plain(font.licence)} · {plain(', '.join(font.scripts) or 'no known script')}")


def _keep_upload(state: PagesState, upload: Any) -> None:
    if state.upload_read != upload.file_id:
        state.upload_read = upload.file_id
        st.session_state["font_error"] = ""
        try:
            token = keep_font(upload.getvalue(), upload.name)
        except (RenderError, OSError) as error:
            st.session_state["font_error"] = str(error)
        else:
            state.fonts = [*dict.fromkeys([*state.fonts, token])]
    if st.session_state.get("font_error"):
        st.error(plain(st.session_state["font_error"]), icon=":material/error:")
    else:
        st.caption(":material/check: Checked; choose it in the font list.")
