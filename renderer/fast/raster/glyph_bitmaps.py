"""Glyph bitmaps as poppler's Splash makes them: a font, a size in points and a resolution in, coverage bytes out.

Glyphs are drawn at four horizontal fractions of a pixel, without hinting, by the FreeType that poppler uses where it can
be found. Glyph atlas: bitmaps are made when first asked for and kept in one growing buffer, which begins anew when it is
full. Knows nothing of text or pages.

Facts: poppler 22.12 splash/SplashFTFont.cc and splash/SplashFont.cc.
"""

import ctypes
import math
import threading
import weakref
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import freetype.raw as ft
import numpy as np

from renderer.errors import GlyphsTooLarge
from renderer.fast.compiling import compiled
from renderer.fast.text.advances import FontTables, UnusualFont

from .blending import padded
from .gray_lines import blend_onto

FRACTIONS = 4
TALLEST_WITH_FRACTIONS = 50  # px
_NOT_MADE, _BLANK = -1, -2
_KEPT_ATLASES, _KEPT_BYTES = 12, 128 << 20
# A page of the 60,000,000 px that settings allow, filled with letters that all differ, takes no more than this.
_MAX_COVERAGE_BYTES = 128 << 20
_KEPT_BLENDED, _MAX_BLENDED_BYTES = 3, 48 << 20  # pairs of colours of an atlas; the last one is always kept
_KEPT_FILES = 4
_LOAD_FLAGS = 2 | 8  # FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP


class Bitmaps(NamedTuple):
    """Glyph bitmaps at one moment. Row `slot[glyph * 4 + fraction]` of `box` says where one lies; below 0: nothing drawn."""

    slot: np.ndarray  # int32
    box: np.ndarray  # int32 (n, 5): left, top, width, height (px), offset into coverage
    coverage: np.ndarray  # uint8; rows of whole groups of eight, see blending.padded


class _Blended(NamedTuple):
    pixels: np.ndarray
    used: int


@compiled
def any_missing(slot, keys, not_made):
    found = False
    for i in range(keys.size):
        found |= slot[keys[i]] == not_made
    return found


