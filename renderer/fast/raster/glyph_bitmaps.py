"""Glyph bitmaps as poppler's Splash makes them: a font, a size in points and a resolution in, coverage bytes out.

Glyphs are drawn at four horizontal fractions of a pixel, without hinting, by the FreeType that poppler uses where it can
be found. Bitmaps are made when first asked for and kept in one growing buffer. Knows nothing of text or pages.

Facts: poppler 22.12 splash/SplashFTFont.cc and splash/SplashFont.cc.
"""

import ctypes
import math
import threading
import weakref
from collections import OrderedDict
from typing import NamedTuple

import freetype.raw as ft
import numpy as np

from renderer.fast.compiling import compiled
from renderer.fast.text.advances import FontTables

from .blending import padded
from .gray_lines import blend_onto

FRACTIONS = 4
TALLEST_WITH_FRACTIONS = 50  # px
_NOT_MADE, _BLANK = -1, -2
_KEPT_ATLASES = 12
_KEPT_BLENDED = 3  # pairs of colours of an atlas
_LOAD_FLAGS = 2 | 8  # FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP


class Bitmaps(NamedTuple):
    """Glyph bitmaps at one moment. Row `slot[glyph * 4 + fraction]` of `box` says where one lies; below 0: nothing drawn."""

    slot: np.ndarray  # int32
    box: np.ndarray  # int32 (n, 5): left, top, width, height (px), offset into coverage
    coverage: np.ndarray  # uint8; rows of whole groups of eight, see raster.padded


class _Blended(NamedTuple):
    pixels: np.ndarray
    used: int


@compiled
def any_missing(slot, keys, not_made):
    found = False
    for i in range(keys.size):
        found |= slot[keys[i]] == not_made
    return found


