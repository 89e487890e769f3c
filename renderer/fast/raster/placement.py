"""A layout in page pixels: where the parts, lines and glyphs of every page fall at one resolution.

In: what paginate made, in points from the bottom left. Out: boxes, ends of borders and glyph columns in pixels from the top
left, for painter.py and the crop's ink_columns.py and ink_search.py. Numbers take the way they take in the PDF, through its seven digits. Draws nothing.

Facts: poppler 22.12 splash/Splash.cc (fillChar, strokeAdjust).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from renderer.fast.pdf_numbers import read_back, read_back_all
from renderer.fast.text.advances import Advances, FontTables
from renderer.settings.config import RenderConfig

from .glyph_bitmaps import Atlas, atlas_for
from .glyph_positions import place_glyphs
from .rectangles import outline_ends, whole_pixels

_FLAT_PT = 0.05  # thinner rectangles are not moved onto whole pixels by a simple rule


@dataclass(frozen=True, slots=True)
class Tables:
    """What layout made, in drawing order."""

    code: np.ndarray
    style: np.ndarray
    source: np.ndarray
    line_glyphs: np.ndarray
    line_pens: np.ndarray
    part_lines: np.ndarray
    parts: np.ndarray
    page_parts: np.ndarray  # first part of each page, and the end

    @property
    def byte_count(self) -> int:
        return sum(getattr(self, name).nbytes for name in self.__slots__)


class PlacedPage(NamedTuple):
    """The glyphs and lines of one page: atlas keys and columns of all glyphs, and the row of every baseline."""

    keys: np.ndarray  # int32
    columns: np.ndarray  # int32, px
    baselines: np.ndarray  # int32, px, a line


class Placement:
    """The pages of one layout in pixels. Pages are indexed from 0."""

    def __init__(self, config: RenderConfig, tables: Tables, font: FontTables, widths: Advances) -> None:
        self.config, self.tables = config, tables
        size_pt = float(read_back(config.font_size_pt))
        self.scale = config.dpi / 72.0
        self._font, self._size_pt = font, size_pt
        _ = self.atlas  # a font that FreeType refuses is found out now
        self.glyph_of = widths.glyph
        self.pen_of = widths.pen * size_pt
        self.is_space = widths.is_space_byte
        width, height = (float(read_back(length)) for length in config.layout_page_pt)
        self.size_px = (math.ceil(width * config.dpi / 72.0), math.ceil(height * config.dpi / 72.0))
        scaled = max(1, int(self.size_px[0] * config.horizontal_scale))
        self.scaled_width_px = self.size_px[0] if config.horizontal_scale == 1.0 else scaled
        self.page_box = np.array(whole_pixels((0.0, 0.0, width, height), (self.scale, 0.0, self.scale * height)))
        self.line_pt = float(read_back(config.border_width_pt)) if config.border_width_pt else 0.0
        self._place_parts(height)

    def _place_parts(self, page_height_pt: float) -> None:
        """The transform from points to pixels inside every part, and the pixels of its rectangle."""
        places = self.tables.parts
        scale = self.scale
        printed = read_back_all(places.reshape(-1)).reshape(places.shape)
        self.part_ctm = np.column_stack([printed[:, 0] * scale, printed[:, 1] * -scale + scale * page_height_pt])
        self.corners = printed[:, 2:6]
        x, y, width, height = self.corners.T
        self.flat = np.minimum(width, height) <= _FLAT_PT
        edges = [
            x * scale + self.part_ctm[:, 0],
            (y + height) * -scale + self.part_ctm[:, 1],
            (x + width) * scale + self.part_ctm[:, 0],
            y * -scale + self.part_ctm[:, 1],
        ]
        # Stroke adjustment moves the edges of a filled rectangle onto whole pixels.
        self.boxes = np.floor(np.column_stack(edges) + 0.5).astype(np.int64)
        self.boxes[:, 2:] = np.maximum(self.boxes[:, 2:], self.boxes[:, :2] + 1)

    @property
    def atlas(self) -> Atlas:
        """Looked up at each use: the many layouts that are kept must not keep the bitmaps of as many settings."""
        return atlas_for(self._font, self._size_pt, self.config.dpi)

    def parts(self, i: int) -> slice:
        return slice(int(self.tables.page_parts[i]), int(self.tables.page_parts[i + 1]))

    def rectangle(self, part: int) -> tuple[float, float, float, float]:
        """Its left, bottom, width and height (pt) before `transform`."""
        return tuple(self.corners[part].tolist())

    def transform(self, part: int) -> tuple[float, float, float]:
        """Points to pixels inside a part: px = x * scale + x, y * -scale + y."""
        return self.scale, *self.part_ctm[part].tolist()

    def outline_ends(self, parts: slice = slice(None)) -> np.ndarray:
        """One past the last column of these parts' borders: int64 (parts,), px."""
        ctm = self.part_ctm[parts]
        ends = np.empty(len(ctm), dtype=np.int64)
        shapes, which = np.unique(self.corners[parts], axis=0, return_inverse=True)
        for shape, corners in enumerate(shapes.tolist()):
            alike = np.flatnonzero(which.reshape(-1) == shape)
            ends[alike] = outline_ends(tuple(corners), self.line_pt, self.scale, ctm[alike])
        return ends

    def is_simple(self, i: int) -> bool:
        """Whether all rectangles of page i are filled on whole pixels, without borders."""
        return not self.config.border_width_pt and not self.flat[self.parts(i)].any()

    def lines(self, i: int) -> tuple[int, int]:
        t = self.tables
        a, z = t.page_parts[i], t.page_parts[i + 1]
        return (int(t.part_lines[a, 0]), int(t.part_lines[z - 1, 1])) if z > a else (0, 0)

    def line_transforms(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        t = self.tables
        parts = self.parts(i)
        ctm = np.repeat(self.part_ctm[parts], t.part_lines[parts, 1] - t.part_lines[parts, 0], axis=0)
        return np.ascontiguousarray(ctm[:, 0]), np.ascontiguousarray(ctm[:, 1])

    def placed(self, i: int) -> PlacedPage:
        t = self.tables
        a, z = self.lines(i)
        return PlacedPage(
            *place_glyphs(
                a,
                z,
                t.line_glyphs,
                t.line_pens,
                *self.line_transforms(i),
                self.scale,
                t.code,
                self.glyph_of,
                self.pen_of,
                self.is_space,
                self.atlas.has_fractions,
            )
        )
