"""A page's pixels as PNG bytes: uint8 (height, width) or (height, width, 3) in, one PNG without loss out.

Written by hand around isal's fast deflate: no row filters, one IDAT. Grey pages make grey PNGs; a decoder that is asked
for RGB gets the same pixels. A grey page with tints makes an RGB PNG. The pixels are what is promised: isal was once seen,
on a busy machine, to deflate the same rows into other bytes. Knows nothing of pages.
"""

import os
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from isal import isal_zlib

from renderer.fast.raster.color_windows import Tints, paste_tints, widen

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GRAY, _RGB = 0, 2
_ZLIB_HEADER = b"\x78\x01"
_ADLER_MODULUS = 65521


DrawRows = Callable[[int, int], tuple[np.ndarray, Tints | None]]


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """A page's bytes and its size."""

    png: bytes
    width_px: int
    height_px: int


def encode_png(pixels: np.ndarray, tints: Tints | None = None, *, level: int = 1) -> bytes:
    """PNG bytes of a page."""
    height, width = pixels.shape[:2]
    rows = _rows(width, height, pixels.ndim == 2 and tints is None)
    _fill(rows, pixels, tints, 0)
    return _png(width, height, rows, isal_zlib.compress(rows, level))


def encode_drawn(width: int, height: int, is_gray: bool, draw: DrawRows, *, level: int = 1) -> bytes:
    """PNG bytes of a page that is drawn meanwhile: by two threads, half a page each, for the sake of its latency.

    `draw(top, bottom)` gives these rows, at least `width` wide: (rows, width, 1 or 3), and tints over grey ones.
    """
    rows = _rows(width, height, is_gray)

    def half(top: int, bottom: int, flush: int) -> tuple[bytes, int]:
        pixels, tints = draw(top, bottom)
        cropped = pixels[:, :width, 0] if pixels.shape[2] == 1 else pixels[:, :width]
        _fill(rows[top:bottom], cropped, tints, top)
        return _deflate(rows[top:bottom], level, flush), isal_zlib.adler32(rows[top:bottom])

    middle = height // 2
    lower = _helper().submit(half, middle, height, isal_zlib.Z_FINISH)
    upper, upper_check = half(0, middle, isal_zlib.Z_FULL_FLUSH)
    end, lower_check = lower.result()
    check = _joined_check(upper_check, lower_check, rows[middle:].size)
    return _png(width, height, rows, _ZLIB_HEADER, upper, end, struct.pack(">I", check))


@cache
def _helper() -> ThreadPoolExecutor:
    """The second hand for one page that someone waits for; whole books go page by page through threads of their own."""
    return ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1)), thread_name_prefix="half-page")


def _rows(width: int, height: int, is_gray: bool) -> np.ndarray:
    """Room for scanlines, each with its filter byte."""
    return np.empty((height, 1 + width * (1 if is_gray else 3)), dtype=np.uint8)


def _fill(rows: np.ndarray, pixels: np.ndarray, tints: Tints | None, top: int) -> None:
    """Scanlines of pixels that begin at row `top` of the page."""
    rows[:, 0] = 0
    if pixels.ndim == 3 or rows.shape[1] == 1 + pixels.shape[1]:
        rows[:, 1:] = pixels.reshape(len(rows), -1)
        return
    widen(np.ascontiguousarray(pixels), rows, 1)
    if tints is not None:
        paste_tints(rows, 1, tints, top)


def _png(width: int, height: int, rows: np.ndarray, *body: bytes) -> bytes:
    color_type = _GRAY if rows.shape[1] == 1 + width else _RGB
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    return b"".join((_SIGNATURE, *_chunk(b"IHDR", header), *_chunk(b"IDAT", *body), *_chunk(b"IEND")))


def _joined_check(first: int, second: int, second_size: int) -> int:
    """The Adler-32 of two stretches, the second of so many bytes, from those of each (RFC 1950, section 8.2)."""
    low, high = first & 0xFFFF, first >> 16
    sums = (low + (second & 0xFFFF) - 1) % _ADLER_MODULUS
    sums_of_sums = (high + (second >> 16) + second_size * (low - 1)) % _ADLER_MODULUS
    return sums_of_sums << 16 | sums


def _deflate(rows: np.ndarray, level: int, flush: int) -> bytes:
    stream = isal_zlib.compressobj(level, isal_zlib.DEFLATED, -15)
    return stream.compress(rows) + stream.flush(flush)


def _chunk(kind: bytes, *data: bytes) -> tuple[bytes, ...]:
    """A chunk in pieces: its bytes are large, and copied once."""
    check = isal_zlib.crc32(kind)
    for piece in data:
        check = isal_zlib.crc32(piece, check)
    return struct.pack(">I", sum(map(len, data))), kind, *data, struct.pack(">I", check)
