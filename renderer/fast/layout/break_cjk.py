"""Lines from characters: reportlab's two CJK line breakers, and how a paragraph is put together again after a page break.

A paragraph is a row of units, each a character or a line break. After a page break reportlab joins the lines that are
left with a space at each old line end and breaks them anew, so a paragraph's text changes from page to page. Widths in
points. Knows nothing of pages or pixels.

Compiled. units int32 (n, UNIT_COLUMNS); rows int64 (n, ROW_COLUMNS); extras float64 (n,).

Facts: reportlab 5.1 platypus/paragraph.py (cjkFragSplit, _split_blParaHard) and lib/textsplit.py (dumbSplit).
"""

from typing import NamedTuple

import numpy as np
from reportlab.lib.textsplit import ALL_CANNOT_START

from renderer.fast.compiling import compiled_bare, compiled_inner

from .line_table import ENDS_IN_BREAK, WHOLE, Glyphs, LineStart, close_line, write_glyph

# Columns of `units`.
CODE, STYLE, SOURCE, IS_BREAK = range(4)  # CODE is NO_TEXT for a break without text
UNIT_COLUMNS = 4
NO_TEXT = -1
# Columns of a row, a line of units. BROKEN: it ends in a break. LOOK: units after its end that were looked at to end it there.
# OWN: reportlab puts it together again as it is, with nothing stripped and no space added.
BEGIN, END, BROKEN, IS_LAST, LOOK, OWN = range(6)
ROW_COLUMNS = 6
FUZZ = 1e-6

HANGS, IS_WIDE = 1, 2  # kinds of code points: may not start a line; at or beyond U+3000
_HANGING = np.array(sorted(ord(c) for c in set(ALL_CANNOT_START)), dtype=np.int32)


def code_kinds(codes: np.ndarray) -> np.ndarray:
    kinds = np.where(codes >= 0x3000, IS_WIDE, 0).astype(np.uint8)
    at = np.minimum(np.searchsorted(_HANGING, codes), _HANGING.size - 1)
    kinds[_HANGING[at] == codes] |= HANGS
    return kinds


@compiled_inner
def paragraph_units(first, last, text):
    """The units of fragments first..last."""
    start, styles, is_break = text.fragments.start, text.fragments.style, text.fragments.is_break
    codes, sources = text.characters.code, text.characters.source
    n = 0
    for f in range(first, last):
        n += 1 if is_break[f] else start[f + 1] - start[f]
    units = np.empty((n, UNIT_COLUMNS), np.int32)
    n = 0
    for f in range(first, last):
        if is_break[f]:
            units[n, CODE], units[n, STYLE], units[n, SOURCE], units[n, IS_BREAK] = NO_TEXT, styles[f], 0, 1
            n += 1
        for c in range(start[f], start[f + 1]):
            units[n, CODE], units[n, STYLE], units[n, SOURCE], units[n, IS_BREAK] = codes[c], styles[f], sources[c], 0
            n += 1
    return units


@compiled_bare
def _width(units, i, text):
    return text.widths.points_of_code[units[i, CODE]] if units[i, CODE] >= 0 else 0.0


class Line(NamedTuple):
    """What units from one place on make as a line."""

    end: np.int64
    extra: float  # unused width, points
    is_closed: bool  # something ended it; else the units came to their end
    is_break: bool
    seen: np.int64  # one past the last unit looked at
    used: float  # width of all units up to `seen`


@compiled_bare
def break_line(units, begin, stop, room, many, text):
    """The line that starts with unit `begin`; units from `stop` on are not there."""
    used = 0.0
    end = np.int64(begin)
    while end < stop:
        used += _width(units, end, text)
        is_break = many and units[end, IS_BREAK] == 1
        end += 1
        if is_break:
            return Line(end, room - used, True, True, end, used)
        if used > room + FUZZ and used > 0:
            seen = end
            end, extra = _end_of_full_line(units, begin, end, room - used, text)
            return Line(end, extra, True, False, seen, used)
    return Line(end, room - used, False, False, end, used)


@compiled_inner
def break_units(units, many, rooms, text):
    """Lines as rows (int64, ROW_COLUMNS) and their unused widths."""
    rows, extras = np.empty((64, ROW_COLUMNS), np.int64), np.empty(64)
    made = begin = np.int64(0)
    room = rooms.first
    while begin < units.shape[0]:
        line = break_line(units, begin, units.shape[0], room, many, text)
        if not line.is_closed and not line.used > 0:
            break
        rows, extras = with_room(rows, extras, made + 1)
        put_row(rows, extras, made, units, begin, line, many, text)
        made += 1
        begin = np.int64(line.end)
        room = rooms.later
    return rows[:made], extras[:made]


