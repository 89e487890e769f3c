"""Ink as Glyph's crop sees it: pixels whose grey differs from the background's by more than a tolerance.

Compiled. A surface is uint8, (height, width, 1) or (height, width, 3); greys are Pillow's "L".
"""

import math

import numpy as np

from renderer.fast.compiling import compiled, compiled_inline
from renderer.fast.raster.blending import luma


@compiled
def ink(surface, background, tolerance):
    """Last column and row whose grey differs from the background by more than the tolerance; -1 where none does."""
    last_column = last_row = -1
    height, width, channels = surface.shape
    least = max(0, math.ceil(background - tolerance))
    most = min(255, math.floor(background + tolerance))
    flat = surface.reshape(height, width * channels)
    for row in range(height - 1, -1, -1):
        first = last_column + 1 if last_row >= 0 else 0
        if channels == 1 and _is_paper(flat[row, first:], np.uint8(least), np.uint8(most)):
            continue
        for column in range(width - 1, first - 1, -1):
            if not least <= luma(surface, row, column) <= most:
                if column > last_column:
                    last_column = column
                if last_row < 0:
                    last_row = row
                break
    return last_column, last_row


@compiled_inline
def _is_paper(greys, least, most):
    """Whether all uint8 (n,) lie within least..most. Without an early end, so that it is vectorised: most rows are paper."""
    beyond = np.uint8(0)
    for grey in greys:
        beyond |= np.uint8(grey < least) | np.uint8(grey > most)
    return beyond == 0


@compiled
def corner_gray(surface):
    """Median grey of the four pixels of the page's corner, as the crop takes it for the background."""
    values = np.empty(surface.shape[0] * surface.shape[1])
    n = 0
    for row in range(surface.shape[0]):
        for column in range(surface.shape[1]):
            values[n] = luma(surface, row, column)
            n += 1
    return np.median(values)
