"""A page that is grey but for coloured marks: the grey plane with its windows of colour is the page drawn in colour."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from renderer import Alignment, RenderConfig, render
from renderer.fast import engine as fast
from renderer.fast.raster import painter as drawing
from renderer.fonts.catalogue import resolve_font
from renderer.settings.newline_markup import RED_MARK

TEXT = "Qjgy (fj) [ÄÖÜ] under lines\nthat touch each other; /jj/\nshort\n\nand on, and on, and on.\n" * 12
PLAIN = RenderConfig(
    font_path=resolve_font("Vera.ttf")[0],
    page_width_pt=260.0,
    page_height_pt=200.0,
    margin_x_pt=10.0,
    margin_y_pt=10.0,
    font_size_pt=9.0,
    leading_pt=9.0,
    alignment=Alignment.LEFT,
    newline_markup=RED_MARK,
    auto_crop_width=True,
    auto_crop_last_page=True,
)
SETTINGS = {
    "glyphs that touch": PLAIN,
    "dark page": replace(PLAIN, page_background="#1E1E1E", paragraph_background="#1E1E1E", font_color="#D4D4D4"),
    "paragraphs that cut descenders": replace(
        PLAIN, paragraph_background="#EEEEEE", font_size_pt=11.0, leading_pt=11.0
    ),
    "wide marks": replace(PLAIN, newline_markup='<font color="#00AA00"> WWWWWW </font>'),
    "a coloured end": replace(PLAIN, newline_markup='<font color="blue">|</font><br/>', alignment=Alignment.RIGHT),
    "stretched": replace(PLAIN, horizontal_scale=0.8),
    "in two halves": replace(
        PLAIN, page_width_pt=595.0, page_height_pt=842.0, margin_x_pt=230.0, leading_pt=24.0, dpi=96
    ),
    "snapped": replace(PLAIN, snap_to_28=True),
}


def drawn(config: RenderConfig) -> tuple[list[np.ndarray], list[bytes], bool]:
    fast.forget()
    made = fast.prepare(TEXT).layout(config)
    pages = range(made.page_count)
    tinted = any(made._painter.begin(i).has_tints for i in pages)
    return [made.page_array(i) for i in pages], [made.page_png(i) for i in pages], tinted


@pytest.mark.parametrize("name", SETTINGS)
def test_a_tinted_page_is_the_page_drawn_in_colour(name, monkeypatch):
    monkeypatch.setattr(drawing, "_LEAST_PAGE_TO_TINTS", 0)  # however much is coloured
    tinted, pngs, has_tints = drawn(SETTINGS[name])
    monkeypatch.setattr(drawing, "_LEAST_PAGE_TO_TINTS", 1 << 40)
    in_color, _, none = drawn(SETTINGS[name])
    assert has_tints
    assert not none
    assert len(tinted) == len(in_color) > 1
    for found, expected, png in zip(tinted, in_color, pngs, strict=True):
        assert (expected[:, :, 0] != expected[:, :, 1]).any() or (expected[:, :, 1] != expected[:, :, 2]).any()
        assert np.array_equal(found, expected)
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(png)).convert("RGB")), expected)


def test_glyphs_taller_than_wide_reach_into_the_windows_of_other_lines():
    mono = replace(
        PLAIN,
        font_path=resolve_font("DejaVuSansMono.ttf")[0],
        font_size_pt=20.0,
        leading_pt=20.0,
        dpi=144,
        page_height_pt=400.0,
        auto_crop_width=False,
        auto_crop_last_page=False,
    )
    text = "w" * 12 + "\n" + ("\u2588\u2502" * 30 + " ") * 6
    made = fast.prepare(text).layout(mono)
    assert made._painter.begin(0).has_tints
    (expected,) = (page for page in render(text, mono, engine="reference") if page.number == 1)
    assert np.array_equal(made.page_array(0), np.asarray(Image.open(io.BytesIO(expected.png)).convert("RGB")))


def test_a_page_with_much_colour_is_drawn_in_colour():
    red = replace(PLAIN, font_color="#FF0000")
    assert not fast.prepare(TEXT).layout(red)._painter.begin(0).has_tints
