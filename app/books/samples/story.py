"""The bundled story, "The Island on Sheet 114", with its questions. Written for this project; some 4,000 tokens."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from app.books.read import book_from_text

from .sample import Question, Sample

_HERE = Path(__file__).parent


@cache
def story() -> Sample:
    """The story and its questions."""
    text = (_HERE / "story.txt").read_text(encoding="utf-8")
    rows = json.loads((_HERE / "story.json").read_text(encoding="utf-8"))
    book = book_from_text(text, "The Island on Sheet 114")
    return Sample(book, tuple(_question(row, book.text) for row in rows))


def _question(row: dict[str, str], text: str) -> Question:
    start = text.index(row["says"])
    return Question(row["question"], row["answer"], (start, start + len(row["says"])), row.get("must_hold", ""))
