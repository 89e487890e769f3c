"""The coloured spots of a page that is grey elsewhere: red newline marks, above all.

Such a page is drawn as one grey plane, a third of the work, and every stretch of neighbouring coloured glyphs once more
in a small window of colour, with all that reaches into it, in the same order. No coloured glyph touches a pixel outside
the windows, so the plane is right there; inside them it gets Pillow's grey of what they show, so that crops see the same
ink. Coordinates in page pixels. Knows nothing of text. Compiled; arrays as of blending.py.
"""

from typing import NamedTuple

import numpy as np

from renderer.fast.compiling import compiled

from .blending import blend_glyphs, fill_box, luma

_JOINED_PX = 16  # coloured glyphs of a line that are no farther apart share a window


class Tints(NamedTuple):
    """Windows of colour over a grey plane."""

    boxes: np.ndarray  # int64 (n, 4): left, top, right, bottom; ends exclusive
    starts: np.ndarray  # int64 (n,): first byte of each window in `pixels`
    pixels: np.ndarray  # uint8: (height, width, 3) of every window, one after the other


@compiled
def tint_boxes(first_line, end_line, glyphs, is_gray, width, height):
    """Boxes around neighbouring coloured glyphs of lines first_line..end_line, as of Tints.boxes, and their area.

    `is_gray`: bool (styles,). `width`, `height`: of the page, px.
    """
    columns, baselines, box = glyphs.columns, glyphs.baselines, glyphs.box
    start = glyphs.line_glyphs[first_line, 0] if end_line > first_line else 0
    found = np.empty((glyphs.keys.size, 4), np.int64)
    n = 0
    for line in range(first_line, end_line):
        opened = n  # windows are joined within a line only
        for i in range(glyphs.line_glyphs[line, 0], glyphs.line_glyphs[line, 1]):
            if is_gray[glyphs.styles[i]]:
                continue
            s = glyphs.slot[glyphs.keys[i - start]]
            if s < 0:
                continue
            left = max(0, columns[i - start] + box[s, 0])
            top = max(0, baselines[line - first_line] - box[s, 1])
            right = min(width, columns[i - start] + box[s, 0] + box[s, 2])
            bottom = min(height, baselines[line - first_line] - box[s, 1] + box[s, 3])
            if left >= right or top >= bottom:
                continue
            if n > opened and left <= found[n - 1, 2] + _JOINED_PX and right >= found[n - 1, 0] - _JOINED_PX:
                last = found[n - 1]
                last[0], last[1] = min(last[0], left), min(last[1], top)
                last[2], last[3] = max(last[2], right), max(last[3], bottom)
            else:
                found[n, 0], found[n, 1], found[n, 2], found[n, 3] = left, top, right, bottom
                n += 1
    area = 0
    for w in range(n):
        area += (found[w, 2] - found[w, 0]) * (found[w, 3] - found[w, 1])
    return found[:n], area


@compiled
def draw_tints(plane, boxes, page_box, page_color, parts, glyphs, reach):
    """The windows' pixels; the plane, which holds them and whose first row is row `glyphs.top` of the page, gets their grey.

    `page_box`, `page_color`: the page's background. `reach`: px that a glyph may reach from its pen.
    """
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    starts = (np.cumsum(areas) - areas) * 3
    pixels = np.full(areas.sum() * 3, 255, np.uint8)
    for w in range(boxes.shape[0]):
        x0, y0, x1, y1 = boxes[w]
        surface = pixels[starts[w] : starts[w] + 3 * areas[w]].reshape(y1 - y0, x1 - x0, 3)
        fill_box(surface, page_box[0], page_box[1], page_box[2], page_box[3], x0, y0, page_color)
        _draw_window(surface, x0, y0, parts, glyphs, reach)
        for row in range(y1 - y0):
            for column in range(x1 - x0):
                plane[y0 + row - glyphs.top, x0 + column] = luma(surface, row, column)
    return Tints(boxes, starts, pixels)


@compiled
def _draw_window(surface, left, top, parts, glyphs, reach):
    """Paint the parts into the window whose first pixel is (left, top) of the page: of each line only the glyphs that may touch it."""
    right, bottom = left + surface.shape[1], top + surface.shape[0]
    first_line = parts.lines[parts.first, 0] if parts.end > parts.first else 0
    start = glyphs.line_glyphs[first_line, 0] if glyphs.keys.size else 0
    for part in range(parts.first, parts.end):
        b = parts.boxes[part]
        fill_box(surface, b[0], b[1], b[2], b[3], left, top, parts.color)
        for n in range(parts.lines[part, 0], parts.lines[part, 1]):
            baseline = glyphs.baselines[n - first_line]
            if baseline + reach < top or baseline - reach > bottom:
                continue
            a, z = glyphs.line_glyphs[n, 0] - start, glyphs.line_glyphs[n, 1] - start
            while a < z and glyphs.columns[a] < left - reach:
                a += 1
            while a < z and glyphs.columns[z - 1] > right + reach:
                z -= 1
            blend_glyphs(
                surface,
                glyphs.keys[a:z],
                glyphs.columns[a:z],
                baseline,
                glyphs.styles[start + a : start + z],
                glyphs.colors,
                left,
                top,
                glyphs.slot,
                glyphs.box,
                glyphs.coverage,
            )


@compiled
def paste_tints(rows, before, tints, top):
    """Put the windows onto rows of RGB, each row `before` bytes and then pixels; the first row is row `top` of the page."""
    height, width = rows.shape[0], (rows.shape[1] - before) // 3
    for w in range(tints.boxes.shape[0]):
        x0, y0, x1, y1 = tints.boxes[w]
        size = 3 * (min(x1, width) - x0)
        if size <= 0:
            continue
        for y in range(max(y0, top), min(y1, top + height)):
            start = tints.starts[w] + 3 * (y - y0) * (x1 - x0)
            at = before + 3 * x0
            rows[y - top, at : at + size] = tints.pixels[start : start + size]


@compiled
def widen(plane, rows, before):
    """Grey to RGB, each row with `before` free bytes ahead of it."""
    for row in range(plane.shape[0]):
        line, out = plane[row], rows[row, before:]
        for column in range(line.size):  # indices that cannot be negative: this is vectorised
            out[3 * column] = line[column]
            out[3 * column + 1] = line[column]
            out[3 * column + 2] = line[column]


def in_color(pixels: np.ndarray, tints: Tints | None) -> np.ndarray:
    """RGB (height, width, 3) of a page of whichever kind."""
    if pixels.ndim == 3:
        return np.ascontiguousarray(pixels)
    height, width = pixels.shape
    rows = np.empty((height, 3 * width), dtype=np.uint8)
    widen(np.ascontiguousarray(pixels), rows, 0)
    if tints is not None:
        paste_tints(rows, 0, tints, 0)
    return rows.reshape(height, width, 3)
