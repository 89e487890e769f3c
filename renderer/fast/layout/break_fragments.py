"""reportlab's line breaker for a paragraph of several fragments; what goes in and out is told in line_items.py.

A word too wide for a line becomes a first piece, a break, and further pieces. A line consists of parts, each of one
colour, and how far it may shrink depends on the spaces in parts that are closed and in the one that is open.

Facts: reportlab 5.1 platypus/paragraph.py (breakLines, _splitFragWord).
"""

from typing import NamedTuple

import numpy as np

from renderer.fast.compiling import compiled_bare, compiled_inline
from renderer.fast.text.words import IN_PIECES, IS_BREAK, THEN_SPACE

from .line_items import (
    AT_BREAK,
    AT_WORD,
    FIRST_PIECE,
    SHRINKAGE,
    Cursor,
    Item,
    Whole,
    after,
    at_end,
    at_word,
    end_in_span,
)
from .line_table import ENDS_IN_BREAK, WHOLE, LineStart, close_line, copy_characters, space_source, write_glyph
from .long_words import end_of_fragment, piece_end, range_width


class Part(NamedTuple):
    """The open part of a line. Closed parts shrink by one of two widths, by whether a space is due at the line's end."""

    style_class: int
    style: int
    spaces: int
    ends_in_space: bool
    shrink_after_space: float  # space widths of closed parts, points
    shrink_after_word: float


@compiled_bare
def break_many(span, most_lines, rooms, text, table, glyphs, glyph):
    """Break until the span or `most_lines` is done. Returns (lines made, next glyph, all done)."""
    none = np.int64(0)  # not the literal 0, for which all below would be compiled anew
    made, last_source = none, none
    words: Whole = none
    nbsps: Whole = none
    width = due_space = 0.0
    room = rooms.first
    cursor = at_word(span.word)
    start = LineStart(glyph, span.word, span.char)
    part = _no_part(text)
    started = False  # the line holds an item
    while not at_end(cursor, span):
        item = _next_item(cursor, span, rooms, text)
        new = width + due_space + item.width if item.width > 0.0 else width
        too_wide = new > room + _shrink(started, due_space, part, text) * SHRINKAGE
        at_whole_word = cursor.stage == AT_WORD and not item.is_break
        if too_wide and at_whole_word and item.width > (rooms.first if made == 0 else rooms.later):
            cursor = _cut(cursor, item, room - due_space - width, rooms, text)
            continue
        if item.is_break or (too_wide and words > 0):
            close_line(table, made, start, glyph, words, nbsps, room - width)
            table.row[made, ENDS_IN_BREAK] = item.is_break and not item.is_piece  # a cut makes none
            made += 1
            start = _next_start(cursor, item, glyph)
            room = rooms.later
            words, nbsps, width, due_space, started = 0, 0, 0.0, 0.0, False
            if made == most_lines:
                return made, glyph, False
            if not item.is_break:
                words, width = 1, item.width
        else:
            words += item.end > item.begin
            width = new
        cursor = after(cursor, item)
        if item.is_break:
            continue
        part, glyph = _begin_item(item, started, due_space, part, last_source, text, glyphs, glyph)
        started = True
        part, glyph, found, last_source = _write_item(item, part, last_source, text, glyphs, glyph)
        nbsps += found
        due_space = text.widths.space if item.has_space else 0.0
    if started:
        close_line(table, made, start, glyph, words, nbsps, room - width)
        made += 1
    return made, glyph, True


@compiled_inline
def _next_item(cursor, span, rooms, text):
    word = cursor.word
    if cursor.stage == AT_WORD:
        return _whole_word(word, span, text)
    begin = cursor.piece_from
    end_of_word = end_in_span(text, word, span)
    if cursor.stage == AT_BREAK:
        fragment = np.int64(text.words.fragment[word])
        return Item(begin, begin, begin, fragment, 0.0, False, True, True, begin == end_of_word)
    if cursor.stage == FIRST_PIECE:
        end, width = cursor.piece_to, cursor.piece_width
    else:
        end, width = piece_end(text, begin, begin + 1, end_of_word, rooms.later, rooms.later)
    fragment = np.int64(text.characters.fragment[begin])
    ends_word = end == end_of_word
    has_space = ends_word and word < span.stop_word and (text.words.flags[word] & THEN_SPACE) != 0
    return Item(begin, end, begin, fragment, width, has_space, False, True, ends_word)


