"""Where glyphs fall on the pixels of a page: atlas keys and columns of whole lines, and how far they reach.

Compiled. line_glyphs int64 (lines, 2); line_pens float64 (lines, 3), points; line_ctm_x, line_ctm_y float64 (lines asked for,), px;
codes int32 (glyphs,); glyph_of int32, pen_of float64 (points), is_space bool, each (codes of the text,); keys, columns int32
(glyphs,); baselines int32 (lines,), px. Knows nothing of colours.

Facts: poppler 22.12 splash/Splash.cc (fillChar).
"""

import numpy as np

from renderer.fast.compiling import compiled


@compiled
def place_glyphs(
    line_from,
    line_to,
    line_glyphs,
    line_pens,
    line_ctm_x,
    line_ctm_y,
    scale,
    codes,
    glyph_of,
    pen_of,
    is_space,
    fractions,
):
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
def right_edge(keys, columns, least, slot, box):
    """One past the last column that a bitmap of these glyphs covers."""
    edge = 0
    for i in range(keys.size):
        if columns[i] >= least:
            s = slot[keys[i]]
            if s >= 0:
                edge = max(edge, columns[i] + box[s, 0] + box[s, 2])
    return edge
