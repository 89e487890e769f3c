"""What a page leaves of a Chinese paragraph, broken anew: only the lines that come out otherwise are worked on.

reportlab joins the lines that are left, with a space at each old line end, and breaks all of them again, at every page. Where
a line is the same after that (it is settled), the old row stands; from a line that is not, breaking goes on until a new line
begins where an old settled one did. Units are appended to a pool, whose rows need not lie in order. So a paragraph of
a whole book costs one breaking, not one a page; a text whose lines never settle still costs that.

Rows as of break_cjk.py: int64 (n, ROW_COLUMNS); units int32 (n, UNIT_COLUMNS); extras float64 (n,), points.
"""

from typing import NamedTuple

import numpy as np

from renderer.fast.compiling import compiled_bare, compiled_inner

from .break_cjk import (
    BEGIN,
    CODE,
    END,
    IS_LAST,
    LOOK,
    OWN,
    ROW_COLUMNS,
    UNIT_COLUMNS,
    break_line,
    drawn_units,
    put_row,
    with_room,
)

_MOST_FED = np.int64(256)  # rows at a time
_MOST_WASTE = 2  # times the living units: a pool with more in it is packed


class Broken(NamedTuple):
    """Lines of a rest. `units` has room for more than `used`; `unit_count` of them are the rest's own."""

    units: np.ndarray
    used: int
    rows: np.ndarray
    extras: np.ndarray
    unit_count: int
    is_settled: bool  # every line comes out the same again, on all pages to come


@compiled_inner
def rest_of_rows(broken, kept, many, room, text):
    """What is left after `kept` lines, broken again. Two lines at least must be left where the paragraph has many fragments."""
    if broken.is_settled:
        count = broken.unit_count
        for r in range(kept):
            count -= broken.rows[r, END] - broken.rows[r, BEGIN]
        return Broken(broken.units, broken.used, broken.rows[kept:], broken.extras[kept:], count, True)
    units, used, old = broken.units, broken.used, broken.rows
    if used > _MOST_WASTE * (broken.unit_count + 4096):
        units, used, old = _packed(units, old)
    n = old.shape[0]
    rows, extras = np.empty((n - kept + 64, ROW_COLUMNS), np.int64), np.empty(n - kept + 64)
    fed_at = np.empty(n + 1, np.int64)  # where the units of a row begin that was fed to the pool's end
    made = count = np.int64(0)
    is_settled = True
    i = np.int64(kept)
    while i < n:
        end = _end_of_settled(old, i, many)
        rows, extras = with_room(rows, extras, made + end - i + 1)
        rows[made : made + end - i] = old[i:end]
        extras[made : made + end - i] = broken.extras[i:end]
        for r in range(i, end):
            count += old[r, END] - old[r, BEGIN]
        made += end - i
        i = end
        if i < n:
            is_settled = False
            units, used, rows, extras, made, i, fed = _broken_on(
                units, used, old, i, fed_at, many, room, text, rows, extras, made
            )
            count += fed
    return Broken(units, used, rows[:made], extras[:made], count, is_settled)


@compiled_inner
def _broken_on(units, used, old, first, fed_at, many, room, text, rows, extras, made):
    """Break from row `first` on, until a new line begins where a settled old row did. Returns that row, or the end of all."""
    n = old.shape[0]
    fed = first  # the next row to feed
    start = begin = used
    meet = first + 1  # the next row that a line may begin with
    more = np.int64(2)
    while True:
        line = break_line(units, begin, used, room, many, text)
        if not line.is_closed and fed < n:
            # Twice as many each time: where lines do not settle, few are looked at twice.
            end = min(n, fed + more)
            more = min(2 * more, _MOST_FED)
            units = _with_units(units, used, _drawn_at_most(old, fed, end))
            used = _feed(units, used, old, fed, end, fed_at, many, text)
            fed = end
            continue
        if not line.is_closed:
            if line.used > 0:
                rows, extras = with_room(rows, extras, made + 1)
                put_row(rows, extras, made, units, begin, line, many, text)
                made += 1
            return units, used, rows, extras, made, n, used - start
        if made + 1 > extras.size:
            rows, extras = with_room(rows, extras, made + 1)
        put_row(rows, extras, made, units, begin, line, many, text)
        made += 1
        begin = np.int64(line.end)
        while meet < fed and fed_at[meet] < begin:
            meet += 1
        if meet <= fed and meet < n and fed_at[meet] == begin and _is_settled(old, meet, many):
            return units, begin, rows, extras, made, meet, begin - start


@compiled_bare
def _drawn_at_most(old, first, end):
    """Units that rows first..end make, with a space behind each."""
    count = 0
    for r in range(first, end):
        count += old[r, END] - old[r, BEGIN] + 1
    return count


@compiled_inner
def _with_units(units, used, needed):
    """The pool with room for `needed` more."""
    if used + needed <= units.shape[0]:
        return units
    more = np.empty((2 * units.shape[0] + needed, UNIT_COLUMNS), np.int32)
    more[:used] = units[:used]
    return more


@compiled_bare
def _feed(units, used, old, first, end, fed_at, many, text):
    """Append what is drawn of rows first..end, each with the space that reportlab joins it to the next with. Returns the end."""
    for r in range(first, end):
        a, z = drawn_units(units, old[r], many, text)
        for u in range(a, z):
            for column in range(UNIT_COLUMNS):
                units[used, column] = units[u, column]
            used += 1
        if many and r < old.shape[0] - 1 and z > a:
            if units[used - 1, CODE] < 0:
                units[used - 1, CODE] = text.space
            elif units[used - 1, CODE] != text.space:
                for column in range(UNIT_COLUMNS):
                    units[used, column] = units[used - 1, column]
                units[used, CODE] = text.space
                used += 1
        fed_at[r + 1] = used
    return used


@compiled_bare
def _is_settled(rows, r, many):
    """Whether a row comes out the same again: nothing is stripped from it or put behind it, nor before what broke it."""
    last = rows.shape[0] - 1
    if rows[r, OWN] == 0 and not (many and r == last) and not rows[r, IS_LAST]:
        return False
    if rows[r, LOOK] == 0:
        return True
    if r == last or rows[r, LOOK] > rows[r + 1, END] - rows[r + 1, BEGIN]:
        return False
    return many or rows[r + 1, OWN] == 1 or rows[r + 1, IS_LAST] == 1


@compiled_bare
def _end_of_settled(rows, r, many):
    """The first row from `r` on that is not settled, or the end."""
    while r < rows.shape[0] and _is_settled(rows, r, many):
        r += 1
    return r


@compiled_inner
def _packed(units, rows):
    """The units of these rows alone, in order, and the rows moved to them."""
    count = 0
    for r in range(rows.shape[0]):
        count += rows[r, END] - rows[r, BEGIN]
    fewer, moved = np.empty((count + count // 4 + 64, UNIT_COLUMNS), np.int32), rows.copy()
    used = np.int64(0)
    for r in range(rows.shape[0]):
        length = rows[r, END] - rows[r, BEGIN]
        fewer[used : used + length] = units[rows[r, BEGIN] : rows[r, END]]
        moved[r, BEGIN], moved[r, END] = used, used + length
        used += length
    return fewer, used, moved
