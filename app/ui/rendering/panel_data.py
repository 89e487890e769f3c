"""What the browser's settings panel is drawn from, on Pages and on Compare: knobs, fonts, presets, papers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.preview.font_choices import UPLOADED_FONTS, FontChoice, font_choices, font_token
from app.preview.settings_panel import aspect_ratios, panel_groups, papers
from app.preview.settings_query import default_config, presets, settings_values
from renderer import RenderConfig


def panel_data(uploads: tuple[str, ...]) -> dict[str, Any]:
    """`uploads`: tokens of the uploaded fonts to offer."""
    return {
        "defaults": settings_values(default_config()),
        "fonts": [_font_data(font) for font in fonts(uploads)],
        "presets": _preset_data(),
        "groups": panel_groups(),
        "aspects": aspect_ratios(),
        "papers": papers(),
    }


def uploads_of(*configs: RenderConfig | None) -> tuple[str, ...]:
    """Tokens of the uploaded fonts that these settings use: a link may have brought them."""
    used = [path for config in configs if config for path in (config.font_path, *config.fallback_fonts)]
    return tuple(dict.fromkeys(font_token(path) for path in used if path.parent == UPLOADED_FONTS))


@st.cache_resource(show_spinner=False, max_entries=32, ttl=30)
def fonts(uploaded: tuple[str, ...]) -> list[FontChoice]:
    return font_choices(uploaded)


@st.cache_resource(show_spinner=False, max_entries=1, ttl=30)
def _preset_data() -> list[dict[str, Any]]:
    return [{"name": one.name, "values": settings_values(one.config), "note": one.note} for one in presets()]


def _font_data(font: FontChoice) -> dict[str, Any]:
    return {
        "token": font.token,
        "family": font.family,
        "licence": font.licence,
        "scripts": list(font.scripts),
        "source": font.source,
        "uploaded": font.uploaded,
    }
