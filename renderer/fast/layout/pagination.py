"""Paragraphs onto pages: reportlab's frame is filled from the top, and paragraphs are split where a page ends.

In: a MeasuredText and a Frame. Out: glyphs, lines and paragraph parts in drawing order, each with the page it stands on.
Positions are in points from the bottom left, as a PDF has them; knows nothing of pixels or colours.

Compiled. Tables are int64 (n, columns) and float64 (n, columns), grown by doubling; their columns are named below.

Facts: reportlab 5.1 platypus/frames.py, doctemplate.py, paragraph.py (split, drawPara).
"""

from typing import NamedTuple

import numpy as np

from renderer.fast.compiling import compiled, compiled_bare, compiled_inner

from .break_cjk import write_rows
from .line_items import Rooms
from .line_pens import place_lines
from .line_table import COLUMNS, GLYPH_BEGIN, GLYPH_END, Glyphs, LineTable
from .paragraph_rests import break_rest, split_rest, whole_paragraph

# Columns of `Made.parts`.
PART_X, PART_Y, RECT_X, RECT_Y, RECT_WIDTH, RECT_HEIGHT = range(6)
PART_LINE, PART_END, PART_PAGE = range(3)  # of `Made.part_lines`
# All is laid out; a paragraph fits no page; the page asked for is done; each page leaves more than the one before.
FINE, TOO_LARGE, ENOUGH, ENDLESS = range(4)
FUZZ = 1e-6


class Until(NamedTuple):
    """Where to stop: after this page (from 0), or the page with this character of the source."""

    page: int
    source: int


class Place(NamedTuple):
    """Where the next part goes."""

    page: int
    y: float
    at_top: bool
    after_last: float  # space that the part above asks for below it


class Made(NamedTuple):
    """What is laid out. The arrays have room for more than the counts say."""

    glyph_count: int
    line_count: int
    part_count: int
    glyphs: Glyphs
    line_glyphs: np.ndarray  # int64 (n, 2): begin, end
    line_pens: np.ndarray  # float64 (n, 3), see line_pens.py
    part_lines: np.ndarray  # int64 (n, 3): first line, end, page
    parts: np.ndarray  # float64 (n, 6)


@compiled
def paginate(text, frame, is_cjk, until):
    """Lay out as far as `until` asks. Returns status, the number of pages, and the tables of `Made`, cut to size."""
    table = _line_table(frame)
    made = _nothing_made(text, is_cjk)
    place = Place(0, frame.top, True, 0.0)
    status = FINE
    p = np.int64(0)
    while p < text.paragraph_fragment.size - 1 and status == FINE:
        status, place, made = _lay_paragraph(whole_paragraph(text, p, is_cjk), place, made, table, text, frame, until)
        p += 1
    glyphs, n = made.glyphs, made.glyph_count
    return (
        status,
        place.page + 1,
        glyphs.code[:n],
        glyphs.style[:n],
        glyphs.source[:n],
        made.line_glyphs[: made.line_count],
        made.line_pens[: made.line_count],
        made.part_lines[: made.part_count],
        made.parts[: made.part_count],
    )


@compiled_inner
def _lay_paragraph(rest, place, made, table, text, frame, until):
    """Put a paragraph onto this page and as many as it needs. Returns status, the place after it, and what is made."""
    postponed = False
    while True:
        above = 0.0 if place.at_top else max(frame.space_before - place.after_last, 0.0)
        height = place.y - frame.bottom - above
        rooms = Rooms(frame.first_room if rest.is_first else frame.later_room, frame.later_room)
        may_hold = np.int64(height / frame.leading) if height > 0 else 0
        count, fits = 0, False
        if height > 0:
            rest, lines = break_rest(rest, rooms, may_hold + 2, text, table, made.glyphs, made.glyph_count)
            count = lines.line_count
            fits = lines.are_all and _fits(place, above, count, frame)
        if fits:
            place, made = _put_part(rest, lines, above, place, made, table, text, frame)
            return FINE, place, made
        cannot_split = rest.is_empty or height < FUZZ or may_hold <= 1
        if cannot_split or count <= may_hold:
            if postponed or not cannot_split:
                return TOO_LARGE, place, made
            if _is_enough(place, made, until):
                return ENOUGH, place, made
            place = Place(place.page + 1, frame.top, True, 0.0)
            postponed = True
            continue
        lines, left = split_rest(rest, may_hold, rooms, text, table, made.glyphs, made.glyph_count)
        if not lines.are_all or not _fits(place, above, lines.line_count, frame):
            return TOO_LARGE, place, made
        if left.broken.unit_count > left.most_units:
            return ENDLESS, place, made
        place, made = _put_part(rest, lines, above, place, made, table, text, frame)
        rest = left
        postponed = False


