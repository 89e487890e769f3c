"""Paragraphs onto pages: reportlab's frame and its splitting of paragraphs, then every line's pen position.

In: a text's tokens, widths and a `Sheet` of measures in points. Out: glyphs, lines and paragraph parts in drawing order,
each with the page it stands on. Pen positions are what poppler reads back from the PDF that reportlab would have
written, in points; knows nothing of pixels or colours.

Facts: reportlab 5.1 platypus/frames.py, doctemplate.py, paragraph.py (split, drawPara), pdfgen/textobject.py.
"""

import numpy as np

from .breaking import break_many, break_single, rejoined_width
from .breaking_cjk import break_units, paragraph_units, rest_of_paragraph, stripped
from .compiled import compiled
from .pdfnumbers import printed, read_back

LEFT, CENTER, RIGHT, JUSTIFY = range(4)
# Indices into the measures that `paginate` takes.
(
    PAGE_WIDTH, PAGE_HEIGHT, MARGIN_X, MARGIN_Y, FONT_SIZE, LEADING, FIRST_INDENT, LEFT_INDENT, RIGHT_INDENT,
    SPACE_BEFORE, SPACE_AFTER, BORDER_WIDTH, BORDER_PADDING,
) = range(13)
PADDING = 6.0
# Columns of the line table (float64) and of the part table (float64).
PEN_X, PEN_Y, WORD_SPACE = range(3)
PART_X, PART_Y, RECT_X, RECT_Y, RECT_WIDTH, RECT_HEIGHT = range(6)
FINE, TOO_LARGE = 0, 1
PREAMBLE_LEADING = 14.4  # of the font that reportlab sets at the top of a page


@compiled
def place_lines(lines, extras, n, many, alignment, justify_last, indent, left, baseline, leading, pens):
    """Pen x, pen y and word spacing of a part's lines, following the text operators that reportlab writes."""
    origin_x = read_back(left)
    origin_y = read_back(baseline)
    step = read_back(leading)
    line_x = line_y = 0.0
    moved = before_move = 0.0  # the last Td, as long as nothing has been written after it
    can_merge = False
    has_leading = many
    for i in range(n):
        offset = indent if i == 0 else 0.0
        extra = extras[i]
        last = i == n - 1 and not justify_last
        spaces = lines[i, 2] + lines[i, 3] - 1
        if alignment == 3:
            plain = (-1e-8 < extra <= 1e-8) or (last and extra > -1e-8) or (many and lines[i, 4] == 1)
        else:
            plain = extra > -1e-8
        plain = plain or spaces <= 0
        shift = offset
        if plain and alignment == 1:
            shift = offset + 0.5 * extra
        elif plain and alignment == 2:
            shift = offset + extra
        word_space = 0.0 if plain else read_back(extra / float(spaces))
        centred = alignment == 1 or alignment == 2
        if (shift > 1e-6 or shift < -1e-6) and not (many and centred and not plain):
            if can_merge and not (centred and not plain):
                line_x = before_move
                moved = shift + moved
            else:
                moved = shift
            line_x = line_x + read_back(moved)
        pens[i, 0] = line_x + origin_x
        pens[i, 1] = line_y + origin_y
        pens[i, 2] = word_space
        if lines[i, 1] > lines[i, 0]:
            has_leading = True
        line_y = line_y - (step if has_leading else PREAMBLE_LEADING)
        can_merge = False
        if shift > 1e-6 or shift < -1e-6:
            before_move = line_x
            line_x = line_x + read_back(-shift)
            moved = printed(-shift)
            can_merge = True


@compiled
def _tail_width(lines, n, word, start, stop, single, adv, cw, unit, char_code):
    """Width of the pieces, joined again, that the first `n` lines hold of the word cut at the page's end."""
    total = 0.0
    if single:
        for c in range(start, stop):
            total += adv[char_code[c]]
        return unit * total
    for i in range(1, n + 1):
        cut = lines[i, 6] if i < n else stop
        if i < n and (lines[i, 5] != word or cut <= start):
            continue
        piece = 0.0
        for c in range(start, cut):
            piece += cw[char_code[c]]
        total += piece
        start = cut
    return total


@compiled
def _grown(table, needed):
    if needed <= table.shape[0]:
        return table
    more = np.empty((max(needed, 2 * table.shape[0]), table.shape[1]), table.dtype)
    more[: table.shape[0]] = table
    return more


@compiled
def _grown_row(row, needed):
    if needed <= row.size:
        return row
    more = np.empty(max(needed, 2 * row.size), row.dtype)
    more[: row.size] = row
    return more


