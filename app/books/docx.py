"""DOCX in, a Draft out: the paragraphs of the main part, headings by their styles, notes below their paragraph.

Read straight from the XML (ECMA-376), which is quicker than building Word's objects and opens nothing but the few parts
that hold text. Deleted text of tracked changes and Word's own table of contents are passed over. `docx_parts.py` knows
the package, `docx_runs.py` what stands inside a paragraph; here is how paragraphs, tables and lists follow each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from .book import BookFormat
from .docx_parts import TITLE_LEVEL, Parts, Style, core_title, local, outline_level, read_parts, style_by_name, value
from .docx_runs import Counts, ParagraphText, alternative, paragraph_text
from .errors import BookError
from .file_format import detect
from .html_page import page_tree, without_gutenberg
from .html_text import add_page
from .parsed_text import Draft, Progress
from .plain_text import read_plain
from .safezip import SafeZip
from .table_of_contents import chapters_of
from .text_builder import TextBuilder
from .text_cleaning import clean_title, title_of_file

_WRAPPERS = frozenset(("sdtContent", "ins", "moveTo", "customXml", "smartTag"))
_MAX_CELL = 300  # characters; a table with longer cells is there for the layout
_MAX_CHUNKS = 200  # documents inside the document
_MAX_CHUNK_DEPTH = 3


@dataclass(slots=True)
class _Context:
    """The parts of one document, and what is built of it."""

    parts: Parts
    builder: TextBuilder
    counts: Counts = field(default_factory=Counts)
    numbers: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))  # lists have come to
    title: str | None = None
    pending: ParagraphText = field(default_factory=ParagraphText)  # of a paragraph whose end was deleted
    chunks: list[str] = field(default_factory=list)  # read, of the whole file
    unread: list[str] = field(default_factory=list)  # documents inside that could not be read
    depth: int = 0  # of documents in documents


def read_docx(data: bytes, filename: str, encoding: str | None, keep_gutenberg: bool, progress: Progress) -> Draft:
    """The text of the document's body."""
    archive = SafeZip(data, filename)
    progress(0.1, "Reading the document")
    context = _Context(read_parts(archive), TextBuilder())
    _add_body(context)
    text = context.builder.finish()
    title = clean_title(context.title or core_title(archive) or title_of_file(filename))
    headings = [heading for heading in context.builder.headings if heading.level != TITLE_LEVEL]
    draft = Draft(title, text, BookFormat.DOCX, "embedded", chapters_of(text, title, (), headings), _notes(context))
    return without_gutenberg(draft, keep_gutenberg)


def _notes(context: _Context) -> tuple[str, ...]:
    counts, notes = context.counts, []
    if counts.hidden:
        notes.append(f"{counts.hidden:,} characters of hidden text are left out, as Word does.")
    if counts.unknown_signs:
        notes.append(f"{counts.unknown_signs:,} signs of picture fonts have no known character and are shown as □.")
    if context.unread:
        notes.append(f"{len(context.unread):,} documents inside it could not be read: {', '.join(context.unread[:3])}.")
    return tuple(notes)


def _add_body(context: _Context) -> None:
    if context.parts.body is not None:
        _add_blocks(context.parts.body, context)
    _end_pending(context)


def _add_blocks(parent: etree._Element, context: _Context) -> None:
    for element in parent:
        kind = local(element)
        if kind == "p":
            _add_paragraph(element, context)
        elif kind == "tbl":
            _end_pending(context)
            _add_table(element, context)
        elif kind == "altChunk":
            _end_pending(context)
            _add_chunk(context.parts.targets.get(value(element, "id")), context)
        elif kind == "sdt":
            if value(element.find("{*}sdtPr/{*}docPartObj/{*}docPartGallery")) != "Table of Contents":
                _add_blocks(element, context)
        elif kind == "AlternateContent":
            chosen = alternative(element)
            if chosen is not None:
                _add_blocks(chosen, context)
        elif kind in _WRAPPERS:
            _add_blocks(element, context)


# Paragraphs


def _style_of(paragraph: etree._Element, context: _Context) -> Style | None:
    name = value(paragraph.find("{*}pPr/{*}pStyle"))
    return context.parts.styles.get(name) or style_by_name(name)


def _level_of(paragraph: etree._Element, style: Style | None) -> int | None:
    own = outline_level(paragraph.find("{*}pPr"))
    return own if own is not None else style.level if style else None


def _add_paragraph(paragraph: etree._Element, context: _Context) -> None:
    style = _style_of(paragraph, context)
    if style is not None and style.is_contents:
        return
    found = paragraph_text(paragraph, context.parts, context.counts)
    pending, context.pending = context.pending, ParagraphText()
    found.text = pending.text + found.text
    found.notes[:0], found.boxes[:0] = pending.notes, pending.boxes
    mark = paragraph.find("{*}pPr/{*}rPr")
    if mark is not None and (mark.find("{*}del") is not None or mark.find("{*}moveFrom") is not None):
        context.pending = found  # its end was deleted: what follows belongs to it
        return
    level = _level_of(paragraph, style)
    numbering = paragraph.find("{*}pPr/{*}numPr")
    if numbering is None and style is not None:
        numbering = style.numbering
    has_text = bool(found.text.strip())
    marker = _list_marker(numbering, context) if level is None and has_text else ""
    _put(found, level, marker, context)


