"""Source text in; fragments and words as arrays out, the same for every font, size and page.

These are the steps of Glyph's script and of reportlab's paragraph parser up to the point where widths come in: two
characters removed, runs of spaces turned into no-break spaces, 30 lines a paragraph joined by the newline markup, white
space collapsed, fragments cut at tags and entities, words cut at spaces. Knows nothing of fonts, points or pixels.

Facts: reportlab 5.1 platypus/paragraph.py (cleanBlockQuotedText, _getFragWords) and platypus/paraparser.py.
"""

import re
from dataclasses import dataclass

import numpy as np

from .compiled import compiled
from .newline import parse_newline_markup
from .spans import LINES_PER_PARAGRAPH, SPACES

WORD_THEN_SPACE = 1  # reportlab's _HSFrag: a space follows the word
WORD_IS_BREAK = 2
WORD_IN_PIECES = 4  # the word crosses fragments: its width is a sum of sums

_WHITE, _PLAIN, _ENTITY, _BREAK, _STYLE = range(5)
_TOKEN = re.compile(r"<[^<>]*>|&[^;&<\s]{1,12};|[^<>&]")
_BREAK_TAG = re.compile(r"<br\s*/>", re.IGNORECASE)
_FONT_TAG = re.compile(r"""<font\s+color=("[^"'<>]*"|'[^"'<>]*')>""", re.IGNORECASE)
_NBSP = 0xA0
_CJK_FIRST, _CJK_LAST = 0x4E00, 0x9FFF

_IS_WHITE = np.zeros(0x3001, dtype=np.bool_)
_IS_WHITE[[ord(c) for c in SPACES if ord(c) != _NBSP]] = True


_IS_SPECIAL = _IS_WHITE.copy()
_IS_SPECIAL[[ord(c) for c in "\n&<>"]] = True


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


def tokenise(text: str, newline_markup: str) -> Tokens:
    """Cut `text` up. Raises UnsupportedMarkup for spellings of the markup that are left to reportlab."""
    operations, colors = _markup_operations(newline_markup)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    newlines, special, removed, is_cjk = _survey(points)
    source = np.arange(points.size, dtype=np.int32)
    if removed:
        kept = (points != 0xAD) & (points != 0x200B)
        points, source = points[kept], source[kept]
    marks = newlines * len(operations)
    found = _fragments(points, source, operations, points.size + marks + 8, 2 * special + 2 * marks + newlines + 8)
    characters, char_source, char_fragment, start, style, is_break, paragraphs = found
    codes, char_code = _dense(characters)
    words = _words(codes, char_code, start, is_break, paragraphs)
    return Tokens(
        len(text), bool(is_cjk), codes, colors, char_code, char_source, char_fragment, start, style, is_break, paragraphs, *words
    )


def _markup_operations(markup: str) -> tuple[np.ndarray, tuple[str | None, ...]]:
    """The markup as rows of (kind, value), and the colours that its styles mean."""
    parse_newline_markup(markup)
    rows: list[tuple[int, int]] = []
    colors: list[str | None] = [None]
    for token in _TOKEN.findall(markup):
        if _BREAK_TAG.fullmatch(token):
            rows.append((_BREAK, 0))
        elif font := _FONT_TAG.fullmatch(token):
            color = parse_newline_markup(f"<font color={font.group(1)}>x</font>")[0].color
            if color not in colors:
                colors.append(color)
            rows.append((_STYLE, colors.index(color)))
        elif token.lower() == "</font>":
            rows.append((_STYLE, 0))
        elif token[0] == "<":
            raise UnsupportedMarkup(f"the newline markup has {token!r}")
        elif token[0] == "&":
            rows.append((_ENTITY, ord(parse_newline_markup(token)[0].text)))
        elif ord(token) < _IS_WHITE.size and _IS_WHITE[ord(token)]:
            rows.append((_WHITE, 0))
        else:
            rows.append((_PLAIN, ord(token)))
    return np.array(rows, dtype=np.int64).reshape(-1, 2), tuple(colors)


