"""Where the ink of pages ends, without drawing them: what the crop of their width goes by.

In: a placement, colours and a painter, and for one page what was begun of it. Out: the last column, after the horizontal
scale, that the crop takes for ink. Knows nothing of PNGs.
"""

import threading

import numpy as np

from renderer.errors import GlyphsTooLarge
from renderer.fast.raster.blending import luma
from renderer.fast.raster.colors import Paint
from renderer.fast.raster.glyph_bitmaps import Held
from renderer.fast.raster.glyph_positions import right_edge
from renderer.fast.raster.painter import Begun, Painter
from renderer.fast.raster.placement import Placement
from renderer.glyph_rules import CROP_TOLERANCE

from .ink import corner_gray, ink
from .ink_search import BEYOND, NO_INK, STRIP_PX, UNKNOWN, Font, Laid, Sheet, bare_is_ink, last_column, last_columns
from .pillow_resize import NO_TAPS, stretched, taps

_EVERY_COLUMN = -(1 << 30)
_ROUNDED = 2  # px: rectangles that are not whole pixels may cover this much more than their rounded boxes
_NO_ENDS = np.empty(0, dtype=np.int64)


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
        """That of one page that is drawn anyhow; UNKNOWN where its pixels tell it at less cost than a search."""
        if self._found is not None:
            return int(self._found[page.number])
        if self._at.line_pt:
            if self._sheet.taps.first.size:
                return UNKNOWN
            return self._of_borders(page, self._at.outline_ends(self._at.parts(page.number)))
        if not page.is_simple:
            return UNKNOWN
        return self._of_text(page)

    def all(self) -> np.ndarray:
        """Those of all pages, found at the first call: int64 (pages,)."""
        with self._lock:
            if self._found is None:
                self._found = self._find_of_borders() if self._at.line_pt else self._find()
        return self._found

    def _find(self) -> np.ndarray:
        t = self._at.tables
        found = np.full(t.page_parts.size - 1, UNKNOWN, dtype=np.int64)
        found[np.unique(t.part_lines[self._at.flat, 2])] = BEYOND  # set aside
        wanted = np.empty(4 * len(t.code) + 16, dtype=np.int32)
        atlas = self._at.atlas
        held = atlas.held()
        try:
            while missing := last_columns(found, wanted, self._laid, self._font(held), self._sheet):
                before, held = held, atlas.hold(np.unique(wanted[:missing]))
                if not held.follows(before):
                    break  # what the next pages want was let go: they are looked at one by one
        except GlyphsTooLarge:
            pass  # of all pages together
        for i in np.flatnonzero((found == BEYOND) | (found == UNKNOWN)).tolist():
            page = self._painter.begin(i)
            column = UNKNOWN if found[i] == BEYOND else self._of_text(page)
            found[i] = self._by_windows(page) if column == UNKNOWN else column
        return found

    def _of_text(self, page: Begun) -> int:
        column = last_column(page.number, *page.placed, self._laid, self._font(page.held), self._sheet)
        return UNKNOWN if column == BEYOND else int(column)

    def _find_of_borders(self) -> np.ndarray:
        pages = range(self._at.tables.page_parts.size - 1)
        ends = self._at.outline_ends()
        found = np.empty(len(pages), dtype=np.int64)
        for i in pages:
            page, mine = self._painter.begin(i), ends[self._at.parts(i)]
            column = UNKNOWN if self._sheet.taps.first.size else self._of_borders(page, mine)
            found[i] = self._by_windows(page, mine) if column == UNKNOWN else column
        return found

    def _by_windows(self, page: Begun, border_ends: np.ndarray = _NO_ENDS) -> int:
        """Found on windows of the page, drawn from its right-hand end on: slower, and right for every page."""
        sheet, (width, height) = self._sheet, self._at.size_px
        made = sheet.taps
        end = made.first.size or width

        def shown(start: int, stop: int, bottom: int) -> np.ndarray:
            """Columns start..stop after the horizontal scale."""
            if not made.first.size:
                return self._painter.window(page, start, stop, 0, bottom)
            left, right = int(made.first[start]), int(made.first[stop - 1] + made.taken[stop - 1])
            return stretched(self._painter.window(page, left, right, 0, bottom), left, made, start, stop)

        background = corner_gray(shown(0, min(2, end), min(2, height)))
        edge = width if bare_is_ink(background, sheet) else self._content_end(page, border_ends)
        end = int(np.searchsorted(made.first, edge)) if made.first.size else min(end, edge)
        step = STRIP_PX
        while end > 0:
            start = max(0, end - step)
            column, _ = ink(shown(start, end, height), background, CROP_TOLERANCE)
            if column >= 0:
                return start + column
            end, step = start, 4 * step
        return NO_INK

    def _content_end(self, page: Begun, border_ends: np.ndarray) -> int:
        """One past the last column that a glyph, rectangle or border may cover."""
        parts = self._at.parts(page.number)
        glyphs_end = right_edge(*page.placed[:2], _EVERY_COLUMN, page.bitmaps.slot, page.bitmaps.box)
        boxes_end = self._at.boxes[parts, 2].max(initial=0) + _ROUNDED
        return int(max(glyphs_end, boxes_end, border_ends.max(initial=0) + _ROUNDED))

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

    def _font(self, held: Held) -> Font:
        at, atlas = self._at, self._at.atlas
        steps = at.glyph_of, at.pen_of, at.is_space, atlas.has_fractions
        return Font(*steps, *held.bitmaps, atlas.reach_px, atlas.drop_px)