@compiled_bare
def _fits(place, above, lines, frame):
    return place.y - (lines * frame.leading + above) >= frame.bottom - FUZZ


@compiled_bare
def _is_enough(place, made, until):
    """Whether no further page is wanted."""
    n = made.glyph_count
    return place.page >= until.page or (n > 0 and made.glyphs.source[n - 1] >= until.source)


@compiled_inner
def _put_part(rest, lines, above, place, made, table, text, frame):
    """Write lines down as a part of a page. Returns the place below it, and what is made."""
    glyphs, glyph = made.glyphs, lines.glyph
    if rest.is_cjk:
        glyphs, glyph = write_rows(
            rest.broken.units,
            rest.broken.rows,
            rest.broken.extras,
            lines.line_count,
            rest.many,
            text,
            table,
            glyphs,
            glyph,
        )
    height = lines.line_count * frame.leading
    y = place.y - (height + above)
    indent = frame.first_indent if rest.is_first else 0.0
    place_lines(
        table,
        lines.line_count,
        rest.many,
        frame.alignment,
        lines.justify_last,
        indent,
        frame.left_indent,
        height - frame.font_size,
        frame.leading,
    )
    first, end, n = made.line_count, made.line_count + lines.line_count, made.part_count
    line_glyphs, line_pens = _grown(made.line_glyphs, end), _grown(made.line_pens, end)
    for i in range(lines.line_count):
        line_glyphs[first + i, 0], line_glyphs[first + i, 1] = table.row[i, GLYPH_BEGIN], table.row[i, GLYPH_END]
        line_pens[first + i] = table.pen[i]
    part_lines, parts = _grown(made.part_lines, n + 1), _grown(made.parts, n + 1)
    part_lines[n, PART_LINE], part_lines[n, PART_END], part_lines[n, PART_PAGE] = first, end, place.page
    part = parts[n]
    part[PART_X], part[PART_Y], part[RECT_X], part[RECT_Y] = frame.x, y, frame.rect_x, -frame.padding
    part[RECT_WIDTH], part[RECT_HEIGHT] = frame.rect_width, height + frame.padding + frame.padding
    below = y - frame.space_after
    place = Place(place.page, below, place.at_top and below == place.y, frame.space_after)
    return place, Made(glyph, end, n + 1, glyphs, line_glyphs, line_pens, part_lines, parts)


@compiled_inner
def _line_table(frame):
    """Room for the lines of a page, and for the few more that tell that a paragraph does not fit it."""
    held = np.int64(max(0.0, (frame.top - frame.bottom) / frame.leading))
    most = max(np.int64(2), held) + 5
    return LineTable(np.zeros((most, COLUMNS), np.int64), np.zeros(most), np.zeros((most, 3)))


@compiled_inner
def _nothing_made(text, is_cjk):
    characters = text.characters.code.size
    most = (characters if is_cjk else characters + text.words.begin.size) + 1024
    glyphs = Glyphs(np.empty(most, np.int32), np.empty(most, np.uint8), np.empty(most, np.int32))
    return Made(
        0,
        0,
        0,
        glyphs,
        np.empty((4096, 2), np.int64),
        np.empty((4096, 3)),
        np.empty((1024, 3), np.int64),
        np.empty((1024, 6)),
    )


@compiled_inner
def _grown(table, needed):
    if needed <= table.shape[0]:
        return table
    more = np.empty((max(needed, 2 * table.shape[0]), table.shape[1]), table.dtype)
    more[: table.shape[0]] = table
    return more
