"""Text that has the colour of its paper is found."""

import dataclasses

import pytest

from app.paths import CONFIGS
from renderer import RenderConfig
from renderer.settings.legible_colors import contrast_ratio, faint_colors

CONFIG = RenderConfig.load(CONFIGS / "en.json")


def test_contrast_is_that_of_wcag_in_either_order():
    assert contrast_ratio("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast_ratio("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast_ratio("#777777", "#777777") == 1
    assert contrast_ratio("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_only_text_that_hardly_stands_out_is_named():
    assert faint_colors(CONFIG) == ()
    [words] = faint_colors(dataclasses.replace(CONFIG, font_color="#FFFFFF"))
    assert "#FFFFFF on #FFFFFF: a contrast of 1.0" in words
    assert faint_colors(dataclasses.replace(CONFIG, font_color="#E6E6E6", paragraph_background="#1E1E1E")) == ()


@pytest.mark.parametrize("name", ["en.json", "zh.json"])
def test_what_glyph_publishes_stands_out(name):
    assert faint_colors(RenderConfig.load(CONFIGS / name)) == ()
