"""One text laid out for one setting: tokens and settings in, pages of placed glyphs and rectangles out.

A `Layout` gives sizes, spans, pixels, PNGs and glyph boxes of its pages, each when asked for. Positions in page pixels
from the top left. Safe to share between threads. Knows nothing of models.

The crops and their order are those of the reference engine (renderer/reference/engine.py).
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from renderer.errors import EndlessLayout
from renderer.fast.crop.ink import corner_gray, ink
from renderer.fast.crop.ink_columns import InkColumns
from renderer.fast.crop.ink_search import NO_INK, UNKNOWN
from renderer.fast.layout.measured_text import measured
from renderer.fast.layout.page_sources import inked_sources
from renderer.fast.layout.pagination import ENDLESS, FINE, TOO_LARGE, Until, paginate
from renderer.fast.layout.text_frame import frame_of
from renderer.fast.raster.color_windows import Tints, in_color
from renderer.fast.raster.colors import Paint
from renderer.fast.raster.painter import Begun, Painter
from renderer.fast.raster.placement import Placement, Tables
from renderer.fast.text.advances import Advances, FontTables
from renderer.fast.text.tokens import Tokens
from renderer.glyph_rules import CROP_TOLERANCE
from renderer.pages import PageCount
from renderer.settings.config import RenderConfig
from renderer.settings.page_snapping import snapped_up_px

from .png import EncodedPage, encode_drawn, encode_png


class LayoutTooLarge(ValueError):
    """A paragraph does not fit any page; reportlab refuses such a document."""


@dataclass(frozen=True, slots=True)
class GlyphBoxes:
    """The characters drawn on a page, in drawing order. Boxes in pixels of the page image, from its top left."""

    source: np.ndarray  # int32, character of the source text (of a newline mark: the newline)
    left: np.ndarray  # float32
    right: np.ndarray  # float32
    top: np.ndarray  # float32
    bottom: np.ndarray  # float32


class Layout:
    """Pages of one text at one setting. Pages are indexed from 0."""

    def __init__(
        self,
        config: RenderConfig,
        tokens: Tokens,
        tables: FontTables,
        widths: Advances,
        sums: np.ndarray,
        last_page: int,
        last_source: int,
    ) -> None:
        self.config = config
        self._tokens = tokens
        self._paint = Paint.of(config, tokens.colors)
        self._space = int(np.searchsorted(tokens.codes, 32))
        nbsp = int(np.searchsorted(tokens.codes, 0xA0))
        self._nbsp = nbsp if nbsp < tokens.codes.size and tokens.codes[nbsp] == 0xA0 else -2
        self.page_count, self.is_complete, self._tables = self._paginate(widths, sums, last_page, last_source)
        self._at = Placement(config, self._tables, tables, widths)
        self._painter = Painter(self._at, self._paint)
        self._columns = InkColumns(self._at, self._paint, self._painter)
        self._spans: list[tuple[int, int]] | None = None
        self._sizes: dict[int, tuple[int, int]] = {}

    def _paginate(self, widths: Advances, sums: np.ndarray, *until: int) -> tuple[int, bool, Tables]:
        codes = self._space, self._nbsp, self._paint.style_class
        text = measured(self._tokens, widths, sums, self.config.font_size_pt, *codes)
        frame, is_cjk = frame_of(self.config), self._tokens.is_cjk
        status, pages, *glyphs, lines, pens, part_lines, parts = paginate(text, frame, is_cjk, Until(*until))
        if status == TOO_LARGE:
            raise LayoutTooLarge("a paragraph of this text does not fit a page of this size")
        if status == ENDLESS:
            raise EndlessLayout(self.config.line_width_pt, self.config.font_size_pt)
        page_parts = np.searchsorted(part_lines[:, 2], np.arange(pages + 1))
        code, style, source = glyphs
        return pages, status == FINE, Tables(code, style, source, lines, pens, part_lines, parts, page_parts)

    @property
    def byte_count(self) -> int:
        """What its tables hold; the tokens belong to the Document."""
        return self._tables.byte_count

    @property
    def counts(self) -> tuple[PageCount, ...]:
        """Size and span of every page, without drawing pages."""
        return tuple(PageCount(i + 1, *self.page_size(i), self.text_span(i)) for i in range(self.page_count))

    def text_span(self, i: int) -> tuple[int, int]:
        """Characters of the source on page i; see pages.PageImage."""
        if self._spans is None:
            t = self._tables
            starts, cursor = [], 0
            for first, last in inked_sources(
                t.page_parts, t.part_lines, t.line_glyphs, t.code, t.source, self._space, self._nbsp
            ).tolist():
                cursor = max(cursor, first)
                starts.append(cursor)
                cursor = max(cursor, last + 1) if last >= 0 else cursor
            starts[:1] = [0]
            self._spans = list(zip(starts, [*starts[1:], self._tokens.length], strict=True))
        return self._spans[i]

    def page_of(self, character: int) -> int:
        """The page that holds a character of the source."""
        for i in range(self.page_count):
            if character < self.text_span(i)[1]:
                return i
        return max(0, self.page_count - 1)

    def page_png(self, i: int) -> bytes:
        """Page i as PNG, grey where all its colours are. Drawn by two threads where its size is known beforehand."""
        page, draw = self._painter.begin(i), self._painter.rows
        size = self._size_before_drawing(page)
        if size is None:
            return encode_png(*self._finished(page))
        return encode_drawn(*size, page.is_gray, lambda top, bottom: draw(page, top, bottom))

    def page(self, i: int) -> EncodedPage:
        """Page i as PNG, with its size."""
        pixels, tints = self._finished(self._painter.begin(i))
        return EncodedPage(encode_png(pixels, tints), pixels.shape[1], pixels.shape[0])

    def page_array(self, i: int) -> np.ndarray:
        """Page i as RGB: uint8 (height, width, 3)."""
        return in_color(*self._finished(self._painter.begin(i)))

    def page_size(self, i: int) -> tuple[int, int]:
        """Width and height of page i in pixels, drawing no more of it than its crop needs."""
        if i not in self._sizes:
            self._sizes[i] = self._find_size(i)
        return self._sizes[i]

    def cells(self, i: int) -> GlyphBoxes:
        """Where each character of page i was drawn."""
        a, z = self._at.lines(i)
        t = self._tables
        if a == z:
            return GlyphBoxes(np.empty(0, np.int32), *(np.empty(0, np.float32) for _ in range(4)))
        ctm_x, ctm_y = self._at.line_transforms(i)
        counts = (t.line_glyphs[a:z, 1] - t.line_glyphs[a:z, 0]).astype(np.int64)
        glyphs = np.concatenate([np.arange(g0, g1) for g0, g1 in t.line_glyphs[a:z]])
        code = t.code[glyphs]
        step = self._at.pen_of[code] + np.where(self._at.is_space[code], np.repeat(t.line_pens[a:z, 2], counts), 0.0)
        total = np.concatenate([[0.0], np.cumsum(step)])
        starts = np.concatenate([[0], np.cumsum(counts)])[:-1]
        pen = total[:-1] - np.repeat(total[starts], counts) + np.repeat(t.line_pens[a:z, 0], counts)
        stretch = self.config.horizontal_scale
        left = (pen * self._at.scale + np.repeat(ctm_x, counts)) * stretch
        right = ((pen + step) * self._at.scale + np.repeat(ctm_x, counts)) * stretch
        baseline = np.repeat(t.line_pens[a:z, 1] * -self._at.scale + ctm_y, counts)
        top = baseline - self.config.font_size_pt * self._at.scale
        bottom = top + self.config.leading_pt * self._at.scale
        return GlyphBoxes(t.source[glyphs], *(values.astype(np.float32) for values in (left, right, top, bottom)))

    # Drawing

    def _crops_height(self, i: int) -> bool:
        return self.config.auto_crop_last_page and self.is_complete and i == self.page_count - 1

    def _find_size(self, i: int) -> tuple[int, int]:
        c = self.config
        column = NO_INK
        if c.auto_crop_width or self._crops_height(i):
            column = UNKNOWN if self._crops_height(i) else int(self._columns.all()[i])
        if column == UNKNOWN:
            pixels, _ = self._finished(self._painter.begin(i))
            return pixels.shape[1], pixels.shape[0]
        width, height = self._cropped_width(column), self._at.size_px[1]
        return (snapped_up_px(width), snapped_up_px(height)) if c.snap_to_28 else (width, height)

    def _size_before_drawing(self, page: Begun) -> tuple[int, int] | None:
        """Width and height of a page (px) where neither scale nor cells change it; None where only its pixels tell."""
        c = self.config
        if self._crops_height(page.number) or c.horizontal_scale != 1.0 or c.snap_to_28:
            return None
        width, height = self._at.size_px
        if not c.auto_crop_width:
            return width, height
        column = self._columns.of(page)
        return None if column == UNKNOWN else (self._cropped_width(column), height)

    def _cropped_width(self, column: int) -> int:
        """The width (px) of a page whose ink ends in this column, after the horizontal scale."""
        width = self._at.scaled_width_px
        return width if column < 0 else round(min(width, column + 1 + self.config.margin_x_pt))

    def _finished(self, page: Begun) -> tuple[np.ndarray, Tints | None]:
        """A page after scale and crops: uint8 (height, width) or (height, width, 3), and colour over a grey one."""
        c = self.config
        width, height = self._at.size_px
        pixels, tints = self._painter.rows(page, 0, height)
        if c.horizontal_scale != 1.0:
            width = self._at.scaled_width_px
            flat = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
            drawn = Image.fromarray(flat if tints is None else in_color(flat, tints))
            scaled, tints = np.asarray(drawn.resize((width, height))), None
            pixels = scaled[:, :, None] if scaled.ndim == 2 else scaled
        whole = pixels
        crops_height = self._crops_height(page.number)
        if c.auto_crop_width or crops_height:
            column, row = ink(pixels, corner_gray(np.ascontiguousarray(pixels[:2, :2])), CROP_TOLERANCE)
            if c.auto_crop_width and column >= 0:
                width = round(min(width, column + 1 + c.margin_x_pt))
            if crops_height and row >= 0:
                height = round(min(height, row + c.margin_y_pt))
        if c.snap_to_28:
            pixels = self._onto_cells(whole, snapped_up_px(width), snapped_up_px(height))
        else:
            pixels = pixels[:height, :width]
        return (pixels[:, :, 0] if pixels.shape[2] == 1 else pixels), tints

    def _onto_cells(self, pixels: np.ndarray, width: int, height: int) -> np.ndarray:
        canvas = np.empty((height, width, pixels.shape[2]), dtype=np.uint8)
        canvas[:] = self._paint.page_hex[: pixels.shape[2]]
        h, w = min(height, pixels.shape[0]), min(width, pixels.shape[1])
        canvas[:h, :w] = pixels[:h, :w]
        return canvas
