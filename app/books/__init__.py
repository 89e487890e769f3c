"""Files that people have in, books out: clean text with chapters. Imports nothing else of this project.

    book = read_book(data, "jane_eyre.epub")
    dense = reflow_book(book, blank_lines="drop")
    part = select_chapters(book, [0, 1, 2])

Whatever could be attacked (all but a short plain text) is read in a child process with limits.
"""

from .book import Book, BookFormat, Chapter, chapter_at, chapters_that_fit, select_chapters
from .encoding_names import CHOOSABLE_ENCODINGS, encoding_label
from .errors import (
    BookCancelled,
    BookDamaged,
    BookEmpty,
    BookEncodingError,
    BookEncrypted,
    BookError,
    BookNotText,
    BookScanned,
    BookTooHeavy,
    BookTooLarge,
    BookUnsafe,
    BookUnsupported,
)
from .limits import MAX_TEXT_CHARACTERS, MAX_UPLOAD_BYTES
from .read import book_from_text, read_book
from .reflow import Reflowed, is_hard_wrapped, reflow, reflow_book

__all__ = [
    "CHOOSABLE_ENCODINGS",
    "MAX_TEXT_CHARACTERS",
    "MAX_UPLOAD_BYTES",
    "Book",
    "BookCancelled",
    "BookDamaged",
    "BookEmpty",
    "BookEncodingError",
    "BookEncrypted",
    "BookError",
    "BookFormat",
    "BookNotText",
    "BookScanned",
    "BookTooHeavy",
    "BookTooLarge",
    "BookUnsafe",
    "BookUnsupported",
    "Chapter",
    "Reflowed",
    "book_from_text",
    "chapter_at",
    "chapters_that_fit",
    "encoding_label",
    "is_hard_wrapped",
    "read_book",
    "reflow",
    "reflow_book",
    "select_chapters",
]
