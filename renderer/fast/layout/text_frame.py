"""Where text may stand on a page: reportlab's frame, from a setting. In points from the bottom left, as in a PDF.

A named tuple, because it is handed to functions that are @compiled. Sums are made in reportlab's order, for their last bits.
Knows nothing of text.

Facts: reportlab 5.1 platypus/frames.py, doctemplate.py, paragraph.py (breakLines, drawPara).
"""

from typing import NamedTuple

from renderer.glyph_rules import FRAME_PADDING_PT
from renderer.settings.config import Alignment, RenderConfig

from .line_pens import CENTER, JUSTIFY, LEFT, RIGHT

_ALIGNMENTS = {Alignment.LEFT: LEFT, Alignment.CENTER: CENTER, Alignment.RIGHT: RIGHT, Alignment.JUSTIFY: JUSTIFY}


class Frame(NamedTuple):
    """All in points but `alignment`, which is one of line_pens.py."""

    x: float
    top: float
    bottom: float
    first_room: float  # width for the first line of a paragraph, and for the others
    later_room: float
    rect_x: float  # of a paragraph's rectangle, from the frame's left
    rect_width: float
    padding: float  # between a paragraph and its border
    font_size: float
    leading: float
    first_indent: float
    left_indent: float
    space_before: float
    space_after: float
    alignment: int


def frame_of(config: RenderConfig) -> Frame:
    page_width, page_height = config.layout_page_pt
    x, y = config.margin_x_pt, config.margin_y_pt
    width, height = (page_width - x) - x, (page_height - y) - y
    left, first, right = config.left_indent_pt, config.first_line_indent_pt, config.right_indent_pt
    padding = config.border_padding_pt
    inner_width = ((x + width) - x) - FRAME_PADDING_PT - FRAME_PADDING_PT
    return Frame(
        x=x + FRAME_PADDING_PT,
        top=(y + height) - FRAME_PADDING_PT,
        bottom=y + FRAME_PADDING_PT,
        first_room=inner_width - (left + first) - right,
        later_room=inner_width - left - right,
        rect_x=left - padding,
        rect_width=inner_width - (left + right) + padding + padding,
        padding=padding,
        font_size=config.font_size_pt,
        leading=config.leading_pt,
        first_indent=first,
        left_indent=left,
        space_before=config.space_before_pt,
        space_after=config.space_after_pt,
        alignment=_ALIGNMENTS[config.alignment],
    )
