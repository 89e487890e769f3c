"""A file's bytes and name in, a Book out: bounds, kind of content, the reader for it, and one sentence on refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .book import Book, BookFormat, Chapter, text_hash
from .errors import BookEmpty, BookTooLarge
from .file_format import detect, is_packed, note_on_name
from .limits import MAX_IN_PROCESS_BYTES, MAX_TITLE_CHARACTERS, MAX_UPLOAD_BYTES, megabytes
from .parsed_text import Draft, Progress, no_progress
from .plain_text import read_plain, refuse_length
from .readers import TEXT_FORMATS
from .sandbox import read_in_child
from .text_cleaning import clean_title


def read_book(
    data: bytes,
    filename: str,
    *,
    encoding: str | None = None,
    keep_gutenberg: bool = False,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Book:
    """Clean text with chapters from the bytes of a file people have. The content decides the format, not the name.

    `encoding` overrides what would be found. Raises a BookError, whose message is one sentence for people.
    """
    progress = on_progress or no_progress
    shown = clean_title(filename, "the file", 120)
    if len(data) > MAX_UPLOAD_BYTES:
        raise BookTooLarge(
            f"'{shown}' has {megabytes(len(data))}; up to {megabytes(MAX_UPLOAD_BYTES)} are read: "
            "give a part of it, or the same book as text or EPUB."
        )
    if not data:
        raise BookEmpty(f"'{shown}' is empty: it has no bytes; give the file again.")
    progress(0.0, "Looking at the file")
    draft = _read_small_text(data, shown, encoding, keep_gutenberg)
    if draft is None:
        draft = read_in_child(data, shown, None, encoding, keep_gutenberg, progress, cancelled)
    draft = draft.with_notes(*note_on_name(shown, draft.format))
    book = _book(draft, shown, len(data))
    progress(1.0, "Done")
    return book


def _read_small_text(data: bytes, filename: str, encoding: str | None, keep_gutenberg: bool) -> Draft | None:
    """A short plain text, read here; None for all that a child with limits shall look at."""
    if len(data) > MAX_IN_PROCESS_BYTES or is_packed(data):
        return None
    content, name, format = detect(data, filename)
    return read_plain(content, name, format, encoding, keep_gutenberg) if format in TEXT_FORMATS else None


def book_from_text(text: str, title: str) -> Book:
    """A book of text that is text already: pasted, or made by a program."""
    refuse_length(text, clean_title(title))
    shown = clean_title(title)
    data = text.encode("utf-8", "replace")
    if len(data) <= MAX_IN_PROCESS_BYTES:
        draft = read_plain(data, shown, BookFormat.TXT, "utf-8", keep_gutenberg=True)
    else:
        draft = read_in_child(data, shown, BookFormat.TXT, "utf-8", True, no_progress)
    return _book(replace(draft, title=shown), shown, len(data))


def _book(draft: Draft, filename: str, byte_count: int) -> Book:
    refuse_length(draft.text, filename)
    title = clean_title(draft.title, "Untitled", MAX_TITLE_CHARACTERS)
    chapters = draft.chapters or (Chapter(title, 0, len(draft.text)),)
    return Book(
        title=title,
        text=draft.text,
        format=draft.format,
        encoding=draft.encoding,
        chapters=chapters,
        content_hash=text_hash(draft.text),
        byte_count=byte_count,
        notes=draft.notes,
        front_matter=draft.front_matter,
        back_matter=draft.back_matter,
    )
