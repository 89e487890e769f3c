"""How much work a font file can make: refused before any parser or FreeType unfolds it. Bytes of a file in, FontError out.

A file of 64 kB can name billions of things: composite glyphs that refer to composite glyphs (a tree doubles with every
level), character ranges and names that overlap. Only counts are read here, each in one pass over the file.

Facts: OpenType 1.9, tables glyf, loca, cmap, name; FreeType 2.13 ftimage.h (FT_Outline.n_points is a short).
"""

import struct

import numpy as np

from renderer.errors import FontError

MAX_COMPOSITE_DEPTH = 16  # levels; fonts in use have up to 5
MAX_COMPONENTS = 1_000  # simple glyphs that one glyph is made of, repetitions counted; fonts in use have up to some 40
MAX_POINTS = 32_767  # of an outline: FreeType's own limit
MAX_MAPPED = 4 * 0x110000  # characters that all cmap ranges together name: every code point in four subtables
MAX_NAME_BYTES = 16 * 1024 * 1024  # that all names together hold

_GLYPH_HEADER = 10  # bytes
_WORDS, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO = 0x1, 0x8, 0x20, 0x40, 0x80  # flags of a component


class _Refused(Exception):
    """Why, as the end of a sentence that begins with the font's name."""


def refuse_unbounded(data: bytes, filename: str) -> None:
    """Raise FontError where glyphs, characters or names of a font unfold without a sensible end. Damage is left to parsers."""
    try:
        tables = _tables(data)
        _check_mapped(tables.get(b"cmap", b""))
        _check_names(tables.get(b"name", b""))
        _check_glyphs(tables)
    except _Refused as reason:
        raise FontError(f"Font {filename!r} {reason}; no font in use needs that. Choose another font.") from None
    except (struct.error, IndexError, ValueError, KeyError) as error:
        detail = f"{type(error).__name__}: {error}"[:160]
        raise FontError(f"Font {filename!r} is damaged ({detail}); get a fresh copy of it.") from None


def _tables(data: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">H", data, 4)
    found: dict[bytes, bytes] = {}
    for i in range(count):
        tag, _, offset, length = struct.unpack_from(">4sLLL", data, 12 + 16 * i)
        if tag in (b"cmap", b"glyf", b"head", b"loca", b"maxp", b"name"):
            found[tag] = data[offset : offset + length]
    return found


def _check_mapped(cmap: bytes) -> None:
    """Ranges may overlap, and parsers walk through each of them."""
    if not cmap:
        return
    (count,) = struct.unpack_from(">H", cmap, 2)
    mapped = 0
    for i in range(count):
        (offset,) = struct.unpack_from(">L", cmap, 8 + 8 * i)
        mapped += _mapped_by(cmap, offset)
        if mapped > MAX_MAPPED:
            raise _Refused(f"maps more than {MAX_MAPPED:,} characters, the same ones again and again")


def _mapped_by(cmap: bytes, offset: int) -> int:
    (kind,) = struct.unpack_from(">H", cmap, offset)
    if kind == 4:
        (twice,) = struct.unpack_from(">H", cmap, offset + 6)
        segments = twice // 2
        ends = np.frombuffer(cmap, ">u2", segments, offset + 14).astype(np.int64)
        starts = np.frombuffer(cmap, ">u2", segments, offset + 16 + 2 * segments).astype(np.int64)
    elif kind in (8, 12, 13):
        header = 16 + (8192 if kind == 8 else 0)
        (groups,) = struct.unpack_from(">L", cmap, offset + header - 4)
        rows = np.frombuffer(cmap, ">u4", 3 * groups, offset + header).reshape(groups, 3).astype(np.int64)
        starts, ends = rows[:, 0], rows[:, 1]
    else:
        return 0x10000  # the others name 65,536 characters at most
    return int(np.maximum(ends - starts + 1, 0).sum())


