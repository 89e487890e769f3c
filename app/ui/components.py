"""Our browser components, registered once: answer panes, page gallery, page viewer, messages. Values in, user's actions out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_ASSETS = Path(__file__).parent / "assets"


# The files of a component's script in its own folder, in the order in which they are joined.
_SCRIPTS = {
    "panes": ("panes",),
    "gallery": ("gallery",),
    "messages": ("../seen", "messages"),
    "viewer": (
        "../seen",
        "elements",
        "requests",
        "settings_panel",
        "figures",
        "placing",
        "page_sheet",
        "sheet_pair",
        "thumbnails",
        "second_sheet",
        "toolbar",
        "viewer",
        "mount",
    ),
}


def _component(name: str):
    folder = _ASSETS / name
    js = "\n".join((folder / f"{part}.js").read_text(encoding="utf-8") for part in _SCRIPTS[name])
    css = (folder / f"{name}.css").read_text(encoding="utf-8")
    return st.components.v2.component(f"glyph_{name}", css=css, js=js)


@st.cache_resource(show_spinner=False)
def _registered(name: str):
    return _component(name)


def answer_panes(turn: dict[str, Any], key: str, on_retry, on_over) -> Any:
    """Draw one question with its two answers; while it runs it follows the event stream by itself.

    `on_retry` and `on_over` are called at the rerun in which the browser says so; `result.retry` is then the side.
    """
    return _registered("panes")(
        data={"turn": turn, "dark": is_dark()}, key=key, on_retry_change=on_retry, on_over_change=on_over
    )


def page_gallery(pages: list[tuple[int, int, int, str]], base: str, name: str, key: str) -> None:
    """Draw the pages, `(width_px, height_px, visual_tokens, chapter)` each ("": it has none), whose images lie at `{base}/{number}.png`."""
    _registered("gallery")(data={"pages": pages, "base": base, "name": name}, key=key)


def message_board(messages: list[tuple[str, str, bool]], key: str) -> None:
    """Show messages, `(serial, text, grave)` each; the browser shows every serial once."""
    _registered("messages")(data={"messages": messages}, key=key)


def page_viewer(data: dict[str, Any], key: str, on_view_change, on_load_change, on_book_change, on_gone_change) -> Any:
    """Draw the Pages page's viewer. It asks the preview routes under `data["base"]` by itself.

    State `view`: {"settings", "at"} where they came to rest. Triggers: `load` (a settings file's text), `book` (what to do
    with the book), `gone` (the server no longer has the book).
    """
    return _registered("viewer")(
        data=data,
        key=key,
        on_view_change=on_view_change,
        on_load_change=on_load_change,
        on_book_change=on_book_change,
        on_gone_change=on_gone_change,
    )


def component_key(*parts: str) -> str:
    """A component's key, also where a part comes from outside.

    Streamlit joins a component's key and the name of its event with "__" and refuses a key that holds it, which takes the
    whole page down. Escaping: after every underscore stands a dot, so different parts give different keys.
    """
    return "-".join(parts).replace("_", "_.")


def is_dark() -> bool:
    return st.context.theme.type == "dark"
