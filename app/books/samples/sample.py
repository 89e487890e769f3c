"""A book together with questions that it answers."""

from __future__ import annotations

from dataclasses import dataclass

from app.books.book import Book


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask about a book, and what its text says.

    `fact_span`: characters of Book.text that hold the answer, end exclusive. `must_hold`: the words by which an answer is
    judged, where they are fewer than those of `answer`: "|" between spellings, ";" between parts.
    """

    question: str
    answer: str
    fact_span: tuple[int, int] | None = None
    must_hold: str = ""

    @property
    def key(self) -> str:
        """What a right answer must hold."""
        return self.must_hold or self.answer


@dataclass(frozen=True, slots=True)
class Sample:
    """A bundled or generated book and its questions, in the order of their places in the text."""

    book: Book
    questions: tuple[Question, ...]
