"""Lines while a page is filled: rows of a table, unused widths, pens, and the glyphs that lines are made of.

One table is enough for a page and is used anew for every paragraph part. Widths in points. Knows nothing of pages.
"""

from typing import NamedTuple

import numpy as np

from renderer.fast.compiling import compiled_bare, compiled_inline

# Columns of a row of `LineTable.row`.
GLYPH_BEGIN, GLYPH_END, WORDS, NBSPS, ENDS_IN_BREAK, WORD, CHARACTER = range(7)
COLUMNS = 7
WHOLE = -1  # CHARACTER of a line that starts with a whole word; else the character of the word that it starts with


class LineTable(NamedTuple):
    row: np.ndarray  # int64 (n, COLUMNS)
    extra: np.ndarray  # float64: width that the line leaves unused
    pen: np.ndarray  # float64 (n, 3), see line_pens.py


class Glyphs(NamedTuple):
    code: np.ndarray  # int32
    style: np.ndarray  # uint8
    source: np.ndarray  # int32, character of the source text


class LineStart(NamedTuple):
    """Where a line starts: its first glyph, and its first item as columns WORD and CHARACTER say it."""

    glyph: int
    word: int
    char: int


@compiled_bare
def close_line(table, n, start, glyph, words, nbsps, extra):
    """Write down line `n`, which ends before `glyph` and not in a break."""
    row = table.row[n]
    row[GLYPH_BEGIN], row[GLYPH_END], row[WORDS], row[NBSPS] = start.glyph, glyph, words, nbsps
    row[ENDS_IN_BREAK] = 0
    row[WORD], row[CHARACTER] = start.word, start.char
    table.extra[n] = extra


@compiled_inline
def write_glyph(glyphs, at, code, style, source):
    glyphs.code[at], glyphs.style[at], glyphs.source[at] = code, style, source
    return at + 1


@compiled_inline
def copy_characters(text, begin, end, style, glyphs, at):
    """Write characters begin..end as glyphs; returns the next glyph and how many of these are no-break spaces."""
    found = 0
    for c in range(begin, end):
        code = text.characters.code[c]
        glyphs.code[at] = code
        glyphs.style[at] = style
        glyphs.source[at] = text.characters.source[c]
        found += code == text.nbsp
        at += 1
    return at, found


@compiled_inline
def space_source(text, end):
    """Source of the space that follows a word ending at character `end`, or of its last character where none does."""
    characters = text.characters
    if end < characters.code.size and characters.code[end] == text.space:
        return characters.source[end]
    return characters.source[max(0, end - 1)]
