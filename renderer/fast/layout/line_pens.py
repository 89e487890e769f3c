"""Where the pen stands at the start of a line: a paragraph part's lines in, pen x, pen y and word spacing out.

Pens are what poppler reads back from the text operators that reportlab would have written, in points from the part's
bottom left. Knows nothing of pages.

Compiled. `table` is a LineTable, whose pens are float64 (n, 3).

Facts: reportlab 5.1 platypus/paragraph.py (drawPara, _leftDrawParaLine and its kin), pdfgen/textobject.py.
"""

from renderer.fast.compiling import compiled_bare
from renderer.fast.pdf_numbers import printed, read_back

from .line_table import ENDS_IN_BREAK, GLYPH_BEGIN, GLYPH_END, NBSPS, WORDS

LEFT, CENTER, RIGHT, JUSTIFY = range(4)
PEN_X, PEN_Y, WORD_SPACE = range(3)  # columns of `LineTable.pen`
PREAMBLE_LEADING = 14.4  # of the font that reportlab sets at the top of a page


@compiled_bare
def place_lines(table, lines, many, alignment, justify_last, indent, left, baseline, leading):
    """Fill in the pens of the first `lines` lines. `many`: of several fragments, which reportlab draws in another way."""
    origin_x = read_back(left)
    origin_y = read_back(baseline)
    step = read_back(leading)
    line_x = line_y = 0.0
    moved = before_move = 0.0  # the last Td, as long as nothing has been written after it
    can_merge = False
    has_leading = many
    centred = alignment in (CENTER, RIGHT)
    for i in range(lines):
        row, extra = table.row[i], table.extra[i]
        spaces = row[WORDS] + row[NBSPS] - 1
        last = i == lines - 1 and not justify_last
        plain = spaces <= 0 or _keeps_its_spaces(extra, alignment, last, many and row[ENDS_IN_BREAK] == 1)
        shift = _shift(indent if i == 0 else 0.0, extra, alignment) if plain else (indent if i == 0 else 0.0)
        is_shifted = shift > 1e-6 or shift < -1e-6
        if is_shifted and not (many and centred and not plain):
            if can_merge and not (centred and not plain):
                line_x = before_move
                moved = shift + moved
            else:
                moved = shift
            line_x = line_x + read_back(moved)
        pen = table.pen[i]
        pen[PEN_X], pen[PEN_Y] = line_x + origin_x, line_y + origin_y
        pen[WORD_SPACE] = 0.0 if plain else read_back(extra / float(spaces))
        if row[GLYPH_END] > row[GLYPH_BEGIN]:
            has_leading = True
        line_y = line_y - (step if has_leading else PREAMBLE_LEADING)
        can_merge = False
        if is_shifted:
            before_move = line_x
            line_x = line_x + read_back(-shift)
            moved = printed(-shift)
            can_merge = True


@compiled_bare
def _keeps_its_spaces(extra, alignment, last, ends_in_break):
    """Whether the line is neither stretched nor shrunk."""
    if alignment != JUSTIFY:
        return extra > -1e-8
    return -1e-8 < extra <= 1e-8 or (last and extra > -1e-8) or ends_in_break


@compiled_bare
def _shift(indent, extra, alignment):
    if alignment == CENTER:
        return indent + 0.5 * extra
    return indent + extra if alignment == RIGHT else indent
