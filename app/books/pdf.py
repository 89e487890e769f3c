"""A PDF with a text layer in, a Draft out: lines with their places through PDFium, then paragraphs (`pdf_layout.py`).

Chapters come from the PDF's own outline, else from large type, else from the wording. A scan without text is refused.
"""

from __future__ import annotations

import ctypes
import re
import time
from collections.abc import Sequence
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from .book import BookFormat
from .errors import BookDamaged, BookEmpty, BookEncrypted, BookScanned, BookTooHeavy, BookTooLarge
from .html_page import without_gutenberg
from .limits import MAX_CHAPTERS, MAX_PDF_PAGES, MAX_TEXT_CHARACTERS, WORKER_CPU_SECONDS
from .parsed_text import Draft, Progress
from .pdf_layout import Line, in_reading_order, paragraphs, without_running_lines
from .table_of_contents import Entry, divide
from .text_builder import TextBuilder
from .text_cleaning import clean_title, title_of_file

_JUNK_TITLE = re.compile(
    r"(?i)^(?:untitled.*|microsoft word - .*|.*\.(?:docx?|tex|dvi|indd|qxd|pdf|rtf|odt)|\(?anonymous\)?|book)$"
)
_BREAKS = re.compile(r"[\r\n]+|[ \x02\ufffe]")
_CHARACTERS_OF_A_SCAN = 12  # a page; fewer is a stamp or a page number
_MAX_PAGE_CHARACTERS = 200_000


def read_pdf(data: bytes, filename: str, encoding: str | None, keep_gutenberg: bool, progress: Progress) -> Draft:
    """The text of all pages."""
    document = _open(data, filename)
    try:
        count = len(document)
        if count > MAX_PDF_PAGES:
            raise BookTooLarge(
                f"'{filename}' has {count:,} pages; up to {MAX_PDF_PAGES:,} are read: give a part of it."
            )
        pages, failed = _all_pages(document, filename, progress)
        _refuse_without_text(document, filename, pages)
        return _draft(document, filename, pages, failed, keep_gutenberg)
    finally:
        document.close()


def _draft(
    document: pdfium.PdfDocument, filename: str, pages: list[list[Line]], failed: int, keep_gutenberg: bool
) -> Draft:
    bare = sum(not lines for lines in pages)
    kept, removed = without_running_lines([in_reading_order(lines) for lines in pages])
    builder = TextBuilder()
    page = -1
    for paragraph in paragraphs(kept):
        while page < paragraph.page:
            page += 1
            builder.anchor(f"page {page}")
        if paragraph.gap_before:
            builder.gap()
        builder.paragraph(paragraph.text, paragraph.heading_level)
    text = builder.finish()
    metadata = _metadata_title(document)
    title = clean_title(metadata or title_of_file(filename))
    entries = _outline(document, text, builder.anchors)
    notes = []
    if removed:
        notes.append(f"{removed:,} running heads and page numbers were taken out.")
    if bare:
        notes.append(f"{bare:,} of {len(pages):,} pages have no text.")
    if failed:
        notes.append(f"{failed:,} pages are broken and could not be read.")
    division = divide(text, title, entries, builder.headings)
    draft = Draft(title, text, BookFormat.PDF, "embedded", division.chapters, (*notes, *division.notes))
    return without_gutenberg(draft, keep_gutenberg)


def _open(data: bytes, filename: str) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
        if len(document) > 0:
            return document
    except pdfium.PdfiumError as error:
        reason = str(error).lower()
        if "password" in reason or "security" in reason:
            raise BookEncrypted(f"'{filename}' is protected by a password; save it without one.") from None
        raise BookDamaged(
            f"'{filename}' is a damaged or cut-short PDF: its pages cannot be found; fetch it again."
        ) from None
    raise BookDamaged(f"'{filename}' is a PDF without pages; fetch it again.")


def _all_pages(document: pdfium.PdfDocument, filename: str, progress: Progress) -> tuple[list[list[Line]], int]:
    pages: list[list[Line]] = []
    total = failed = 0
    count = len(document)
    for number in range(count):
        if number % 10 == 0:
            progress(0.9 * number / count, f"Page {number + 1} of {count}")
        # The processor limit would end this process without a word; say it while there is time.
        if time.process_time() > WORKER_CPU_SECONDS - 1.5:
            raise BookTooHeavy(
                f"'{filename}' is too heavy a PDF: {number:,} of its {count:,} pages took "
                f"{WORKER_CPU_SECONDS - 1} seconds; split it, or give its text."
            )
        try:
            lines = _page_lines(document, number)
        except pdfium.PdfiumError:
            lines = []
            failed += 1
        total += sum(len(line.text) for line in lines)
        if total > MAX_TEXT_CHARACTERS:
            raise BookTooLarge(f"'{filename}' has more than {MAX_TEXT_CHARACTERS:,} characters; give a part of it.")
        pages.append(lines)
    return pages, failed


def _page_lines(document: pdfium.PdfDocument, number: int) -> list[Line]:
    """The lines of a page as PDFium tells them apart, in the order of the page's content."""
    page = document[number]
    try:
        textpage = page.get_textpage()
        try:
            count = min(textpage.count_chars(), _MAX_PAGE_CHARACTERS)
            text = _characters(textpage, count)
            lines = []
            for start, end in _pieces(textpage, text):
                line = _line(textpage, text, start, end, number)
                if line is not None:
                    lines.append(line)
            return lines
        finally:
            textpage.close()
    finally:
        page.close()


def _characters(textpage: pdfium.PdfTextpage, count: int) -> str:
    """The page's characters, one for each of PDFium's indices."""
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = raw.FPDFText_GetText(textpage.raw, 0, count, buffer)
    if written == count + 1:
        text = bytes(buffer)[: 2 * count].decode("utf-16-le", "replace")
        if len(text) == count:
            return text
    codes = (raw.FPDFText_GetUnicode(textpage.raw, index) for index in range(count))
    return "".join(chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " " for code in codes)


