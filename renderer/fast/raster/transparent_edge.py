"""The last column and row of a page that its background does not reach, when something is drawn there.

A page of 661.1 pixels is drawn 662 wide, and its background rectangle ends at 661: what lies beyond is transparent until
poppler lays white paper under the finished page. Glyphs and rectangles that reach so far blend with transparency first.
Here a surface is uint8 (height, width, 4): colour and alpha. Rarely needed; knows nothing of text or layout. Compiled; all else
as of blending.py.

Facts: poppler 22.12 splash/Splash.cc (pipeRunAARGB8, compositeBackground).
"""

import numpy as np

from renderer.fast.compiling import compiled

from .blending import padded

PAPER = 255


@compiled
def _div255(x):
    return (x + (x >> 8) + 0x80) >> 8


@compiled
def _blend(surface, row, column, source, color):
    pixel = surface[row, column]
    below = int(pixel[3])
    if source == 255:
        pixel[0], pixel[1], pixel[2], pixel[3] = color[0], color[1], color[2], 255
        return
    alpha = source + below - _div255(source * below)
    for channel in range(3):
        pixel[channel] = ((alpha - source) * int(pixel[channel]) + source * int(color[channel])) // alpha
    pixel[3] = alpha


@compiled
def blend_runs_alpha(surface, runs, left, top, color):
    """As blending.blend_runs, on colour and alpha."""
    for i in range(runs.shape[0]):
        row = runs[i, 0] - top
        if 0 <= row < surface.shape[0]:
            for column in range(max(0, runs[i, 1] - left), min(surface.shape[1], runs[i, 2] - left)):
                _blend(surface, row, column, int(runs[i, 3]), color)


@compiled
def blend_lines_alpha(surface, line_from, line_to, first_line, glyphs):
    """As blending.blend_lines, on colour and alpha."""
    line_glyphs, keys, columns, baselines, styles, colors, left, top, slot, box, coverage = glyphs
    start = line_glyphs[first_line, 0]
    height, width, _ = surface.shape
    for n in range(line_from, line_to):
        for g in range(line_glyphs[n, 0], line_glyphs[n, 1]):
            s = slot[keys[g - start]]
            if s < 0:
                continue
            x0 = columns[g - start] + box[s, 0] - left
            y0 = baselines[n - first_line] - box[s, 1] - top
            for r in range(max(0, -y0), min(box[s, 3], height - y0)):
                for c in range(max(0, -x0), min(box[s, 2], width - x0)):
                    value = int(coverage[box[s, 4] + r * padded(box[s, 2]) + c])
                    if value:
                        _blend(surface, y0 + r, x0 + c, value, colors[styles[g]])


@compiled
def on_paper(surface):
    """The colours after white paper is laid under them."""
    height, width, _ = surface.shape
    result = np.empty((height, width, 3), np.uint8)
    for row in range(height):
        for column in range(width):
            alpha = int(surface[row, column, 3])
            for channel in range(3):
                value = int(surface[row, column, channel])
                if alpha == 0:
                    value = PAPER
                elif alpha < 255:
                    value = _div255((255 - alpha) * PAPER + alpha * value)
                result[row, column, channel] = value
    return result
