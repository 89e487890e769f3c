"""Advances of a font as reportlab and poppler know them: a font file in, widths per code point out.

Two widths a character: the one reportlab breaks lines with, and the one poppler moves its pen by (the first printed with
seven digits and read back). Read with reportlab's own parser, so that odd fonts come out alike. Knows no pixels.
"""

import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cachetools import LRUCache
from reportlab.pdfbase.ttfonts import TTFontFace

from renderer.fast.compiling import compiled
from renderer.fast.pdf_numbers import read_back_all
from renderer.fonts.font_file import check_font_file

_NBSP = 0xA0
_KEPT_FONTS = 8
_lock = threading.Lock()
_fonts: LRUCache[tuple[str, int, int], "FontTables"] = LRUCache(_KEPT_FONTS)


class UnusualFont(Exception):
    """What the parser or FreeType says of a font that it cannot read, though the file passed our checks."""


@dataclass(frozen=True, slots=True)
class FontTables:
    """A font's tables by code point. Widths in thousandths of the font size."""

    path: Path
    stamp: tuple[str, int, int]  # path, size in bytes, time of change: what a cache of it may be keyed by
    glyph: dict[int, int]
    width: dict[int, float]
    default_width: float
    glyph_count: int
    may_subset: bool


@dataclass(frozen=True, slots=True)
class Advances:
    """What layout needs of a font, per distinct code point of one text."""

    width: np.ndarray  # float64, thousandths: reportlab's
    pen: np.ndarray  # float64, of the font size: poppler's
    glyph: np.ndarray  # int32, glyph drawn
    is_space_byte: np.ndarray  # bool: drawn as byte 32, to which word spacing applies


def font_tables(path: Path) -> FontTables:
    """The tables of a font file, kept for the few last used. Raises UnusualFont, or FontError where there is no such file."""
    check_font_file(path)
    status = path.stat()
    stamp = (str(path), status.st_size, status.st_mtime_ns)
    with _lock:
        if (kept := _fonts.get(stamp)) is not None:
            return kept
        try:
            face = TTFontFace(str(path))
        except Exception as error:  # whatever reportlab's parser stumbles over, it lies in the file
            raise UnusualFont(f"{type(error).__name__}: {error}"[:160]) from error
        found = FontTables(
            path, stamp, face.charToGlyph, face.charWidths, face.defaultWidth, face.numGlyphs, not face._full_font
        )
        _fonts[stamp] = found
        return found


def advances(tables: FontTables, codes: np.ndarray) -> Advances:
    """Widths and glyphs for `codes`. A character without a glyph is drawn as byte 0 of the PDF's first subset font."""
    points = codes.tolist()
    width_of, glyph_of, default = tables.width.get, tables.glyph.get, tables.default_width
    width = np.array([width_of(point, default) for point in points], dtype=np.float64)
    drawn = [32 if point == _NBSP else point for point in points]
    drawn = [point if point in tables.glyph else 0 for point in drawn]
    printed = np.array([width_of(point, default) for point in drawn], dtype=np.float64)
    glyph = np.array([glyph_of(point, 0) for point in drawn], dtype=np.int32)
    glyph[glyph >= tables.glyph_count] = 0
    is_space = np.array([point == 32 for point in drawn], dtype=np.bool_)
    return Advances(width, read_back_all(printed) * 0.001, glyph, is_space)


@compiled
def word_sums(char_code, word_begin, word_end, adv):
    """Sum of the advances of every word, in thousandths: float64 (words,). The first three are int32, `adv` float64 (codes,)."""
    result = np.empty(word_begin.size)
    for i in range(word_begin.size):
        total = 0.0
        for c in range(word_begin[i], word_end[i]):
            total += adv[char_code[c]]
        result[i] = total
    return result
