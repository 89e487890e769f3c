"""How far ink reaches to the right on many pages at once: the exact width of the crop without drawing pages.

In: glyphs, lines and rectangles of a layout, an atlas, colours. Out: per page the last column that the crop takes for
ink, found by painting only the right-hand strips of the page; or the glyphs whose bitmaps are still wanted for that.
"""

from typing import NamedTuple

import numpy as np

from renderer.fast.compiling import compiled, compiled_bare, compiled_inner
from renderer.fast.crop.ink import corner_gray, ink
from renderer.fast.raster.blending import blend_glyphs, fill_box, luma
from renderer.fast.raster.glyph_positions import place_glyphs, right_edge
from renderer.glyph_rules import CROP_TOLERANCE

from .pillow_resize import Taps, stretched

NO_INK, UNKNOWN = -1, -2
BEYOND = -3  # something is drawn where the page's background does not reach: the whole page must tell
STRIP_PX = 6
_FAR = 1 << 30  # columns beyond every page


class Laid(NamedTuple):
    """A layout's tables, in drawing order, and where its parts lie in pixels."""

    page_parts: np.ndarray  # int64 (pages + 1,)
    part_lines: np.ndarray  # int64 (parts, 3): first line, end, page
    part_boxes: np.ndarray  # int64 (parts, 4), px
    part_ctm: np.ndarray  # float64 (parts, 2), px
    line_glyphs: np.ndarray  # int64 (lines, 2)
    line_pens: np.ndarray  # float64 (lines, 3), points
    codes: np.ndarray  # int32 (glyphs,)
    styles: np.ndarray  # uint8 (glyphs,)


class Font(NamedTuple):
    """Glyphs and pen steps per code, and the bitmaps made so far; see advances.py and glyph_bitmaps.py."""

    glyph_of: np.ndarray  # int32 (codes,)
    pen_of: np.ndarray  # float64 (codes,), points
    is_space: np.ndarray  # bool (codes,)
    has_fractions: bool
    slot: np.ndarray  # these three: see glyph_bitmaps.Bitmaps
    box: np.ndarray
    coverage: np.ndarray
    reach_px: int
    drop_px: int  # no ink lies lower than so far below its baseline


class Sheet(NamedTuple):
    """A page without its text."""

    scale: float
    width: int
    height: int
    channels: int
    box: np.ndarray  # int64 (4,): what the page's background covers
    color: np.ndarray  # uint8 (4,)
    part_color: np.ndarray  # uint8 (4,)
    text_colors: np.ndarray  # uint8 (styles, 3)
    shows_parts: bool  # rectangles are seen against the page
    taps: Taps  # of the horizontal scale; columns of the result are those after it


class Placed(NamedTuple):
    """One page of it: parts, lines and glyphs with their pixels."""

    part_from: int
    part_to: int
    first_line: int
    end_line: int
    keys: np.ndarray  # int32 (glyphs,)
    columns: np.ndarray  # int32 (glyphs,), px
    baselines: np.ndarray  # int32 (lines,), px


class Window(NamedTuple):
    """A stretch of a page to paint, with the glyphs whose pens lie in columns least..most."""

    x0: int
    y0: int
    x1: int
    y1: int
    least: int
    most: int


@compiled
def last_columns(result, wanted, laid, font, sheet):
    """Fill in `result` where it is UNKNOWN; returns how many keys of missing glyphs were written to `wanted`."""
    missing = np.int64(0)
    for page in range(result.size):
        if result[page] == UNKNOWN:
            result[page], missing = _last_column(
                _placed(page, laid, font, sheet.scale), laid, font, sheet, wanted, missing
            )
    return missing


@compiled
def last_column(page, keys, columns, baselines, laid, font, sheet):
    """The same for one page whose glyphs are placed and have bitmaps, all of them."""
    part_from, part_to = laid.page_parts[page], laid.page_parts[page + 1]
    first_line = laid.part_lines[part_from, 0] if part_to > part_from else 0
    placed = Placed(part_from, part_to, first_line, first_line + baselines.size, keys, columns, baselines)
    column, _ = _last_column(placed, laid, font, sheet, np.empty(0, np.int32), np.int64(0))
    return column


