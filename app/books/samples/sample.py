"""A book together with questions that it answers."""

from __future__ import annotations

from dataclasses import dataclass

from app.books.book import Book


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask about a book, and what its text says."""

    question: str
    answer: str
    fact_span: tuple[int, int] | None = None  # characters of Book.text that hold the answer, end exclusive


@dataclass(frozen=True, slots=True)
class Sample:
    """A bundled or generated book and its questions, in the order of their places in the text."""

    book: Book
    questions: tuple[Question, ...]
