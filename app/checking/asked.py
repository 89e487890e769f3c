"""What a claim is looked up with: the answer it stands in, the book, what this side did not read, and how much work is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .book_index import BookIndex, overlap
from .values import Found, Place, Span

_SHOWN_CHARACTERS = 160


@dataclass(slots=True)
class Budget:
    """How much of the costly work one answer may cause; what comes after is looked up as written only."""

    alignments: int = 24
    spellings: int = 60
    neighbourhoods: int = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """`question`: its words, which count as a short answer's own. `unread`: characters of the book that this side did not get."""

    answer: str
    index: BookIndex
    unread: Span | None
    question: frozenset[str]
    budget: Budget

    def first(self, words: str) -> Place | None:
        """Where the book has these plain words, as written."""
        return next(self.find(words, 1), None)

    def find(self, words: str, most: int) -> Iterator[Place]:
        for span, read in self.index.find(words, self.unread, most):
            yield Place(Found.AS_WRITTEN, span, read)

    def has_read(self, span: Span) -> bool:
        return not overlap(span, self.unread)

    def shown(self, span: Span) -> str:
        """The book's own words there."""
        words = " ".join(self.index.text[span[0] : min(span[1], span[0] + 2 * _SHOWN_CHARACTERS)].split())
        return words if len(words) <= _SHOWN_CHARACTERS else f"{words[: _SHOWN_CHARACTERS - 1]}…"

    def otherwise(self, span: Span, how: str = "the book has") -> Place:
        """Found differently, with what the book has there."""
        return Place(Found.OTHERWISE, span, self.has_read(span), f"{how} “{self.shown(span)}”")
