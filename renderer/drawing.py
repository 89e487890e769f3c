"""Pages drawn: a placement and colours in, the uncropped pixels of a page out.

A page is drawn in grey where all its colours are, with windows of colour where but few glyphs have one (tints.py), in
colour elsewhere, and on transparent paper where something reaches beyond the page's background (margin.py). Paragraphs
are painted in order, each with its rectangle first, which cuts what hangs down from the one before. Knows no crops.
"""

import math
from dataclasses import dataclass

import numpy as np

from .atlas import Bitmaps
from .graylines import blend_gray_lines
from .margin import blend_box_alpha, blend_lines_alpha, on_paper
from .paint import Paint
from .pdfnumbers import read_back
from .placement import PlacedPage, Placement
from .raster import blend_box, blend_lines, fill_box, right_edge
from .rectangles import fill_rectangle, stroke_rectangle
from .tints import Tints, draw_tints, tint_boxes

FLAT_PT = 0.05  # thinner rectangles are not moved onto whole pixels by a simple rule
_LEAST_PAGE_TO_TINTS = 8  # a page that is coloured on a larger part than this is drawn in colour altogether
_EVERY_COLUMN = -(1 << 30)


@dataclass(frozen=True, slots=True)
class Begun:
    """A page about to be drawn."""

    number: int
    placed: PlacedPage
    bitmaps: Bitmaps
    beyond: bool  # something is drawn beyond the page's background
    tint_boxes: np.ndarray | None  # as of tints.Tints; none on a grey page; None where all is drawn in colour

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

    def begin(self, i: int) -> Begun:
        """Everything that drawing any rows of page i needs, with the bitmaps of all its glyphs made."""
        placed, atlas = self._at.placed(i), self._at.atlas
        if placed.keys.size and atlas.missing(placed.keys):
            atlas.make(placed.keys)
        bitmaps = atlas.bitmaps()
        beyond = self._reaches_beyond(i, placed, bitmaps)
        return Begun(i, placed, bitmaps, beyond, None if beyond else self._tint_boxes(i, placed, bitmaps))

    def rows(self, page: Begun, top: int, bottom: int) -> tuple[np.ndarray, Tints | None]:
        """Rows top..bottom of the uncropped page: (rows, width, 1 or 3), and the coloured spots over a grey one."""
        channels = 4 if page.beyond else 3 if page.tint_boxes is None else 1
        shape = bottom - top, self._at.size_px[0], channels
        surface = np.full(shape, 0 if page.beyond else 255, dtype=np.uint8)
        self._draw(surface, page.number, 0, top, page.placed, page.bitmaps)
        if page.beyond:
            return on_paper(surface), None
        return surface, self._tints(surface, top, page) if page.has_tints else None

    def painted(self, i: int) -> tuple[np.ndarray, Tints | None]:
        """The whole uncropped page, as `rows` gives it."""
        return self.rows(self.begin(i), 0, self._at.size_px[1])

    def _tint_boxes(self, i: int, placed: PlacedPage, bitmaps: Bitmaps) -> np.ndarray | None:
        """Boxes of the coloured spots of a page that is grey elsewhere: none on a grey page; None where all is in colour."""
        t, paint = self._at.tables, self._paint
        if not paint.base_is_gray:
            return None
        if paint.text_is_gray.all():
            return np.empty((0, 4), dtype=np.int64)
        boxes = tint_boxes(
            *self._at.lines(i), t.line_glyphs, *placed, t.style, paint.text_is_gray, bitmaps.slot, bitmaps.box,
            *self._at.size_px,
        )
        area = ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).sum()
        parts = self._at.parts(i)
        simple = self._at.config.border_width_pt == 0 and not (self._at.corners[parts, 2:] <= FLAT_PT).any()
        worth_it = area * _LEAST_PAGE_TO_TINTS <= self._at.size_px[0] * self._at.size_px[1]
        return boxes if not len(boxes) or (simple and worth_it) else None

    def _tints(self, surface: np.ndarray, top: int, page: Begun) -> Tints:
        t, paint = self._at.tables, self._paint
        boxes = page.tint_boxes.copy()
        boxes[:, 1::2] = np.clip(boxes[:, 1::2], top, top + len(surface))
        boxes = boxes[boxes[:, 1] < boxes[:, 3]]
        parts = t.page_parts[page.number], t.page_parts[page.number + 1]
        return draw_tints(
            surface[:, :, 0], top, boxes, self._at.page_box, paint.page, *parts, self._at.boxes, paint.paragraph,
            t.part_lines, t.line_glyphs, *page.placed, self._at.atlas.reach_px, t.style, paint.text, page.bitmaps.slot,
            page.bitmaps.box, page.bitmaps.coverage,
        )

    def _draw(
        self, surface: np.ndarray, i: int, x0: int, y0: int, placed: PlacedPage, bitmaps: Bitmaps
    ) -> None:
        """Paint what the surface, whose corner lies at (x0, y0), shows of page i."""
        t = self._at.tables
        first, _ = self._at.lines(i)
        paint = self._paint
        channels = surface.shape[2]
        if channels == 4 or not (paint.page == 255).all():
            fill_box(surface, *self._at.page_box, x0, y0, paint.page)
        draw_lines = blend_lines_alpha if channels == 4 else blend_lines
        extra: tuple = ()
        if channels == 1:
            gray, paper = int(paint.text[0, 0]), int(paint.paragraph[0])
            draw_lines, extra = blend_gray_lines, (self._at.atlas.blended(gray, paper), gray, paper)
        for part in range(t.page_parts[i], t.page_parts[i + 1]):
            self._paint_rectangle(surface, part, x0, y0)
            a, z = t.part_lines[part, 0], t.part_lines[part, 1]
            if z > a:
                draw_lines(
                    surface, a, z, first, t.line_glyphs, *placed, t.style, paint.text, x0, y0,
                    bitmaps.slot, bitmaps.box, bitmaps.coverage, *extra,
                )

    def _reaches_beyond(self, i: int, placed: PlacedPage, bitmaps: Bitmaps) -> bool:
        """Whether anything is drawn where the page's background ends short of the page; see margin.py."""
        right, bottom = self._at.page_box[2:]
        if right >= self._at.size_px[0] and bottom >= self._at.size_px[1]:
            return False
        keys, columns, baselines = placed
        boxes = self._at.boxes[self._at.parts(i)]
        border = math.ceil(self._at.config.border_width_pt * self._at.scale) + 1
        if len(boxes) and (boxes[:, 2].max() + border > right or boxes[:, 3].max() + border > bottom):
            return True
        if not keys.size:
            return False
        edge = right_edge(keys, columns, _EVERY_COLUMN, bitmaps.slot, bitmaps.box)
        return edge > right or int(baselines.max()) + self._at.atlas.reach_px > bottom

    def _paint_rectangle(self, surface: np.ndarray, part: int, left: int, top: int) -> None:
        corners = self._at.corners[part].tolist()
        ctm = (self._at.scale, *self._at.part_ctm[part].tolist())
        if min(corners[2:]) > FLAT_PT:
            fill_box(surface, *self._at.boxes[part], left, top, self._paint.paragraph)
        else:
            _paint_covered(surface, fill_rectangle(*corners, ctm, self._at.size_px), left, top, self._paint.paragraph)
        if self._at.config.border_width_pt:
            line = float(read_back(self._at.config.border_width_pt))
            outline = stroke_rectangle(*corners, line, ctm, self._at.size_px)
            _paint_covered(surface, outline, left, top, self._paint.border)


def _paint_covered(surface: np.ndarray, covered, left: int, top: int, color: np.ndarray) -> None:
    if covered is not None:
        draw = blend_box_alpha if surface.shape[2] == 4 else blend_box
        draw(surface, covered[0], covered[1], covered[2], left, top, color)
