"""DOCX in, a Draft out: the paragraphs of word/document.xml, headings by their styles, notes below their paragraph.

Read straight from the XML (ECMA-376), which is quicker than building Word's objects and opens nothing but the few parts
that hold text. Deleted text of tracked changes and Word's own table of contents are passed over.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from .book import BookFormat
from .html_page import without_gutenberg
from .parsed_text import Draft, Progress
from .safezip import SafeZip
from .table_of_contents import chapters_of
from .text_builder import TextBuilder
from .text_cleaning import clean_title, title_of_file
from .xmlsafe import parse_xml

_TITLE_LEVEL = 0
_HEADING_NAME = re.compile(r"(?:heading|überschrift|titre|título|标题|標題|見出し)\s*([1-9])$", re.I)


@dataclass(frozen=True, slots=True)
class _Style:
    level: int | None  # of a heading; 0 for the title
    is_contents: bool
    numbering: etree._Element | None  # of a list


@dataclass(slots=True)
class _Context:
    """What paragraphs refer to in the other parts, and the numbers their lists have come to."""

    styles: dict[str, _Style]
    notes: dict[tuple[str, str], str]  # ("footnote", id) -> text
    bullets: dict[tuple[str, str], bool]  # (numId, level) -> bullet, not number
    builder: TextBuilder = field(default_factory=TextBuilder)
    counters: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    note_count: int = 0
    title: str | None = None


def read_docx(data: bytes, filename: str, encoding: str | None, keep_gutenberg: bool, progress: Progress) -> Draft:
    """The text of the document's body."""
    archive = SafeZip(data, filename)
    progress(0.1, "Reading the document")
    body = parse_xml(archive.read("word/document.xml"), filename, "word/document.xml", recover=False).find("{*}body")
    context = _Context(_styles(archive), _notes(archive), _bullets(archive))
    if body is not None:
        _add_blocks(body, context)
    text = context.builder.finish()
    title = clean_title(context.title or _core_title(archive) or title_of_file(filename))
    headings = [heading for heading in context.builder.headings if heading.level != _TITLE_LEVEL]
    draft = Draft(title, text, BookFormat.DOCX, "embedded", chapters_of(text, title, (), headings))
    return without_gutenberg(draft, keep_gutenberg)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _value(element: etree._Element | None, name: str = "val") -> str:
    """An attribute whatever its namespace (transitional and strict documents differ)."""
    if element is not None:
        for key, value in element.attrib.items():
            if key.rpartition("}")[2] == name:
                return value
    return ""


def _add_blocks(parent: etree._Element, context: _Context) -> None:
    for element in parent:
        kind = _local(element)
        if kind == "p":
            _add_paragraph(element, context)
        elif kind == "tbl":
            _add_table(element, context)
        elif kind in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "AlternateContent", "Choice"):
            _add_blocks(element, context)


def _add_table(table: etree._Element, context: _Context) -> None:
    context.builder.gap()
    for row in table.iterfind("{*}tr"):
        cells = []
        for cell in row.iterfind("{*}tc"):
            paragraphs = ("".join(_run_text(p, context, [])) for p in cell.iter("{*}p"))
            cells.append(" ".join(" ".join(paragraphs).split()))
        context.builder.paragraph(" | ".join(cells) if any(cells) else "")
    context.builder.gap()


def _add_paragraph(paragraph: etree._Element, context: _Context) -> None:
    properties = paragraph.find("{*}pPr")
    style = context.styles.get(_value(properties.find("{*}pStyle")) if properties is not None else "")
    if style is not None and style.is_contents:
        return
    level = style.level if style else None
    marker = ""
    if properties is not None:
        outline = _value(properties.find("{*}outlineLvl"))
        if outline.isdigit() and int(outline) < 9:
            level = int(outline) + 1
        if level is None:
            own = properties.find("{*}numPr")
            marker = _list_marker(own if own is not None or style is None else style.numbering, context)
    notes: list[str] = []
    text = "".join(_run_text(paragraph, context, notes))
    text = "\n".join(line.strip(" ") for line in text.split("\n"))
    if text.strip():
        if level == _TITLE_LEVEL and context.title is None:
            context.title = " ".join(text.split())
        context.builder.paragraph(marker + text, level)
        for note in notes:
            context.builder.paragraph(note)
    for box in paragraph.iter("{*}txbxContent"):
        if not any(_local(parent) == "Fallback" for parent in box.iterancestors()):
            _add_blocks(box, context)


