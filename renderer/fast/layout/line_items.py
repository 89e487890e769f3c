"""Lines from words: what reportlab's two word-wise line breakers share, and the choice between them.

A paragraph of several fragments goes to break_fragments.py, one of a single fragment to break_plain.py. They differ in
how a line may shrink, in what counts as a space and in how a cut word is put together again. Both can stop after any line
and begin anywhere. A line is written as glyphs and as a row of a LineTable. Widths in points. Knows nothing of pages.

Facts: reportlab 5.1 platypus/paragraph.py (breakLines).
"""

from typing import NamedTuple, TypeAlias

import numpy as np

from renderer.fast.compiling import compiled_inline

SHRINKAGE = 0.05  # reportlab's default spaceShrinkage

Whole: TypeAlias = int | np.int64  # one machine number in compiled code

# What comes next: a word; or of a cut word its first piece, the break that follows it, a further piece.
AT_WORD, FIRST_PIECE, AT_BREAK, FURTHER_PIECE = range(4)


class Span(NamedTuple):
    """Items to break: words from `word` to `stop_word`, exclusive. The first and the last may be parts of words."""

    word: int
    char: int  # WHOLE, or the character at which the first word begins, which is then `width` wide
    width: float
    stop_word: int
    stop_char: int  # WHOLE, or `stop_word` is taken too, up to this character, exclusive, as `stop_width` wide
    stop_width: float


class Rooms(NamedTuple):
    """Widths that the first line and the later ones may fill."""

    first: float
    later: float


class Cursor(NamedTuple):
    """The next item of a span."""

    word: int
    stage: int
    piece_from: int  # of a cut word
    piece_to: int  # known for the first piece only, as is its width
    piece_width: float


class Item(NamedTuple):
    """A word, a piece of one, or a break."""

    begin: Whole  # characters
    end: Whole
    char: Whole  # as column CHARACTER of a line that starts with it
    fragment: Whole
    width: float
    has_space: bool  # a space follows
    is_break: bool
    is_piece: bool
    ends_word: bool


@compiled_inline
def at_word(word):
    return Cursor(word, AT_WORD, 0, 0, 0.0)


@compiled_inline
def at_end(cursor, span):
    if cursor.stage != AT_WORD:
        return False
    return cursor.word > span.stop_word or (cursor.word == span.stop_word and span.stop_char < 0)


@compiled_inline
def end_in_span(text, word, span):
    """Where a word ends, as far as it belongs to the span."""
    return np.int64(text.words.end[word]) if word < span.stop_word else span.stop_char


@compiled_inline
def after(cursor, item):
    """The cursor behind an item that has been taken."""
    if cursor.stage == FIRST_PIECE:
        return Cursor(cursor.word, AT_BREAK, item.end, 0, 0.0)
    if item.ends_word:
        return at_word(cursor.word + 1)
    return Cursor(cursor.word, FURTHER_PIECE, item.end, 0, 0.0)