def _pieces(textpage: pdfium.PdfTextpage, text: str) -> list[tuple[int, int]]:
    """Where lines begin and end: at PDFium's line ends, behind divided words, and at gaps as wide as between columns."""
    pieces, start = [], 0
    for match in _BREAKS.finditer(text):
        at, char = match.start(), match.group()
        if char in "\x02\ufffe":  # PDFium joins a divided word to its rest on the next line
            if at + 1 < len(text) and _baseline(textpage, at - 1) != _baseline(textpage, at + 1):
                pieces.append((start, at + 1))
                start = at + 1
        elif char != " ":
            pieces.append((start, at))
            start = match.end()
        elif raw.FPDFText_IsGenerated(textpage.raw, at) == 1 and _is_column_gap(textpage, at):
            pieces.append((start, at))
            start = at + 1
    pieces.append((start, len(text)))
    return pieces


def _baseline(textpage: pdfium.PdfTextpage, index: int) -> float | None:
    x, y = ctypes.c_double(), ctypes.c_double()
    return round(y.value, 1) if raw.FPDFText_GetCharOrigin(textpage.raw, index, x, y) else None


def _is_column_gap(textpage: pdfium.PdfTextpage, index: int) -> bool:
    """True for a gap that PDFium filled with one space although it is wider than a letter is high."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not raw.FPDFText_GetCharBox(textpage.raw, index - 1, left, right, bottom, top):
        return False
    end = right.value
    loose = raw.FS_RECTF()
    if not raw.FPDFText_GetCharBox(textpage.raw, index + 1, left, right, bottom, top):
        return False
    if left.value - end < 8 or not raw.FPDFText_GetLooseCharBox(textpage.raw, index - 1, loose):
        return False
    return left.value - end > 1.1 * abs(loose.top - loose.bottom)


def _line(textpage: pdfium.PdfTextpage, text: str, start: int, end: int, number: int) -> Line | None:
    piece = text[start:end]
    stripped = piece.strip(" \t\xa0\u3000")
    if not stripped:
        return None
    first = start + len(piece) - len(piece.lstrip(" \t\xa0\u3000"))
    last = first + len(stripped) - 1
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    x, y = ctypes.c_double(), ctypes.c_double()
    loose = raw.FS_RECTF()
    if not raw.FPDFText_GetCharOrigin(textpage.raw, first, x, y) or not raw.FPDFText_GetLooseCharBox(
        textpage.raw, first, loose
    ):
        return None
    # A stamp along the margin is no part of the text.
    if abs(raw.FPDFText_GetCharAngle(textpage.raw, first)) % 3.1416 > 0.2 and len(stripped) > 1:
        return None
    if not raw.FPDFText_GetCharBox(textpage.raw, last, left, right, bottom, top):
        return None
    # A hyphen that breaks a word at the line's end comes as U+0002.
    shown = stripped.replace("\x02", "-").replace("\ufffe", "-")
    size = max(abs(loose.top - loose.bottom), 1.0)
    return Line(shown, number, min(x.value, loose.left), max(right.value, x.value), y.value, size)


def _refuse_without_text(document: pdfium.PdfDocument, filename: str, pages: Sequence[Sequence[Line]]) -> None:
    characters = sum(len(line.text) for lines in pages for line in lines)
    if characters < _CHARACTERS_OF_A_SCAN * len(pages):
        for number in range(min(len(pages), 5)):
            page = document[number]
            if any(True for _ in islice(page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3), 1)):
                raise BookScanned(
                    f"'{filename}' is a scan: its {len(pages):,} pages are pictures without a text layer; "
                    "run text recognition (OCR) over it first."
                )
        if not characters:
            raise BookEmpty(f"'{filename}' has no text on its {len(pages):,} pages; give a PDF with a text layer.")
    unreadable = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for lines in pages for line in lines for c in line.text)
    if unreadable > 0.3 * characters:
        raise BookScanned(
            f"'{filename}' has a text layer that cannot be read: its fonts do not say which characters they show; "
            "run text recognition (OCR) over it first."
        )


def _metadata_title(document: pdfium.PdfDocument) -> str | None:
    try:
        title = clean_title(document.get_metadata_value("Title"), "")
    except (pdfium.PdfiumError, UnicodeError):
        return None
    return title if title and not _JUNK_TITLE.match(title) else None


def _outline(document: pdfium.PdfDocument, text: str, anchors: dict[str, int]) -> list[Entry]:
    """The PDF's own table of contents, each entry at its heading on its page."""
    entries: list[Entry] = []
    for bookmark in islice(document.get_toc(max_depth=6), MAX_CHAPTERS):
        try:
            title = clean_title(bookmark.get_title(), "")
            destination = bookmark.get_dest()
            index = destination.get_index() if destination is not None else None
        except (pdfium.PdfiumError, UnicodeError, AttributeError):
            continue
        if title and index is not None and f"page {index}" in anchors:
            start = anchors[f"page {index}"]
            start = max(start, entries[-1].offset) if entries and entries[-1].offset - start < 6_000 else start
            entries.append(Entry(title, _place_of(title, text, start), bookmark.level))
    return entries


def _place_of(title: str, text: str, start: int) -> int:
    """Where the heading stands, at or after a page's beginning; the beginning when it is not found."""
    words = [re.escape(word) for word in re.findall(r"\w+", title)[:12]]
    if not words:
        return start
    match = re.compile(r"^[^\w\n]*" + r"\W+".join(words), re.I | re.M).search(text, start, start + 6_000)
    return match.start() if match else start
