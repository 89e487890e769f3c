"""Our browser components, registered once: the answer panes and the page gallery. Values in, user's actions out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_ASSETS = Path(__file__).parent / "assets"


def _component(name: str):
    read = lambda suffix: (_ASSETS / f"{name}.{suffix}").read_text(encoding="utf-8")  # noqa: E731
    return st.components.v2.component(f"glyph_{name}", css=read("css"), js=read("js"))


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


def page_gallery(pages: list[tuple[int, int, int]], base: str, name: str, key: str) -> None:
    """Draw the pages, `(width_px, height_px, visual_tokens)` each, whose images lie at `{base}/{number}.png`."""
    _registered("gallery")(data={"pages": pages, "base": base, "name": name}, key=key)


def is_dark() -> bool:
    return st.context.theme.type == "dark"
