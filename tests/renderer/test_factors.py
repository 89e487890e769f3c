"""The paper's ranges: what Glyph was trained on, and what lies outside."""

import dataclasses
from pathlib import Path

import pytest

from renderer import RenderConfig
from renderer.settings.paper_sizes import ASPECT_RATIOS, PAPER_SIZES_PT
from renderer.settings.training_ranges import (
    DPI_BANDS,
    EXTRA_LEADING_PT,
    FONT_SIZES_PT,
    STYLE_THEMES,
    untrained_settings,
)

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
CONFIG = RenderConfig.load(CONFIGS / "en.json")


def test_every_value_that_the_paper_names_can_be_set():
    for dpi in {dpi for band in DPI_BANDS for dpi in (band.lowest, band.highest, *band.choices)}:
        assert dataclasses.replace(CONFIG, dpi=dpi).dpi == dpi
    for width, height in [*PAPER_SIZES_PT.values(), *((595, 595 * ratio) for ratio in ASPECT_RATIOS)]:
        assert dataclasses.replace(CONFIG, page_width_pt=width, page_height_pt=height).page_height_pt == height
    for size in FONT_SIZES_PT:
        for extra in EXTRA_LEADING_PT:
            made = dataclasses.replace(CONFIG, font_size_pt=size, leading_pt=size + extra)
            assert untrained_settings(made) == ()


@pytest.mark.parametrize("name", ["en.json", "zh.json", *(f"themes/{theme}.json" for theme in STYLE_THEMES)])
def test_shipped_settings_lie_within_the_papers_ranges(name):
    assert untrained_settings(RenderConfig.load(CONFIGS / name)) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dpi": 40}, "DPI 40: Glyph was trained on 45 and more."),
        ({"font_size_pt": 20.0, "leading_pt": 20.0}, "Font size 20 pt: Glyph was trained on 14 pt and less."),
        ({"horizontal_scale": 0.5}, "Horizontal scale 0.5: Glyph was trained on 0.75 and more."),
        ({"leading_pt": 15.0}, "Leading 15 pt: Glyph was trained on 12 pt and less for a font size of 9 pt."),
        (
            {"first_line_indent_pt": 30.0},
            "First-line indent 30 pt: Glyph was trained on 22.5 pt and less for a font size of 9 pt.",
        ),
        (
            {"first_line_indent_pt": 3.0},
            "First-line indent 3 pt: Glyph was trained on 9 pt and more for a font size of 9 pt.",
        ),
    ],
)
def test_what_lies_outside_is_said(change, said):
    assert untrained_settings(dataclasses.replace(CONFIG, **change)) == (said,)
