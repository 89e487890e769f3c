"""Columns of a page after Pillow's horizontal resize, to the bit, without resizing the page.

In: a window of a page, and which columns of the resized page are wanted. Out: those columns. Used to find where ink ends;
pages themselves are resized by Pillow. Compiled; knows nothing of text.

Facts: Pillow 13.0 src/libImaging/Resample.c (bicubic_filter, precompute_coeffs, ImagingResampleHorizontal_8bpc).
"""

from typing import NamedTuple

import numpy as np

from renderer.fast.compiling import compiled, compiled_bare

_SUPPORT = 2.0  # of the bicubic filter, in output columns where it shrinks
_PRECISION_BITS = 32 - 8 - 2


class Taps(NamedTuple):
    """What each output column is made of. No columns at all: the page is not resized."""

    first: np.ndarray  # int64 (out,): first source column
    taken: np.ndarray  # int64 (out,)
    weights: np.ndarray  # int64 (out, most): fixed-point


NO_TAPS = Taps(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 0), np.int64))


@compiled_bare
def _bicubic(x):
    x = abs(x)
    if x < 1.0:
        return ((-0.5 + 2.0) * x - (-0.5 + 3.0)) * x * x + 1
    if x < 2.0:
        return (((x - 5) * x + 8) * x - 4) * -0.5
    return 0.0


@compiled
def taps(width, out_width):
    """The taps of a resize from `width` to `out_width` columns."""
    scale = width / out_width
    stretch = max(scale, 1.0)
    support = _SUPPORT * stretch
    most = int(np.ceil(support)) * 2 + 1
    first, taken = np.empty(out_width, np.int64), np.empty(out_width, np.int64)
    weights = np.zeros((out_width, most), np.int64)
    exact = np.empty(most)
    for column in range(out_width):
        centre = (column + 0.5) * scale
        start = max(0, int(centre - support + 0.5))
        end = min(width, int(centre + support + 0.5))
        total = 0.0
        for x in range(start, end):
            exact[x - start] = _bicubic((x - centre + 0.5) * (1.0 / stretch))
            total += exact[x - start]
        for x in range(end - start):
            weight = (exact[x] / total if total != 0.0 else exact[x]) * (1 << _PRECISION_BITS)
            weights[column, x] = int(-0.5 + weight) if weight < 0 else int(0.5 + weight)
        first[column], taken[column] = start, end - start
    return Taps(first, taken, weights)


@compiled_bare
def _is_even(pixels):
    """Whether a row, (width, channels), is of one colour."""
    differing = np.uint8(0)
    for column in range(1, pixels.shape[0]):
        for channel in range(pixels.shape[1]):
            differing |= pixels[column, channel] ^ pixels[0, channel]
    return differing == 0


@compiled
def stretched(surface, left, made, column_from, column_to):
    """Output columns column_from..column_to; the surface's first column is column `left` of the page."""
    height, _, channels = surface.shape
    result = np.empty((height, column_to - column_from, channels), np.uint8)
    for row in range(height):
        if _is_even(surface[row]):  # the weights of a column add up to one, but for less than what rounding takes away
            result[row] = surface[row, 0]
            continue
        for column in range(column_from, column_to):
            start = made.first[column] - left
            for channel in range(channels):
                total = 1 << (_PRECISION_BITS - 1)
                for x in range(made.taken[column]):
                    total += made.weights[column, x] * surface[row, start + x, channel]
                result[row, column - column_from, channel] = min(255, max(0, total >> _PRECISION_BITS))
    return result