def _put(found: ParagraphText, level: int | None, marker: str, context: _Context) -> None:
    text = "\n".join(line.strip(" ") for line in found.text.split("\n"))
    if text.strip():
        if level == TITLE_LEVEL and context.title is None and not context.depth:
            context.title = " ".join(text.split())
        context.builder.paragraph(marker + text, level)
    for note in found.notes:
        context.builder.paragraph(note)
    for box in found.boxes:
        _add_blocks(box, context)


def _end_pending(context: _Context) -> None:
    pending, context.pending = context.pending, ParagraphText()
    if pending.text.strip():
        _put(pending, None, "", context)


def _list_marker(numbering: etree._Element | None, context: _Context) -> str:
    if numbering is None:
        return ""
    number, level = value(numbering.find("{*}numId")), value(numbering.find("{*}ilvl")) or "0"
    if number in ("", "0"):
        return ""
    indent = "  " * (int(level) if level.isdigit() and len(level) == 1 else 0)
    if context.parts.bullets.get((number, level), True):
        return indent + "• "
    context.numbers[number, level] += 1
    for deeper in [key for key in context.numbers if key[0] == number and key[1] > level]:
        context.numbers[deeper] = 0
    return f"{indent}{context.numbers[number, level]}. "


# Tables


def _inside(parent: etree._Element, kind: str) -> Iterator[etree._Element]:
    """Rows or cells, those in content controls and custom XML too; deleted rows are none."""
    for element in parent:
        name = local(element)
        if name == kind:
            if element.find("{*}trPr/{*}del") is None:
                yield element
        elif name == "AlternateContent":
            chosen = alternative(element)
            if chosen is not None:
                yield from _inside(chosen, kind)
        elif name == "sdt" or name in _WRAPPERS:
            yield from _inside(element, kind)


def _add_table(table: etree._Element, context: _Context) -> None:
    context.builder.gap()
    rows = [list(_inside(row, "tc")) for row in _inside(table, "tr")]
    if _is_layout(rows, context):
        for cells in rows:
            for cell in cells:
                _add_blocks(cell, context)
                _end_pending(context)
    else:
        for cells in rows:
            _add_row(cells, context)
    context.builder.gap()


def _is_layout(rows: list[list[etree._Element]], context: _Context) -> bool:
    """True for a table that only puts paragraphs side by side: with headings, tables or long text in its cells."""
    for cells in rows:
        for cell in cells:
            if next(cell.iter("{*}tbl", "{*}altChunk"), None) is not None:
                return True
            if sum(len(t.text or "") for t in cell.iter("{*}t")) > _MAX_CELL:
                return True
            if any(_level_of(p, _style_of(p, context)) is not None for p in cell.iter("{*}p")):
                return True
    return False


def _add_row(cells: list[etree._Element], context: _Context) -> None:
    """The cells of a row on one line, their notes below it."""
    texts: list[str] = []
    notes: list[str] = []
    for cell in cells:
        lines = [line for line in _lines_of(cell, context, notes) if line]
        texts.append(" ".join(lines))
    if any(texts):
        context.builder.paragraph(" | ".join(texts))
    for note in notes:
        context.builder.paragraph(note)


def _lines_of(parent: etree._Element, context: _Context, notes: list[str]) -> Iterator[str]:
    """The paragraphs of a cell on a line each, those of its text boxes after them."""
    for element in parent:
        kind = local(element)
        if kind == "p":
            found = paragraph_text(element, context.parts, context.counts)
            notes.extend(found.notes)
            yield " ".join(found.text.split())
            for box in found.boxes:
                yield from _lines_of(box, context, notes)
        elif kind == "AlternateContent":
            chosen = alternative(element)
            if chosen is not None:
                yield from _lines_of(chosen, context, notes)
        elif kind == "sdt" or kind in _WRAPPERS:
            yield from _lines_of(element, context, notes)


# Documents inside the document


def _add_chunk(name: str | None, context: _Context) -> None:
    """A file that Word shows as part of the text (altChunk): a web page, a text, a document."""
    stored = context.parts.archive.find(name) if name else None
    shown = clean_title((name or "a missing file").rpartition("/")[2], "a file", 60)
    if stored is None or len(context.chunks) >= _MAX_CHUNKS or context.depth >= _MAX_CHUNK_DEPTH:
        context.unread.append(shown)
        return
    context.chunks.append(shown)
    try:
        content, inner, format = detect(context.parts.archive.read(stored), shown)
        if format is BookFormat.HTML:
            add_page(page_tree(content, inner, None)[0], context.builder, prefix=stored)
        elif format is BookFormat.DOCX:
            _add_document(content, inner, context)
        elif format is BookFormat.TXT:
            for line in read_plain(content, inner, format, None, True).text.split("\n"):
                context.builder.paragraph(line)
        else:
            context.unread.append(shown)
    except BookError:
        context.unread.append(shown)


def _add_document(content: bytes, name: str, outer: _Context) -> None:
    inner = _Context(read_parts(SafeZip(content, name)), outer.builder, outer.counts)
    inner.chunks, inner.unread, inner.depth = outer.chunks, outer.unread, outer.depth + 1
    _add_body(inner)
