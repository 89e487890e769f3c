"""Lines from words: reportlab's two word-wise line breakers, resumable after any line.

A line is written as glyphs (code, style, source character) into the caller's arrays, and as a row of `lines` (below) with
its unused width in `extras`. Widths in points. Knows nothing of pages or pixels.

`MANY` is reportlab's breaker for a paragraph of several fragments, `SINGLE` the one for a paragraph of one fragment. They
differ in how a line may shrink, in what counts as a space and in how a cut word is put together again.

Facts: reportlab 5.1 platypus/paragraph.py (breakLines, _splitFragWord, _splitWord, _rejoinSplitFragWords).
"""


from .compiled import compiled

# Columns of a row of `lines`.
GLYPH_BEGIN, GLYPH_END, WORDS, NBSPS, ENDS_IN_BREAK, WORD, CHARACTER = range(7)
COLUMNS = 7
WHOLE = -1  # CHARACTER of a line that starts with a whole word; else the character of the word that it starts with
SHRINKAGE = 0.05


@compiled
def range_width(c0, c1, char_code, char_fragment, adv, unit):
    """Width of characters c0..c1, summed fragment by fragment."""
    width = 0.0
    c = c0
    while c < c1:
        fragment = char_fragment[c]
        total = 0.0
        while c < c1 and char_fragment[c] == fragment:
            total += adv[char_code[c]]
            c += 1
        width += unit * total
    return width


@compiled
def piece_end(c0, c1, room, next_room, resumed, char_code, cw):
    """Where a word is cut: (end, width) of the piece that starts at c0. A resumed piece takes its first character."""
    line = 0.0
    word = 0.0
    for c in range(c0, c1):
        w = cw[char_code[c]]
        new = line + w
        if not (resumed and c == c0) and new > room and (word != 0.0 or w <= next_room):
            return c, word
        word += w
        line = new
    return c1, word


@compiled
def rejoined_width(c0, c1, room, char_code, cw):
    """Width of the rest of a cut word, as the sum of the pieces it had been cut into."""
    total = 0.0
    c = c0
    while c < c1:
        c, width = piece_end(c, c1, room, room, True, char_code, cw)
        total += width
    return total


@compiled
def _copy(c0, c1, style, at, nbsp, char_code, char_source, g_code, g_style, g_source):
    found = 0
    for c in range(c0, c1):
        code = char_code[c]
        g_code[at] = code
        g_style[at] = style
        g_source[at] = char_source[c]
        found += code == nbsp
        at += 1
    return at, found


@compiled
def _space_source(end, space, char_code, char_source):
    """Source of the space that follows a word ending at character `end`, or of its last character where none does."""
    if end < char_code.size and char_code[end] == space:
        return char_source[end]
    return char_source[max(0, end - 1)]


