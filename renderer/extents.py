"""How far ink reaches to the right on many pages at once: the exact width of the crop without drawing pages.

In: glyphs, lines and rectangles of a layout, an atlas, colours. Out: per page the last column that the crop takes for
ink, found by painting only the right-hand strips of the page; or the glyphs whose bitmaps are still wanted for that.
"""

import numpy as np

from .compiled import compiled
from .raster import blend_glyphs, fill_box, ink, place_glyphs, right_edge

NO_INK, UNKNOWN = -1, -2
BEYOND = -3  # something is drawn where the page's background does not reach: the whole page must tell
STRIP_PX = 6
CROP_TOLERANCE = 5  # of 255


@compiled
def corner_gray(surface):
    """Median grey of the four pixels of the page's corner, as the crop takes it for the background."""
    values = np.empty(surface.shape[0] * surface.shape[1])
    n = 0
    for row in range(surface.shape[0]):
        for column in range(surface.shape[1]):
            if surface.shape[2] == 1:
                values[n] = surface[row, column, 0]
            else:
                values[n] = (
                    int(surface[row, column, 0]) * 19595 + int(surface[row, column, 1]) * 38470
                    + int(surface[row, column, 2]) * 7471 + 0x8000
                ) >> 16
            n += 1
    return np.median(values)


@compiled
def _paint(x0, y0, x1, y1, channels, page_box, page_color, part_from, part_to, part_boxes, part_color, part_lines,
           first_line, line_glyphs, keys, columns, baselines, least, most, styles, colors, slot, box, coverage):
    """A window of a page, with the glyphs whose pens lie in columns least..most."""
    surface = np.full((y1 - y0, x1 - x0, channels), 255, np.uint8)
    fill_box(surface, page_box[0], page_box[1], page_box[2], page_box[3], x0, y0, page_color)
    for part in range(part_from, part_to):
        b = part_boxes[part]
        fill_box(surface, b[0], b[1], b[2], b[3], x0, y0, part_color)
        if part_lines[part, 1] == part_lines[part, 0]:
            continue
        start = line_glyphs[first_line, 0]
        for n in range(part_lines[part, 0], part_lines[part, 1]):
            a, z = line_glyphs[n, 0], line_glyphs[n, 1]
            while a < z and columns[a - start] < least:
                a += 1
            while a < z and columns[z - 1 - start] > most:
                z -= 1
            if a < z:
                blend_glyphs(surface, keys[a - start : z - start], columns[a - start : z - start],
                             baselines[n - first_line], styles[a:z], colors, x0, y0, slot, box, coverage)
    return surface


@compiled
def last_columns(
    result, wanted, page_parts, part_lines, part_boxes, part_ctm, line_glyphs, line_pens, codes, styles, scale, glyph_of,
    pen_of, is_space, fractions, slot, box, coverage, reach, width, height, channels, page_box, page_color, part_color,
    colors, shows,
):
    """Fill in `result` where it is UNKNOWN; returns how many keys of missing glyphs were written to `wanted`.

    `shows`: rectangles are seen against the page; the page's own edge is looked at where its colour is not white.
    """
    missing = 0
    page_edge = not (page_color[0] == 255 and page_color[1] == 255 and page_color[2] == 255)
    for page in range(result.size):
        if result[page] != UNKNOWN:
            continue
        part_from, part_to = page_parts[page], page_parts[page + 1]
        first_line = part_lines[part_from, 0] if part_to > part_from else 0
        end_line = part_lines[part_to - 1, 1] if part_to > part_from else 0
        ctm_x = np.empty(end_line - first_line)
        ctm_y = np.empty(end_line - first_line)
        edge = width if page_edge else 1
        for part in range(part_from, part_to):
            for n in range(part_lines[part, 0], part_lines[part, 1]):
                ctm_x[n - first_line], ctm_y[n - first_line] = part_ctm[part, 0], part_ctm[part, 1]
            if shows:
                edge = max(edge, part_boxes[part, 2])
        keys, columns, baselines = place_glyphs(
            first_line, end_line, line_glyphs, line_pens, ctm_x, ctm_y, scale, codes, glyph_of, pen_of, is_space, fractions
        )
        least = columns.max() - reach if keys.size else 0
        before = missing
        corner_glyphs = 0  # of the lines that may reach the corner of the page
        n = first_line
        while n < end_line and baselines[n - first_line] <= reach + 2:
            corner_glyphs = line_glyphs[n, 1] - line_glyphs[first_line, 0]
            n += 1
        missing = _missing(keys, columns, least, corner_glyphs, reach, slot, wanted, missing)
        if missing > before:
            continue
        if keys.size:
            edge = max(edge, right_edge(keys, columns, least, slot, box), columns.max())
        if page_box[2] < width or page_box[3] < height:
            beyond = edge > page_box[2] and not page_edge
            if page_edge and keys.size:
                beyond = right_edge(keys, columns, least, slot, box) > page_box[2]
            for part in range(part_from, part_to):
                beyond = beyond or part_boxes[part, 2] > page_box[2] or part_boxes[part, 3] > page_box[3]
            if end_line > first_line:
                beyond = beyond or baselines.max() + reach > page_box[3]
            if beyond:
                result[page] = BEYOND
                continue
        edge = min(edge, width)
        corner = _paint(
            0, 0, min(2, width), min(2, height), channels, page_box, page_color, part_from, part_to, part_boxes, part_color,
            part_lines, first_line, line_glyphs, keys, columns, baselines, -(1 << 30), reach + 2, styles, colors,
            slot, box, coverage,
        )
        background = corner_gray(corner)
        step = STRIP_PX
        found = NO_INK
        while edge > 0:
            start = max(0, edge - step)
            for i in range(keys.size):
                if columns[i] >= start - reach and slot[keys[i]] == -1:
                    wanted[missing] = keys[i]
                    missing += 1
            if missing > before:
                found = UNKNOWN
                break
            strip = _paint(
                start, 0, edge, height, channels, page_box, page_color, part_from, part_to, part_boxes, part_color,
                part_lines, first_line, line_glyphs, keys, columns, baselines, start - reach, 1 << 30, styles, colors,
                slot, box, coverage,
            )
            column, _ = ink(strip, background, CROP_TOLERANCE)
            if column >= 0:
                found = start + column
                break
            edge = start
            step *= 4
        result[page] = found
    return missing


@compiled
def _missing(keys, columns, least, corner_glyphs, reach, slot, wanted, n):
    for i in range(keys.size):
        if slot[keys[i]] == -1 and (columns[i] >= least or (i < corner_glyphs and columns[i] < reach + 2)):
            wanted[n] = keys[i]
            n += 1
    return n
