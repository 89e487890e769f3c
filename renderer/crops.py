"""Where the ink of pages ends, without drawing them: what the crop of their width goes by.

In: a placement and colours, and for one page what was begun of it. Out: the last column that the crop takes for ink, or
extents.UNKNOWN where only the whole page tells. Knows nothing of PNGs.
"""

import threading

import numpy as np

from .drawing import Begun
from .extents import BEYOND, NO_INK, UNKNOWN, Font, Laid, Sheet, last_column, last_columns
from .paint import Paint
from .placement import Placement


class InkColumns:
    """The last inked columns of one layout's pages. Safe from several threads."""

    def __init__(self, placement: Placement, paint: Paint) -> None:
        self._at = placement
        t = placement.tables
        self._laid = Laid(
            t.page_parts, t.part_lines, placement.boxes, placement.part_ctm, t.line_glyphs, t.line_pens, t.code, t.style
        )
        colors = paint.page, paint.paragraph, paint.text, paint.rectangle_shows
        channels = 1 if paint.all_is_gray else 3
        self._sheet = Sheet(placement.scale, *placement.size_px, channels, placement.page_box, *colors)
        self._lock = threading.Lock()
        self._found: np.ndarray | None = None

    def of(self, page: Begun) -> int:
        """That of one page."""
        if self._found is not None:
            return int(self._found[page.number])
        if not page.is_simple:
            return UNKNOWN
        return _told(last_column(page.number, *page.placed, self._laid, self._font(), self._sheet))

    def all(self) -> np.ndarray:
        """Those of all pages, found at the first call: int64 (pages,)."""
        with self._lock:
            if self._found is None:
                self._found = self._find()
        return self._found

    def _find(self) -> np.ndarray:
        t = self._at.tables
        pages = t.page_parts.size - 1
        found = np.full(pages, UNKNOWN, dtype=np.int64)
        if self._at.config.border_width_pt:
            return found
        found[np.unique(t.part_lines[self._at.flat, 2])] = NO_INK  # set aside
        aside = found == NO_INK
        wanted = np.empty(4 * len(t.code) + 16, dtype=np.int32)
        while missing := last_columns(found, wanted, self._laid, self._font(), self._sheet):
            self._at.atlas.make(np.unique(wanted[:missing]))
        found[aside | (found == BEYOND)] = UNKNOWN
        return found

    def _font(self) -> Font:
        atlas = self._at.atlas
        steps = self._at.glyph_of, self._at.pen_of, self._at.is_space, atlas.has_fractions
        return Font(*steps, *atlas.bitmaps(), atlas.reach_px)


def _told(column: int) -> int:
    return UNKNOWN if column == BEYOND else int(column)
