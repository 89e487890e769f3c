"""A paragraph, or what the end of a page left of one: its lines, where it is cut, and what remains of it.

reportlab makes a paragraph of what does not fit and breaks it anew: words are broken again from the word, or the middle of
a word, that comes next; CJK text is put together again out of its lines. Widths in points; knows nothing of where a page is.

Facts: reportlab 5.1 platypus/paragraph.py (split).
"""

from typing import NamedTuple

import numpy as np

from renderer.fast.compiling import compiled_bare, compiled_inner
from renderer.glyph_rules import MOST_REST_MORE, MOST_REST_TIMES

from .break_cjk import BROKEN, ROW_COLUMNS, break_units, paragraph_units, units_of_row
from .break_fragments import break_many
from .break_plain import break_single
from .cjk_rests import Broken, rest_of_rows
from .line_items import Span
from .line_table import CHARACTER, ENDS_IN_BREAK, GLYPH_BEGIN, GLYPH_END, WHOLE, WORD, WORDS
from .long_words import kept_width, rejoined_width, text_width

_ENOUGH_ROOMS = 8  # no line shrinks by so much


class Rest(NamedTuple):
    """What is still to be laid out of a paragraph. `span` is for words; `broken`, units and their lines, is for CJK."""

    is_cjk: bool
    is_empty: bool
    is_first: bool  # nothing of it stands on a page yet
    many: bool  # of several fragments
    span: Span
    broken: Broken
    is_broken: bool  # the lines of `broken` are there
    most_units: int  # a rest of more units would grow from page to page; see glyph_rules.py


class Lines(NamedTuple):
    """Lines of a rest: all of them, or enough to know that they do not fit the page."""

    line_count: int
    glyph: int  # after theirs; CJK lines have not been written as glyphs yet
    are_all: bool
    justify_last: bool  # as far as the setting justifies lines


@compiled_inner
def whole_paragraph(text, p, is_cjk):
    first, end = text.paragraph_fragment[p], text.paragraph_fragment[p + 1]
    span = _words_from(np.int64(text.paragraph_word[p]), np.int64(WHOLE), 0.0, np.int64(text.paragraph_word[p + 1]))
    units = paragraph_units(first, end if is_cjk else first, text)
    most_units = MOST_REST_TIMES * units.shape[0] + MOST_REST_MORE
    return Rest(is_cjk, end == first, True, end - first > 1, span, _unbroken(units), False, most_units)


@compiled_inner
def break_rest(rest, rooms, most_lines, text, table, glyphs, glyph):
    """Lines of a rest (at most `most_lines` where it is of words), and the rest with its CJK lines."""
    if rest.is_empty:
        return rest, Lines(0, glyph, True, False)
    if not rest.is_cjk:
        count, end, are_all = _break_words(rest.span, rest.many, rooms, most_lines, text, table, glyphs, glyph)
        return rest, Lines(count, end, are_all, False)
    if not rest.is_broken:
        units = rest.broken.units
        rows, extras = break_units(units, rest.many, rooms, text)
        broken = Broken(units, units.shape[0], rows, extras, units.shape[0], False)
        rest = Rest(True, False, rest.is_first, rest.many, rest.span, broken, True, rest.most_units)
    return rest, Lines(rest.broken.rows.shape[0], glyph, True, False)


@compiled_inner
def split_rest(rest, kept, rooms, text, table, glyphs, glyph):
    """End the page after `kept` lines. Returns the lines that stay, and the new rest.

    `glyph`: where the glyphs of the rest begin. Where `are_all` is false, reportlab does not get the lines onto the page.
    """
    if rest.is_cjk:
        lines = rest.broken
        justify_last = not (rest.many and lines.rows[kept - 1, BROKEN] == 1)
        if kept == lines.rows.shape[0] - 1:
            units, many = units_of_row(lines.units, lines.rows[kept], rest.many, text)
            left = Rest(True, False, False, many, rest.span, _unbroken(units), False, rest.most_units)
        else:
            broken = rest_of_rows(lines, kept, rest.many, rooms.later, text)
            left = Rest(True, False, False, rest.many, rest.span, broken, True, rest.most_units)
        return Lines(kept, glyph, True, justify_last), left
    # All that is needed of the table is read first: breaking again writes over it.
    ends_in_break = rest.many and table.row[kept - 1, ENDS_IN_BREAK] == 1
    word, char = table.row[kept, WORD], table.row[kept, CHARACTER]
    if char == WHOLE:
        width = 0.0
        count, end, are_all = _keep_lines(kept, table)
    else:
        width = _rest_width(rest.many, word, char, rooms, text)
        count, end, are_all = _break_before(rest, kept, word, char, rooms, text, table, glyphs, glyph)
    span = _words_from(word, char, width, rest.span.stop_word)
    left = Rest(False, False, False, rest.many, span, rest.broken, False, rest.most_units)
    return Lines(count, end, are_all, not ends_in_break), left


@compiled_bare
def _words_from(word, char, width, stop_word):
    return Span(word, char, width, stop_word, WHOLE, 0.0)


@compiled_inner
def _unbroken(units):
    return Broken(units, units.shape[0], np.empty((0, ROW_COLUMNS), np.int64), np.empty(0), units.shape[0], False)


@compiled_bare
def _break_words(span, many, rooms, most_lines, text, table, glyphs, glyph):
    """Returns (lines, next glyph, whether these are all)."""
    if many:
        return break_many(span, most_lines, rooms, text, table, glyphs, glyph)
    return break_single(span, most_lines, rooms, text, table, glyphs, glyph)


@compiled_bare
def _break_before(rest, kept, word, char, rooms, text, table, glyphs, glyph):
    """The page ends inside a word: what stays is broken again without the rest of it."""
    span = rest.span
    begin = span.char if word == span.word and span.char != WHOLE else np.int64(text.words.begin[word])
    if rest.many:
        span = Span(span.word, span.char, span.width, word, char, kept_width(text, table, kept, word, begin, char))
    elif char > begin:
        span = Span(span.word, span.char, span.width, word, char, text_width(text, begin, char))
    else:  # nothing of the word stays, not even the empty piece that ended the line
        span = _words_from(span.word, span.char, span.width, word)
    return _break_words(span, rest.many, rooms, table.row.shape[0] - 1, text, table, glyphs, glyph)


@compiled_bare
def _keep_lines(kept, table):
    """The page ends between words. A break that ended the last line begins the rest, and the line is gone without it."""
    row = table.row[kept - 1]
    is_gone = row[ENDS_IN_BREAK] == 1 and row[GLYPH_END] == row[GLYPH_BEGIN] and row[WORDS] == 0
    row[ENDS_IN_BREAK] = 0
    return kept - 1 if is_gone else kept, row[GLYPH_END], True


@compiled_bare
def _rest_width(many, word, char, rooms, text):
    """Width of a cut word from `char` on; of one that fills many lines, no more than tells that it does."""
    end = np.int64(text.words.end[word])
    far = char + np.int64(1)
    enough = _ENOUGH_ROOMS * (rooms.first + rooms.later)
    total = 0.0
    while far < end and total <= enough:
        total += text.widths.points_of_code[text.characters.code[far]]
        far += 1
    return rejoined_width(text, char, far, rooms.later) if many else text_width(text, char, far)
