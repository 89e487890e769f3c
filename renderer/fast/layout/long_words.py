"""Pieces of words that are wider than a line: where they are cut, and how wide they are put together again.

Widths in points; each sum is made in reportlab's own order, since the last bit of a width may move a word to another line.

Compiled. `text` is a MeasuredText, `table` a LineTable; `begin`, `end`: characters.

Facts: reportlab 5.1 platypus/paragraph.py (_splitFragWord, _splitWord, _rejoinSplitFragWords).
"""

from renderer.fast.compiling import compiled_bare, compiled_inline

from .line_table import CHARACTER, WORD


@compiled_bare
def text_width(text, begin, end):
    """Width of characters of one fragment."""
    total = 0.0
    for c in range(begin, end):
        total += text.widths.thousandths_of_code[text.characters.code[c]]
    return text.widths.unit * total


@compiled_bare
def range_width(text, begin, end):
    """Width of characters of any fragments, summed fragment by fragment."""
    width = 0.0
    c = begin
    while c < end:
        stop = end_of_fragment(text, c, end)
        width += text_width(text, c, stop)
        c = stop
    return width


@compiled_inline
def end_of_fragment(text, c, end):
    """Where the fragment of character `c` ends, `end` at the latest."""
    owner = text.characters.fragment
    fragment = owner[c]
    while c < end and owner[c] == fragment:
        c += 1
    return c


@compiled_bare
def piece_end(text, begin, least, end, room, next_room):
    """Where a word is cut: (end, width) of the piece that starts at `begin` and takes what lies before `least` anyhow."""
    line = 0.0
    word = 0.0
    for c in range(begin, end):
        w = text.widths.points_of_code[text.characters.code[c]]
        new = line + w
        if c >= least and new > room and (word != 0.0 or w <= next_room):
            return c, word
        word += w
        line = new
    return end, word


@compiled_bare
def single_piece_end(text, begin, least, end, used, room, next_room):
    """Where a word of one fragment is cut on a line of which `used` is taken; as `piece_end`, but by text, not width."""
    line = used
    for c in range(begin, end):
        w = text.widths.points_of_code[text.characters.code[c]]
        new = line + w
        if c >= least and new > room and (c > begin or w <= next_room):
            return c
        line = new
    return end


@compiled_bare
def rejoined_width(text, begin, end, room):
    """Width of the rest of a cut word, as the sum of the pieces it had been cut into."""
    total = 0.0
    c = begin
    while c < end:
        c, width = piece_end(text, c, c + 1, end, room, room)
        total += width
    return total


@compiled_bare
def kept_width(text, table, lines, word, begin, end):
    """Width of characters begin..end of a word, as the sum of the pieces of it that the first `lines` lines hold."""
    total = 0.0
    for i in range(1, lines + 1):
        cut = table.row[i, CHARACTER] if i < lines else end
        if i < lines and (table.row[i, WORD] != word or cut <= begin):
            continue
        piece = 0.0
        for c in range(begin, cut):
            piece += text.widths.points_of_code[text.characters.code[c]]
        total += piece
        begin = cut
    return total
