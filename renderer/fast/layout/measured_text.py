"""What layout reads of a text: its arrays and the widths of its characters, in named groups.

In: Tokens (tokens.py), Advances and word sums (advances.py). Out: a `MeasuredText`. Named tuples and not dataclasses, because
they are handed to functions that are @compiled, and between them. Knows nothing of pages.
"""

from typing import NamedTuple

import numpy as np

from renderer.fast.text.advances import Advances
from renderer.fast.text.fragments import Characters, Fragments
from renderer.fast.text.tokens import Tokens
from renderer.fast.text.words import Words

from .break_cjk import code_kinds


class Widths(NamedTuple):
    """Widths at one font size."""

    thousandths_of_code: np.ndarray  # float64 (codes,)
    points_of_code: np.ndarray  # float64 (codes,)
    thousandths_of_word: np.ndarray  # float64 (words,)
    unit: float  # points of one thousandth
    space: float  # points


class MeasuredText(NamedTuple):
    characters: Characters
    fragments: Fragments
    words: Words
    widths: Widths
    paragraph_fragment: np.ndarray  # int32 (paragraphs + 1,): first fragment of each paragraph, and the end
    paragraph_word: np.ndarray  # int32 (paragraphs + 1,): the first word
    space: int  # code of the space; of the no-break space, below 0 where the text has none
    nbsp: int
    kinds: np.ndarray  # uint8 (codes,), see break_cjk.py
    style_class: np.ndarray  # uint8 (styles,): styles of one colour are one to reportlab


def measured(
    tokens: Tokens,
    advances: Advances,
    sums: np.ndarray,
    font_size_pt: float,
    space: int,
    nbsp: int,
    style_class: np.ndarray,
) -> MeasuredText:
    unit = 0.001 * font_size_pt
    points = unit * advances.width
    t = tokens
    return MeasuredText(
        Characters(t.char_code, t.char_source, t.char_fragment),
        Fragments(t.fragment_start, t.fragment_style, t.fragment_break),
        Words(t.word_begin, t.word_end, t.word_flags, t.word_fragment),
        Widths(advances.width, points, sums, unit, float(points[space])),
        t.paragraph_fragment,
        t.paragraph_word,
        space,
        nbsp,
        code_kinds(t.codes),
        style_class,
    )
