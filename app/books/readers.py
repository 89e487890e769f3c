"""The reader of each format: the only place that knows which module reads what. Imports a reader when it is needed."""

from __future__ import annotations

from collections.abc import Callable

from .book import BookFormat
from .parsed_text import Draft, Progress

# Bytes, the file's name, the encoding asked for, whether Gutenberg's parts are kept, and whom to tell how far it is.
Reader = Callable[[bytes, str, str | None, bool, Progress], Draft]

TEXT_FORMATS = (BookFormat.TXT, BookFormat.MARKDOWN, BookFormat.CODE)


def reader_of(format: BookFormat) -> Reader:
    """The function that makes a Draft of a file of this format."""
    if format is BookFormat.EPUB:
        from .epub import read_epub as reader
    elif format is BookFormat.PDF:
        from .pdf import read_pdf as reader
    elif format is BookFormat.DOCX:
        from .docx import read_docx as reader
    elif format is BookFormat.HTML:
        from .html_page import read_html as reader
    elif format is BookFormat.ZIP:
        from .archive import read_zip as reader
    else:
        from .plain_text import read_plain

        return lambda data, name, encoding, keep, progress: read_plain(data, name, format, encoding, keep)
    return reader