@compiled
def break_many(
    start_word, start_char, start_width, stop_word, stop_char, stop_width, most_lines, room0, room1, unit, space_width,
    space, nbsp, adv, cw, word_sum, char_code, char_source, char_fragment, fragment_class, fragment_style,
    word_begin, word_end, word_flags, word_fragment, lines, extras, g_code, g_style, g_source, glyph,
):
    """reportlab's breaker for several fragments, from one item to another. Returns (lines made, next glyph, all done).

    Items run from word `start_word` (from `start_char` on, of `start_width`, unless WHOLE) to `stop_word` exclusive, or
    to `stop_char` of it, exclusive.
    """
    made = 0
    room = room0
    word = start_word
    cut_done = False
    pending = 0  # of a cut word: 1 = its first piece is next, 2 = the break that follows it, 3 = a further piece
    piece_from = piece_to = 0
    piece_width = 0.0
    any_part = False
    count = nbsps = 0
    space_next = current = 0.0
    shrink_after_space = shrink_after_word = 0.0  # parts already closed, by whether a space is due
    part_spaces = 0
    part_class = part_style = 0
    ends_in_space = False
    whole_end = 0
    line_word, line_char = start_word, start_char
    begin = glyph
    last_source = 0
    while True:
        is_break = cut = last_piece = injected = False
        has_space = False
        if pending == 0:
            if word > stop_word or (word == stop_word and stop_char < 0):
                break
            flags = word_flags[word]
            c0, c1 = word_begin[word], word_end[word]
            fragment = word_fragment[word]
            item_char = WHOLE
            if word == start_word and start_char >= 0:
                c0 = start_char
                width = start_width
                item_char = start_char
                fragment = char_fragment[c0]
            elif flags & 4:
                width = range_width(c0, c1, char_code, char_fragment, adv, unit)
            else:
                width = unit * word_sum[word]
            has_space = (flags & 1) == 1
            if word == stop_word:
                c1 = stop_char
                width = stop_width
                has_space = False
            is_break = (flags & 2) == 2
        elif pending == 2:
            is_break = injected = True
            c0 = c1 = piece_from
            item_char = piece_from
            fragment = word_fragment[word]
            width = 0.0
        else:
            whole_end = word_end[word] if word < stop_word else stop_char
            c0 = piece_from
            if pending == 1:
                c1, width = piece_to, piece_width
            else:
                c1, width = piece_end(c0, whole_end, room1, room1, True, char_code, cw)
            item_char = c0
            fragment = char_fragment[c0]
            cut = True
            last_piece = c1 == whole_end
            has_space = last_piece and word < stop_word and (word_flags[word] & 1) == 1
        if not any_part:
            count = nbsps = 0
            space_next = current = 0.0
        new = current + space_next + width if width > 0.0 else current
        limit = room
        shrink = shrink_after_space if space_next != 0.0 else shrink_after_word
        if not any_part:
            shrink = 0.0
        elif part_spaces:
            shrink += part_spaces * space_width
        limit += shrink * SHRINKAGE
        if not is_break and new > limit and not cut and width > (room0 if made == 0 else room1):
            piece_from = c0
            piece_to, piece_width = piece_end(c0, c1, room - space_next - current, room1, False, char_code, cw)
            pending = 1
            continue
        # The item is taken: move on to the one after it.
        this_word = word
        if pending == 0:
            word += 1
        elif pending == 1:
            piece_from = c1
            pending = 2
            cut_done = last_piece
        elif pending == 2:
            if cut_done:
                pending = 0
                word += 1
            else:
                pending = 3
        else:
            piece_from = c1
            if last_piece:
                pending = 0
                word += 1
        ends = (new > limit and count > 0) or is_break
        if ends:
            row = lines[made]
            row[GLYPH_BEGIN], row[GLYPH_END], row[WORDS], row[NBSPS] = begin, glyph, count, nbsps
            row[ENDS_IN_BREAK] = is_break and not injected
            row[WORD], row[CHARACTER] = line_word, line_char
            extras[made] = room - current
            made += 1
            line_word, line_char = this_word, item_char
            begin = glyph
            room = room1
            any_part = False
            if made == most_lines:
                return made, glyph, False
            if is_break:
                if injected and cut_done:
                    line_word, line_char = word, WHOLE
                continue
            count = nbsps = 0
            current = width
            space_next = 0.0
            count = 1
        else:
            count += c1 > c0
            current = new
        # Put the item onto the line.
        klass = fragment_class[fragment]
        if not any_part:
            any_part = True
            shrink_after_space, shrink_after_word = space_width, 0.0
            part_spaces = 0
            ends_in_space = False
            part_class, part_style = klass, fragment_style[fragment]
        elif klass != part_class:
            if space_next != 0.0 and not ends_in_space:
                g_code[glyph], g_style[glyph], g_source[glyph] = space, part_style, last_source
                glyph += 1
                part_spaces += 1
            if part_spaces:
                shrink_after_space += part_spaces * space_width
                shrink_after_word += part_spaces * space_width
            part_spaces = 0
            ends_in_space = False
            part_class, part_style = klass, fragment_style[fragment]
        elif space_next != 0.0 and not ends_in_space:
            g_code[glyph], g_style[glyph], g_source[glyph] = space, part_style, last_source
            glyph += 1
            part_spaces += 1
            ends_in_space = True
        if c1 > c0:
            ends_in_space = False
        first = True
        c = c0
        while c < c1:
            fragment = char_fragment[c]
            end = c
            while end < c1 and char_fragment[end] == fragment:
                end += 1
            if not first:
                if part_spaces:
                    shrink_after_space += part_spaces * space_width
                    shrink_after_word += part_spaces * space_width
                part_spaces = 0
                part_class, part_style = fragment_class[fragment], fragment_style[fragment]
            glyph, found = _copy(c, end, part_style, glyph, nbsp, char_code, char_source, g_code, g_style, g_source)
            nbsps += found
            last_source = _space_source(end, space, char_code, char_source)
            first = False
            c = end
        space_next = space_width if has_space else 0.0
    if any_part:
        row = lines[made]
        row[GLYPH_BEGIN], row[GLYPH_END], row[WORDS], row[NBSPS] = begin, glyph, count, nbsps
        row[ENDS_IN_BREAK] = 0
        row[WORD], row[CHARACTER] = line_word, line_char
        extras[made] = room - current
        made += 1
    return made, glyph, True