@compiled
def paginate(
    m, alignment, is_cjk, last_page, last_source, cw, adv, unit, space, nbsp, kinds, word_sum, style_class,
    char_code, char_source, char_fragment, fragment_start, fragment_style, fragment_break, paragraph_fragment,
    word_begin, word_end, word_flags, word_fragment, paragraph_word,
):
    """Lay out until the text, page `last_page` (from 0) or the page with character `last_source` is done.

    Returns status, pages begun, whether all is laid out, then the tables:
    glyph code, style and source; line glyphs (begin, end), line pens; part lines (begin, end), part page, part places.
    """
    leading = m[LEADING]
    x1, y1 = m[MARGIN_X], m[MARGIN_Y]
    width = (m[PAGE_WIDTH] - m[MARGIN_X]) - m[MARGIN_X]
    height = (m[PAGE_HEIGHT] - m[MARGIN_Y]) - m[MARGIN_Y]
    frame_x = x1 + PADDING
    top = (y1 + height) - PADDING
    bottom = y1 + PADDING
    frame_width = ((x1 + width) - x1) - PADDING - PADDING
    first_room = frame_width - (m[LEFT_INDENT] + m[FIRST_INDENT]) - m[RIGHT_INDENT]
    later_room = frame_width - m[LEFT_INDENT] - m[RIGHT_INDENT]
    rect_x = m[LEFT_INDENT] - m[BORDER_PADDING]
    rect_width = frame_width - (m[LEFT_INDENT] + m[RIGHT_INDENT]) + m[BORDER_PADDING] + m[BORDER_PADDING]
    space_width = cw[space]

    most_lines = max(2, int(min(1e6, max(0.0, (top - bottom) / leading)))) + 4
    lines = np.zeros((most_lines + 1, 7), np.int64)
    extras = np.zeros(most_lines + 1)
    pens = np.zeros((most_lines + 1, 3))
    fragment_class = np.empty(fragment_style.size, np.uint8)
    for f in range(fragment_style.size):
        fragment_class[f] = style_class[fragment_style[f]]

    room_for = (char_code.size if is_cjk else char_code.size + word_begin.size) + 1024
    g_code = np.empty(room_for, np.int32)
    g_style = np.empty(room_for, np.uint8)
    g_source = np.empty(room_for, np.int32)
    glyph = 0
    line_glyphs = np.empty((4096, 2), np.int64)
    line_pens = np.empty((4096, 3))
    n_lines = 0
    part_lines = np.empty((1024, 3), np.int64)  # first line, end line, page
    parts = np.empty((1024, 6))
    n_parts = 0

    y = top
    page = 0
    at_top = True
    after_last = 0.0
    status = FINE
    complete = True
    paragraphs = paragraph_fragment.size - 1
    p = 0
    while p < paragraphs and status == FINE and complete:
        f0, f1 = paragraph_fragment[p], paragraph_fragment[p + 1]
        empty = f1 == f0
        many = f1 - f0 > 1
        word, char, start_width = paragraph_word[p], -1, 0.0
        stop = paragraph_word[p + 1]
        units = np.empty((0, 4), np.int32)
        rows = np.empty((0, 4), np.int64)
        unit_extras = np.empty(0)
        if is_cjk and not empty:
            units = paragraph_units(f0, f1, fragment_start, fragment_style, fragment_break, char_code, char_source)
        first = True
        postponed = False
        broken = False  # CJK: rows are up to date
        while True:
            before = 0.0 if at_top else max(m[SPACE_BEFORE] - after_last, 0.0)
            room = y - bottom - before
            room0 = first_room if first else later_room
            begin_glyph = glyph
            fits = False
            made = 0
            done = True
            s = int(room / leading) if room > 0 else 0
            if room > 0:
                if empty:
                    made = 0
                elif is_cjk:
                    if not broken:
                        rows, unit_extras = break_units(units, many, room0, later_room, cw, kinds, space, nbsp)
                        broken = True
                    made = rows.shape[0]
                elif many:
                    made, glyph, done = break_many(
                        word, char, start_width, stop, -1, 0.0, s + 2, room0, later_room, unit, space_width, space, nbsp,
                        adv, cw, word_sum, char_code, char_source, char_fragment, fragment_class, fragment_style,
                        word_begin, word_end, word_flags, word_fragment, lines, extras, g_code, g_style, g_source, glyph,
                    )
                else:
                    made, glyph, done = break_single(
                        word, char, start_width, stop, -1, 0.0, s + 2, room0, later_room, unit, space_width, space, nbsp,
                        adv, cw, word_sum, char_code, char_source, char_fragment, fragment_class, fragment_style,
                        word_begin, word_end, word_flags, word_fragment, lines, extras, g_code, g_style, g_source, glyph,
                    )
                if done:
                    fits = y - (made * leading + before) >= bottom - 1e-6
            justify_last = False
            split = False
            if not fits:
                if empty or room < 1e-6 or s <= 1 or made <= s:
                    glyph = begin_glyph
                    if postponed or (not empty and s > 1 and made <= s and room >= 1e-6):
                        status = TOO_LARGE
                        break
                    postponed = True
                    page += 1
                    if page > last_page:
                        complete = False
                        break
                    y = top
                    at_top = True
                    after_last = 0.0
                    continue
                split = True
                justify_last = True
                if not is_cjk:
                    next_word, next_char = lines[s, 5], lines[s, 6]
                    justify_last = not (many and lines[s - 1, 4] == 1)
                    if next_char >= 0:  # the page ends inside a word: what stays is broken again without the rest of it
                        cut_from = word_begin[next_word]
                        if next_word == word and char >= 0:
                            cut_from = char
                        tail = _tail_width(lines, s, next_word, cut_from, next_char, not many, adv, cw, unit, char_code)
                        if many:
                            made, glyph, done = break_many(
                                word, char, start_width, next_word, next_char, tail, most_lines, room0, later_room, unit,
                                space_width, space, nbsp, adv, cw, word_sum, char_code, char_source, char_fragment,
                                fragment_class, fragment_style, word_begin, word_end, word_flags, word_fragment,
                                lines, extras, g_code, g_style, g_source, begin_glyph,
                            )
                        else:
                            made, glyph, done = break_single(
                                word, char, start_width, next_word, next_char, tail, most_lines, room0, later_room, unit,
                                space_width, space, nbsp, adv, cw, word_sum, char_code, char_source, char_fragment,
                                fragment_class, fragment_style, word_begin, word_end, word_flags, word_fragment,
                                lines, extras, g_code, g_style, g_source, begin_glyph,
                            )
                        if not done:
                            status = TOO_LARGE
                            break
                    else:
                        made = s
                        glyph = lines[s - 1, 1]
                        if many and lines[s - 1, 4] == 1:
                            lines[s - 1, 4] = 0
                            # A last line that held nothing but its break is gone when the part is broken again.
                            if lines[s - 1, 1] == lines[s - 1, 0] and lines[s - 1, 2] == 0:
                                made = s - 1
                    if y - (made * leading + before) < bottom - 1e-6:
                        status = TOO_LARGE
                        break
                else:
                    justify_last = not (many and rows[s - 1, 2] == 1)
                    made = s
            # Put the part onto the page.
            if is_cjk:
                extras = _grown_row(extras, made + 1)
                lines = _grown(lines, made + 1)
                pens = _grown(pens, made + 1)
                for i in range(made):
                    a, z = rows[i, 0], rows[i, 1]
                    if not many and not rows[i, 3]:
                        a, z = stripped(units, a, z, space, nbsp)
                    if glyph + z - a > g_code.size:
                        g_code = _grown_row(g_code, glyph + z - a)
                        g_style = _grown_row(g_style, g_code.size)
                        g_source = _grown_row(g_source, g_code.size)
                    lines[i, 0] = glyph
                    found = 0
                    for q in range(a, z):
                        if units[q, 0] >= 0:
                            g_code[glyph], g_style[glyph], g_source[glyph] = units[q, 0], units[q, 1], units[q, 2]
                            found += units[q, 0] == nbsp
                            glyph += 1
                    lines[i, 1], lines[i, 2], lines[i, 3], lines[i, 4] = glyph, 1, found, rows[i, 2]
                    extras[i] = unit_extras[i]
            part_height = made * leading
            used = part_height + before
            old_y = y
            y = y - used
            place_lines(
                lines, extras, made, many, alignment, justify_last, m[FIRST_INDENT] if first else 0.0, m[LEFT_INDENT],
                part_height - m[FONT_SIZE], leading, pens,
            )
            line_glyphs = _grown(line_glyphs, n_lines + made)
            line_pens = _grown(line_pens, n_lines + made)
            for i in range(made):
                line_glyphs[n_lines + i, 0], line_glyphs[n_lines + i, 1] = lines[i, 0], lines[i, 1]
                line_pens[n_lines + i] = pens[i]
            part_lines = _grown(part_lines, n_parts + 1)
            parts = _grown(parts, n_parts + 1)
            part_lines[n_parts, 0], part_lines[n_parts, 1], part_lines[n_parts, 2] = n_lines, n_lines + made, page
            place = parts[n_parts]
            place[PART_X], place[PART_Y], place[RECT_X], place[RECT_Y] = frame_x, y, rect_x, -m[BORDER_PADDING]
            place[RECT_WIDTH], place[RECT_HEIGHT] = rect_width, part_height + m[BORDER_PADDING] + m[BORDER_PADDING]
            n_lines += made
            n_parts += 1
            y = y - m[SPACE_AFTER]
            after_last = m[SPACE_AFTER]
            if y != old_y:
                at_top = False
            if not split:
                break
            # What is left becomes a paragraph of its own.
            if is_cjk:
                units, many = rest_of_paragraph(units, rows, s, many, style_class, space, nbsp)
                broken = False
            else:
                word, char = next_word, next_char
                if char >= 0:
                    start_width = 0.0
                    if many:
                        start_width = rejoined_width(char, word_end[word], later_room, char_code, cw)
                    else:
                        for c in range(char, word_end[word]):
                            start_width += adv[char_code[c]]
                        start_width = unit * start_width
            first = False
            postponed = False
            if glyph > 0 and g_source[glyph - 1] >= last_source and last_page > page:
                last_page = page  # the character looked for is on this page: finish it and stop
        if status == FINE and complete and glyph > 0 and g_source[glyph - 1] >= last_source and last_page > page:
            last_page = page
        p += 1
    return (
        status, page + 1 if complete else page, complete, g_code[:glyph], g_style[:glyph], g_source[:glyph],
        line_glyphs[:n_lines], line_pens[:n_lines], part_lines[:n_parts], parts[:n_parts],
    )