class _Arena:
    """One growing buffer of bitmaps: append-only, so that whoever holds its arrays of before goes on with them."""

    def __init__(self, glyph_count: int) -> None:
        self.slot = np.full(glyph_count * FRACTIONS, _NOT_MADE, dtype=np.int32)
        self.box = np.zeros((256, 5), dtype=np.int32)
        self.coverage = np.zeros(1 << 15, dtype=np.uint8)
        self.made = self.used = 0
        self.blended: dict[tuple[int, int], _Blended] = {}

    @property
    def byte_count(self) -> int:
        blended = sum(kept.pixels.nbytes for kept in list(self.blended.values()))
        return self.slot.nbytes + self.box.nbytes + self.coverage.nbytes + blended

    def put(self, key: int, drawn: tuple[int, int, np.ndarray] | None) -> None:
        if drawn is None:
            self.slot[key] = _BLANK
            return
        left, top, pixels = drawn
        height, width = pixels.shape
        size = height * padded(width)
        if self.made == len(self.box):
            self.box = np.concatenate([self.box, np.zeros_like(self.box)])
        if self.used + size > len(self.coverage):
            room = min(2 * len(self.coverage), _MAX_COVERAGE_BYTES)
            more = np.zeros(max(room, self.used + size), dtype=np.uint8)
            more[: self.used] = self.coverage[: self.used]
            self.coverage = more
        self.coverage[self.used : self.used + size].reshape(height, -1)[:, :width] = pixels
        self.box[self.made] = (left, top, width, height, self.used)
        self.used += size
        self.slot[key] = self.made
        self.made += 1

    def blend(self, ink: int, paper: int) -> np.ndarray:
        kept = self.blended.pop((ink, paper), None) or _Blended(np.empty(0, dtype=np.uint8), 0)
        if kept.used < self.used:
            pixels = np.empty(len(self.coverage), dtype=np.uint8)
            pixels[: kept.used] = kept.pixels[: kept.used]
            blend_onto(paper, ink, self.coverage[kept.used : self.used], pixels[kept.used : self.used])
            kept = _Blended(pixels, self.used)
        self.blended[ink, paper] = kept
        most = min(_KEPT_BLENDED, _MAX_BLENDED_BYTES // max(1, len(kept.pixels)))
        while len(self.blended) > max(1, most):
            self.blended.pop(next(iter(self.blended)))
        return kept.pixels


class Held:
    """Bitmaps as they were at one moment, whatever the atlas does from then on."""

    def __init__(self, arena: _Arena, lock: threading.Lock) -> None:
        self._arena, self._lock = arena, lock
        self.bitmaps = Bitmaps(arena.slot, arena.box, arena.coverage)

    def follows(self, other: "Held") -> bool:
        """Whether all that the other one holds is held here too."""
        return self._arena is other._arena

    def has(self, keys: np.ndarray) -> bool:
        """Whether the bitmaps of all these glyphs are made."""
        return not any_missing(self.bitmaps.slot, keys, _NOT_MADE)

    def blended(self, ink: int, paper: int) -> np.ndarray:
        """The coverage of all bitmaps, blended as grey `ink` onto grey `paper`: uint8, at the same offsets."""
        with self._lock:
            return self._arena.blend(ink, paper)


class Atlas:
    """The bitmaps of one font at one size and resolution, bounded in bytes. Safe from several threads."""

    def __init__(self, tables: FontTables, size_pt: float, dpi: int) -> None:
        self._lock = threading.Lock()
        self._glyph_count, self._of = tables.glyph_count, (size_pt, dpi)
        self._face = _Face(tables, size_pt * (dpi / 72.0))
        self.has_fractions = self._face.cell_height_px <= TALLEST_WITH_FRACTIONS
        self.reach_px = self._face.reach_px  # no ink lies farther from its pen, if the font's header is right
        self.drop_px = self._face.drop_px  # nor lower below its baseline
        self._arena = _Arena(self._glyph_count)
        self._held = Held(self._arena, self._lock)

    @property
    def byte_count(self) -> int:
        return self._arena.byte_count

    def held(self) -> Held:
        """The bitmaps made so far."""
        return self._held

    def hold(self, keys: np.ndarray) -> Held:
        """Bitmaps with those of these glyphs among them; where the atlas is full, it begins anew with these alone.

        Raises GlyphsTooLarge where they fill more than an atlas by themselves.
        """
        if (held := self._held).has(keys):
            return held
        with self._lock:
            # Whoever draws meanwhile holds the slots of before, and none beyond the boxes of before.
            arena, slot = self._arena, self._arena.slot
            arena.slot = slot.copy()
            if not self._add(arena, np.unique(keys[slot[keys] == _NOT_MADE])):
                arena.slot, arena = slot, _Arena(self._glyph_count)
                if not self._add(arena, np.unique(keys)):
                    raise GlyphsTooLarge(*self._of, _MAX_COVERAGE_BYTES)
            self._arena = arena
            self._held = Held(arena, self._lock)
            return self._held

    def _add(self, arena: _Arena, keys: np.ndarray) -> bool:
        """Draw these glyphs into the arena; false where they do not fit into it."""
        for key in keys.tolist():
            glyph, fraction = key // FRACTIONS, key % FRACTIONS
            if arena.used + self._face.most_bytes(glyph, fraction) > _MAX_COVERAGE_BYTES:
                return False
            arena.put(key, self._face.draw())
        return True


class _Face:
    """One FreeType face, set as SplashFTFont sets it for a font matrix of (scale, 0, 0, scale)."""

    def __init__(self, tables: FontTables, scale_px: float) -> None:
        self._library = _freetype()
        self._is_loaded = False
        self._bytes = _font_bytes(tables.stamp)  # FreeType reads from it as long as the face lives
        self._face = ft.FT_Face()
        code = _lib.FT_New_Memory_Face(self._library, self._bytes, len(self._bytes), 0, ctypes.byref(self._face))
        if code:
            raise UnusualFont(f"FreeType error {code}")
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
        self.drop_px = math.ceil(scale_px * max(0, -box.yMin) / record.units_per_EM) + 4

    def most_bytes(self, glyph: int, fraction: int) -> int:
        """Load a glyph; at most so many bytes hold its bitmap."""
        offset = ft.FT_Vector(16 * fraction, 0)
        _lib.FT_Set_Transform(self._face, ctypes.byref(self._matrix), ctypes.byref(offset))
        self._is_loaded = not _lib.FT_Load_Glyph(self._face, glyph, _LOAD_FLAGS)
        if not self._is_loaded:
            return 0
        box = ft.FT_BBox()
        _lib.FT_Outline_Get_CBox(ctypes.byref(self._face.contents.glyph.contents.outline), ctypes.byref(box))
        width, height = ((high - low >> 6) + 2 for low, high in ((box.xMin, box.xMax), (box.yMin, box.yMax)))
        return padded(width) * height

    def draw(self) -> tuple[int, int, np.ndarray] | None:
        """Left and top bearing and coverage of the glyph loaded last, or None where nothing is drawn."""
        slot = self._face.contents.glyph
        if not self._is_loaded or _lib.FT_Render_Glyph(slot, 0):
            return None
        bitmap = slot.contents.bitmap
        if not bitmap.width or not bitmap.rows:
            return None
        rows = np.ctypeslib.as_array(
            ctypes.cast(bitmap.buffer, ctypes.POINTER(ctypes.c_ubyte)), (bitmap.rows, bitmap.pitch)
        )
        return slot.contents.bitmap_left, slot.contents.bitmap_top, rows[:, : bitmap.width].copy()


@lru_cache(maxsize=_KEPT_FILES)
def _font_bytes(stamp: tuple[str, int, int]) -> bytes:
    """A font file, once for all its sizes; `stamp` as of FontTables."""
    return Path(stamp[0]).read_bytes()


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
_lib.FT_Outline_Get_CBox.argtypes = [ctypes.POINTER(ft.FT_Outline), ctypes.POINTER(ft.FT_BBox)]
_lib.FT_Outline_Get_CBox.restype = None
_lib.FT_Done_Face.argtypes = [ft.FT_Face]
_lib.FT_Done_FreeType.argtypes = [ctypes.c_void_p]

_lock = threading.Lock()
_atlases: OrderedDict[tuple, Atlas] = OrderedDict()


def atlas_for(tables: FontTables, size_pt: float, dpi: int) -> Atlas:
    """The atlas of this font, size and resolution. LRU: the last used are kept, up to a number and to bytes in all."""
    key = (tables.stamp, size_pt, dpi)
    with _lock:
        if (kept := _atlases.get(key)) is None:
            kept = _atlases[key] = Atlas(tables, size_pt, dpi)
            while len(_atlases) > 1 and (len(_atlases) > _KEPT_ATLASES or kept_bytes() > _KEPT_BYTES):
                _atlases.popitem(last=False)
        _atlases.move_to_end(key)
        return kept


def kept_bytes() -> int:
    """What the kept atlases hold."""
    return sum(atlas.byte_count for atlas in list(_atlases.values()))


def forget_atlases() -> None:
    """Drop every kept atlas."""
    with _lock:
        _atlases.clear()
    _font_bytes.cache_clear()
