"""Paragraphs, headings and anchors, one after another, into one text; remembers where each heading and anchor fell.

One paragraph a line; a blank line around headings and wherever a gap is asked for. Knows nothing of HTML, Word or PDF.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import BookTooLarge
from .limits import MAX_TEXT_CHARACTERS
from .text_cleaning import clean_text


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the source."""

    level: int  # 1 is the highest
    start: int  # of its line in the text
    end: int
    title: str  # on one line


class TextBuilder:
    """Collects a text."""

    def __init__(self) -> None:
        self.headings: list[Heading] = []
        self.anchors: dict[str, int] = {}
        self._pieces: list[str] = []
        self._waiting: list[str] = []  # anchors of the paragraph to come
        self._gap = False
        self.length = 0

    def anchor(self, name: str) -> None:
        """A place that a table of contents may point at: the next paragraph's start."""
        self._waiting.append(name)

    def gap(self) -> None:
        """Ask for a blank line before what comes."""
        self._gap = True

    def paragraph(self, text: str, heading_level: int | None = None) -> None:
        """Add a paragraph (which may have lines of its own); empty ones are passed over."""
        if not text.isascii() or not text.isprintable():
            text = clean_text(text)[0]
        text = text.strip("\n")
        if not text.strip():
            return
        is_heading = heading_level is not None
        if self.length:
            separator = "\n\n" if self._gap or is_heading else "\n"
            self._pieces.append(separator)
            self.length += len(separator)
        for name in self._waiting:
            self.anchors.setdefault(name, self.length)
        self._waiting.clear()
        if heading_level is not None:
            title = " ".join(text.split())
            self.headings.append(Heading(heading_level, self.length, self.length + len(text), title))
        self._pieces.append(text)
        self.length += len(text)
        self._gap = is_heading
        if self.length > MAX_TEXT_CHARACTERS:
            raise BookTooLarge(f"The text has more than {MAX_TEXT_CHARACTERS:,} characters; give a part of it.")

    def finish(self) -> str:
        """The text; anchors after the last paragraph point at its end."""
        for name in self._waiting:
            self.anchors.setdefault(name, self.length)
        self._waiting.clear()
        return "".join(self._pieces) + ("\n" if self._pieces else "")
