"""One text laid out for one setting: tokens and settings in, pages of placed glyphs and rectangles out.

A `Layout` gives sizes, spans, pixels, PNGs and glyph boxes of its pages, each when asked for. Positions in page pixels
from the top left. Safe to share between threads. Knows nothing of models.

The crops and their order are those of reference.py.
"""

import math
import threading
from dataclasses import dataclass

import numpy as np
from PIL import Image

from .atlas import Atlas, Bitmaps, atlas_for
from .config import RenderConfig, snapped_up_px
from .errors import EndlessLayout
from .extents import BEYOND, CROP_TOLERANCE, NO_INK, UNKNOWN, Font, Laid, Sheet, corner_gray, last_columns
from .frame import frame_of
from .margin import blend_box_alpha, blend_lines_alpha, on_paper
from .measured_text import measured
from .metrics import Advances, FontTables
from .paginate import ENDLESS, FINE, TOO_LARGE, Until, paginate
from .paint import Paint
from .pdfnumbers import read_back, read_back_all
from .png import HELPER, WORTH_HALVING, EncodedPage, encode_png
from .raster import blend_box, blend_lines, fill_box, ink, inked_sources, place_glyphs, right_edge
from .rectangles import fill_rectangle, stroke_rectangle, whole_pixels
from .text import Tokens
from .tints import Tints, draw_tints, in_color, tint_boxes
from .values import PageCount

_EVERY_PAGE = 1 << 30
_LEAST_PAGE_TO_TINTS = 8  # a page that is coloured on a larger part than this is drawn in colour altogether
_FLAT_PT = 0.05  # thinner rectangles are not moved onto whole pixels by a simple rule


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


@dataclass(frozen=True, slots=True)
class _Tables:
    """What layout made, in drawing order."""

    code: np.ndarray
    style: np.ndarray
    source: np.ndarray
    line_glyphs: np.ndarray
    line_pens: np.ndarray
    part_lines: np.ndarray
    parts: np.ndarray
    page_parts: np.ndarray  # first part of each page, and the end


