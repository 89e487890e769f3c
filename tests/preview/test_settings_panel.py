"""The viewer's panel is made of the table of settings: nothing of it is written down a second time."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.preview.settings_panel import panel_groups, papers
from app.preview.settings_query import BY_KEY, default_config, presets, settings_query, settings_values
from renderer.settings.table import SETTINGS

VIEWER = Path(__file__).resolve().parents[2] / "app" / "ui" / "assets" / "viewer"
KNOBS = [knob for group in panel_groups() for knob in group["knobs"]]


def test_every_setting_has_one_knob_and_a_page_one_more_for_papers():
    keys = [knob["key"] for knob in KNOBS if knob["kind"] != "paper"]
    assert sorted(keys) == sorted(setting.link_key for setting in SETTINGS)
    assert [knob["sides"] for knob in KNOBS if knob["kind"] == "paper"] == [["w", "h"]]


@pytest.mark.parametrize("name", ["settings_panel.js", "knob_inputs.js"])
def test_the_viewer_s_scripts_name_no_setting_by_themselves(name):
    script = (VIEWER / name).read_text(encoding="utf-8")
    for setting in SETTINGS:
        assert setting.glyph_key == "dpi" or setting.glyph_key not in script, setting.glyph_key
        assert f'label: "{setting.label}"' not in script


@pytest.mark.parametrize("knob", [knob for knob in KNOBS if "low" in knob], ids=lambda knob: knob["label"])
def test_what_a_slider_offers_is_allowed(knob):
    allowed = BY_KEY[knob["key"]].allowed
    assert allowed.lowest <= knob["low"] < knob["high"] <= allowed.highest


def test_to_another_paper_and_back_is_the_preset_again():
    glyph = default_config()
    assert papers()["A4"] == [glyph.page_width_pt, glyph.page_height_pt]
    width, height = papers()["A3"]
    away = replace(glyph, page_width_pt=width, page_height_pt=height)
    width, height = papers()["A4"]
    back = replace(away, page_width_pt=width, page_height_pt=height)
    assert settings_query(back) == {}
    assert next(one.name for one in presets() if settings_values(one.config) == settings_values(back)) == "Glyph 72"
