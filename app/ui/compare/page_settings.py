"""The sidebar's render settings on Compare: the Pages screen's own knobs, live while they are dragged. All others are there."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.preview.routes import preview_url
from app.preview.settings_query import read_settings, settings_values
from app.ui.addresses import in_browser
from app.ui.book.opening import put_back
from app.ui.compare.reading import chosen_gpu, text_reading, window_of
from app.ui.components import page_knobs
from app.ui.default_settings import default_settings
from app.ui.frame import servers_now
from app.ui.guard import safely
from app.ui.rendering.panel_data import panel_data, uploads_of
from app.ui.session import AppSession, session
from renderer import RenderError

_KNOBS = "page_knobs"
_TOLD = "page_knobs_told"


@dataclass(slots=True)
class _Told:
    """What the knobs know: `revision` grows when Python, not a knob, changed the settings `key`."""

    revision: int = 0
    key: str = ""


def draw_settings_panel(now: AppSession) -> None:
    """DPI, font, size and newline markup, with what they give; where they come to rest the book is rendered again."""
    st.subheader("Pages")
    put_back(now)
    told, servers = _told(), servers_now()
    if now.settings.key != told.key:
        told.revision, told.key = told.revision + 1, now.settings.key
    text = text_reading(now, servers)
    page_knobs(
        {
            "base": in_browser(preview_url(now.book_key)),
            "settings": settings_values(now.settings),
            "revision": told.revision,
            "windows": {"text": text.window.tokens, "pages": window_of(servers.pages).tokens},
            "reading": {"text": text.tokens, "sent": text.sent},
            "gpu": chosen_gpu(now, servers).id,
            **panel_data(uploads_of(now.settings)),
        },
        key=_KNOBS,
        on_rest_change=safely(_follow),
    )
    if now.settings != default_settings(now.book) and st.button(
        "Back to Glyph's settings", icon=":material/restart_alt:", width="stretch"
    ):
        now.settings = default_settings(now.book)
        st.rerun()


def _told() -> _Told:
    if _TOLD not in st.session_state:
        st.session_state[_TOLD] = _Told()
    return st.session_state[_TOLD]


def _follow() -> None:
    """The knobs came to rest."""
    now, values = session(), st.session_state[_KNOBS].rest
    if not isinstance(values, dict):
        return
    try:
        now.settings = read_settings({str(key): str(value) for key, value in values.items()})
    except RenderError:
        return  # the knobs say why themselves, and the last good picture stays
    _told().key = now.settings.key