def _dense(characters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct code points, and each character as an index into them."""
    seen = np.zeros(0x110000 if characters.size and characters.max() > 0xFFFF else 0x10000, dtype=np.bool_)
    seen[characters] = True
    seen[32] = True  # layout puts spaces between words
    codes = np.flatnonzero(seen).astype(np.int32)
    index = np.zeros(seen.size, dtype=np.int32)
    index[codes] = np.arange(codes.size, dtype=np.int32)
    return codes, index[characters]


@compiled
def _survey(points):
    """How many newlines, characters that may open a fragment, and characters to remove; and whether any is CJK."""
    newlines = special = removed = 0
    is_cjk = False
    for point in points:
        if point < 0xAE:
            newlines += point == 10
            special += point == 32 or point == 38 or point == 60 or point == 62
            removed += point == 0xAD
        else:
            removed += point == 0x200B
            is_cjk |= _CJK_FIRST <= point <= _CJK_LAST
    return newlines, special, removed, is_cjk


@compiled
def _feed(kind, value, at, state, characters, sources, owners, starts, styles, breaks):
    """Take one piece of mark-up. state: characters, fragments, open?, style, begun?, space waiting?, its source."""
    if kind == 0:  # white
        if state[4] and not state[5]:
            state[5] = 1
            state[6] = at
        return
    if state[5]:
        if not state[2]:
            starts[state[1]] = state[0]
            styles[state[1]] = state[3]
            state[1] += 1
            state[2] = 1
        characters[state[0]] = 32
        sources[state[0]] = state[6]
        owners[state[0]] = state[1] - 1
        state[0] += 1
        state[5] = 0
    state[4] = 1
    if kind == 4:  # style
        state[2] = 0
        state[3] = value
        return
    if kind != 1 or not state[2]:
        starts[state[1]] = state[0]
        styles[state[1]] = state[3]
        breaks[state[1]] = kind == 3
        state[1] += 1
    state[2] = kind == 1
    if kind != 3:
        characters[state[0]] = value
        sources[state[0]] = at
        owners[state[0]] = state[1] - 1
        state[0] += 1


@compiled
def _fragments(points, source, operations, most_characters, most_fragments):
    characters = np.empty(most_characters, np.uint32)
    sources = np.empty(most_characters, np.int32)
    owners = np.empty(most_characters, np.int32)
    starts = np.empty(most_fragments + 1, np.int32)
    styles = np.zeros(most_fragments, np.uint8)
    breaks = np.zeros(most_fragments, np.bool_)
    newlines = 0
    for point in points:
        newlines += point == 10
    paragraphs = np.zeros(newlines // LINES_PER_PARAGRAPH + 2, np.int32)
    paragraph = 1
    state = np.zeros(7, np.int64)
    line = 0
    n = points.size
    i = 0
    while i < n:
        point = points[i]
        at = source[i]
        if point == 10:
            line += 1
            if line % LINES_PER_PARAGRAPH == 0:
                paragraphs[paragraph] = state[1]
                paragraph += 1
                state[2:] = 0
            else:
                for j in range(operations.shape[0]):
                    _feed(operations[j, 0], operations[j, 1], at, state,
                          characters, sources, owners, starts, styles, breaks)
        elif point == 32:
            end = i + 1
            while end < n and points[end] == 32:
                end += 1
            if end - i == 1:
                _feed(0, 0, at, state, characters, sources, owners, starts, styles, breaks)
            else:
                for j in range(i, end):
                    _feed(2, 0xA0, source[j], state, characters, sources, owners, starts, styles, breaks)
            i = end
            continue
        elif point < _IS_WHITE.size and _IS_WHITE[point]:
            _feed(0, 0, at, state, characters, sources, owners, starts, styles, breaks)
        elif point == 38 or point == 60 or point == 62:
            _feed(2, point, at, state, characters, sources, owners, starts, styles, breaks)
        else:
            _feed(1, point, at, state, characters, sources, owners, starts, styles, breaks)
            # The common case, in line: plain characters and the single spaces between them.
            k, owner = state[0], state[1] - 1
            i += 1
            while i < n:
                point = points[i]
                if point < _IS_SPECIAL.size and _IS_SPECIAL[point] and (
                    point != 32 or i + 1 == n or (points[i + 1] < _IS_SPECIAL.size and _IS_SPECIAL[points[i + 1]])
                ):
                    break
                characters[k] = point
                sources[k] = source[i]
                owners[k] = owner
                k += 1
                i += 1
            state[0] = k
            continue
        i += 1
    paragraphs[paragraph] = state[1]
    starts[state[1]] = state[0]
    return (
        characters[: state[0]], sources[: state[0]], owners[: state[0]], starts[: state[1] + 1],
        styles[: state[1]], breaks[: state[1]], paragraphs[: paragraph + 1],
    )


@compiled
def _words(codes, char_code, fragment_start, fragment_break, paragraphs):
    """reportlab's _getFragWords over every paragraph: begin, end, flags, fragment of words; first word of paragraphs."""
    space = np.searchsorted(codes, 32)
    nbsp = np.searchsorted(codes, 0xA0)
    most = char_code.size + 2 * fragment_break.size + paragraphs.size + 8
    begin = np.empty(most, np.int32)
    end = np.empty(most, np.int32)
    flags = np.zeros(most, np.uint8)
    owner = np.zeros(most, np.int32)
    first = np.zeros(paragraphs.size, np.int32)
    n = 0
    for p in range(paragraphs.size - 1):
        first[p] = n
        single = paragraphs[p + 1] - paragraphs[p] == 1
        at_start = n
        open_word = -1  # first character of the word that goes on into the next fragment
        open_owner = -1
        open_pieces = 0
        strip = True
        for f in range(paragraphs[p], paragraphs[p + 1]):
            a = fragment_start[f]
            z = fragment_start[f + 1]
            if fragment_break[f]:
                if open_word >= 0:
                    begin[n], end[n], flags[n], owner[n] = open_word, a, 4 * (open_pieces > 1), open_owner
                    n += 1
                    open_word = -1
                begin[n], end[n], flags[n], owner[n] = a, a, 2, f
                n += 1
                strip = True
                continue
            if strip:
                while a < z and char_code[a] == space:
                    a += 1
                if a == z:
                    continue
                strip = False
            has_nbsp = False
            blank = True
            for c in range(a, z):
                if char_code[c] == nbsp:
                    has_nbsp = True
                if char_code[c] != space:
                    blank = False
            keeps_empty = has_nbsp  # the text is then split by a regular expression, which yields empty ends
            if char_code[a] == space:
                if open_word >= 0:
                    begin[n], end[n], flags[n], owner[n] = open_word, a, 4 * (open_pieces > 1), open_owner
                    n += 1
                    open_word = -1
                    follows_space = False
                else:
                    follows_space = n > at_start and (flags[n - 1] & 1) == 1
                if not follows_space:
                    begin[n], end[n], flags[n], owner[n] = a, a, 1, f
                    n += 1
                if blank:
                    continue
                if keeps_empty:
                    begin[n], end[n], flags[n], owner[n] = a, a, 1, f
                    n += 1
            c = a
            while c < z:
                while c < z and char_code[c] == space:
                    c += 1
                if c == z:
                    break
                w = c
                while c < z and char_code[c] != space:
                    c += 1
                if open_word < 0:
                    open_word, open_owner, open_pieces = w, f, 0
                open_pieces += 1
                if c < z:
                    begin[n], end[n], flags[n], owner[n] = open_word, c, 1 | 4 * (open_pieces > 1), open_owner
                    n += 1
                    open_word = -1
            if keeps_empty and char_code[z - 1] == space:
                begin[n], end[n], flags[n], owner[n] = z, z, 1, f
                n += 1
        if open_word >= 0:
            z = fragment_start[paragraphs[p + 1]]
            begin[n], end[n], flags[n], owner[n] = open_word, z, 4 * (open_pieces > 1), open_owner
            n += 1
        if n == at_start and paragraphs[p + 1] > paragraphs[p] and not single:
            f = paragraphs[p]
            begin[n], end[n], flags[n], owner[n] = fragment_start[f], fragment_start[f], 0, f
            n += 1
        if single:
            n = _single(begin, end, flags, owner, at_start, n)
    first[paragraphs.size - 1] = n
    return begin[:n], end[:n], flags[:n], owner[:n], first


@compiled
def _single(begin, end, flags, owner, start, stop):
    """A paragraph of one fragment is split plainly: no empty words, no breaks."""
    n = start
    for i in range(start, stop):
        if end[i] > begin[i]:
            begin[n], end[n], flags[n], owner[n] = begin[i], end[i], 0, owner[i]
            n += 1
    return n