@compiled_inner
def _placed(page, laid, font, scale):
    part_from, part_to = laid.page_parts[page], laid.page_parts[page + 1]
    first_line = laid.part_lines[part_from, 0] if part_to > part_from else 0
    end_line = laid.part_lines[part_to - 1, 1] if part_to > part_from else 0
    ctm_x = np.empty(end_line - first_line)
    ctm_y = np.empty(end_line - first_line)
    for part in range(part_from, part_to):
        for n in range(laid.part_lines[part, 0], laid.part_lines[part, 1]):
            ctm_x[n - first_line], ctm_y[n - first_line] = laid.part_ctm[part, 0], laid.part_ctm[part, 1]
    keys, columns, baselines = place_glyphs(
        first_line,
        end_line,
        laid.line_glyphs,
        laid.line_pens,
        ctm_x,
        ctm_y,
        scale,
        laid.codes,
        font.glyph_of,
        font.pen_of,
        font.is_space,
        font.has_fractions,
    )
    return Placed(part_from, part_to, first_line, end_line, keys, columns, baselines)


@compiled_inner
def _last_column(placed, laid, font, sheet, wanted, missing):
    """The page's last column of ink, or UNKNOWN or BEYOND; and the number of missing glyphs, these ones added."""
    before = missing
    corner_end = _source_end(min(2, _columns(sheet)) - 1, sheet)
    least = placed.columns.max() - font.reach_px if placed.keys.size else 0
    missing = _want(placed, font, least, _corner_glyphs(placed, laid, font), corner_end, wanted, missing)
    if missing > before:
        return UNKNOWN, missing
    glyph_edge = right_edge(placed.keys, placed.columns, least, font.slot, font.box)
    if placed.keys.size:
        glyph_edge = max(glyph_edge, placed.columns.max())  # what stands farther left ends before this
    if _is_beyond(placed, glyph_edge, font, sheet):
        return BEYOND, missing
    corner = Window(0, 0, corner_end, min(2, sheet.height), -_FAR, font.reach_px + corner_end)
    background = corner_gray(_shown(corner, 0, min(2, _columns(sheet)), placed, laid, font, sheet))
    bare = bare_is_ink(background, sheet)
    end = _columns_before(sheet.width if bare else _edge(placed, glyph_edge, laid, sheet), sheet)
    step = STRIP_PX
    while end > 0:
        start = max(0, end - step)
        least = _source_from(start, sheet) - font.reach_px
        missing = _want(placed, font, least, np.int64(0), 0, wanted, missing)
        if missing > before:
            return UNKNOWN, missing
        strip = Window(_source_from(start, sheet), 0, _source_end(end - 1, sheet), sheet.height, least, _FAR)
        column, _ = ink(_shown(strip, start, end, placed, laid, font, sheet), background, CROP_TOLERANCE)
        if column >= 0:
            return start + column, missing
        end = start
        if step == STRIP_PX and not bare:  # glyphs without ink stood last: where does that of the others end?
            missing = _want(placed, font, -_FAR, np.int64(0), 0, wanted, missing)
            if missing > before:
                return UNKNOWN, missing
            glyph_edge = right_edge(placed.keys, placed.columns, -_FAR, font.slot, font.box)
            end = min(end, _columns_before(_edge(placed, glyph_edge, laid, sheet), sheet))
        step *= 4
    return NO_INK, missing


@compiled_bare
def _columns_before(edge, sheet):
    """The number of columns, after the horizontal scale, that columns before `edge` go into."""
    end = _columns(sheet)
    while end > 0 and _source_from(end - 1, sheet) >= edge:
        end -= 1
    return end


@compiled_bare
def _columns(sheet):
    """The number of the page's columns after the horizontal scale."""
    return sheet.taps.first.size if sheet.taps.first.size else sheet.width


@compiled_bare
def _source_from(column, sheet):
    """The first column before the horizontal scale that goes into this one after it."""
    return sheet.taps.first[column] if sheet.taps.first.size else column


@compiled_bare
def _source_end(column, sheet):
    """One past the last such column."""
    return sheet.taps.first[column] + sheet.taps.taken[column] if sheet.taps.first.size else column + 1


