"""A page's pixels as PNG bytes: uint8 (height, width) or (height, width, 3) in, one PNG without loss out.

Written by hand around isal's fast deflate: no row filters, one IDAT. Grey pages make grey PNGs; a decoder that is asked
for RGB gets the same pixels. A grey page with tints makes an RGB PNG. Knows nothing of pages.
"""

import os
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from isal import isal_zlib

from .tints import Tints, paste_tints, widen

# The second hand for one page that someone waits for; whole books go page by page through threads of their own.
HELPER = ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1)), thread_name_prefix="half-page")

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GRAY, _RGB = 0, 2
_ZLIB_HEADER = b"\x78\x01"
_WORTH_HALVING = 1 << 18  # bytes; below, waking the second thread costs more than it saves
_ADLER_MODULUS = 65521


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """A page's bytes and its size."""

    png: bytes
    width_px: int
    height_px: int


def encode_png(pixels: np.ndarray, tints: Tints | None = None, *, level: int = 1, in_halves: bool = False) -> bytes:
    """PNG bytes of a page. `in_halves`: by two threads, for the sake of the one page's latency."""
    height, width = pixels.shape[:2]
    color_type = _GRAY if pixels.ndim == 2 and tints is None else _RGB
    rows = np.empty((height, 1 + width * (1 if color_type == _GRAY else 3)), dtype=np.uint8)
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    if in_halves and rows.size > _WORTH_HALVING:
        body = _halves(rows, pixels, tints, level)
    else:
        _fill(rows, pixels, tints, 0)
        body = isal_zlib.compress(rows, level)
    return b"".join((_SIGNATURE, _chunk(b"IHDR", header), _chunk(b"IDAT", body), _chunk(b"IEND", b"")))


def _fill(rows: np.ndarray, pixels: np.ndarray, tints: Tints | None, top: int) -> None:
    """Scanlines, each with its filter byte, of pixels that begin at row `top` of the page."""
    rows[:, 0] = 0
    if tints is None:
        rows[:, 1:] = pixels.reshape(len(rows), -1)
    else:
        widen(np.ascontiguousarray(pixels), rows, 1)
        paste_tints(rows, 1, tints, top)


def _halves(rows: np.ndarray, pixels: np.ndarray, tints: Tints | None, level: int) -> bytes:
    """One zlib stream of two halves, each compressed without knowledge of the other."""
    middle = len(rows) // 2

    def half(part: slice, flush: int) -> tuple[bytes, int]:
        _fill(rows[part], pixels[part], tints, part.start)
        return _deflate(rows[part], level, flush), isal_zlib.adler32(rows[part])

    lower = HELPER.submit(half, slice(middle, len(rows)), isal_zlib.Z_FINISH)
    upper, upper_check = half(slice(0, middle), isal_zlib.Z_FULL_FLUSH)
    end, lower_check = lower.result()
    check = _joined_check(upper_check, lower_check, rows[middle:].size)
    return b"".join((_ZLIB_HEADER, upper, end, struct.pack(">I", check)))


def _joined_check(first: int, second: int, second_size: int) -> int:
    """The Adler-32 of two stretches, the second of so many bytes, from those of each (RFC 1950, section 8.2)."""
    low, high = first & 0xFFFF, first >> 16
    sums = (low + (second & 0xFFFF) - 1) % _ADLER_MODULUS
    sums_of_sums = (high + (second >> 16) + second_size * (low - 1)) % _ADLER_MODULUS
    return sums_of_sums << 16 | sums


def _deflate(rows: np.ndarray, level: int, flush: int) -> bytes:
    stream = isal_zlib.compressobj(level, isal_zlib.DEFLATED, -15)
    return stream.compress(rows) + stream.flush(flush)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", isal_zlib.crc32(data, isal_zlib.crc32(kind)))
