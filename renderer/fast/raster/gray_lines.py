"""Lines of text onto a grey surface, eight pixels at a time: the common case of a page, and most of the time it takes.

Nearly every glyph of a page falls on the bare background. There its pixels are known beforehand: the glyph's row blended
with that one colour (`blended`), which is copied where the eight pixels under it are still background. All else is left to
blending.py, so that what comes out is the same. Coordinates in page pixels; knows nothing of text or layout.

Compiled; arrays as of blending.py.
"""

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from renderer.fast.compiling import compiled, compiled_bare

from .blending import blend_glyphs, fill_box, padded

_EIGHT_TIMES = np.uint64(0x0101010101010101)


class GrayAtlas(NamedTuple):
    """The atlas blended beforehand."""

    blended: np.ndarray  # uint8, as long as the atlas' coverage
    ink: int  # grey 0..255
    paper: int  # the same


@intrinsic
def _load_eight(typing_context, array, index):
    """Eight bytes of a uint8 array as one number. The caller answers for the bounds."""

    def generate(context, builder, signature, arguments):
        return builder.load(_address(context, builder, signature, arguments), align=1)

    return types.uint64(array, index), generate


@intrinsic
def _store_eight(typing_context, array, index, value):
    """The reverse of load_eight."""

    def generate(context, builder, signature, arguments):
        builder.store(arguments[2], _address(context, builder, signature, arguments), align=1)
        return context.get_dummy_value()

    return types.void(array, index, types.uint64), generate


def _address(context, builder, signature, arguments):
    data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
    return builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(64).as_pointer())


load_eight: Any = _load_eight  # numba passes the first argument
store_eight: Any = _store_eight


@compiled_bare
def _blend_eight(pixels, at, coverage, first, ink):
    for c in range(8):
        value = np.uint32(coverage[first + c])
        mixed = (np.uint32(255) - value) * np.uint32(pixels[at + c]) + value * ink
        pixels[at + c] = (mixed * np.uint32(32897)) >> np.uint32(23)


@compiled
def blend_onto(paper, ink, coverage, blended):
    """Write into `blended` what `coverage` of the grey `ink` makes of the grey `paper`, as blending.blend does."""
    for i in range(coverage.size):
        value = np.uint32(coverage[i])
        mixed = (np.uint32(255) - value) * np.uint32(paper) + value * np.uint32(ink)
        blended[i] = (mixed * np.uint32(32897)) >> np.uint32(23)


@compiled
def blend_gray_lines(surface, line_from, line_to, first_line, glyphs, gray):
    """As blending.blend_lines, on (height, width, 1)."""
    line_glyphs, keys, columns, baselines, styles, colors, left, top, slot, box, coverage = glyphs
    blended, ink, paper = gray
    height, width, _ = surface.shape
    pixels = surface.reshape(height * width)
    bare = np.uint64(paper) * _EIGHT_TIMES
    start = line_glyphs[first_line, 0]
    for n in range(line_from, line_to):
        for g in range(line_glyphs[n, 0], line_glyphs[n, 1]):
            i = g - start
            s = slot[keys[i]]
            if s < 0:
                continue
            x0 = columns[i] + box[s, 0] - left
            y0 = baselines[n - first_line] - box[s, 1] - top
            wide = padded(box[s, 2])
            if x0 < 0 or x0 + wide > width or colors[styles[g], 0] != ink:
                blend_glyphs(
                    surface,
                    keys[i : i + 1],
                    columns[i : i + 1],
                    baselines[n - first_line],
                    styles[g : g + 1],
                    colors,
                    left,
                    top,
                    slot,
                    box,
                    coverage,
                )
                continue
            for r in range(max(0, -y0), min(box[s, 3], height - y0)):
                at = (y0 + r) * width + x0
                first = box[s, 4] + r * wide
                for k in range(0, wide, 8):
                    if load_eight(pixels, at + k) == bare:
                        store_eight(pixels, at + k, load_eight(blended, first + k))
                    else:
                        _blend_eight(pixels, at + k, coverage, first + k, np.uint32(ink))


@compiled
def draw_gray_parts(surface, parts, glyphs, gray):
    """Paint parts in their order: the box of each and its lines."""
    first_line = parts.lines[parts.first, 0] if parts.end > parts.first else 0
    for part in range(parts.first, parts.end):
        b = parts.boxes[part]
        fill_box(surface, b[0], b[1], b[2], b[3], glyphs.left, glyphs.top, parts.color)
        if parts.lines[part, 1] > parts.lines[part, 0]:
            blend_gray_lines(surface, parts.lines[part, 0], parts.lines[part, 1], first_line, glyphs, gray)
