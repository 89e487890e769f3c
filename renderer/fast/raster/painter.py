"""Pages drawn: a placement and colours in, the uncropped pixels of a page out.

A page is drawn in grey where all its colours are, with windows of colour where but few glyphs have one (color_windows.py), in
colour elsewhere, and on transparent paper where something reaches beyond the page's background (transparent_edge.py). Paragraphs
are painted in order, each with its rectangle first, which cuts what hangs down from the one before. Knows no crops.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .blending import PageGlyphs, PageParts, blend_lines, blend_runs, fill_box
from .color_windows import Tints, draw_tints, tint_boxes
from .colors import Paint
from .glyph_bitmaps import Bitmaps, Held
from .glyph_positions import right_edge
from .gray_lines import GrayAtlas, blend_gray_lines, draw_gray_parts
from .placement import PlacedPage, Placement
from .rectangles import fill_rectangle, stroke_rectangle
from .transparent_edge import blend_lines_alpha, blend_runs_alpha, on_paper

_LEAST_PAGE_TO_TINTS = 8  # a page that is coloured on a larger part than this is drawn in colour altogether
_EVERY_COLUMN = -(1 << 30)


@dataclass(frozen=True, slots=True)
class Begun:
    """A page about to be drawn."""

    number: int
    placed: PlacedPage
    held: Held
    beyond: bool  # something is drawn beyond the page's background
    is_simple: bool  # its rectangles have edges on whole pixels and no borders
    tint_boxes: np.ndarray | None  # as of color_windows.Tints; none on a grey page; None where all is drawn in colour

    @property
    def bitmaps(self) -> Bitmaps:
        return self.held.bitmaps

    @property
    def is_gray(self) -> bool:
        return self.tint_boxes is not None and not len(self.tint_boxes)

    @property
    def has_tints(self) -> bool:
        return self.tint_boxes is not None and len(self.tint_boxes) > 0


class Painter:
    """Draws the pages of one placement. Safe from several threads."""

    def __init__(self, placement: Placement, paint: Paint) -> None:
        self._at, self._paint = placement, paint
        self._border_px = math.ceil(placement.line_pt * placement.scale) + 2  # a border reaches no farther out

    def begin(self, i: int) -> Begun:
        """Everything that drawing any rows of page i needs, with the bitmaps of all its glyphs made."""
        placed = self._at.placed(i)
        held = self._at.atlas.hold(placed.keys)
        bitmaps = held.bitmaps
        is_simple = self._at.is_simple(i)
        beyond = self._reaches_beyond(i, placed, bitmaps, is_simple)
        boxes = None if beyond else self._tint_boxes(i, placed, bitmaps, is_simple)
        return Begun(i, placed, held, beyond, is_simple, boxes)

    def rows(self, page: Begun, top: int, bottom: int) -> tuple[np.ndarray, Tints | None]:
        """Rows top..bottom of the uncropped page: (rows, width, 1 or 3), and the coloured spots over a grey one."""
        channels = 4 if page.beyond else 3 if page.tint_boxes is None else 1
        shape = bottom - top, self._at.size_px[0], channels
        surface = np.full(shape, 0 if page.beyond else 255, dtype=np.uint8)
        self._draw(surface, top, page)
        if page.beyond:
            return on_paper(surface), None
        return surface, self._tints(surface, top, page) if page.has_tints else None

    def window(self, page: Begun, left: int, right: int, top: int, bottom: int) -> np.ndarray:
        """Columns left..right and rows top..bottom of the uncropped page: (rows, columns, 1 or 3)."""
        channels = 4 if page.beyond else 1 if page.is_gray else 3
        shape = bottom - top, right - left, channels
        surface = np.full(shape, 0 if page.beyond else 255, dtype=np.uint8)
        self._fill_page(surface, left, top)
        self._draw_parts(surface, left, top, page, blend_lines_alpha if page.beyond else blend_lines)
        return on_paper(surface) if page.beyond else surface

    def _tint_boxes(self, i: int, placed: PlacedPage, bitmaps: Bitmaps, is_simple: bool) -> np.ndarray | None:
        """Boxes of the coloured spots of a page that is grey elsewhere: none on a grey page; None where all is in colour."""
        paint = self._paint
        if not paint.base_is_gray:
            return None
        if paint.all_is_gray:
            return np.empty((0, 4), dtype=np.int64)
        glyphs = self._glyphs(placed, bitmaps, 0, 0)
        boxes, area = tint_boxes(*self._at.lines(i), glyphs, paint.text_is_gray, *self._at.size_px)
        worth_it = area * _LEAST_PAGE_TO_TINTS <= self._at.size_px[0] * self._at.size_px[1]
        return boxes if not len(boxes) or (is_simple and worth_it) else None

    def _tints(self, surface: np.ndarray, top: int, page: Begun) -> Tints:
        assert page.tint_boxes is not None
        boxes = page.tint_boxes.copy()
        boxes[:, 1::2] = np.clip(boxes[:, 1::2], top, top + len(surface))
        boxes = boxes[boxes[:, 1] < boxes[:, 3]]
        glyphs = self._glyphs(page.placed, page.bitmaps, 0, top)
        background = self._at.page_box, self._paint.page
        return draw_tints(surface[:, :, 0], boxes, *background, self._parts(page), glyphs, self._at.atlas.reach_px)

    def _draw(self, surface: np.ndarray, top: int, page: Begun) -> None:
        """Paint what the surface, whose first row is row `top` of the page, shows of it."""
        channels = surface.shape[2]
        self._fill_page(surface, 0, top)
        if channels == 1 and page.is_simple:
            glyphs = self._glyphs(page.placed, page.bitmaps, 0, top)
            draw_gray_parts(surface, self._parts(page), glyphs, self._gray(page))
        elif channels == 1:
            self._draw_parts(surface, 0, top, page, blend_gray_lines, self._gray(page))
        else:
            self._draw_parts(surface, 0, top, page, blend_lines_alpha if channels == 4 else blend_lines)

    def _fill_page(self, surface: np.ndarray, left: int, top: int) -> None:
        if surface.shape[2] == 4 or not self._paint.page_is_white:
            fill_box(surface, *self._at.page_box, left, top, self._paint.page)

    def _draw_parts(self, surface: np.ndarray, left: int, top: int, page: Begun, draw_lines: Callable, *more) -> None:
        """Paint the parts that the surface shows, which begins at column `left` and row `top` of the page."""
        t, glyphs = self._at.tables, self._glyphs(page.placed, page.bitmaps, left, top)
        parts = self._at.parts(page.number)
        first, _ = self._at.lines(page.number)
        for part in range(parts.start, parts.stop):
            if not self._touches(part, page, top, top + len(surface)):
                continue
            self._paint_rectangle(surface, part, left, top)
            a, z = t.part_lines[part, 0], t.part_lines[part, 1]
            if z > a:
                draw_lines(surface, a, z, first, glyphs, *more)

    def _touches(self, part: int, page: Begun, top: int, bottom: int) -> bool:
        """Whether a part may draw anything on these rows."""
        if self._at.boxes[part, 1] - self._border_px <= bottom and self._at.boxes[part, 3] + self._border_px >= top:
            return True
        a, z = self._at.tables.part_lines[part, :2] - self._at.lines(page.number)[0]
        rows, reach = page.placed.baselines[a:z], self._at.atlas.reach_px
        return bool(rows.size) and rows[0] - reach <= bottom and rows[-1] + reach >= top

    def _glyphs(self, placed: PlacedPage, bitmaps: Bitmaps, left: int, top: int) -> PageGlyphs:
        """For a surface that begins at column `left` and row `top` of the page."""
        t = self._at.tables
        return PageGlyphs(t.line_glyphs, *placed, t.style, self._paint.text, left, top, *bitmaps)

    def _parts(self, page: Begun) -> PageParts:
        parts = self._at.parts(page.number)
        return PageParts(parts.start, parts.stop, self._at.boxes, self._paint.paragraph, self._at.tables.part_lines)

    def _gray(self, page: Begun) -> GrayAtlas:
        """In the text's grey on the paragraphs'."""
        ink, paper = int(self._paint.text[0, 0]), int(self._paint.paragraph[0])
        return GrayAtlas(page.held.blended(ink, paper), ink, paper)

    def _reaches_beyond(self, i: int, placed: PlacedPage, bitmaps: Bitmaps, is_simple: bool) -> bool:
        """Whether anything but whole opaque pixels is drawn where the page's background ends short of the page."""
        right, bottom = self._at.page_box[2:]
        if right >= self._at.size_px[0] and bottom >= self._at.size_px[1]:
            return False
        keys, columns, baselines = placed
        boxes = self._at.boxes[self._at.parts(i)]
        border = self._border_px
        if not is_simple and (boxes[:, 2].max() + border > right or boxes[:, 3].max() + border > bottom):
            return True
        if not keys.size:
            return False
        edge = right_edge(keys, columns, _EVERY_COLUMN, bitmaps.slot, bitmaps.box)
        return edge > right or int(baselines.max()) + self._at.atlas.drop_px > bottom

    def _paint_rectangle(self, surface: np.ndarray, part: int, left: int, top: int) -> None:
        at, paint = self._at, self._paint
        if at.flat[part]:
            runs = fill_rectangle(at.rectangle(part), at.transform(part), at.size_px)
            _blend(surface, runs, left, top, paint.paragraph)
        else:
            fill_box(surface, *at.boxes[part], left, top, paint.paragraph)
        if at.line_pt:
            outline = stroke_rectangle(at.rectangle(part), at.line_pt, at.transform(part), at.size_px)
            _blend(surface, outline, left, top, paint.border)


def _blend(surface: np.ndarray, runs: np.ndarray, left: int, top: int, color: np.ndarray) -> None:
    (blend_runs_alpha if surface.shape[2] == 4 else blend_runs)(surface, runs, left, top, color)