@compiled_inner
def _shown(window, start, end, placed, laid, font, sheet):
    """Columns start..end after the horizontal scale; the window is what goes into them."""
    surface = _paint(window, placed, laid, font, sheet)
    return stretched(surface, window.x0, sheet.taps, start, end) if sheet.taps.first.size else surface


@compiled_bare
def _want(placed, font, least, corner_glyphs, corner_end, wanted, n):
    """Write down the glyphs without bitmaps that stand from column `least` on, or in the page's corner."""
    corner = font.reach_px + corner_end
    for i in range(placed.keys.size):
        column = placed.columns[i]
        if font.slot[placed.keys[i]] == -1 and (column >= least or (i < corner_glyphs and column < corner)):
            wanted[n] = placed.keys[i]
            n += 1
    return n


@compiled_bare
def _corner_glyphs(placed, laid, font):
    """The number of glyphs in the lines that may reach the corner of the page."""
    n = placed.first_line
    while n < placed.end_line and placed.baselines[n - placed.first_line] <= font.reach_px + 2:
        n += 1
    return laid.line_glyphs[n - 1, 1] - laid.line_glyphs[placed.first_line, 0] if n > placed.first_line else 0


@compiled
def bare_is_ink(background, sheet):
    """Whether columns without text or rectangles may count as ink: where something covers the page's corner, or where white
    paper is seen beside a page of another colour."""
    if abs(luma(sheet.color[:3].reshape(1, 1, 3), 0, 0) - background) > CROP_TOLERANCE:
        return True
    if sheet.box[2] >= sheet.width and sheet.box[3] >= sheet.height:
        return False
    is_white = sheet.color[0] == 255 and sheet.color[1] == 255 and sheet.color[2] == 255
    # A horizontal scale mixes page and paper, and may leave the range of both.
    return not is_white and (sheet.taps.first.size > 0 or abs(255 - background) > CROP_TOLERANCE)


@compiled_bare
def _edge(placed, glyph_edge, laid, sheet):
    """One past the last column that a glyph or a rectangle is seen in, at most; it may lie beyond the page."""
    edge = max(0, glyph_edge)
    if sheet.shows_parts:
        for part in range(placed.part_from, placed.part_to):
            edge = max(edge, laid.part_boxes[part, 2])
    return edge


@compiled_bare
def _is_beyond(placed, glyph_edge, font, sheet):
    """Whether a glyph may be drawn where the page's background ends short of the page. Rectangles may: they are opaque."""
    right, bottom = sheet.box[2], sheet.box[3]
    if right >= sheet.width and bottom >= sheet.height:
        return False
    return glyph_edge > right or (placed.baselines.size > 0 and placed.baselines.max() + font.drop_px > bottom)


@compiled_inner
def _paint(window, placed, laid, font, sheet):
    x0, y0 = window.x0, window.y0
    surface = np.full((window.y1 - y0, window.x1 - x0, sheet.channels), 255, np.uint8)
    fill_box(surface, sheet.box[0], sheet.box[1], sheet.box[2], sheet.box[3], x0, y0, sheet.color)
    for part in range(placed.part_from, placed.part_to):
        b = laid.part_boxes[part]
        fill_box(surface, b[0], b[1], b[2], b[3], x0, y0, sheet.part_color)
        for n in range(laid.part_lines[part, 0], laid.part_lines[part, 1]):
            _paint_line(surface, n, window, placed, laid, font, sheet)
    return surface


@compiled_bare
def _paint_line(surface, n, window, placed, laid, font, sheet):
    start = laid.line_glyphs[placed.first_line, 0]
    a, z = laid.line_glyphs[n, 0], laid.line_glyphs[n, 1]
    while a < z and placed.columns[a - start] < window.least:
        a += 1
    while a < z and placed.columns[z - 1 - start] > window.most:
        z -= 1
    if a < z:
        blend_glyphs(
            surface,
            placed.keys[a - start : z - start],
            placed.columns[a - start : z - start],
            placed.baselines[n - placed.first_line],
            laid.styles[a:z],
            sheet.text_colors,
            window.x0,
            window.y0,
            font.slot,
            font.box,
            font.coverage,
        )
