"""A stretch of a text where it stands on its page: the page with the 28 px cells that hold it, and those cells enlarged.

In: a text, settings, a span of characters. Out: PNG bytes and numbers. The reference engine knows no positions: then the page alone.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from app.preview.laid_book import FastLaid
from app.preview.token_cells import marks
from app.tokens import page_grid
from renderer import NothingToRender, RenderConfig, plan, render

_ENLARGED = 3
_AROUND = 1  # cells above and below, left and right
_COLOR = (214, 69, 69)
_MOST_ENLARGED_PX = 2_400


@dataclass(frozen=True, slots=True)
class PassagePicture:
    """`cells`: how many hold a part of the passage on this page. `detail_png`: these cells enlarged; empty where none are known."""

    page_png: bytes
    detail_png: bytes
    page: int
    pages: int
    cells: int


def passage_picture(text: str, config: RenderConfig, span: tuple[int, int]) -> PassagePicture:
    """The page on which the passage begins. Raises RenderError."""
    layout = plan(text, config).layout
    if layout is None:
        return _by_reference(text, config, span)
    laid = FastLaid(layout)
    number = laid.number_at(span[0])
    page, png = laid.page(number), laid.draw(number)
    glyphs = laid.glyphs(number)
    found = marks(glyphs, page, *span).cells if glyphs is not None else ()
    if not found:
        return PassagePicture(png, b"", number, laid.page_count, 0)
    grid = page_grid(page.width_px, page.height_px)
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    wide, high = picture.width / grid.columns, picture.height / grid.rows
    boxes = [
        (c * wide, r * high, (c + 1) * wide, (r + 1) * high) for r, c in (divmod(cell, grid.columns) for cell in found)
    ]
    left = max(0.0, min(box[0] for box in boxes) - _AROUND * wide)
    top = max(0.0, min(box[1] for box in boxes) - _AROUND * high)
    right = min(float(picture.width), max(box[2] for box in boxes) + _AROUND * wide)
    bottom = min(float(picture.height), max(box[3] for box in boxes) + _AROUND * high)
    detail = picture.crop((int(left), int(top), int(right), int(bottom)))
    scale = max(1, min(_ENLARGED, _MOST_ENLARGED_PX // max(detail.size)))
    detail = detail.resize((detail.width * scale, detail.height * scale), Image.Resampling.NEAREST)
    _outline(detail, [tuple(scale * (v - o) for v, o in zip(b, (left, top) * 2, strict=True)) for b in boxes])
    _outline(picture, boxes)
    return PassagePicture(_png(picture), _png(detail), number, laid.page_count, len(found))


def _by_reference(text: str, config: RenderConfig, span: tuple[int, int]) -> PassagePicture:
    chosen = None
    pages = 0
    for page in render(text, config):
        pages = page.number
        if chosen is None or page.text_span[0] <= span[0]:
            chosen = page
    if chosen is None:
        raise NothingToRender("This text has no pages.")
    return PassagePicture(chosen.png, b"", chosen.number, pages, 0)


def _outline(picture: Image.Image, boxes: Sequence[tuple[float, ...]]) -> None:
    draw = ImageDraw.Draw(picture)
    for left, top, right, bottom in boxes:
        draw.rectangle((left, top, right - 1, bottom - 1), outline=_COLOR)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
