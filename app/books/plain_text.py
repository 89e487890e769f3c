"""Plain text, Markdown and source code: bytes in, a Draft out. All steps take linear time."""

from __future__ import annotations

from .book import BookFormat, Chapter
from .encodings import decode
from .errors import BookEmpty, BookTooLarge
from .gutenberg import part_gutenberg
from .headings import find_chapters
from .limits import MAX_TEXT_CHARACTERS
from .parsed_text import Draft
from .text_cleaning import clean_text, title_of_file


def read_plain(
    data: bytes, filename: str, format: BookFormat, encoding: str | None = None, keep_gutenberg: bool = False
) -> Draft:
    """Decode, clean and divide one text file."""
    decoded = decode(data, filename, encoding)
    refuse_length(decoded.text, filename)
    text, notes = clean_text(decoded.text, decoded.encoding.startswith("utf-"))
    draft = draft_of_text(text, title_of_file(filename), format, decoded.encoding, keep_gutenberg)
    return draft.with_notes(*decoded.notes, *notes)


def refuse_length(text: str, filename: str) -> None:
    """Raise for too much text and for none, before any work is spent on it."""
    if len(text) > MAX_TEXT_CHARACTERS:
        raise BookTooLarge(
            f"'{filename}' has {len(text):,} characters; up to {MAX_TEXT_CHARACTERS:,} are read: give a part of it."
        )
    if not text or text.isspace():
        raise BookEmpty(f"'{filename}' has no text: there is nothing but white space in it; give another file.")


def draft_of_text(text: str, title: str, format: BookFormat, encoding: str, keep_gutenberg: bool) -> Draft:
    """A clean text with its Gutenberg parts set aside and its chapters found."""
    if format is BookFormat.CODE:
        return Draft(title, text, format, encoding, (Chapter(title, 0, len(text)),))
    parted = part_gutenberg(text)
    title = parted.title or title
    notes: tuple[str, ...] = ()
    front = back = ""
    if parted.front.strip() or parted.back.strip():
        if keep_gutenberg:
            notes = ("Project Gutenberg's header and licence are kept in the text.",)
        else:
            text, front, back = parted.body, parted.front, parted.back
            notes = ("Project Gutenberg's header and licence are set aside.",)
    chapters = find_chapters(text, title, markdown=format is BookFormat.MARKDOWN)
    return Draft(title, text, format, encoding, chapters, notes, front, back)
