"""The sidebar's render settings for the Compare page. All other knobs are on the Pages page."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.ui.default_settings import default_settings
from app.ui.outside import plain
from app.ui.session import AppSession
from renderer import RenderConfig, RenderError
from renderer.fonts.catalogue import FontFamily, installed_fonts
from renderer.settings.table import BY_FIELD

DPIS = (48, 60, 72, 80, 84, 96, 108, 120, 144, 168, 200)
_DPI, _FONT, _SIZE, _NEWLINE = (BY_FIELD[field] for field in ("dpi", "font_path", "font_size_pt", "newline_markup"))
NEWLINES = {choice.value: choice.label for choice in _NEWLINE.choices}


def draw_settings_panel(session: AppSession) -> None:
    """DPI, font, size and newline markup; a change renders the book again."""
    st.subheader("Pages")
    now = session.settings
    dpis = sorted({*DPIS, now.dpi})
    dpi = st.select_slider(_DPI.label, dpis, value=now.dpi, help=_DPI.help)
    families = font_families()
    files = [family.file for family in families]
    at = files.index(now.font_path) if now.font_path in files else None
    family = st.selectbox(_FONT.label, families, index=at, format_func=lambda one: one.family)
    size = st.slider(
        f"{_SIZE.label} ({_SIZE.unit})",
        min(float(_SIZE.shown.lowest), now.font_size_pt),  # a link's size beyond the slider's ends stays what it is
        max(float(_SIZE.shown.highest), now.font_size_pt),
        now.font_size_pt,
        _SIZE.shown.step,
        help="The leading keeps its distance to the font size.",
    )
    newline = st.segmented_control(
        _NEWLINE.label,
        [*NEWLINES, *([now.newline_markup] if now.newline_markup not in NEWLINES else [])],
        default=now.newline_markup,
        format_func=lambda markup: NEWLINES.get(markup, "Own"),
        required=True,
        help="Glyph was trained with both. The red mark keeps paragraphs on one line: about a fifth fewer pages on a novel.",
    )
    changed = _changed(now, dpi, family, size, newline)
    if isinstance(changed, str):
        st.error(plain(changed))
    elif changed != now:
        session.settings = changed
        st.rerun()
    if now != default_settings(session.book) and st.button(
        "Back to Glyph's settings", icon=":material/restart_alt:", width="stretch"
    ):
        session.settings = default_settings(session.book)
        st.rerun()


@st.cache_resource(show_spinner=False, ttl=30)
def font_families() -> tuple[FontFamily, ...]:
    return installed_fonts()


def _changed(now: RenderConfig, dpi: int, family: FontFamily | None, size: float, newline: str) -> RenderConfig | str:
    leading = now.leading_pt if size == now.font_size_pt else size + (now.leading_pt - now.font_size_pt)
    try:
        return replace(
            now,
            dpi=dpi,
            font_path=family.file if family else now.font_path,
            font_size_pt=size,
            leading_pt=leading,
            newline_markup=newline,
        )
    except RenderError as error:
        return str(error)
