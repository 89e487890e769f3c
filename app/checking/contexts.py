"""Which words stand around a place: what tells whether two places speak of the same thing.

In: a text and a span. Out: a set of word beginnings (6 letters, so that "barrels" and "barrel's" agree) and, in Chinese and
Japanese, pairs of characters. Words that stand everywhere are left out.
"""

from __future__ import annotations

import re

from .plain_text import UNSPACED, WORD, is_unspaced, key_of
from .values import Span

_STEM = 6
_SHORTEST = 3
_RUN = re.compile(f"[{UNSPACED}]+")
_EMPTY_LIST = (
    "the and for that this with from have has had was were are been being not but his her hers him she they them their "
    "you your our its who whom which what when where why how all any some one into onto upon over under out off than "
    "then there here very only also just about after before between would could should shall will may might must can "
    "did does done said says tell told book text answer question page chapter according"
)
_EMPTY = frozenset(word[:_STEM] for word in _EMPTY_LIST.split())


def context(text: str, span: Span, reach: int) -> frozenset[str]:
    """The words within `reach` characters of the span, in its own paragraph; the span's own words are left out."""
    start, end = span
    before = text[max(0, start - reach) : start].rpartition("\n\n")[2]
    after = text[end : end + reach].partition("\n\n")[0]
    if len(before) == reach:  # the word that is cut in two
        before = before[1:].lstrip() if before[1:2].isspace() else re.sub(r"\A[A-Za-z]+", "", before)
    if len(after) == reach:
        after = re.sub(r"[A-Za-z]+\Z", "", after)
    return stems(before) | stems(after)


def stems(text: str) -> frozenset[str]:
    found: set[str] = set()
    for match in WORD.finditer(text):
        word = match.group()
        if is_unspaced(word[0]):
            found.update(word[at : at + 2] for at in range(len(word) - 1))
        elif not word[0].isdigit() and len(word) >= _SHORTEST:
            stem = key_of(word)[:_STEM]
            if stem not in _EMPTY:
                found.add(stem)
    return frozenset(found)
