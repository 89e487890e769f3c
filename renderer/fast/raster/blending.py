"""Pixels from placed glyphs and rectangles, as poppler's Splash paints them: whole pages or a window of one.

A surface is uint8, (height, width, 1) where all colours are grey, else (height, width, 3). Painting is clipped to it, so
that a strip of a page can be drawn alone. Coordinates in page pixels. Knows nothing of text or layout.

Compiled. What draws lines, here and in gray_lines.py and transparent_edge.py, takes a PageGlyphs and unpacks it once: each
`glyphs.keys` amid a loop would count references to the array. color_windows.py takes the same arrays one by one. Colours of
rectangles are uint8 (4,): RGB and 255; runs int32 (n, 4), see path_coverage.py.

Facts: poppler 22.12 splash/Splash.cc (fillChar, fillGlyph2, pipeRunAARGB8), SplashXPath.cc, SplashXPathScanner.cc.
"""

from typing import NamedTuple

import numpy as np

from renderer.fast.compiling import compiled


class PageGlyphs(NamedTuple):
    """A page's glyphs with their places and bitmaps, and where the surface lies that they are drawn on."""

    line_glyphs: np.ndarray  # int64 (lines of the book, 2): first glyph and end
    keys: np.ndarray  # int32 (glyphs of the page,), of the atlas
    columns: np.ndarray  # int32 (glyphs of the page,), px: of the pens
    baselines: np.ndarray  # int32 (lines of the page,), px
    styles: np.ndarray  # uint8 (glyphs of the book,)
    colors: np.ndarray  # uint8 (styles, 3)
    left: int  # px on the page, the surface's first column
    top: int  # and its first row
    slot: np.ndarray  # these three: see glyph_bitmaps.Bitmaps
    box: np.ndarray
    coverage: np.ndarray


class PageParts(NamedTuple):
    """The parts of a page, in the order in which they are painted: of each first its rectangle, whole pixels without borders."""

    first: int  # of the book's parts
    end: int
    boxes: np.ndarray  # int64 (parts of the book, 4): left, top, right, bottom in page pixels; ends exclusive
    color: np.ndarray  # uint8 (3,), of the rectangles
    lines: np.ndarray  # int64 (parts of the book, 2 or more): first line and end


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
    """Blend covered pixels, as path_coverage.py gives them, onto the page."""
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
        int(surface[row, column, 0]) * 19595
        + int(surface[row, column, 1]) * 38470
        + int(surface[row, column, 2]) * 7471
        + 0x8000
    ) >> 16


@compiled
def blend_lines(surface, line_from, line_to, first_line, glyphs):
    """Draw lines of a page that begins with `first_line`."""
    line_glyphs, keys, columns, baselines, styles, colors, left, top, slot, box, coverage = glyphs
    start = line_glyphs[first_line, 0]
    for n in range(line_from, line_to):
        a, z = line_glyphs[n, 0], line_glyphs[n, 1]
        blend_glyphs(
            surface,
            keys[a - start : z - start],
            columns[a - start : z - start],
            baselines[n - first_line],
            styles[a:z],
            colors,
            left,
            top,
            slot,
            box,
            coverage,
        )