def _run_text(paragraph: etree._Element, context: _Context, notes: list[str]) -> Iterator[str]:
    """The pieces of a paragraph's text; the notes it refers to are collected apart."""
    skipped: etree._Element | None = None
    for event, element in etree.iterwalk(paragraph, events=("start", "end")):
        kind = _local(element)
        if skipped is not None:
            if event == "end" and element is skipped:
                skipped = None
            continue
        if event == "end":
            continue
        if kind in ("txbxContent", "Fallback", "del", "moveFrom"):
            skipped = element
        elif kind == "t":
            yield element.text or ""
        elif kind == "tab" and _local(element.getparent()) == "r":
            yield "\t"
        elif kind in ("br", "cr"):
            yield "\n"
        elif kind == "noBreakHyphen":
            yield "\u2011"
        elif kind in ("footnoteReference", "endnoteReference"):
            note = context.notes.get((kind.removesuffix("Reference"), _value(element, "id")))
            if note:
                context.note_count += 1
                yield f"[{context.note_count}]"
                notes.append(f"[{context.note_count}] {note}")


def _list_marker(numbering: etree._Element | None, context: _Context) -> str:
    if numbering is None:
        return ""
    number, level = _value(numbering.find("{*}numId")), _value(numbering.find("{*}ilvl")) or "0"
    if number in ("", "0"):
        return ""
    indent = "  " * (int(level) if level.isdigit() and len(level) == 1 else 0)
    if context.bullets.get((number, level), True):
        return indent + "• "
    context.counters[number, level] += 1
    for deeper in [key for key in context.counters if key[0] == number and key[1] > level]:
        context.counters[deeper] = 0
    return f"{indent}{context.counters[number, level]}. "


def _part(archive: SafeZip, name: str) -> etree._Element | None:
    stored = archive.find(name)
    return parse_xml(archive.read(stored), archive.filename, stored) if stored else None


def _styles(archive: SafeZip) -> dict[str, _Style]:
    root = _part(archive, "word/styles.xml")
    if root is None:
        return {}
    found: dict[str, tuple[str, str, str]] = {}
    numbered: dict[str, etree._Element | None] = {}
    for style in root.iterfind("{*}style"):
        properties = style.find("{*}pPr")
        outline = _value(properties.find("{*}outlineLvl")) if properties is not None else ""
        numbered[_value(style, "styleId")] = properties.find("{*}numPr") if properties is not None else None
        found[_value(style, "styleId")] = (_value(style.find("{*}name")), outline, _value(style.find("{*}basedOn")))
    styles = {}
    for identifier, (name, _, _) in found.items():
        current, level = identifier, None
        for _ in range(12):  # a chain of basedOn may be a ring
            if level is not None or current not in found:
                break
            name_here, outline, current = found[current]
            if match := _HEADING_NAME.match(name_here.strip()):
                level = int(match.group(1))
            elif name_here.strip().lower() == "title":
                level = _TITLE_LEVEL
            elif outline.isdigit() and int(outline) < 9:
                level = int(outline) + 1
        styles[identifier] = _Style(
            level, re.match(r"toc (?:\d|heading)", name.lower()) is not None, numbered[identifier]
        )
    return styles


def _notes(archive: SafeZip) -> dict[tuple[str, str], str]:
    notes = {}
    for kind in ("footnote", "endnote"):
        root = _part(archive, f"word/{kind}s.xml")
        for note in root.iterfind(f"{{*}}{kind}") if root is not None else ():
            if not _value(note, "type"):  # separators have one
                text = " ".join("".join(t.text or "" for t in p.iter("{*}t")) for p in note.iter("{*}p"))
                notes[kind, _value(note, "id")] = " ".join(text.split())
    return notes


def _bullets(archive: SafeZip) -> dict[tuple[str, str], bool]:
    root = _part(archive, "word/numbering.xml")
    if root is None:
        return {}
    abstract = {
        _value(item, "abstractNumId"): {
            _value(level, "ilvl"): _value(level.find("{*}numFmt")) in ("bullet", "none", "")
            for level in item.iterfind("{*}lvl")
        }
        for item in root.iterfind("{*}abstractNum")
    }
    return {
        (_value(item, "numId"), level): bullet
        for item in root.iterfind("{*}num")
        for level, bullet in abstract.get(_value(item.find("{*}abstractNumId")), {}).items()
    }


def _core_title(archive: SafeZip) -> str | None:
    root = _part(archive, "docProps/core.xml")
    title = root.find("{http://purl.org/dc/elements/1.1/}title") if root is not None else None
    found = " ".join("".join(title.itertext()).split()) if title is not None else ""
    return found if found and found.lower() not in ("word document", "document", "untitled") else None
