"""The quotations of an answer: between quotation marks of any kind, and in block quotes.

In: an answer. Out: spans of what is quoted, without its marks, in order and without overlap. One pass: however long the answer is
and however its marks are paired, no character is looked at more than a few times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .plain_text import UNSPACED, is_unspaced, plain
from .values import Span

MAX_QUOTED_CHARACTERS = 1_500
_CLOSING = {"“": "”", "„": "“”", "«": "»", "「": "」", "『": "』", "‘": "’", '"': '"', "‹": "›"}
_MARK = re.compile('[“”„«»「」『』‘’"‹›\n]')
_BLOCK_QUOTE = re.compile(r"(?:^[ \t]{0,3}>[^\n]*\n?)+", re.MULTILINE)
_BLOCK_LEAD = re.compile(r"\A[ \t]{0,3}>[ \t>]*[“\"«「『„]?\s*")
_SHORTEST_WORDS, _SHORTEST_UNSPACED = 2, 4
_WORDS = re.compile(rf"[{UNSPACED}]|[^ {UNSPACED}]+")


def quotations(answer: str) -> list[Span]:
    """Quotations of two words or four Chinese characters and more; shorter ones are marked words, not quotations."""
    blocks = list(_blocks(answer))
    found = [span for span in blocks if _is_long_enough(answer, span)]
    taken = iter(blocks)
    block = next(taken, None)
    for span in _between_marks(answer):
        while block is not None and block[1] <= span[0]:
            block = next(taken, None)
        if (block is None or span[1] <= block[0]) and _is_long_enough(answer, span):
            found.append(span)
    return sorted(found)


def _blocks(answer: str) -> Iterator[Span]:
    for match in _BLOCK_QUOTE.finditer(answer):
        lead = _BLOCK_LEAD.match(match.group())
        start = match.start() + (lead.end() if lead else 0)
        yield start, max(start, match.start() + len(match.group().rstrip(' \t\n"”»」』')))


def _between_marks(answer: str) -> Iterator[Span]:
    """The outermost pairs; a quotation does not go over a blank line, nor on for ever."""
    opened, closing, newline = -1, "", -1
    for match in _MARK.finditer(answer):
        mark, at = match.group(), match.start()
        if mark == "\n":
            if newline == at and opened >= 0:  # a blank line
                opened = -1
            newline = at + 1
            continue
        if opened >= 0 and at - opened > MAX_QUOTED_CHARACTERS:
            opened = -1
        if opened >= 0 and mark in closing:
            if mark == "’" and answer[at + 1 : at + 2].isalnum():  # an apostrophe
                continue
            yield opened, at
            opened = -1
        elif opened < 0 and mark in _CLOSING:
            if mark in '‘"' and at and answer[at - 1].isalnum() and not is_unspaced(answer[at - 1]):
                continue  # 6" or an apostrophe the wrong way round
            opened, closing = at + 1, _CLOSING[mark]


def _is_long_enough(answer: str, span: Span) -> bool:
    units = _WORDS.findall(plain(answer[slice(*span)][:200]))
    unspaced = sum(is_unspaced(unit[0]) for unit in units)
    return unspaced >= _SHORTEST_UNSPACED or len(units) - unspaced >= _SHORTEST_WORDS
