"""Pixels from placed glyphs and rectangles, as poppler's Splash paints them: whole pages or a window of one.

A surface is uint8, (height, width, 1) where all colours are grey, else (height, width, 3). Painting is clipped to it, so
that a strip of a page can be drawn alone. Coordinates in page pixels. Knows nothing of text or layout.

Facts: poppler 22.12 splash/Splash.cc (fillChar, fillGlyph2, pipeRunAARGB8), SplashXPath.cc, SplashXPathScanner.cc.
"""

import numpy as np

from .compiled import compiled


@compiled
def blend(surface, row, column, coverage, color):
    """One pixel, truncating as Splash does."""
    rest = np.uint32(255 - coverage)
    for channel in range(surface.shape[2]):
        value = rest * np.uint32(surface[row, column, channel]) + np.uint32(coverage) * np.uint32(color[channel])
        surface[row, column, channel] = (value * np.uint32(32897)) >> np.uint32(23)


@compiled
def fill_box(surface, x0, y0, x1, y1, left, top, color):
    """Pixels x0..x1, y0..y1 (ends exclusive) in full colour. `left`, `top`: where the surface lies on the page."""
    a, z = max(x0 - left, 0), min(x1 - left, surface.shape[1])
    if a >= z:
        return
    height, width, channels = surface.shape
    even = channels == 1 or (channels == 3 and color[0] == color[1] and color[1] == color[2])
    flat = surface.reshape(height, width * channels)
    for row in range(max(y0 - top, 0), min(y1 - top, height)):
        if even:
            flat[row, a * channels : z * channels] = color[0]
        else:
            for column in range(a, z):
                for channel in range(channels):
                    surface[row, column, channel] = color[channel]


@compiled
def blend_runs(surface, runs, left, top, color):
    """Blend covered pixels, as coverage.py gives them, onto the page."""
    for i in range(runs.shape[0]):
        row = runs[i, 0] - top
        if 0 <= row < surface.shape[0]:
            for column in range(max(0, runs[i, 1] - left), min(surface.shape[1], runs[i, 2] - left)):
                blend(surface, row, column, runs[i, 3], color)


@compiled
def padded(width):
    """Bytes from one row of a glyph's bitmap to the next: whole groups of eight."""
    return (width + 7) & ~7


@compiled
def blend_glyphs(surface, keys, xs, baseline, styles, colors, left, top, slot, box, coverage):
    """Draw one line of glyphs whose bitmaps are in the atlas."""
    height, width, channels = surface.shape
    for i in range(keys.size):
        s = slot[keys[i]]
        if s < 0:
            continue
        x0 = xs[i] + box[s, 0] - left
        y0 = baseline - box[s, 1] - top
        w, h = box[s, 2], box[s, 3]
        if x0 >= width or x0 + w <= 0 or y0 >= height or y0 + h <= 0:
            continue
        a, z = max(0, -x0), min(w, width - x0)
        red = np.uint32(colors[styles[i], 0])
        green = np.uint32(colors[styles[i], 1])
        blue = np.uint32(colors[styles[i], 2])
        gray = red == green and green == blue
        for r in range(max(0, -y0), min(h, height - y0)):
            at = box[s, 4] + r * padded(w)
            cover = coverage[at + a : at + z]
            line = surface[y0 + r, x0 + a : x0 + z]
            if channels == 1:  # without a branch: coverage 0 leaves the pixel as it is
                for c in range(cover.size):
                    value = np.uint32(cover[c])
                    mixed = (np.uint32(255) - value) * np.uint32(line[c, 0]) + value * red
                    line[c, 0] = (mixed * np.uint32(32897)) >> np.uint32(23)
                continue
            for c in range(cover.size):
                value = np.uint32(cover[c])
                if value == 0:
                    continue
                rest = np.uint32(255) - value
                under0, under1, under2 = np.uint32(line[c, 0]), np.uint32(line[c, 1]), np.uint32(line[c, 2])
                mixed = ((rest * under0 + value * red) * np.uint32(32897)) >> np.uint32(23)
                line[c, 0] = mixed
                if gray and under0 == under1 and under1 == under2:  # most pixels of most pages
                    line[c, 1] = line[c, 2] = mixed
                else:
                    line[c, 1] = ((rest * under1 + value * green) * np.uint32(32897)) >> np.uint32(23)
                    line[c, 2] = ((rest * under2 + value * blue) * np.uint32(32897)) >> np.uint32(23)


