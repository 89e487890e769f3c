"""Bytes of a font file in, facts about it out, or the reason why it cannot be drawn.

Bounded: nothing above 20 MB is parsed. Files are checked once, by path, size and time of change.
"""

import hashlib
import io
import os
import stat
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError
from reportlab.pdfbase.ttfonts import TTFError, TTFontFile

from renderer.errors import FontError

from .bounds import refuse_unbounded
from .folder import FONTS_DIR

MAX_FONT_BYTES = 20 * 1024 * 1024
_NEEDED_TABLES = ("cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "post")
# One or two letters that stand for a script; all must be there.
_SCRIPT_PROBES: tuple[tuple[str, str], ...] = (
    ("Latin", "AZaz09"),
    ("Latin extended", "ąčřőşž"),
    ("Greek", "ΑΩαω"),
    ("Cyrillic", "АЯая"),
    ("Hebrew", "את"),
    ("Arabic", "اي"),
    ("Devanagari", "अह"),
    ("Thai", "กฮ"),
    ("Chinese", "的们这说"),
    ("Japanese", "あアん日本語"),
    ("Korean", "가힣"),
)


@dataclass(frozen=True, slots=True)
class FontFacts:
    """What a font file says of itself. `codepoints`: every character it has a glyph for."""

    family: str
    licence: str
    scripts: tuple[str, ...]
    glyph_count: int
    codepoints: frozenset[int]


def check_font(data: bytes, filename: str) -> FontFacts:
    """Facts of a TrueType font, or FontError with the reason and the next step."""
    if len(data) > MAX_FONT_BYTES:
        raise too_large(filename, len(data))
    _refuse_other_formats(data, filename)
    refuse_unbounded(data, filename)
    try:
        with TTFont(io.BytesIO(data), lazy=True) as font:
            missing = [tag for tag in _NEEDED_TABLES if tag not in font]
            if missing:
                raise FontError(
                    f"Font {filename!r} lacks the table {', '.join(missing)}: it is not a TrueType font with outlines."
                )
            cmap = font.getBestCmap() or {}
            facts = FontFacts(
                family=_name(font, 16) or _name(font, 1) or Path(filename).stem,
                licence=_licence(font),
                scripts=_scripts(cmap),
                glyph_count=font["maxp"].numGlyphs,
                codepoints=frozenset(cmap),
            )
    except FontError:
        raise
    except (
        TTLibError,
        struct.error,
        AssertionError,
        KeyError,
        ValueError,
        IndexError,
        EOFError,
        OverflowError,
        AttributeError,
        TypeError,
        NotImplementedError,
        MemoryError,
        RecursionError,
    ) as error:
        raise _broken(filename, error) from None
    if not facts.codepoints:
        raise FontError(f"Font {filename!r} maps no Unicode character to a glyph (its cmap is empty); choose another.")
    _refuse_unembeddable(data, filename)
    return facts


def too_large(filename: str, byte_count: int) -> FontError:
    return FontError(
        f"Font {filename!r} has {byte_count / 1e6:.1f} MB; at most {MAX_FONT_BYTES / 1e6:.0f} MB are allowed. "
        "Subset it, or choose a smaller one."
    )


def _refuse_other_formats(data: bytes, filename: str) -> None:
    kinds = {
        b"wOFF": "a WOFF web font; convert it to .ttf first",
        b"wOF2": "a WOFF2 web font; convert it to .ttf first",
        b"ttcf": "a collection (.ttc) of several fonts; extract the one you want as .ttf first",
        b"OTTO": "an OpenType font with PostScript (CFF) outlines; reportlab draws TrueType outlines only",
    }
    if kind := kinds.get(data[:4]):
        raise FontError(f"Font {filename!r} is {kind}.")
    if data[:4] not in (b"\x00\x01\x00\x00", b"true"):
        raise FontError(f"Font {filename!r} is not a TrueType font (it starts with {data[:4]!r}); a .ttf is needed.")


def _refuse_unembeddable(data: bytes, filename: str) -> None:
    """reportlab has the last word: it parses the file its own way when it makes the PDF."""
    try:
        TTFontFile(io.BytesIO(data), validate=0)
    except TTFError as error:
        raise FontError(f"Font {filename!r} cannot be put into a page: {error}.") from None
    except Exception as error:  # a damaged font can break its parser anywhere; every way means the same to the user
        raise _broken(filename, error) from None


def _broken(filename: str, error: BaseException) -> FontError:
    detail = f"{type(error).__name__}: {error}"[:160]
    return FontError(f"Font {filename!r} is damaged ({detail}); get a fresh copy of it.")


def _name(font: TTFont, name_id: int) -> str:
    try:
        return (font["name"].getDebugName(name_id) or "").strip()
    except KeyError:
        return ""


def _licence(font: TTFont) -> str:
    for name_id in (13, 14, 0):  # licence, licence URL, copyright
        if text := _name(font, name_id):
            first = text.splitlines()[0].strip()
            return first if len(first) <= 160 else first[:159] + "…"
    return "not stated in the file"


def _scripts(cmap: dict[int, str]) -> tuple[str, ...]:
    return tuple(script for script, probe in _SCRIPT_PROBES if all(ord(c) in cmap for c in probe))


def check_font_file(path: Path) -> FontFacts:
    """Facts of a drawable font file, or FontError. Cached by path, size and modification time."""
    try:
        status = os.stat(path)
    except OSError:
        raise FontError(
            f"There is no font file {str(path)!r}; put it into {FONTS_DIR} or run scripts/install_fonts.py."
        ) from None
    if not stat.S_ISREG(status.st_mode):
        raise FontError(f"{str(path)!r} is not a font file; name a .ttf.")
    if status.st_size > MAX_FONT_BYTES:  # before it is read
        raise too_large(path.name, status.st_size)
    return _checked(str(path), status.st_size, status.st_mtime_ns)


def file_sha256(path: Path) -> str:
    """SHA-256 hex of a font file, cached by path, size and modification time."""
    status = os.stat(path)
    return _sha256(str(path), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _checked(path: str, size: int, mtime_ns: int) -> FontFacts:
    return check_font(Path(path).read_bytes(), Path(path).name)


@lru_cache(maxsize=256)
def _sha256(path: str, size: int, mtime_ns: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
