"""Widths of pages found without drawing them: under a horizontal scale, with borders, and where only drawing tells."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from renderer import Alignment, RenderConfig
from renderer.fast import engine as fast
from renderer.fast.crop.pillow_resize import stretched, taps
from renderer.fonts.catalogue import resolve_font
from renderer.settings.newline_markup import BREAK, RED_MARK

TEXT = "\n".join(
    f"{n}. A lamplighter & {n * n} stairs; <up> they went, all of them, until the very last." for n in range(200)
)
PLAIN = RenderConfig(
    font_path=resolve_font("Vera.ttf")[0],
    page_width_pt=300.0,
    page_height_pt=240.0,
    margin_x_pt=10.0,
    margin_y_pt=10.0,
    alignment=Alignment.LEFT,
    auto_crop_width=True,
    auto_crop_last_page=True,
    newline_markup=RED_MARK,
)
COVERED = replace(PLAIN, paragraph_background="#336699", border_padding_pt=40.0, right_indent_pt=100.0)
FOUND = {
    "narrower": replace(PLAIN, horizontal_scale=0.75),
    "wider, in cells": replace(PLAIN, horizontal_scale=1.13, snap_to_28=True),
    "narrower, dark, to the right": replace(
        PLAIN,
        horizontal_scale=0.9,
        page_background="#1E1E1E",
        paragraph_background="#1E1E1E",
        font_color="#D4D4D4",
        alignment=Alignment.RIGHT,
    ),
    "a paragraph over the corner": COVERED,
    "the same, narrower": replace(COVERED, horizontal_scale=0.8),
    "a border": replace(PLAIN, border_width_pt=1.0, border_color="#000000"),
    "a thick border in colour": replace(PLAIN, border_width_pt=6.0, border_color="#336699", newline_markup=BREAK),
    "a thin border on a coloured page": replace(
        PLAIN, border_width_pt=0.3, border_color="#FF0000", page_background="#FFF8E7", paragraph_background="#FFF8E7"
    ),
    "a border, and a paragraph over the corner": replace(COVERED, border_width_pt=2.0, border_color="#000000"),
    "a border that is not seen": replace(PLAIN, border_width_pt=1.0, border_color="#FFFFFF"),
    "paper below the page's colour": replace(
        PLAIN, page_height_pt=240.2, page_background="#336699", border_width_pt=1.0, border_color="#000000"
    ),
    "a border under a horizontal scale": replace(
        PLAIN, border_width_pt=1.0, border_color="#000000", horizontal_scale=0.9
    ),
    "a border in colour, wider": replace(
        PLAIN, border_width_pt=2.5, border_color="#FF0000", border_padding_pt=3.0, horizontal_scale=1.2
    ),
    "a light page that ends short of the paper": replace(
        PLAIN,
        dpi=80,
        page_width_pt=299.9,
        page_height_pt=240.2,
        page_background="#FBFBFB",
        paragraph_background="#FBFBFB",
    ),
    "the same light page, narrower": replace(
        PLAIN,
        dpi=80,
        page_width_pt=299.9,
        page_background="#FBFBFB",
        paragraph_background="#FBFBFB",
        horizontal_scale=0.9,
    ),
    "a dark page that ends short of the paper": replace(
        PLAIN, dpi=80, page_width_pt=299.9, page_height_pt=240.2, page_background="#1E1E1E", font_color="#FFFFFF"
    ),
    "text to the last row, and rectangles beyond it": replace(
        PLAIN, dpi=96, page_height_pt=240.2, margin_y_pt=0.0, border_padding_pt=20.0, paragraph_background="#FFF8E7"
    ),
    "text on coloured paper, narrower": replace(
        PLAIN, page_background="#F6F8FA", paragraph_background="#F6F8FA", font_color="#1F2328", horizontal_scale=0.8
    ),
    "text that is not seen": replace(PLAIN, font_color="#FFFFFF", newline_markup=BREAK),
}


def widths(config: RenderConfig, monkeypatch, text: str = TEXT) -> tuple[list[int], list[int]]:
    """Widths as told and as drawn of all pages but the last, which is drawn for its height; telling draws no whole page."""
    fast.forget()
    layout = fast.prepare(text).layout(config)
    pages = range(layout.page_count - 1)
    assert pages
    with monkeypatch.context() as patch:
        patch.setattr(layout, "_finished", lambda page: pytest.fail(f"page {page.number + 1} was drawn"))
        told = [layout.page_size(i)[0] for i in pages]
    return told, [layout.page_array(i).shape[1] for i in pages]


@pytest.mark.parametrize("name", FOUND)
def test_widths_found_without_drawing_are_those_drawn(name, monkeypatch):
    told, drawn = widths(FOUND[name], monkeypatch)
    assert told == drawn


@pytest.mark.parametrize("scale", [1.0, 0.8])
def test_widths_of_pages_with_paragraphs_of_no_height_are_those_drawn(scale, monkeypatch):
    # The background of an empty paragraph is thinner than a pixel: thirty lines without anything on them make one.
    text = "\n".join(["the lamps"] * 30 + [""] * 30) * 9
    told, drawn = widths(replace(COVERED, border_padding_pt=0.0, horizontal_scale=scale), monkeypatch, text)
    assert told == drawn


def test_pages_whose_last_glyphs_have_no_ink_end_where_the_others_do(monkeypatch):
    # Droid Sans Fallback draws no Latin letters: their pens reach far beyond the last character that is seen.
    blank = replace(FOUND["narrower"], font_path=resolve_font("DroidSansFallbackFull.ttf")[0], newline_markup=BREAK)
    told, drawn = widths(blank, monkeypatch)
    assert told == drawn


@pytest.mark.parametrize(("width", "scaled"), [(595, 535), (595, 446), (595, 654), (100, 333), (662, 1), (3, 2)])
@pytest.mark.parametrize("channels", [1, 3])
def test_stretched_columns_are_pillows_to_the_bit(width, scaled, channels):
    page = np.random.default_rng(width + scaled).integers(0, 256, (9, width, channels), dtype=np.uint8)
    expected = np.asarray(Image.fromarray(page[:, :, 0] if channels == 1 else page).resize((scaled, 9)))
    made = taps(width, scaled)
    start, left = scaled // 2, made.first[scaled // 2]
    found = stretched(np.ascontiguousarray(page[:, left:]), left, made, start, scaled)
    assert np.array_equal(found, expected.reshape(9, scaled, channels)[:, start:])
