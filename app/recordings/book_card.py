"""What a recording keeps of its book beside the text: title, format, chapters, and the questions that came with it.

In: a Book and its questions. Out: JSON; back to the same Book over the same text, everything checked: a card may come from anywhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from app.books import Book, BookFormat, Chapter
from app.books.samples import Question
from app.recordings.errors import BadRecording
from app.recordings.plain_json import from_plain, to_plain


@dataclass(frozen=True, slots=True)
class _Card:
    title: str
    format: BookFormat
    encoding: str
    byte_count: int
    chapters: tuple[Chapter, ...]
    notes: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


def card_of(book: Book, questions: tuple[Question, ...] = ()) -> str:
    card = _Card(book.title, book.format, book.encoding, book.byte_count, book.chapters, book.notes, questions)
    return json.dumps(to_plain(card), ensure_ascii=False)


def book_of(text: str, sha256: str, title: str, card: bytes | None) -> tuple[Book, tuple[Question, ...]]:
    """Without a card, or with one that does not hold, the whole text is one chapter."""
    try:
        found = from_plain(_Card, json.loads(card)) if card is not None else None
    except (ValueError, RecursionError, BadRecording):
        found = None
    if found is None or not _lies_within(found, len(text)):
        found = _Card(title, BookFormat.TXT, "utf-8", len(text), (Chapter(title, 0, len(text)),))
    book = Book(
        title=found.title,
        text=text,
        format=found.format,
        encoding=found.encoding,
        chapters=found.chapters,
        content_hash=sha256,
        byte_count=found.byte_count,
        notes=found.notes,
    )
    return book, found.questions


def _lies_within(card: _Card, length: int) -> bool:
    """There is a chapter, they stand in order, and nothing lies beyond the text."""
    at = 0
    for chapter in card.chapters:
        if not at <= chapter.start <= chapter.end <= length:
            return False
        at = chapter.end
    spans = (question.fact_span for question in card.questions if question.fact_span is not None)
    return bool(card.chapters) and all(0 <= start <= end <= length for start, end in spans)