class Layout:
    """Pages of one text at one setting. Pages are indexed from 0."""

    def __init__(
        self, config: RenderConfig, tokens: Tokens, tables: FontTables, widths: Advances, sums: np.ndarray,
        last_page: int, last_source: int,
    ) -> None:
        self.config = config
        self._tokens = tokens
        self._font = tables
        self._paint = Paint.of(config, tokens.colors)
        self._scale = config.dpi / 72.0
        self._size_pt = float(read_back(config.font_size_pt))
        self._atlas: Atlas = atlas_for(tables, self._size_pt, config.dpi)
        self._glyph_of = widths.glyph
        self._pen_of = widths.pen * self._size_pt
        self._is_space = widths.is_space_byte
        self._space = int(np.searchsorted(tokens.codes, 32))
        nbsp = int(np.searchsorted(tokens.codes, 0xA0))
        self._nbsp = nbsp if nbsp < tokens.codes.size and tokens.codes[nbsp] == 0xA0 else -2
        self.page_count, self.is_complete, self._tables = self._paginate(widths, sums, last_page, last_source)
        width, height = (float(read_back(length)) for length in config.layout_page_pt)
        self._page_height_pt = height
        self._page_box = np.array(whole_pixels((0.0, 0.0, width, height), (self._scale, 0.0, self._scale * height)))
        self._columns: np.ndarray | None = None
        self._place_parts()
        self._size_px = (math.ceil(width * config.dpi / 72.0), math.ceil(height * config.dpi / 72.0))
        self._lock = threading.Lock()
        self._spans: list[tuple[int, int]] | None = None
        self._sizes: dict[int, tuple[int, int]] = {}

    def _paginate(self, widths: Advances, sums: np.ndarray, *until: int) -> tuple[int, bool, _Tables]:
        codes = self._space, self._nbsp, self._paint.style_class
        text = measured(self._tokens, widths, sums, self.config.font_size_pt, *codes)
        status, pages, *made = paginate(text, frame_of(self.config), self._tokens.is_cjk, Until(*until))
        if status == TOO_LARGE:
            raise LayoutTooLarge("a paragraph of this text does not fit a page of this size")
        if status == ENDLESS:
            raise EndlessLayout(self.config.line_width_pt, self.config.font_size_pt)
        part_lines = made[5]
        page_parts = np.searchsorted(part_lines[:, 2], np.arange(pages + 1))
        return pages, status == FINE, _Tables(*made, page_parts)

    @property
    def counts(self) -> tuple[PageCount, ...]:
        """Size and span of every page, without drawing pages."""
        return tuple(
            PageCount(i + 1, *self.page_size(i), self.text_span(i)) for i in range(self.page_count)
        )

    def text_span(self, i: int) -> tuple[int, int]:
        """Characters of the source on page i; see values.PageImage."""
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
        """Page i as PNG, grey where all its colours are."""
        return encode_png(*self._finished(i, in_halves=True), in_halves=True)

    def page(self, i: int) -> EncodedPage:
        """Page i as PNG, with its size."""
        pixels, tints = self._finished(i)
        return EncodedPage(encode_png(pixels, tints), pixels.shape[1], pixels.shape[0])

    def page_array(self, i: int) -> np.ndarray:
        """Page i as RGB: uint8 (height, width, 3)."""
        return in_color(*self._finished(i))

    def page_size(self, i: int) -> tuple[int, int]:
        """Width and height of page i in pixels, drawing no more of it than its crop needs."""
        if i not in self._sizes:
            c = self.config
            if not self._crops_height(i) and not c.auto_crop_width and c.horizontal_scale == 1.0 and not c.snap_to_28:
                self._sizes[i] = self._size_px
            elif self._crops_height(i) or c.horizontal_scale != 1.0:
                pixels, _ = self._finished(i)
                self._sizes[i] = pixels.shape[1], pixels.shape[0]
            else:
                width, height = self._size_px
                column = int(self._last_inked_columns()[i]) if c.auto_crop_width else NO_INK
                if column == UNKNOWN:
                    pixels, _ = self._finished(i)
                    width, height = pixels.shape[1], pixels.shape[0]
                elif column != NO_INK:
                    width = round(min(width, column + 1 + c.margin_x_pt))
                if c.snap_to_28:
                    width, height = snapped_up_px(width), snapped_up_px(height)
                self._sizes[i] = width, height
        return self._sizes[i]

    def cells(self, i: int) -> GlyphBoxes:
        """Where each character of page i was drawn."""
        a, z = self._lines(i)
        t = self._tables
        if a == z:
            return GlyphBoxes(np.empty(0, np.int32), *(np.empty(0, np.float32) for _ in range(4)))
        ctm_x, ctm_y = self._line_transforms(i)
        counts = (t.line_glyphs[a:z, 1] - t.line_glyphs[a:z, 0]).astype(np.int64)
        glyphs = np.concatenate([np.arange(g0, g1) for g0, g1 in t.line_glyphs[a:z]])
        code = t.code[glyphs]
        step = self._pen_of[code] + np.where(self._is_space[code], np.repeat(t.line_pens[a:z, 2], counts), 0.0)
        total = np.concatenate([[0.0], np.cumsum(step)])
        starts = np.concatenate([[0], np.cumsum(counts)])[:-1]
        pen = total[:-1] - np.repeat(total[starts], counts) + np.repeat(t.line_pens[a:z, 0], counts)
        stretch = self.config.horizontal_scale
        left = (pen * self._scale + np.repeat(ctm_x, counts)) * stretch
        right = ((pen + step) * self._scale + np.repeat(ctm_x, counts)) * stretch
        baseline = np.repeat(t.line_pens[a:z, 1] * -self._scale + ctm_y, counts)
        top = baseline - self.config.font_size_pt * self._scale
        bottom = top + self.config.leading_pt * self._scale
        return GlyphBoxes(t.source[glyphs], *(values.astype(np.float32) for values in (left, right, top, bottom)))

    # Drawing

    def _lines(self, i: int) -> tuple[int, int]:
        t = self._tables
        a, z = t.page_parts[i], t.page_parts[i + 1]
        return (int(t.part_lines[a, 0]), int(t.part_lines[z - 1, 1])) if z > a else (0, 0)

    def _place_parts(self) -> None:
        """The transform from points to pixels inside every part, and the pixels of its rectangle."""
        places = self._tables.parts
        scale = self._scale
        printed = read_back_all(places.reshape(-1)).reshape(places.shape)
        self._part_ctm = np.column_stack([printed[:, 0] * scale, printed[:, 1] * -scale + scale * self._page_height_pt])
        self._corners = printed[:, 2:6]
        x, y, width, height = self._corners.T
        edges = [
            x * scale + self._part_ctm[:, 0],
            (y + height) * -scale + self._part_ctm[:, 1],
            (x + width) * scale + self._part_ctm[:, 0],
            y * -scale + self._part_ctm[:, 1],
        ]
        # Stroke adjustment moves the edges of a filled rectangle onto whole pixels.
        self._boxes = np.floor(np.column_stack(edges) + 0.5).astype(np.int64)
        self._boxes[:, 2:] = np.maximum(self._boxes[:, 2:], self._boxes[:, :2] + 1)

    def _line_transforms(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        t = self._tables
        parts = slice(t.page_parts[i], t.page_parts[i + 1])
        ctm = np.repeat(self._part_ctm[parts], t.part_lines[parts, 1] - t.part_lines[parts, 0], axis=0)
        return np.ascontiguousarray(ctm[:, 0]), np.ascontiguousarray(ctm[:, 1])

    def _placed(self, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        t = self._tables
        a, z = self._lines(i)
        return place_glyphs(
            a, z, t.line_glyphs, t.line_pens, *self._line_transforms(i), self._scale, t.code, self._glyph_of, self._pen_of,
            self._is_space, self._atlas.has_fractions,
        )

    def _painted(self, i: int, in_halves: bool) -> tuple[np.ndarray, Tints | None]:
        """The uncropped page: (height, width, 1 or 3), and the coloured spots over a grey one."""
        placed = self._placed(i)
        keys = placed[0]
        if keys.size and self._atlas.missing(keys):
            self._atlas.make(keys)
        bitmaps = self._atlas.bitmaps()
        beyond = self._reaches_beyond(i, placed, bitmaps)
        boxes = None if beyond else self._tint_boxes(i, placed, bitmaps)
        width, height = self._size_px
        channels = 4 if beyond else 3 if boxes is None else 1
        surface = np.full((height, width, channels), 0 if beyond else 255, dtype=np.uint8)
        if in_halves and surface.size > WORTH_HALVING:
            middle = height // 2
            lower = HELPER.submit(self._draw, surface[middle:], i, 0, middle, placed, bitmaps)
            self._draw(surface[:middle], i, 0, 0, placed, bitmaps)
            lower.result()
        else:
            self._draw(surface, i, 0, 0, placed, bitmaps)
        if beyond:
            return on_paper(surface), None
        return surface, self._tints(surface, i, boxes, placed, bitmaps) if boxes is not None and len(boxes) else None

    def _tint_boxes(self, i: int, placed: tuple[np.ndarray, np.ndarray, np.ndarray], bitmaps: Bitmaps) -> np.ndarray | None:
        """Boxes of the coloured spots of a page that is grey elsewhere: none on a grey page; None where all is in colour."""
        t, paint = self._tables, self._paint
        if not paint.base_is_gray:
            return None
        if paint.text_is_gray.all():
            return np.empty((0, 4), dtype=np.int64)
        boxes = tint_boxes(
            *self._lines(i), t.line_glyphs, *placed, t.style, paint.text_is_gray, bitmaps.slot, bitmaps.box, *self._size_px
        )
        area = ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).sum()
        parts = slice(t.page_parts[i], t.page_parts[i + 1])
        simple = self.config.border_width_pt == 0 and not (self._corners[parts, 2:] <= _FLAT_PT).any()
        worth_it = area * _LEAST_PAGE_TO_TINTS <= self._size_px[0] * self._size_px[1]
        return boxes if not len(boxes) or (simple and worth_it) else None

    def _tints(
        self, surface: np.ndarray, i: int, boxes: np.ndarray, placed: tuple[np.ndarray, np.ndarray, np.ndarray],
        bitmaps: Bitmaps,
    ) -> Tints:
        t, paint = self._tables, self._paint
        return draw_tints(
            surface[:, :, 0], boxes, self._page_box, paint.page, t.page_parts[i], t.page_parts[i + 1], self._boxes,
            paint.paragraph, t.part_lines, t.line_glyphs, *placed, self._atlas.reach_px, t.style, paint.text,
            bitmaps.slot, bitmaps.box, bitmaps.coverage,
        )

    def _draw(
        self, surface: np.ndarray, i: int, x0: int, y0: int,
        placed: tuple[np.ndarray, np.ndarray, np.ndarray], bitmaps: Bitmaps,
    ) -> None:
        """Paint what the surface, whose corner lies at (x0, y0), shows of page i."""
        t = self._tables
        keys, columns, baselines = placed
        first, _ = self._lines(i)
        draw_lines = blend_lines_alpha if surface.shape[2] == 4 else blend_lines
        if surface.shape[2] == 4 or not (self._paint.page == 255).all():
            fill_box(surface, *self._page_box, x0, y0, self._paint.page)
        for part in range(t.page_parts[i], t.page_parts[i + 1]):
            self._paint_rectangle(surface, part, x0, y0)
            a, z = t.part_lines[part, 0], t.part_lines[part, 1]
            if z > a:
                draw_lines(
                    surface, a, z, first, t.line_glyphs, keys, columns, baselines, t.style, self._paint.text, x0, y0,
                    bitmaps.slot, bitmaps.box, bitmaps.coverage,
                )

    def _reaches_beyond(self, i: int, placed: tuple[np.ndarray, np.ndarray, np.ndarray], bitmaps: Bitmaps) -> bool:
        """Whether anything is drawn where the page's background ends short of the page; see margin.py."""
        right, bottom = self._page_box[2:]
        if right >= self._size_px[0] and bottom >= self._size_px[1]:
            return False
        keys, columns, baselines = placed
        boxes = self._boxes[self._tables.page_parts[i] : self._tables.page_parts[i + 1]]
        border = math.ceil(self.config.border_width_pt * self._scale) + 1
        if len(boxes) and (boxes[:, 2].max() + border > right or boxes[:, 3].max() + border > bottom):
            return True
        if not keys.size:
            return False
        edge = right_edge(keys, columns, -_EVERY_PAGE, bitmaps.slot, bitmaps.box)
        return edge > right or int(baselines.max()) + self._atlas.reach_px > bottom

    def _paint_rectangle(self, surface: np.ndarray, part: int, left: int, top: int) -> None:
        corners = self._corners[part].tolist()
        ctm = (self._scale, *self._part_ctm[part].tolist())
        if min(corners[2:]) > _FLAT_PT:
            fill_box(surface, *self._boxes[part], left, top, self._paint.paragraph)
        else:
            _paint_covered(surface, fill_rectangle(*corners, ctm, self._size_px), left, top, self._paint.paragraph)
        if self.config.border_width_pt:
            line = float(read_back(self.config.border_width_pt))
            outline = stroke_rectangle(*corners, line, ctm, self._size_px)
            _paint_covered(surface, outline, left, top, self._paint.border)

    def _crops_height(self, i: int) -> bool:
        return self.config.auto_crop_last_page and self.is_complete and i == self.page_count - 1

    def _last_inked_columns(self) -> np.ndarray:
        """Per page the last column that the crop sees as ink; extents.UNKNOWN where only the whole page tells."""
        with self._lock:
            if self._columns is None:
                self._columns = self._find_columns()
        return self._columns

    def _find_columns(self) -> np.ndarray:
        t, paint = self._tables, self._paint
        found = np.full(self.page_count, UNKNOWN, dtype=np.int64)
        flat = (self._corners[:, 2:] <= _FLAT_PT).any(axis=1) if len(self._corners) else np.zeros(0, dtype=bool)
        if self.config.border_width_pt:
            return found
        for page in np.unique(t.part_lines[flat, 2]):
            found[page] = NO_INK  # set aside
        aside = found == NO_INK
        channels = 1 if paint.base_is_gray and paint.text_is_gray.all() else 3
        wanted = np.empty(4 * len(t.code) + 16, dtype=np.int32)
        laid = Laid(t.page_parts, t.part_lines, self._boxes, self._part_ctm, t.line_glyphs, t.line_pens, t.code, t.style)
        colors = paint.page, paint.paragraph, paint.text, paint.rectangle_shows
        sheet = Sheet(self._scale, *self._size_px, channels, self._page_box, *colors)
        while True:
            made, atlas = self._atlas.bitmaps(), self._atlas
            steps = self._glyph_of, self._pen_of, self._is_space, atlas.has_fractions
            font = Font(*steps, made.slot, made.box, made.coverage, atlas.reach_px)
            missing = last_columns(found, wanted, laid, font, sheet)
            if not missing:
                break
            self._atlas.make(np.unique(wanted[:missing]))
        found[aside | (found == BEYOND)] = UNKNOWN
        return found

    def _finished(self, i: int, in_halves: bool = False) -> tuple[np.ndarray, Tints | None]:
        """Page i after scale and crops: uint8 (height, width) or (height, width, 3), and colour over a grey one."""
        c = self.config
        width, height = self._size_px
        pixels, tints = self._painted(i, in_halves)
        if c.horizontal_scale != 1.0:
            width = max(1, int(width * c.horizontal_scale))
            flat = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
            drawn = Image.fromarray(flat if tints is None else in_color(flat, tints))
            scaled, tints = np.asarray(drawn.resize((width, height))), None
            pixels = scaled[:, :, None] if scaled.ndim == 2 else scaled
        whole = pixels
        if c.auto_crop_width or self._crops_height(i):
            column, row = ink(pixels, corner_gray(np.ascontiguousarray(pixels[:2, :2])), CROP_TOLERANCE)
            if c.auto_crop_width and column >= 0:
                width = round(min(width, column + 1 + c.margin_x_pt))
            if self._crops_height(i) and row >= 0:
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


def _paint_covered(surface: np.ndarray, covered, left: int, top: int, color: np.ndarray) -> None:
    if covered is not None:
        draw = blend_box_alpha if surface.shape[2] == 4 else blend_box
        draw(surface, covered[0], covered[1], covered[2], left, top, color)