@compiled
def luma(surface, row, column):
    """Pillow's "L" of one pixel."""
    if surface.shape[2] == 1:
        return int(surface[row, column, 0])
    return (
        int(surface[row, column, 0]) * 19595 + int(surface[row, column, 1]) * 38470 + int(surface[row, column, 2]) * 7471
        + 0x8000
    ) >> 16


@compiled
def ink(surface, background, tolerance):
    """Last column and row whose grey differs from the background by more than the tolerance; -1 where none does."""
    last_column = last_row = -1
    height, width = surface.shape[:2]
    for row in range(height - 1, -1, -1):
        first = last_column + 1 if last_row >= 0 else 0
        for column in range(width - 1, first - 1, -1):
            if abs(luma(surface, row, column) - background) > tolerance:
                if column > last_column:
                    last_column = column
                if last_row < 0:
                    last_row = row
                break
    return last_column, last_row


@compiled
def place_glyphs(line_from, line_to, line_glyphs, line_pens, line_ctm_x, line_ctm_y, scale, codes, glyph_of, pen_of,
                 is_space, fractions):
    """Atlas keys and pixel columns of all glyphs of these lines, and the pixel row of every baseline."""
    start = line_glyphs[line_from, 0] if line_to > line_from else 0
    end = line_glyphs[line_to - 1, 1] if line_to > line_from else 0
    keys = np.zeros(max(end - start, 0), np.int32)
    columns = np.zeros(keys.size, np.int32)
    baselines = np.zeros(max(line_to - line_from, 0), np.int32)
    for n in range(line_from, line_to):
        x = line_pens[n, 0]
        word_space = line_pens[n, 2]
        ctm_x = line_ctm_x[n - line_from]
        for i in range(line_glyphs[n, 0], line_glyphs[n, 1]):
            code = codes[i]
            at = x * scale + ctm_x
            column = int(np.floor(at))
            keys[i - start] = glyph_of[code] * 4 + (int((at - column) * 4.0) if fractions else 0)
            columns[i - start] = column
            step = pen_of[code]
            if is_space[code]:
                step = step + word_space
            x = x + step
        baselines[n - line_from] = int(np.floor(line_pens[n, 1] * -scale + line_ctm_y[n - line_from]))
    return keys, columns, baselines


@compiled
def blend_lines(surface, line_from, line_to, first_line, line_glyphs, keys, columns, baselines, styles, colors, left, top,
                slot, box, coverage):
    """Draw lines; `keys` and `columns` begin with the first glyph of `first_line`, `baselines` with its row."""
    start = line_glyphs[first_line, 0]
    for n in range(line_from, line_to):
        a, z = line_glyphs[n, 0], line_glyphs[n, 1]
        blend_glyphs(surface, keys[a - start : z - start], columns[a - start : z - start], baselines[n - first_line],
                     styles[a:z], colors, left, top, slot, box, coverage)


@compiled
def inked_sources(page_parts, part_lines, line_glyphs, codes, sources, space, nbsp):
    """Source characters of each page's first and last glyph that is no space; -1 where there is none."""
    result = np.full((page_parts.size - 1, 2), -1, np.int64)
    for page in range(page_parts.size - 1):
        a, z = page_parts[page], page_parts[page + 1]
        if a == z or part_lines[z - 1, 1] == part_lines[a, 0]:
            continue
        start = line_glyphs[part_lines[a, 0], 0]
        end = line_glyphs[part_lines[z - 1, 1] - 1, 1]
        for i in range(start, end):
            if codes[i] != space and codes[i] != nbsp:
                result[page, 0] = sources[i]
                break
        for i in range(end - 1, start - 1, -1):
            if codes[i] != space and codes[i] != nbsp:
                result[page, 1] = sources[i]
                break
    return result


@compiled
def right_edge(keys, columns, least, slot, box):
    """One past the last column that a bitmap of these glyphs covers."""
    edge = 0
    for i in range(keys.size):
        if columns[i] >= least:
            s = slot[keys[i]]
            if s >= 0:
                edge = max(edge, columns[i] + box[s, 0] + box[s, 2])
    return edge