@compiled_inline
def _whole_word(word, span, text):
    """The item of a word that has not been cut on this page; it may begin or end where another page does."""
    words = text.words
    flags = words.flags[word]
    begin, end = np.int64(words.begin[word]), end_in_span(text, word, span)
    fragment = np.int64(words.fragment[word])
    char = WHOLE
    if word == span.stop_word:
        width = span.stop_width
    elif word == span.word and span.char >= 0:
        width = span.width
    elif flags & IN_PIECES:
        width = range_width(text, begin, end)
    else:
        width = text.widths.unit * text.widths.thousandths_of_word[word]
    if word == span.word and span.char >= 0:
        begin = char = span.char
        fragment = np.int64(text.characters.fragment[begin])
    has_space = word != span.stop_word and (flags & THEN_SPACE) != 0
    return Item(begin, end, char, fragment, width, has_space, (flags & IS_BREAK) != 0, False, True)


@compiled_bare
def _cut(cursor, item, room, rooms, text):
    """A word that no line holds: the cursor at its first piece, which fills the line begun and may be empty."""
    end, width = piece_end(text, item.begin, item.begin, item.end, room, rooms.later)
    return Cursor(cursor.word, FIRST_PIECE, item.begin, end, width)


@compiled_bare
def _next_start(cursor, item, glyph):
    """The start of the line that `item` begins, or that follows the break which `item` is."""
    if cursor.stage == AT_BREAK and item.ends_word:  # nothing of the cut word is left
        return LineStart(glyph, cursor.word + 1, WHOLE)
    return LineStart(glyph, cursor.word, item.char)


@compiled_bare
def _no_part(text):
    return Part(text.style_class[0], text.fragments.style[0], 0, False, 0.0, 0.0)


@compiled_inline
def _shrink(started, due_space, part, text):
    """The space widths by whose share a line may be too wide."""
    if not started:
        return 0.0
    closed = part.shrink_after_space if due_space != 0.0 else part.shrink_after_word
    return closed + part.spaces * text.widths.space if part.spaces else closed


@compiled_inline
def _after_part(part, style, text):
    """Close the part and open one of another style."""
    more = part.spaces * text.widths.space
    return Part(text.style_class[style], style, 0, False, part.shrink_after_space + more, part.shrink_after_word + more)


@compiled_inline
def _begin_item(item, started, due_space, part, last_source, text, glyphs, glyph):
    """Write the space that is due before an item, and see to the part that the item goes to."""
    style = text.fragments.style[item.fragment]
    if not started:
        return Part(text.style_class[style], style, 0, False, text.widths.space, 0.0), glyph
    spaces, ends_in_space = part.spaces, part.ends_in_space
    if due_space != 0.0 and not ends_in_space:
        glyph = write_glyph(glyphs, glyph, text.space, part.style, last_source)
        spaces += 1
        ends_in_space = True
    part = Part(part.style_class, part.style, spaces, ends_in_space, part.shrink_after_space, part.shrink_after_word)
    return (part if text.style_class[style] == part.style_class else _after_part(part, style, text)), glyph


@compiled_inline
def _write_item(item, part, last_source, text, glyphs, glyph):
    """Write an item's glyphs; returns the part it ends in, the next glyph, no-break spaces and the source behind it."""
    nbsps = 0
    c = item.begin
    while c < item.end:
        if c > item.begin:
            part = _after_part(part, text.fragments.style[text.characters.fragment[c]], text)
        end = end_of_fragment(text, c, item.end)
        glyph, found = copy_characters(text, c, end, part.style, glyphs, glyph)
        nbsps += found
        last_source = space_source(text, end)
        c = end
    ends_in_space = part.ends_in_space and item.end == item.begin
    return (
        Part(part.style_class, part.style, part.spaces, ends_in_space, part.shrink_after_space, part.shrink_after_word),
        glyph,
        nbsps,
        last_source,
    )