def _check_names(name: bytes) -> None:
    if not name:
        return
    (count,) = struct.unpack_from(">H", name, 2)
    lengths = np.frombuffer(name, ">u2", 6 * count, 6).reshape(count, 6)[:, 4]
    if lengths.astype(np.int64).sum() > MAX_NAME_BYTES:
        raise _Refused("holds names that overlap each other to many megabytes")


def _check_glyphs(tables: dict[bytes, bytes]) -> None:
    """All glyphs at once: as many rounds as there are levels, and in each every composite is weighed by its components."""
    glyf = np.frombuffer(tables.get(b"glyf", b""), np.uint8)
    starts, ends = _places(tables, len(glyf))
    held = ends - starts >= _GLYPH_HEADER
    contours = np.zeros(len(starts), np.int64)
    contours[held] = _words(glyf, starts[held]).astype(np.int16)
    parents, parts = _components(glyf, np.flatnonzero(contours < 0), starts, ends)
    points = np.zeros(len(starts))
    last = starts + _GLYPH_HEADER + 2 * (contours - 1)
    simple = (contours > 0) & (last + 2 <= ends)
    points[simple] = _words(glyf, last[simple]) + 1.0
    composite, own_points = np.unique(parents), points
    depth, components = np.zeros(len(starts), np.int64), np.ones(len(starts))
    for _ in range(MAX_COMPOSITE_DEPTH + 1):
        before = depth
        depth = np.zeros_like(before)
        np.maximum.at(depth, parents, before[parts] + 1)
        if np.array_equal(depth, before):
            return
        below = np.bincount(parents, components[parts], len(starts)), np.bincount(parents, points[parts], len(starts))
        components, points = np.ones(len(starts)), own_points.copy()
        components[composite], points[composite] = below[0][composite], below[1][composite]
        for found, most, what in ((components, MAX_COMPONENTS, "components"), (points, MAX_POINTS, "points")):
            if (over := composite[found[composite] > most]).size:
                raise _Refused(f"has a glyph (number {over[0]}) of more than {most:,} {what}, all levels counted")
    raise _Refused(f"has composite glyphs more than {MAX_COMPOSITE_DEPTH} levels deep, or that contain themselves")


def _places(tables: dict[bytes, bytes], length: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each glyph starts and ends in `glyf`, as far as the table goes."""
    head, loca, maxp = (tables.get(tag, b"") for tag in (b"head", b"loca", b"maxp"))
    if not (length and loca):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    (is_long,) = struct.unpack_from(">h", head, 50)
    (count,) = struct.unpack_from(">H", maxp, 4)
    places = min(count + 1, len(loca) // (4 if is_long else 2))
    offsets = np.frombuffer(loca, ">u4" if is_long else ">u2", places).astype(np.int64) * (1 if is_long else 2)
    return offsets[:-1], np.minimum(offsets[1:], length)


def _words(octets: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The big-endian 16-bit numbers at these places: int64."""
    return octets[at].astype(np.int64) << 8 | octets[at + 1]


def _components(
    glyf: np.ndarray, owners: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which glyph names which: (composite, component) numbers, int64, a row for each mention."""
    parents, parts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    at = starts[owners] + _GLYPH_HEADER
    for _ in range(MAX_COMPONENTS + 1):
        inside = at + 4 <= ends[owners]
        owners, at = owners[inside], at[inside]
        if not owners.size:
            break
        flags, part = _words(glyf, at), _words(glyf, at + 2)
        known = part < len(starts)
        parents.append(owners[known])
        parts.append(part[known])
        at = at + np.where(flags & _WORDS, 8, 6)
        at += np.select([flags & _SCALE > 0, flags & _XY_SCALE > 0, flags & _TWO_BY_TWO > 0], [2, 4, 8], 0)
        owners, at = owners[flags & _MORE > 0], at[flags & _MORE > 0]
    return np.concatenate(parents), np.concatenate(parts)