@compiled_bare
def put_row(rows, extras, n, units, begin, line, many, text):
    """Write down row `n`, a line from `begin` on."""
    rows[n, BEGIN], rows[n, END], rows[n, BROKEN], rows[n, IS_LAST] = begin, line.end, line.is_break, not line.is_closed
    rows[n, LOOK] = max(0, line.seen - line.end)
    if many:
        rows[n, OWN] = units[line.end - 1, CODE] == text.space
    else:
        rows[n, OWN] = not _is_space(units, begin, text) and not _is_space(units, line.end - 1, text)
    extras[n] = line.extra


@compiled_bare
def _end_of_full_line(units, begin, end, extra, text):
    """Where a line ends whose last unit before `end` is too much, and its unused width, `extra` with that unit on it."""
    if not text.kinds[units[end - 1, CODE]] & IS_WIDE:
        # Not in the middle of a Latin word: after a gap, if the line's second half has one.
        for i in range(end - 1, (begin + end) >> 1, -1):
            if i + 1 < end and _is_gap(units[i, CODE], text):
                total = 0.0
                for j in range(i + 2, end):
                    total += _width(units, j, text)
                extra += total
                end = i + 2
                break
    last = units[end - 1, CODE]
    if last >= 0 and not text.kinds[last] & HANGS and end > begin + 1:
        return end - 1, extra + _width(units, end - 1, text)
    return end, extra


@compiled_bare
def _is_gap(code, text):
    return code >= 0 and (code == text.space or code == text.nbsp or text.kinds[code] & IS_WIDE != 0)


@compiled_inner
def with_room(rows, extras, needed):
    if needed <= extras.size:
        return rows, extras
    more_rows, more_extras = np.empty((2 * needed, ROW_COLUMNS), np.int64), np.empty(2 * needed)
    more_rows[: extras.size] = rows
    more_extras[: extras.size] = extras
    return more_rows, more_extras


@compiled_bare
def _stripped(units, begin, end, text):
    """A line of one fragment loses the spaces at both ends, no-break ones too."""
    while begin < end and _is_space(units, begin, text):
        begin += 1
    while end > begin and _is_space(units, end - 1, text):
        end -= 1
    return begin, end


@compiled_bare
def _is_space(units, i, text):
    return units[i, CODE] == text.space or units[i, CODE] == text.nbsp


@compiled_bare
def drawn_units(units, row, many, text):
    """First and end unit of a line as it is drawn."""
    if many or row[IS_LAST]:
        return row[BEGIN], row[END]
    return _stripped(units, row[BEGIN], row[END], text)


@compiled_inner
def write_rows(units, rows, extras, lines, many, text, table, glyphs, glyph):
    """Write the first `lines` lines as glyphs and as rows of a LineTable. Returns the glyphs, grown, and the next glyph."""
    for n in range(lines):
        begin, end = drawn_units(units, rows[n], many, text)
        glyphs = _grown_glyphs(glyphs, glyph + end - begin)
        first, nbsps = glyph, np.int64(0)
        for i in range(begin, end):
            if units[i, CODE] >= 0:
                nbsps += units[i, CODE] == text.nbsp
                glyph = write_glyph(glyphs, glyph, units[i, CODE], units[i, STYLE], units[i, SOURCE])
        close_line(table, n, LineStart(first, 0, WHOLE), glyph, np.int64(1), nbsps, extras[n])
        table.row[n, ENDS_IN_BREAK] = rows[n, BROKEN]
    return glyphs, glyph


@compiled_inner
def _grown_glyphs(glyphs, needed):
    """Every page break adds spaces, so that no number of glyphs is known to be enough."""
    n = glyphs.code.size
    if needed <= n:
        return glyphs
    most = max(needed, 2 * n)
    more = Glyphs(np.empty(most, np.int32), np.empty(most, np.uint8), np.empty(most, np.int32))
    more.code[:n], more.style[:n], more.source[:n] = glyphs.code, glyphs.style, glyphs.source
    return more


@compiled_inner
def units_of_row(units, row, many, text):
    """The units of one line that is all that is left, and whether they are still of several fragments."""
    begin, end = drawn_units(units, row, many, text)
    left = units[begin:end].copy()
    # Several lines are several fragments to reportlab; of a single line, it is the parts that are.
    return left, many and _has_parts(left, end - begin, text)


@compiled_bare
def _has_parts(units, n, text):
    """Whether units 0..n are more than one part: a part ends at a break and where the colour changes."""
    for i in range(1, n):
        if units[i, IS_BREAK] or units[i - 1, IS_BREAK]:
            return True
        if text.style_class[units[i, STYLE]] != text.style_class[units[i - 1, STYLE]]:
            return True
    return False
