"""Source text in; fragments and words as arrays out, the same for every font, size and page.

These are the steps of Glyph's script and of reportlab's paragraph parser up to the point where widths come in: two
characters removed, runs of spaces turned into no-break spaces, 30 lines a paragraph joined by the newline markup, white
space collapsed, fragments cut at tags and entities (cutting.py), words cut at spaces (words.py). Knows nothing of fonts,
points or pixels.

Facts: reportlab 5.1 platypus/paragraph.py (cleanBlockQuotedText) and platypus/paraparser.py.
"""

import re
from dataclasses import dataclass

import numpy as np

from renderer.fast.compiling import compiled
from renderer.glyph_rules import LINES_PER_PARAGRAPH, REMOVED, SPACES
from renderer.settings.newline_markup import parse_newline_markup

from .fragments import BREAK, ENTITY, NBSP, NEWLINE, PLAIN, SPACE, STYLE, WHITE, cut
from .words import cut_words

_TOKEN = re.compile(r"<[^<>]*>|&[^;&<\s]{1,12};|[^<>&]")
_BREAK_TAG = re.compile(r"<br\s*/>", re.IGNORECASE)
_FONT_TAG = re.compile(r"""<font\s+color=("[^"'<>]*"|'[^"'<>]*')>""", re.IGNORECASE)
_CJK_FIRST, _CJK_LAST = 0x4E00, 0x9FFF
_REMOVED = [ord(c) for c in REMOVED]
_LEAST_TABLE = 0xFFFF  # the highest code point that tables by code point hold at least

_IS_WHITE = np.zeros(0x3001, dtype=np.bool_)
_IS_WHITE[[ord(c) for c in SPACES if ord(c) != NBSP]] = True


class UnsupportedMarkup(ValueError):
    """The newline markup is spelled in a way that only reportlab's own parser should judge."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text cut up. Characters are those that can be drawn, in order; `*_start` arrays have one more entry than parts."""

    length: int  # characters of the source text
    is_cjk: bool  # reportlab's CJK line breaking applies
    codes: np.ndarray  # distinct code points, ascending
    colors: tuple[str | None, ...]  # of the styles; None = the text's own
    char_code: np.ndarray  # int32, index into codes
    char_source: np.ndarray  # int32, character of the source text
    char_fragment: np.ndarray  # int32
    fragment_start: np.ndarray  # int32, into characters
    fragment_style: np.ndarray  # uint8, index into colors
    fragment_break: np.ndarray  # bool
    paragraph_fragment: np.ndarray  # int32, first fragment of each paragraph, and the end
    word_begin: np.ndarray  # int32, into characters
    word_end: np.ndarray
    word_flags: np.ndarray  # uint8
    word_fragment: np.ndarray  # int32
    paragraph_word: np.ndarray  # int32

    @property
    def byte_count(self) -> int:
        return sum(value.nbytes for name in self.__slots__ if isinstance(value := getattr(self, name), np.ndarray))


def tokenise(text: str, newline_markup: str) -> Tokens:
    """Cut `text` up. Raises UnsupportedMarkup for spellings of the markup that are left to reportlab."""
    operations, colors = _markup_operations(newline_markup)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    drawn = operations[_is_drawn(operations), 1]
    occurrences = _occurrences(points, max(_LEAST_TABLE, int(points.max(initial=0)), int(drawn.max(initial=0))))
    newlines, special = int(occurrences[10]), int(occurrences[[ord(c) for c in " &<>"]].sum())
    is_cjk = bool(occurrences[_CJK_FIRST : _CJK_LAST + 1].any())
    kept = ~np.isin(points, _REMOVED) if occurrences[_REMOVED].any() else None
    codes, index = _alphabet(occurrences, drawn)
    marks = newlines * len(operations)
    characters, fragments, paragraphs = cut(
        points if kept is None else points[kept],
        index,
        _kinds(codes),
        _coded(operations, index),
        points.size + marks + 8,
        2 * special + 2 * marks + newlines + 8,
        newlines // LINES_PER_PARAGRAPH + 2,
    )
    words, first_words = cut_words(
        characters.code, fragments.start, fragments.is_break, paragraphs, index[32], index[NBSP]
    )
    source = characters.source if kept is None else np.flatnonzero(kept).astype(np.int32)[characters.source]
    return Tokens(
        len(text),
        is_cjk,
        codes,
        colors,
        characters.code,
        source,
        characters.fragment,
        fragments.start,
        fragments.style,
        fragments.is_break,
        paragraphs,
        words.begin,
        words.end,
        words.flags,
        words.fragment,
        first_words,
    )


def _markup_operations(markup: str) -> tuple[np.ndarray, tuple[str | None, ...]]:
    """The markup as rows of (kind, value), and the colours that its styles mean."""
    parse_newline_markup(markup)
    rows: list[tuple[int, int]] = []
    colors: list[str | None] = [None]
    for token in _TOKEN.findall(markup):
        if _BREAK_TAG.fullmatch(token):
            rows.append((BREAK, 0))
        elif font := _FONT_TAG.fullmatch(token):
            color = parse_newline_markup(f"<font color={font.group(1)}>x</font>")[0].color
            if color not in colors:
                colors.append(color)
            rows.append((STYLE, colors.index(color)))
        elif token.lower() == "</font>":
            rows.append((STYLE, 0))
        elif token[0] == "<":
            raise UnsupportedMarkup(f"the newline markup has {token!r}")
        elif token[0] == "&":
            rows.append((ENTITY, ord(parse_newline_markup(token)[0].text)))
        elif ord(token) < _IS_WHITE.size and _IS_WHITE[ord(token)]:
            rows.append((WHITE, 0))
        else:
            rows.append((PLAIN, ord(token)))
    return np.array(rows, dtype=np.int64).reshape(-1, 2), tuple(colors)


def _alphabet(occurrences: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Code points of text and markup, ascending, and for every code point its index among them."""
    seen = occurrences > 0
    seen[drawn] = True
    seen[[32, NBSP]] = True  # layout puts spaces between words; runs of spaces become no-break spaces
    codes = np.flatnonzero(seen).astype(np.int32)
    index = np.zeros(codes[-1] + 1, dtype=np.int32)
    index[codes] = np.arange(codes.size, dtype=np.int32)
    return codes, index


def _is_drawn(operations: np.ndarray) -> np.ndarray:
    return (operations[:, 0] == PLAIN) | (operations[:, 0] == ENTITY)


def _coded(operations: np.ndarray, index: np.ndarray) -> np.ndarray:
    """The markup's operations with characters as indices into the text's code points."""
    coded = operations.copy()
    drawn = _is_drawn(coded)
    coded[drawn, 1] = index[coded[drawn, 1]]
    return coded


def _kinds(codes: np.ndarray) -> np.ndarray:
    """What cutting up does with each code point: one of PLAIN, SPACE, NEWLINE, WHITE, ENTITY."""
    kinds = np.full(codes.size, PLAIN, dtype=np.uint8)
    kinds[(codes < _IS_WHITE.size) & _IS_WHITE[np.minimum(codes, _IS_WHITE.size - 1)]] = WHITE
    kinds[(codes == ord("&")) | (codes == ord("<")) | (codes == ord(">"))] = ENTITY
    kinds[codes == 10] = NEWLINE
    kinds[codes == 32] = SPACE
    return kinds


@compiled
def _occurrences(points, highest):
    """How often each code point up to the highest occurs."""
    found = np.zeros(highest + 1, np.int32)
    for point in points:
        found[point] += 1
    return found
