"""Lines from characters: reportlab's two CJK line breakers, and how a paragraph is put together again after a page break.

A paragraph is a row of units, each a character or a line break. After a page break reportlab joins the lines that are
left with a space at each old line end and breaks them anew, so a paragraph's text changes from page to page. Widths in
points. Knows nothing of pages or pixels.

Facts: reportlab 5.1 platypus/paragraph.py (cjkFragSplit, _split_blParaHard) and lib/textsplit.py (dumbSplit).
"""

import numpy as np
from reportlab.lib.textsplit import ALL_CANNOT_START

from .compiled import compiled

# Columns of `units`.
CODE, STYLE, SOURCE, IS_BREAK = range(4)  # CODE is NO_TEXT for a break without text
UNIT_COLUMNS = 4
NO_TEXT = -1
FUZZ = 1e-6

HANGS, IS_WIDE = 1, 2  # kinds of code points: may not start a line; at or beyond U+3000


def code_kinds(codes: np.ndarray) -> np.ndarray:
    kinds = np.where(codes >= 0x3000, IS_WIDE, 0).astype(np.uint8)
    kinds[np.isin(codes, np.array([ord(c) for c in ALL_CANNOT_START], dtype=codes.dtype))] |= HANGS
    return kinds


@compiled
def paragraph_units(first, last, fragment_start, fragment_style, fragment_break, char_code, char_source):
    """The units of fragments first..last."""
    n = 0
    for f in range(first, last):
        n += 1 if fragment_break[f] else fragment_start[f + 1] - fragment_start[f]
    units = np.empty((n, 4), np.int32)
    n = 0
    for f in range(first, last):
        if fragment_break[f]:
            units[n, 0], units[n, 1], units[n, 2], units[n, 3] = -1, fragment_style[f], 0, 1
            n += 1
        for c in range(fragment_start[f], fragment_start[f + 1]):
            units[n, 0], units[n, 1], units[n, 2], units[n, 3] = char_code[c], fragment_style[f], char_source[c], 0
            n += 1
    return units


@compiled
def _unit_width(units, i, cw):
    return 0.0 if units[i, 0] < 0 else cw[units[i, 0]]


@compiled
def break_units(units, many, room0, room1, cw, kinds, space, nbsp):
    """Lines as rows (first unit, end unit, ends in break, is the last one) and their unused widths."""
    n = units.shape[0]
    most = 64
    rows = np.empty((most, 4), np.int64)
    extras = np.empty(most)
    made = 0
    room = room0
    used = 0.0
    i = begin = 0
    while i < n:
        u = i
        i += 1
        w = _unit_width(units, u, cw)
        used += w
        is_break = many and units[u, 3] == 1
        if not ((used > room + 1e-6 and used > 0) or is_break):
            continue
        extra = room - used
        if not is_break:
            if not kinds[units[u, 0]] & 2:
                for j in range(i - 1, (begin + i) >> 1, -1):
                    code = units[j, 0]
                    is_gap = code >= 0 and (code in (space, nbsp) or kinds[code] & 2)
                    if is_gap and j + 1 < i:
                        k = j + 1
                        total = 0.0
                        for q in range(k + 1, i):
                            total += _unit_width(units, q, cw)
                        extra += total
                        w = _unit_width(units, k, cw)
                        u = k
                        i = k + 1
                        break
            if (units[u, 0] >= 0 and not kinds[units[u, 0]] & 1) and i > begin + 1:
                i -= 1
                extra += w
        if made + 1 >= most:
            most *= 2
            more = np.empty((most, 4), np.int64)
            more[:made] = rows[:made]
            rows = more
            more_extras = np.empty(most)
            more_extras[:made] = extras[:made]
            extras = more_extras
        rows[made, 0], rows[made, 1], rows[made, 2], rows[made, 3] = begin, i, is_break, 0
        extras[made] = extra
        made += 1
        room = room1
        begin = i
        used = 0.0
    if used > 0:
        rows[made, 0], rows[made, 1], rows[made, 2], rows[made, 3] = begin, n, 0, 1
        extras[made] = room - used
        made += 1
    return rows[:made], extras[:made]


@compiled
def stripped(units, begin, end, space, nbsp):
    """A line of one fragment loses the spaces at both ends, no-break ones too."""
    while begin < end and (units[begin, 0] == space or units[begin, 0] == nbsp):
        begin += 1
    while end > begin and (units[end - 1, 0] == space or units[end - 1, 0] == nbsp):
        end -= 1
    return begin, end


@compiled
def rest_of_paragraph(units, rows, kept, many, style_class, space, nbsp):
    """The units left after `kept` lines, and whether they are still of several fragments."""
    result = np.empty((units.shape[0] + rows.shape[0], 4), np.int32)
    n = 0
    lines = rows.shape[0]
    for r in range(kept, lines):
        begin, end = rows[r, 0], rows[r, 1]
        if not many:
            if not rows[r, 3]:
                begin, end = stripped(units, begin, end, space, nbsp)
            for i in range(begin, end):
                result[n] = units[i]
                n += 1
            continue
        for i in range(begin, end):
            result[n] = units[i]
            n += 1
        if r < lines - 1 and n > 0:
            if result[n - 1, 0] < 0:
                result[n - 1, 0] = space
            elif result[n - 1, 0] != space:
                result[n] = result[n - 1]
                result[n, 0] = space
                n += 1
    if not many:
        return result[:n], False
    parts = 0
    if kept == lines - 1:  # several lines are several fragments
        for i in range(n):
            if i == 0 or result[i, 3] or result[i - 1, 3] or style_class[result[i, 1]] != style_class[result[i - 1, 1]]:
                parts += 1
    return result[:n], kept < lines - 1 or parts > 1
