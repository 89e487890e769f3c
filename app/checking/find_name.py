"""A name in, its place in the book out, or None.

As written: its words follow each other in the book and begin with a capital. Differently: in small letters; without its title; its
words apart; with one letter changed (two from ten letters on) in a word of six letters or more, where the rest of the name or the
words around it are the same. Short names have no near misses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz.distance import OSA

from .asked import Asked
from .contexts import context
from .named import HONORIFIC, TITLES
from .plain_text import has_unspaced, plain
from .values import Found, Place, Span

_SHORTEST_MISSPELT = 6
_TWO_LETTERS_FROM = 10
_REACH = 160
_WORDS_SHARED = 2
_PLACES_TRIED = 64
_HONORIFIC_END = re.compile(rf"(?:{HONORIFIC})\Z")


def find_name(text: str, span: Span, asked: Asked) -> Place | None:
    key = plain(text)
    if has_unspaced(key):
        return _unspaced(key, asked)
    small: Place | None = None
    for found in asked.find(key, _PLACES_TRIED):
        if asked.index.text[found.span[0]].isupper() or not text[0].isupper():
            return found
        small = small or found
    if (start := asked.index.names.get(key)) is not None:
        written = start, start + len(text)
        return Place(Found.AS_WRITTEN, written, asked.has_read(written))
    if small is not None:
        return asked.otherwise(small.span)
    words = key.split()
    without_title = [word for word in words if word not in TITLES] or words
    if without_title != words and (untitled := asked.first(" ".join(without_title))):
        return asked.otherwise(untitled.span)
    return _by_parts(without_title, context(asked.answer, span, _REACH), asked)


def _by_parts(words: list[str], around: frozenset[str], asked: Asked) -> Place | None:
    if len(words) > 1 and (whole := _one_word_misspelt(words, asked)):
        return asked.otherwise(whole.span)
    places = []
    for word in words:
        found = asked.first(word) if len(word) <= 3 or word in asked.index.names else None
        alike = found or _misspelt(word, around, asked)
        if alike is None:
            return None
        places.append(alike)
    last = places[-1]
    if len(words) == 1:
        return asked.otherwise(last.span)
    return Place(Found.OTHERWISE, last.span, last.read, "the book has these words, but not together")


def _one_word_misspelt(words: list[str], asked: Asked) -> Place | None:
    """The whole name with one of its words as the book spells it: its other words say that it is meant."""
    for number, word in enumerate(words):
        if word not in asked.index.names:
            for candidate in _alike(word, asked):
                if found := asked.first(" ".join((*words[:number], candidate, *words[number + 1 :]))):
                    return found
    return None


def _misspelt(word: str, around: frozenset[str], asked: Asked) -> Place | None:
    """A word alike that stands by the same words."""
    for candidate in _alike(word, asked):
        for found in asked.find(candidate, 8):
            if len(around & context(asked.index.text, found.span, _REACH)) >= _WORDS_SHARED:
                return found
    return None


def _alike(word: str, asked: Asked) -> Iterator[str]:
    """Capitalised words of the book that differ in a letter or two. OSA counts two letters that changed places as one."""
    if len(word) >= _SHORTEST_MISSPELT and asked.budget.spellings > 0:
        asked.budget.spellings -= 1
        most = 1 if len(word) < _TWO_LETTERS_FROM else 2
        for candidate in asked.index.alike_names(word):
            if 0 < OSA.distance(word, candidate, score_cutoff=most) <= most:
                yield candidate


def _unspaced(key: str, asked: Asked) -> Place | None:
    if found := asked.first(key):
        return found
    bare = _HONORIFIC_END.sub("", key)
    if bare != key and len(bare) >= 2 and (found := asked.first(bare)):
        return asked.otherwise(found.span)
    return None
