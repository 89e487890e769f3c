"""reportlab's line breaker for a paragraph of one fragment; what goes in and out is told in line_items.py.

Every word is one run of characters between spaces, and a line may shrink by its number of words. A word too wide for a
line is cut by the text of its pieces, the first of which always ends its line, even where it is empty.

Facts: reportlab 5.1 platypus/paragraph.py (breakLines, _splitWord).
"""

import numpy as np

from renderer.fast.compiling import compiled_bare

from .line_items import (
    AT_WORD,
    FIRST_PIECE,
    FURTHER_PIECE,
    SHRINKAGE,
    Cursor,
    Item,
    Whole,
    at_end,
    at_word,
    end_in_span,
)
from .line_table import WHOLE, LineStart, close_line, copy_characters, space_source, write_glyph
from .long_words import single_piece_end, text_width


@compiled_bare
def break_single(span, most_lines, rooms, text, table, glyphs, glyph):
    """Break until the span or `most_lines` is done. Returns (lines made, next glyph, all done)."""
    none = np.int64(0)  # not the literal 0, for which all below would be compiled anew
    made, last_source = none, none
    words: Whole = none
    nbsps: Whole = none
    room = rooms.first
    space_width = text.widths.space
    shrink = SHRINKAGE * space_width
    width = -space_width
    cursor = at_word(span.word)
    start = LineStart(glyph, span.word, span.char)
    while not at_end(cursor, span):
        item = _next_item(cursor, span, rooms, text)
        ends_line = cursor.stage == FIRST_PIECE
        new = width + space_width + item.width
        too_wide = new > room + shrink * words and not ends_line
        if too_wide and not item.is_piece and item.width > (rooms.first if made == 0 else rooms.later):
            end = single_piece_end(text, item.begin, item.begin, item.end, width + space_width, room, rooms.later)
            cursor = Cursor(cursor.word, FIRST_PIECE, item.begin, end, 0.0)
            continue
        if too_wide and words > 0:
            close_line(table, made, start, glyph, words, nbsps, room - width)
            made += 1
            start = LineStart(glyph, cursor.word, item.char)
            room = rooms.later
            if made == most_lines:
                return made, glyph, False
            words, nbsps, new = 0, 0, item.width
        width = new
        cursor = _after(cursor, item)
        if item.end > item.begin or not ends_line:
            glyph, found, last_source = _write_item(item, words > 0, last_source, text, glyphs, glyph)
            nbsps += found
            words += 1
        if ends_line:
            close_line(table, made, start, glyph, words, nbsps, room - width)
            made += 1
            start = LineStart(glyph, cursor.word, cursor.piece_from if cursor.stage == FURTHER_PIECE else WHOLE)
            room = rooms.later
            if made == most_lines:
                return made, glyph, False
            words, nbsps, width = 0, 0, -space_width
    if words:
        close_line(table, made, start, glyph, words, nbsps, room - width)
        made += 1
    return made, glyph, True


@compiled_bare
def _next_item(cursor, span, rooms, text):
    word = cursor.word
    fragment = np.int64(text.words.fragment[word])
    end = end_in_span(text, word, span)
    if cursor.stage != AT_WORD:
        begin = cursor.piece_from
        end_of_word = end
        if cursor.stage == FIRST_PIECE:
            end = cursor.piece_to
        else:
            end = single_piece_end(text, begin, begin + 1, end_of_word, 0.0, rooms.later, rooms.later)
        width = text_width(text, begin, end)
        return Item(begin, end, begin, fragment, width, False, False, True, end == end_of_word)
    begin, char = np.int64(text.words.begin[word]), WHOLE
    width = text.widths.unit * text.widths.thousandths_of_word[word]
    if word == span.word and span.char >= 0:
        begin = char = span.char
        width = span.width
    if word == span.stop_word:
        width = span.stop_width
    return Item(begin, end, char, fragment, width, False, False, False, True)


@compiled_bare
def _after(cursor, item):
    """The cursor behind an item; no break follows the first piece of a word, which ends its line by itself."""
    if item.ends_word:
        return at_word(cursor.word + 1)
    return Cursor(cursor.word, FURTHER_PIECE, item.end, 0, 0.0)


@compiled_bare
def _write_item(item, after_space, last_source, text, glyphs, glyph):
    """Write an item's glyphs; returns the next glyph, how many are no-break spaces and the source behind them."""
    style = text.fragments.style[item.fragment]
    if after_space:
        glyph = write_glyph(glyphs, glyph, text.space, style, last_source)
    glyph, found = copy_characters(text, item.begin, item.end, style, glyphs, glyph)
    return glyph, found, space_source(text, item.end)
