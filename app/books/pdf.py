"""A PDF with a text layer in, a Draft out: lines with their places through PDFium, then paragraphs (`pdf_layout.py`).

Chapters come from the PDF's own outline, else from large type, else from the wording. A scan without text is refused.
"""

from __future__ import annotations

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
from .pdf_layout import paragraphs
from .pdf_lines import PageText, read_page
from .pdf_reading_order import in_reading_order
from .pdf_running_lines import without_running_lines
from .table_of_contents import Entry, divide
from .text_builder import TextBuilder
from .text_cleaning import clean_title, title_of_file

_JUNK_TITLE = re.compile(
    r"(?i)^(?:untitled.*|microsoft word - .*|.*\.(?:docx?|tex|dvi|indd|qxd|pdf|rtf|odt)|\(?anonymous\)?|book)$"
)
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff]")  # no character, or one that a font made up
_CHARACTERS_OF_A_SCAN = 12  # a page; fewer is a stamp or a page number


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
    document: pdfium.PdfDocument, filename: str, pages: list[PageText], failed: int, keep_gutenberg: bool
) -> Draft:
    bare = sum(not page.lines for page in pages)
    aside = sum(page.aside for page in pages)
    kept, removed = without_running_lines([in_reading_order(page.lines) for page in pages])
    builder = TextBuilder()
    reached = -1
    for paragraph in paragraphs(kept):
        while reached < paragraph.page:
            reached += 1
            builder.anchor(f"page {reached}")
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
    if aside:
        notes.append(f"{aside:,} lines that run across their page (stamps, watermarks, margin notes) were left out.")
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


def _all_pages(document: pdfium.PdfDocument, filename: str, progress: Progress) -> tuple[list[PageText], int]:
    pages: list[PageText] = []
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
            page = read_page(document, number)
        except pdfium.PdfiumError:
            page = PageText([], 0, False)
            failed += 1
        total += sum(len(line.text) for line in page.lines)
        if total > MAX_TEXT_CHARACTERS:
            raise BookTooLarge(f"'{filename}' has more than {MAX_TEXT_CHARACTERS:,} characters; give a part of it.")
        pages.append(page)
    return pages, failed


def _refuse_without_text(document: pdfium.PdfDocument, filename: str, pages: Sequence[PageText]) -> None:
    characters = sum(len(line.text) for page in pages for line in page.lines)
    # One or two lines along the margin of a picture are a library's stamp.
    stamps = sum(len(line.text) for page in pages if page.sideways and len(page.lines) <= 2 for line in page.lines)
    if characters - stamps < _CHARACTERS_OF_A_SCAN * len(pages):
        for number in range(min(len(pages), 5)):
            page = document[number]
            if any(True for _ in islice(page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3), 1)):
                raise BookScanned(
                    f"'{filename}' is a scan: its {len(pages):,} pages are pictures without a text layer; "
                    "run text recognition (OCR) over it first."
                )
        if not characters:
            raise BookEmpty(f"'{filename}' has no text on its {len(pages):,} pages; give a PDF with a text layer.")
    unreadable = sum(len(_UNREADABLE.findall(line.text)) for page in pages for line in page.lines)
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
