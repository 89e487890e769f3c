"""Widths of pages found without drawing them: under a horizontal scale, with borders, and where only drawing tells."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from renderer import Alignment, RenderConfig
from renderer.fast import engine as fast
from renderer.fast.crop.ink_search import UNKNOWN
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
}
DRAWN = {
    "a border, and a paragraph over the corner": replace(COVERED, border_width_pt=2.0, border_color="#000000"),
    "a border that is not seen": replace(PLAIN, border_width_pt=1.0, border_color="#FFFFFF"),
    "paper below the page's colour": replace(
        PLAIN, page_height_pt=240.2, page_background="#336699", border_width_pt=1.0, border_color="#000000"
    ),
    "a border under a horizontal scale": replace(
        PLAIN, border_width_pt=1.0, border_color="#000000", horizontal_scale=0.9
    ),
}


def widths(config: RenderConfig) -> tuple[np.ndarray, list[int], list[int]]:
    """The last columns found (all pages but the last, which is drawn for its height), and widths as told and as drawn."""
    fast.forget()
    layout = fast.prepare(TEXT).layout(config)
    pages = range(layout.page_count - 1)
    assert len(pages) > 3
    told = [layout.page_size(i)[0] for i in pages]
    return layout._columns.all()[:-1], told, [layout.page_array(i).shape[1] for i in pages]


@pytest.mark.parametrize("name", FOUND)
def test_widths_found_without_drawing_are_those_drawn(name):
    columns, told, drawn = widths(FOUND[name])
    assert (columns >= 0).all()
    assert told == drawn


@pytest.mark.parametrize("name", DRAWN)
def test_where_only_the_whole_page_tells_it_is_drawn(name):
    columns, told, drawn = widths(DRAWN[name])
    assert (columns == UNKNOWN).all()
    assert told == drawn


@pytest.mark.parametrize(("width", "scaled"), [(595, 535), (595, 446), (595, 654), (100, 333), (662, 1), (3, 2)])
@pytest.mark.parametrize("channels", [1, 3])
def test_stretched_columns_are_pillows_to_the_bit(width, scaled, channels):
    page = np.random.default_rng(width + scaled).integers(0, 256, (9, width, channels), dtype=np.uint8)
    expected = np.asarray(Image.fromarray(page[:, :, 0] if channels == 1 else page).resize((scaled, 9)))
    made = taps(width, scaled)
    start, left = scaled // 2, made.first[scaled // 2]
    found = stretched.py_func(page[:, left:].astype(np.int64), left, made, start, scaled)
    assert np.array_equal(found, expected.reshape(9, scaled, channels)[:, start:])
