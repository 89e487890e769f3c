"""The one table of settings: whole, without contradictions, and the same as what is made of it."""

import dataclasses

from renderer import RenderConfig
from renderer.settings.table import BY_FIELD, GROUPS, SETTINGS, Kind

# What links carry. A key that changes breaks every link that somebody kept.
LINK_KEYS = {
    "page_width_pt": "w",
    "page_height_pt": "h",
    "dpi": "d",
    "margin_x_pt": "mx",
    "margin_y_pt": "my",
    "font_path": "f",
    "font_size_pt": "s",
    "leading_pt": "l",
    "font_color": "fc",
    "alignment": "a",
    "horizontal_scale": "x",
    "first_line_indent_pt": "fi",
    "left_indent_pt": "li",
    "right_indent_pt": "ri",
    "space_after_pt": "sa",
    "space_before_pt": "sb",
    "border_width_pt": "bw",
    "border_padding_pt": "bp",
    "page_background": "pc",
    "paragraph_background": "gc",
    "border_color": "bc",
    "auto_crop_width": "cw",
    "auto_crop_last_page": "cl",
    "newline_markup": "n",
    "snap_to_28": "k",
    "fallback_fonts": "ff",
}


def test_every_field_of_the_config_has_one_row_and_one_place_on_the_panel():
    fields = sorted(field.name for field in dataclasses.fields(RenderConfig) if field.name != "notes")
    assert sorted(setting.field for setting in SETTINGS) == fields
    assert sorted(name for group in GROUPS for name in group.fields) == fields


def test_links_made_before_still_open():
    assert {setting.field: setting.link_key for setting in SETTINGS} == LINK_KEYS
    words = [(choice.word, choice.value) for choice in BY_FIELD["newline_markup"].choices]
    assert words == [("br", "<br/>"), ("mark", '<font color="#FF0000"> \\n </font>')]


def test_names_are_told_apart():
    for names in ([setting.label for setting in SETTINGS], [setting.link_key for setting in SETTINGS]):
        assert len(set(names)) == len(names)
    keys = [setting.glyph_key for setting in SETTINGS]
    assert [key for key in set(keys) if keys.count(key) > 1] == ["page-size"]


def test_what_is_shown_and_what_was_trained_lie_within_what_is_allowed():
    for setting in SETTINGS:
        assert (setting.allowed is not None) == (setting.kind in (Kind.NUMBER, Kind.WHOLE)), setting.field
        if setting.allowed is None:
            continue
        low, high = setting.allowed.lowest, setting.allowed.highest
        assert low <= setting.shown.lowest < setting.shown.highest <= high
        assert 0 < setting.shown.step < setting.shown.highest - setting.shown.lowest
        if setting.trained and setting.trained.against is None:
            for bound in (setting.trained.lowest, setting.trained.highest):
                assert bound is None or low <= bound <= high


def test_every_default_lies_within_its_range():
    for field in dataclasses.fields(RenderConfig):
        setting = BY_FIELD.get(field.name)
        if setting and setting.allowed:
            assert setting.allowed.lowest <= field.default <= setting.allowed.highest