class Atlas:
    """The bitmaps of one font at one size and resolution. Safe from several threads."""

    def __init__(self, tables: FontTables, size_pt: float, dpi: int) -> None:
        self._lock = threading.Lock()
        self._slot = np.full(tables.glyph_count * FRACTIONS, _NOT_MADE, dtype=np.int32)
        self._box = np.zeros((256, 5), dtype=np.int32)
        self._coverage = np.zeros(1 << 15, dtype=np.uint8)
        self._made = self._used = 0
        self._blended: dict[tuple[int, int], _Blended] = {}
        self._face = _Face(tables, size_pt * (dpi / 72.0))
        self.has_fractions = self._face.cell_height_px <= TALLEST_WITH_FRACTIONS
        self.reach_px = self._face.reach_px  # no ink lies farther from its pen, if the font's header is right
        self._bitmaps = Bitmaps(self._slot, self._box, self._coverage)

    def missing(self, keys: np.ndarray) -> bool:
        """Whether the bitmap of any of these glyphs is not made yet."""
        return any_missing(self._bitmaps.slot, keys, _NOT_MADE)

    def bitmaps(self) -> Bitmaps:
        return self._bitmaps

    def blended(self, ink: int, paper: int) -> np.ndarray:
        """The coverage of all bitmaps made so far, blended as grey `ink` onto grey `paper`: uint8, at the same offsets."""
        with self._lock:
            kept = self._blended.pop((ink, paper), None) or _Blended(np.empty(0, dtype=np.uint8), 0)
            if kept.used < self._used:
                pixels = np.empty(len(self._coverage), dtype=np.uint8)
                pixels[: kept.used] = kept.pixels[: kept.used]
                blend_onto(paper, ink, self._coverage[kept.used : self._used], pixels[kept.used : self._used])
                kept = _Blended(pixels, self._used)
            self._blended[ink, paper] = kept
            while len(self._blended) > _KEPT_BLENDED:
                self._blended.pop(next(iter(self._blended)))
            return kept.pixels

    def make(self, keys: np.ndarray) -> None:
        """Draw the glyphs of these keys that are not there yet."""
        with self._lock:
            # Whoever draws meanwhile holds the slots of before, and none beyond the boxes of before.
            self._slot = self._slot.copy()
            for key in np.unique(keys[self._slot[keys] == _NOT_MADE]).tolist():
                self._make(key)
            self._bitmaps = Bitmaps(self._slot, self._box, self._coverage)

    def _make(self, key: int) -> None:
        drawn = self._face.draw(key // FRACTIONS, key % FRACTIONS)
        if drawn is None:
            self._slot[key] = _BLANK
            return
        left, top, pixels = drawn
        height, width = pixels.shape
        size = height * padded(width)
        if self._made == len(self._box):
            self._box = np.concatenate([self._box, np.zeros_like(self._box)])
        while self._used + size > len(self._coverage):
            self._coverage = np.concatenate([self._coverage, np.zeros_like(self._coverage)])
        self._coverage[self._used : self._used + size].reshape(height, -1)[:, :width] = pixels
        self._box[self._made] = (left, top, width, height, self._used)
        self._used += size
        self._slot[key] = self._made
        self._made += 1


class _Face:
    """One FreeType face, set as SplashFTFont sets it for a font matrix of (scale, 0, 0, scale)."""

    def __init__(self, tables: FontTables, scale_px: float) -> None:
        self._library = _freetype()
        self._bytes = tables.path.read_bytes()  # FreeType reads from it as long as the face lives
        self._face = ft.FT_Face()
        code = _lib.FT_New_Memory_Face(self._library, self._bytes, len(self._bytes), 0, ctypes.byref(self._face))
        if code:
            raise OSError(f"FreeType error {code} on {tables.path.name}")
        weakref.finalize(self, _close, self._face, self._library, self._bytes)
        size = max(1, math.floor(math.sqrt(scale_px * scale_px) + 0.5))
        _lib.FT_Set_Pixel_Sizes(self._face, 0, size)
        diagonal = int(scale_px / size * 65536)
        self._matrix = ft.FT_Matrix(diagonal, 0, 0, diagonal)
        record = self._face.contents
        divisor = (65536 if record.bbox.xMax > 20000 else 1) * record.units_per_EM
        low = int(scale_px * record.bbox.yMin / divisor)
        high = int(scale_px * record.bbox.yMax / divisor)
        low, high = min(low, high), max(low, high)
        if low == high:
            low, high = 0, int(1.2 * size)
        self.cell_height_px = high - low + 3
        box = record.bbox
        farthest = max(*(abs(side) for side in (box.xMin, box.xMax, box.yMin, box.yMax)), record.max_advance_width)
        self.reach_px = math.ceil(scale_px * farthest / record.units_per_EM) + 4

    def draw(self, glyph: int, fraction: int) -> tuple[int, int, np.ndarray] | None:
        """Left and top bearing and coverage, or None where nothing is drawn."""
        offset = ft.FT_Vector(16 * fraction, 0)
        _lib.FT_Set_Transform(self._face, ctypes.byref(self._matrix), ctypes.byref(offset))
        if _lib.FT_Load_Glyph(self._face, glyph, _LOAD_FLAGS):
            return None
        slot = self._face.contents.glyph
        if _lib.FT_Render_Glyph(slot, 0):
            return None
        bitmap = slot.contents.bitmap
        if not bitmap.width or not bitmap.rows:
            return None
        rows = np.ctypeslib.as_array(
            ctypes.cast(bitmap.buffer, ctypes.POINTER(ctypes.c_ubyte)), (bitmap.rows, bitmap.pitch)
        )
        return slot.contents.bitmap_left, slot.contents.bitmap_top, rows[:, : bitmap.width].copy()


def _close(face, library: ctypes.c_void_p, _data: bytes) -> None:
    _lib.FT_Done_Face(face)
    _lib.FT_Done_FreeType(library)


def _load_library() -> ctypes.CDLL:
    """The system's FreeType, which poppler draws with; else the one inside freetype-py."""
    for name in ("libfreetype.so.6", "libfreetype.6.dylib"):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return ft._lib


def _freetype() -> ctypes.c_void_p:
    library = ctypes.c_void_p()
    if _lib.FT_Init_FreeType(ctypes.byref(library)):
        raise OSError("FreeType does not start")
    return library


_lib = _load_library()
_lib.FT_New_Memory_Face.argtypes = [
    ctypes.c_void_p,
    ctypes.c_char_p,
    ctypes.c_long,
    ctypes.c_long,
    ctypes.POINTER(ft.FT_Face),
]
_lib.FT_Set_Pixel_Sizes.argtypes = [ft.FT_Face, ctypes.c_uint, ctypes.c_uint]
_lib.FT_Set_Transform.argtypes = [ft.FT_Face, ctypes.POINTER(ft.FT_Matrix), ctypes.POINTER(ft.FT_Vector)]
_lib.FT_Set_Transform.restype = None
_lib.FT_Load_Glyph.argtypes = [ft.FT_Face, ctypes.c_uint, ctypes.c_int32]
_lib.FT_Render_Glyph.argtypes = [ft.FT_GlyphSlot, ctypes.c_int]
_lib.FT_Done_Face.argtypes = [ft.FT_Face]
_lib.FT_Done_FreeType.argtypes = [ctypes.c_void_p]

_lock = threading.Lock()
_atlases: OrderedDict[tuple, Atlas] = OrderedDict()


def atlas_for(tables: FontTables, size_pt: float, dpi: int) -> Atlas:
    """The atlas of this font, size and resolution; the few last used are kept."""
    key = (tables.stamp, size_pt, dpi)
    with _lock:
        if (kept := _atlases.get(key)) is None:
            kept = _atlases[key] = Atlas(tables, size_pt, dpi)
            while len(_atlases) > _KEPT_ATLASES:
                _atlases.popitem(last=False)
        _atlases.move_to_end(key)
        return kept


def forget_atlases() -> None:
    """Drop every kept atlas."""
    with _lock:
        _atlases.clear()
