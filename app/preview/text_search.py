"""A phrase looked up in a book's text, however its lines break: places with a few words around each."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_MATCHES = 500


MAX_QUERY_CHARACTERS = 200


_CONTEXT = 40


@dataclass(frozen=True, slots=True)
class Match:
    start: int  # characters of the book
    end: int
    before: str
    found: str
    after: str


def search(text: str, phrase: str) -> list[Match]:
    """Places of a phrase, whatever its case and line breaks; where there are none, whatever its punctuation too."""
    phrase = phrase[:MAX_QUERY_CHARACTERS]
    return _places(text, phrase.split(), r"\s+") or _places(text, re.findall(r"\w+", phrase), r"[\W_]{1,8}")


def _places(text: str, words: list[str], between: str) -> list[Match]:
    """At most MAX_MATCHES."""
    if not words:
        return []
    pattern = re.compile(between.join(re.escape(word) for word in words), re.IGNORECASE)
    found = []
    for place in pattern.finditer(text):
        start, end = place.span()
        found.append(
            Match(
                start,
                end,
                _plain(text[max(0, start - _CONTEXT) : start]),
                _plain(text[start:end]),
                _plain(text[end : end + _CONTEXT]),
            )
        )
        if len(found) == MAX_MATCHES:
            break
    return found


def _plain(text: str) -> str:
    return " ".join(text.split()) if text.strip() else ""
