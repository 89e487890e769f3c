"""Lines from characters: reportlab's two CJK line breakers, and how a paragraph is put together again after a page break.

A paragraph is a row of units, each a character or a line break. After a page break reportlab joins the lines that are
left with a space at each old line end and breaks them anew, so a paragraph's text changes from page to page. Widths in
points. Knows nothing of pages or pixels.

Facts: reportlab 5.1 platypus/paragraph.py (cjkFragSplit, _split_blParaHard) and lib/textsplit.py (dumbSplit).
"""

import numpy as np
from reportlab.lib.textsplit import ALL_CANNOT_START

from renderer.fast.compiling import compiled_bare, compiled_inner

from .line_table import ENDS_IN_BREAK, WHOLE, Glyphs, LineStart, close_line, write_glyph

# Columns of `units`.
CODE, STYLE, SOURCE, IS_BREAK = range(4)  # CODE is NO_TEXT for a break without text
UNIT_COLUMNS = 4
NO_TEXT = -1
# Columns of a row, a line of units.
BEGIN, END, BROKEN, IS_LAST = range(4)  # BROKEN: it ends in a break
ROW_COLUMNS = 4
FUZZ = 1e-6

HANGS, IS_WIDE = 1, 2  # kinds of code points: may not start a line; at or beyond U+3000


def code_kinds(codes: np.ndarray) -> np.ndarray:
    kinds = np.where(codes >= 0x3000, IS_WIDE, 0).astype(np.uint8)
    kinds[np.isin(codes, np.array([ord(c) for c in ALL_CANNOT_START], dtype=codes.dtype))] |= HANGS
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


@compiled_inner
def break_units(units, many, rooms, text):
    """Lines as rows (first unit, end unit, ends in break, is the last one) and their unused widths."""
    rows = np.empty((64, ROW_COLUMNS), np.int64)
    extras = np.empty(64)
    made = begin = end = np.int64(0)
    room = rooms.first
    used = 0.0
    while end < units.shape[0]:
        used += _width(units, end, text)
        is_break = many and units[end, IS_BREAK] == 1
        end += 1
        if not ((used > room + FUZZ and used > 0) or is_break):
            continue
        extra = room - used
        if not is_break:
            end, extra = _end_of_full_line(units, begin, end, extra, text)
        rows, extras = _with_room(rows, extras, made + 2)
        rows[made, BEGIN], rows[made, END], rows[made, BROKEN], rows[made, IS_LAST] = begin, end, is_break, 0
        extras[made] = extra
        made += 1
        room = rooms.later
        begin = end
        used = 0.0
    if used > 0:
        rows[made, BEGIN], rows[made, END], rows[made, BROKEN], rows[made, IS_LAST] = begin, end, 0, 1
        extras[made] = room - used
        made += 1
    return rows[:made], extras[:made]


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
def _with_room(rows, extras, needed):
    if needed <= extras.size:
        return rows, extras
    more_rows, more_extras = np.empty((2 * needed, ROW_COLUMNS), np.int64), np.empty(2 * needed)
    more_rows[: extras.size] = rows
    more_extras[: extras.size] = extras
    return more_rows, more_extras


@compiled_bare
def _stripped(units, begin, end, text):
    """A line of one fragment loses the spaces at both ends, no-break ones too."""
    while begin < end and (units[begin, CODE] == text.space or units[begin, CODE] == text.nbsp):
        begin += 1
    while end > begin and (units[end - 1, CODE] == text.space or units[end - 1, CODE] == text.nbsp):
        end -= 1
    return begin, end


@compiled_bare
def _drawn_units(units, row, many, text):
    """First and end unit of a line as it is drawn."""
    if many or row[IS_LAST]:
        return row[BEGIN], row[END]
    return _stripped(units, row[BEGIN], row[END], text)


@compiled_inner
def write_rows(units, rows, extras, lines, many, text, table, glyphs, glyph):
    """Write the first `lines` lines as glyphs and as rows of a LineTable. Returns the glyphs, grown, and the next glyph."""
    for n in range(lines):
        begin, end = _drawn_units(units, rows[n], many, text)
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
def rest_of_paragraph(units, rows, kept, many, text):
    """The units left after `kept` lines, and whether they are still of several fragments."""
    lines = rows.shape[0]
    result = np.empty((units.shape[0] + lines, UNIT_COLUMNS), np.int32)
    n = np.int64(0)
    for r in range(kept, lines):
        begin, end = _drawn_units(units, rows[r], many, text)
        for i in range(begin, end):
            result[n] = units[i]
            n += 1
        if many and r < lines - 1 and n > 0:
            if result[n - 1, CODE] < 0:
                result[n - 1, CODE] = text.space
            elif result[n - 1, CODE] != text.space:
                result[n] = result[n - 1]
                result[n, CODE] = text.space
                n += 1
    # Several lines are several fragments to reportlab; of a single line, it is the parts that are.
    return result[:n], many and (kept < lines - 1 or _has_parts(result, n, text))


@compiled_bare
def _has_parts(units, n, text):
    """Whether units 0..n are more than one part: a part ends at a break and where the colour changes."""
    for i in range(1, n):
        if units[i, IS_BREAK] or units[i - 1, IS_BREAK]:
            return True
        if text.style_class[units[i, STYLE]] != text.style_class[units[i - 1, STYLE]]:
            return True
    return False
