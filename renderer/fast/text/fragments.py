"""Code points in; the characters that can be drawn and the fragments they belong to out, as reportlab's parser cuts them.

White space collapses, runs of spaces become no-break spaces, every entity is a fragment of its own, a newline becomes
what the markup says, and every thirtieth ends a paragraph. Knows nothing of words, fonts or pixels.

Compiled. points uint32 (n,), code points; index int32, by code point; kinds uint8 (codes,); operations int64 (n, 2), kind and value.

Facts: reportlab 5.1 platypus/paragraph.py (cleanBlockQuotedText) and platypus/paraparser.py.
"""

from typing import NamedTuple

import numpy as np

from renderer.fast.compiling import compiled
from renderer.glyph_rules import LINES_PER_PARAGRAPH

NBSP = 0xA0
# Kinds of characters and of pieces of mark-up.
WHITE, PLAIN, ENTITY, BREAK, STYLE, SPACE, NEWLINE = range(7)
# The state of cutting: what was made, and of the paragraph at hand whether a fragment is open, in which style, whether
# anything stands in it, and whether white space waits for something to follow, and where in the source that space is.
CHARACTERS, FRAGMENTS, IS_OPEN, FONT_STYLE, BEGUN, WAITING, WAITING_SOURCE = range(7)


class Characters(NamedTuple):
    """Characters in the order they are drawn. int32 each."""

    code: np.ndarray  # index into the text's code points
    source: np.ndarray  # position in `points`
    fragment: np.ndarray


class Fragments(NamedTuple):
    """Stretches of one style; `start` has one more entry than there are fragments."""

    start: np.ndarray  # int32, into characters
    style: np.ndarray  # uint8
    is_break: np.ndarray  # bool


@compiled
def _open_fragment(out, state, is_break):
    at = state[FRAGMENTS]
    out.start[at] = state[CHARACTERS]
    out.style[at] = state[FONT_STYLE]
    out.is_break[at] = is_break
    state[FRAGMENTS] = at + 1


@compiled
def _put(characters, state, code, source):
    at = state[CHARACTERS]
    characters.code[at] = code
    characters.source[at] = source
    characters.fragment[at] = state[FRAGMENTS] - 1
    state[CHARACTERS] = at + 1


@compiled
def _feed(kind, value, source, state, characters, fragments, space):
    """Take one piece of mark-up: white space waits until something follows it, and is nothing at a paragraph's start."""
    if kind == WHITE:
        if state[BEGUN] and not state[WAITING]:
            state[WAITING], state[WAITING_SOURCE] = 1, source
        return
    if state[WAITING]:
        if not state[IS_OPEN]:
            _open_fragment(fragments, state, False)
            state[IS_OPEN] = 1
        _put(characters, state, space, state[WAITING_SOURCE])
        state[WAITING] = 0
    state[BEGUN] = 1
    if kind == STYLE:
        state[IS_OPEN], state[FONT_STYLE] = 0, value
        return
    if kind != PLAIN or not state[IS_OPEN]:
        _open_fragment(fragments, state, kind == BREAK)
    state[IS_OPEN] = kind == PLAIN
    if kind != BREAK:
        _put(characters, state, value, source)


@compiled
def _run(points, i, index, kinds, state, characters):
    """The common case: plain characters and the single spaces between them, into the open fragment. Returns the next i."""
    n = points.size
    at = state[CHARACTERS]
    fragment = state[FRAGMENTS] - 1
    while i < n:
        code = index[points[i]]
        kind = kinds[code]
        if kind != PLAIN and (kind != SPACE or i + 1 == n or kinds[index[points[i + 1]]] != PLAIN):
            break
        characters.code[at] = code
        characters.source[at] = i
        characters.fragment[at] = fragment
        at += 1
        i += 1
    state[CHARACTERS] = at
    return i


@compiled
def cut(points, index, kinds, operations, most_characters, most_fragments, most_paragraphs):
    """Characters, fragments, and the first fragment of every paragraph. `operations` are what stands for a newline."""
    characters = Characters(
        np.empty(most_characters, np.int32), np.empty(most_characters, np.int32), np.empty(most_characters, np.int32)
    )
    fragments = Fragments(
        np.empty(most_fragments + 1, np.int32), np.zeros(most_fragments, np.uint8), np.zeros(most_fragments, np.bool_)
    )
    paragraphs = np.zeros(most_paragraphs, np.int32)
    state = np.zeros(7, np.int64)
    space, nbsp = index[32], index[NBSP]
    line = 0
    i = 0
    while i < points.size:
        code = index[points[i]]
        kind = kinds[code]
        if kind == PLAIN:
            _feed(PLAIN, code, i, state, characters, fragments, space)
            i = _run(points, i + 1, index, kinds, state, characters)
            continue
        if kind == NEWLINE:
            line += 1
            if line % LINES_PER_PARAGRAPH == 0:
                paragraphs[line // LINES_PER_PARAGRAPH] = state[FRAGMENTS]
                state[IS_OPEN:] = 0
            else:
                for j in range(operations.shape[0]):
                    _feed(operations[j, 0], operations[j, 1], i, state, characters, fragments, space)
        elif kind == SPACE and i + 1 < points.size and points[i + 1] == 32:
            while i < points.size and points[i] == 32:
                _feed(ENTITY, nbsp, i, state, characters, fragments, space)
                i += 1
            continue
        else:
            _feed(ENTITY if kind == ENTITY else WHITE, code, i, state, characters, fragments, space)
        i += 1
    last = line // LINES_PER_PARAGRAPH + 1
    paragraphs[last] = state[FRAGMENTS]
    c, f = state[CHARACTERS], state[FRAGMENTS]
    fragments.start[f] = c
    return (
        Characters(characters.code[:c], characters.source[:c], characters.fragment[:c]),
        Fragments(fragments.start[: f + 1], fragments.style[:f], fragments.is_break[:f]),
        paragraphs[: last + 1],
    )
