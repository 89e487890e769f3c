"""The values that books are made of, and what can be asked of them. Knows nothing of files or formats' insides."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class BookFormat(StrEnum):
    """What a book was read from."""

    TXT = "txt"
    MARKDOWN = "md"
    EPUB = "epub"
    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    CODE = "code"
    ZIP = "zip"

    @property
    def label(self) -> str:
        """The name that people know it by."""
        return _LABELS[self]

    @property
    def knows_paragraphs(self) -> bool:
        """True where the source says what a paragraph is: its text has one paragraph a line already."""
        return self in (BookFormat.EPUB, BookFormat.PDF, BookFormat.DOCX, BookFormat.HTML)

    @property
    def is_code(self) -> bool:
        """True where line breaks belong to the meaning and must stay."""
        return self in (BookFormat.CODE, BookFormat.ZIP)


_LABELS = {
    BookFormat.TXT: "plain text",
    BookFormat.MARKDOWN: "Markdown",
    BookFormat.EPUB: "EPUB",
    BookFormat.PDF: "PDF",
    BookFormat.DOCX: "Word (DOCX)",
    BookFormat.HTML: "HTML page",
    BookFormat.CODE: "source code",
    BookFormat.ZIP: "ZIP of text files",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of a book, from its heading to the next one's."""

    title: str
    start: int  # characters of Book.text
    end: int  # exclusive


@dataclass(frozen=True, slots=True)
class Book:
    """Clean text with its chapters. There is always at least one chapter; text before the first belongs to none."""

    title: str
    text: str
    format: BookFormat
    encoding: str  # of the bytes it was read from; "embedded" where the format has its own
    chapters: tuple[Chapter, ...]
    content_hash: str  # sha256 of the text in UTF-8, hexadecimal
    byte_count: int  # of the file
    notes: tuple[str, ...] = ()  # what was repaired, left out or guessed, for people to read
    front_matter: str = ""  # set aside before the text (Project Gutenberg's header)
    back_matter: str = ""  # set aside after it (its licence)

    def chapter_text(self, chapter: Chapter) -> str:
        """The characters of one chapter, heading included."""
        return self.text[chapter.start : chapter.end]


def text_hash(text: str) -> str:
    """sha256 of a text, as Book.content_hash has it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def chapter_at(book: Book, offset: int) -> Chapter | None:
    """The chapter that holds a character of the text; None before the first one and past the end."""
    index = bisect_right(book.chapters, offset, key=lambda chapter: chapter.start) - 1
    if index < 0 or offset >= book.chapters[index].end:
        return None
    return book.chapters[index]


def select_chapters(book: Book, indices: Iterable[int]) -> Book:
    """A book of some chapters only, in the book's order. All of them give the book itself."""
    chosen = sorted(set(indices))
    if not chosen:
        raise ValueError("No chapter is chosen; choose at least one.")
    if chosen[0] < 0 or chosen[-1] >= len(book.chapters):
        raise ValueError(f"Chapters {chosen} are not all there; choose from 0 to {len(book.chapters) - 1}.")
    if len(chosen) == len(book.chapters):
        return book
    pieces: list[str] = []
    chapters: list[Chapter] = []
    length = 0
    for index in chosen:
        chapter = book.chapters[index]
        piece = book.chapter_text(chapter)
        if pieces and not pieces[-1].endswith("\n"):
            pieces.append("\n\n")
            length += 2
        pieces.append(piece)
        chapters.append(Chapter(chapter.title, length, length + len(piece)))
        length += len(piece)
    text = "".join(pieces)
    title = f"{book.title} ({_ranges(chosen)})"
    return replace(book, title=title, text=text, chapters=tuple(chapters), content_hash=text_hash(text))


def chapters_that_fit(token_counts: Sequence[int], window: int, start: int = 0) -> tuple[int, ...]:
    """Indices of as many chapters in a row, from `start` on, as fit into `window` tokens together."""
    total = 0
    for index in range(start, len(token_counts)):
        total += token_counts[index]
        if total > window:
            return tuple(range(start, index))
    return tuple(range(start, len(token_counts)))


def _ranges(indices: Sequence[int]) -> str:
    """[0, 1, 2, 6] -> 'chapters 1–3, 7'."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and runs[-1][1] == index - 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    shown = ", ".join(str(a + 1) if a == b else f"{a + 1}–{b + 1}" for a, b in runs)
    return f"chapter{'s' if len(indices) > 1 else ''} {shown}"