@compiled
def break_single(
    start_word, start_char, start_width, stop_word, stop_char, stop_width, most_lines, room0, room1, unit, space_width,
    space, nbsp, adv, cw, word_sum, char_code, char_source, char_fragment, fragment_class, fragment_style,
    word_begin, word_end, word_flags, word_fragment, lines, extras, g_code, g_style, g_source, glyph,
):
    """reportlab's breaker for one fragment; arguments and result as of `break_many`."""
    made = 0
    room = room0
    shrink = SHRINKAGE * space_width
    word = start_word
    pending = 0  # 1 = the first piece of a cut word is next, 3 = a further piece
    piece_from = piece_to = whole_end = 0
    count = nbsps = 0
    current = -space_width
    line_word, line_char = start_word, start_char
    begin = glyph
    last_source = 0
    style = 0
    while True:
        forced = cut = False
        if pending == 0:
            if word > stop_word or (word == stop_word and stop_char < 0):
                break
            c0, c1 = word_begin[word], word_end[word]
            item_char = WHOLE
            if word == start_word and start_char >= 0:
                c0 = start_char
                item_char = start_char
                width = start_width
            else:
                width = unit * word_sum[word]
            if word == stop_word:
                c1 = stop_char
                width = stop_width
        else:
            whole_end = word_end[word] if word < stop_word else stop_char
            c0 = piece_from
            if pending == 1:
                c1 = piece_to
                forced = True
            else:
                c1 = _text_end(c0, whole_end, 0.0, room1, room1, True, char_code, cw)
            total = 0.0
            for c in range(c0, c1):
                total += adv[char_code[c]]
            width = unit * total
            cut = True
            item_char = c0
        new = current + space_width + width
        limit = room + shrink * count
        if new > limit and not forced and not cut and width > (room0 if made == 0 else room1):
            piece_from = c0
            piece_to = _text_end(c0, c1, current + space_width, room, room1, False, char_code, cw)
            pending = 1
            continue
        this_word = word
        if pending == 0:
            word += 1
        else:
            piece_from = c1
            pending = 3
            if c1 == whole_end:
                pending = 0
                word += 1
        style = fragment_style[char_fragment[word_begin[this_word]]]
        if not (new <= limit or count == 0 or forced):
            row = lines[made]
            row[GLYPH_BEGIN], row[GLYPH_END], row[WORDS], row[NBSPS], row[ENDS_IN_BREAK] = begin, glyph, count, nbsps, 0
            row[WORD], row[CHARACTER] = line_word, line_char
            extras[made] = room - current
            made += 1
            line_word, line_char = this_word, item_char
            begin = glyph
            room = room1
            if made == most_lines:
                return made, glyph, False
            count = nbsps = 0
            current = width
        else:
            current = new
        if c1 > c0 or not forced:
            if count:
                g_code[glyph], g_style[glyph], g_source[glyph] = space, style, last_source
                glyph += 1
            glyph, found = _copy(c0, c1, style, glyph, nbsp, char_code, char_source, g_code, g_style, g_source)
            nbsps += found
            last_source = _space_source(c1, space, char_code, char_source)
            count += 1
        if forced:
            row = lines[made]
            row[GLYPH_BEGIN], row[GLYPH_END], row[WORDS], row[NBSPS], row[ENDS_IN_BREAK] = begin, glyph, count, nbsps, 0
            row[WORD], row[CHARACTER] = line_word, line_char
            extras[made] = room - new
            made += 1
            line_word = word
            line_char = piece_from if pending else WHOLE
            begin = glyph
            room = room1
            count = nbsps = 0
            current = -space_width
            if made == most_lines:
                return made, glyph, False
    if count:
        row = lines[made]
        row[GLYPH_BEGIN], row[GLYPH_END], row[WORDS], row[NBSPS], row[ENDS_IN_BREAK] = begin, glyph, count, nbsps, 0
        row[WORD], row[CHARACTER] = line_word, line_char
        extras[made] = room - current
        made += 1
    return made, glyph, True


@compiled
def _text_end(c0, c1, used, room, next_room, resumed, char_code, cw):
    """Where a word of one fragment is cut on a line of which `used` is taken; as `piece_end`, but by text, not width."""
    line = used
    for c in range(c0, c1):
        w = cw[char_code[c]]
        new = line + w
        if not (resumed and c == c0) and new > room and (c > c0 or w <= next_room):
            return c
        line = new
    return c1
