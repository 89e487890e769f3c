"""Where the ink of pages ends, without drawing them: what the crop of their width goes by.

In: a placement, colours and a painter, and for one page what was begun of it. Out: the last column, after the horizontal
scale, that the crop takes for ink, or extents.UNKNOWN where only the whole page tells. Knows nothing of PNGs.
"""

import threading

import numpy as np

from renderer.fast.raster.blending import luma
from renderer.fast.raster.colors import Paint
from renderer.fast.raster.glyph_positions import right_edge
from renderer.fast.raster.painter import Begun, Painter
from renderer.fast.raster.placement import Placement

from .ink import CROP_TOLERANCE, corner_gray
from .ink_search import BEYOND, NO_INK, UNKNOWN, Font, Laid, Sheet, last_column, last_columns
from .pillow_resize import NO_TAPS, taps

_EVERY_COLUMN = -(1 << 30)


class InkColumns:
    """The last inked columns of one layout's pages. Safe from several threads."""

    def __init__(self, placement: Placement, paint: Paint, painter: Painter) -> None:
        self._at, self._paint, self._painter = placement, paint, painter
        t, (width, height) = placement.tables, placement.size_px
        self._laid = Laid(
            t.page_parts, t.part_lines, placement.boxes, placement.part_ctm, t.line_glyphs, t.line_pens, t.code, t.style
        )
        colors = paint.page, paint.paragraph, paint.text, paint.rectangle_shows
        made = NO_TAPS if placement.config.horizontal_scale == 1.0 else taps(width, placement.scaled_width_px)
        channels = 1 if paint.all_is_gray else 3
        self._sheet = Sheet(placement.scale, width, height, channels, placement.page_box, *colors, made)
        self._lock = threading.Lock()
        self._found: np.ndarray | None = None

    def of(self, page: Begun) -> int:
        """That of one page."""
        if self._found is not None:
            return int(self._found[page.number])
        if self._needs_drawing():
            return UNKNOWN
        if self._at.line_pt:
            return self._of_borders(page, self._at.outline_ends(self._at.parts(page.number)))
        if not page.is_simple:
            return UNKNOWN
        column = last_column(page.number, *page.placed, self._laid, self._font(), self._sheet)
        return UNKNOWN if column == BEYOND else int(column)

    def all(self) -> np.ndarray:
        """Those of all pages, found at the first call: int64 (pages,)."""
        with self._lock:
            if self._found is None:
                self._found = self._find_of_borders() if self._at.line_pt else self._find()
        return self._found

    def _needs_drawing(self) -> bool:
        return bool(self._at.line_pt) and self._at.config.horizontal_scale != 1.0

    def _find(self) -> np.ndarray:
        t = self._at.tables
        found = np.full(t.page_parts.size - 1, UNKNOWN, dtype=np.int64)
        found[np.unique(t.part_lines[self._at.flat, 2])] = NO_INK  # set aside
        aside = found == NO_INK
        wanted = np.empty(4 * len(t.code) + 16, dtype=np.int32)
        while missing := last_columns(found, wanted, self._laid, self._font(), self._sheet):
            self._at.atlas.make(np.unique(wanted[:missing]))
        found[aside | (found == BEYOND)] = UNKNOWN
        return found

    def _find_of_borders(self) -> np.ndarray:
        pages = range(self._at.tables.page_parts.size - 1)
        if self._needs_drawing():
            return np.full(len(pages), UNKNOWN, dtype=np.int64)
        ends = self._at.outline_ends()
        found = (self._of_borders(self._painter.begin(i), ends[self._at.parts(i)]) for i in pages)
        return np.fromiter(found, dtype=np.int64, count=len(pages))

    def _of_borders(self, page: Begun, ends: np.ndarray) -> int:
        """The last column of the borders, which end at `ends`: where nothing ends farther right and it is seen to be ink."""
        at, parts = self._at, self._at.parts(page.number)
        width, height = at.size_px
        paper_shows = not self._paint.page_is_white and (at.page_box[2] < width or at.page_box[3] < height)
        if not ends.size or page.beyond or at.flat[parts].any() or paper_shows:
            return UNKNOWN
        glyphs_end = right_edge(*page.placed[:2], _EVERY_COLUMN, page.bitmaps.slot, page.bitmaps.box)
        if max(glyphs_end, at.boxes[parts, 2].max()) > ends.max():
            return UNKNOWN
        column = min(int(ends.max()), width) - 1
        row = min(max(int(at.boxes[parts.stop - 1, 1::2].sum()) // 2, 0), height - 1)  # beside the last paragraph
        corner, _ = self._painter.rows(page, 0, min(2, height))
        beside, _ = self._painter.rows(page, row, row + 1)
        background = corner_gray(np.ascontiguousarray(corner[:, :2]))
        bare = luma(self._paint.page[None, None, :3], 0, 0)
        if abs(bare - background) > CROP_TOLERANCE:  # something covers the corner: the bare page counts as ink
            return UNKNOWN
        return column if abs(luma(beside, 0, column) - background) > CROP_TOLERANCE else UNKNOWN

    def _font(self) -> Font:
        atlas = self._at.atlas
        steps = self._at.glyph_of, self._at.pen_of, self._at.is_space, atlas.has_fractions
        return Font(*steps, *atlas.bitmaps(), atlas.reach_px)
