"""Where the open book came from, and what was chosen of it: file bytes in, the session's Book out. Imports no streamlit.

Stages: bytes -> (read, cached by content) base -> (reflow, cached) -> (chapters) -> the Book that both models get.
Files and parsed books are shared by all sessions and bounded: the ones used least recently go first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from app.books import Book, reflow_book, select_chapters
from app.books.samples import Question
from app.bounded import Bounded

MAX_REFLOWED_CHARACTERS = 60_000_000


class Reflow(StrEnum):
    """What is done to line breaks."""

    AS_IS = "as it is"
    JOIN = "join"
    DENSE = "dense"


@dataclass(frozen=True, slots=True)
class TextChoices:
    """What a person chose of a file. None: what was found, and all chapters."""

    encoding: str | None = None
    keep_gutenberg: bool = False
    reflow: Reflow = Reflow.AS_IS
    chapters: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class BookSource:
    """One opened file, sample or pasted text. `base` is the whole text, with its line breaks as they came."""

    name: str
    base: Book
    file_key: str | None = None  # of the kept bytes; None for what was no file
    choices: TextChoices = TextChoices()
    found_encoding: str = ""  # before anybody chose one
    questions: tuple[Question, ...] = ()
    parse_ms: float | None = None
    sample: str = ""
    """The name that a link knows a sample by; "": it is none."""

    @property
    def whole(self) -> Book:
        """All chapters, reflowed as chosen."""
        return reflowed(self.base, self.choices.reflow)

    @property
    def book(self) -> Book:
        """What both models get."""
        chosen = self.choices.chapters
        return self.whole if chosen is None else select_chapters(self.whole, chosen)

    def with_chapters(self, chosen: tuple[int, ...]) -> BookSource:
        everything = len(chosen) == len(self.base.chapters)
        return replace(self, choices=replace(self.choices, chapters=None if everything else chosen))

    def with_reflow(self, reflow: Reflow) -> BookSource:
        return replace(self, choices=replace(self.choices, reflow=reflow))

    def read_anew(self, base: Book, encoding: str | None, keep_gutenberg: bool) -> BookSource:
        """The same file read in another way; the chosen chapters stay where the division stays."""
        chapters = self.choices.chapters if len(base.chapters) == len(self.base.chapters) else None
        choices = replace(self.choices, encoding=encoding, keep_gutenberg=keep_gutenberg, chapters=chapters)
        return replace(self, base=base, choices=choices)


_reflowed: Bounded[Book] = Bounded(MAX_REFLOWED_CHARACTERS, lambda book: len(book.text))


def reflowed(base: Book, reflow: Reflow) -> Book:
    """The book with its lines joined as asked, made once."""
    if reflow is Reflow.AS_IS:
        return base
    key = (base.content_hash, base.title, base.chapters, base.notes, reflow)
    found = _reflowed.get(key)
    if found is None:
        found = reflow_book(base, "keep" if reflow is Reflow.JOIN else "drop")
        _reflowed.put(key, found)
    return found
