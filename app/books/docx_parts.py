"""The parts of a DOCX that its text refers to, found by the package's relationships: styles, notes, lists, chunks.

A SafeZip in; what the document means by its names and numbers out. Source: ECMA-376 parts 1 and 2.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from .errors import BookDamaged
from .safezip import SafeZip
from .xmlsafe import parse_xml

TITLE_LEVEL = 0
_HEADING_NAME = re.compile(r"(?:heading|überschrift|titre|título|标题|標題|見出し)\s*([1-9])$", re.I)
_MAX_BASES = 12  # a chain of basedOn may be a ring


@dataclass(frozen=True, slots=True)
class Style:
    """What a style of paragraphs or characters means to the text."""

    level: int | None  # of a heading; 0 for the title
    is_contents: bool  # a line of Word's own table of contents
    is_hidden: bool
    numbering: etree._Element | None  # of a list


@dataclass(frozen=True, slots=True)
class Parts:
    """The main part and what it refers to."""

    archive: SafeZip
    body: etree._Element | None
    styles: Mapping[str, Style]
    notes: Mapping[tuple[str, str], etree._Element]  # ("footnote", id) -> the note
    bullets: Mapping[tuple[str, str], bool]  # (numId, level) -> bullet, not number
    targets: Mapping[str, str]  # relationship's id -> name in the archive


def local(element: etree._Element) -> str:
    """An element's name without its namespace (transitional and strict documents differ); "" for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def value(element: etree._Element | None, name: str = "val") -> str:
    """An attribute whatever its namespace."""
    if element is not None:
        for key, found in element.attrib.items():
            if key.rpartition("}")[2] == name:
                return found
    return ""


def is_on(element: etree._Element | None) -> bool:
    """A switch: there, and not set to off."""
    return element is not None and value(element).lower() not in ("0", "false", "off")


def read_parts(archive: SafeZip) -> Parts:
    """Follow the relationships. Raises BookDamaged where there is no main part."""
    main = _main_part(archive)
    root = parse_xml(archive.read(main), archive.filename, main, recover=False)
    kinds, targets = _relationships(archive, main)
    folder = posixpath.dirname(main.replace("\\", "/"))

    def part(kind: str) -> etree._Element | None:
        for name in (kinds.get(kind), posixpath.join(folder, f"{kind}.xml")):
            stored = archive.find(name) if name else None
            if stored is not None:
                return parse_xml(archive.read(stored), archive.filename, stored)
        return None

    return Parts(
        archive,
        root.find("{*}body"),
        _styles(part("styles")),
        _notes("footnote", part("footnotes")) | _notes("endnote", part("endnotes")),
        _bullets(part("numbering")),
        targets,
    )


def core_title(archive: SafeZip) -> str | None:
    """The title that the document's properties give, unless it is the program's own."""
    stored = archive.find("docProps/core.xml")
    root = parse_xml(archive.read(stored), archive.filename, stored) if stored else None
    title = root.find("{http://purl.org/dc/elements/1.1/}title") if root is not None else None
    found = " ".join("".join(title.itertext()).split()) if title is not None else ""
    return found if found and found.lower() not in ("word document", "document", "untitled") else None


def _main_part(archive: SafeZip) -> str:
    """The name of the part with the text."""
    named = _relationships(archive, "")[0].get("officeDocument")
    for name in (named, "word/document.xml", _main_by_type(archive)):
        stored = archive.find(name) if name else None
        if stored is not None:
            return stored
    raise BookDamaged(f"'{archive.filename}' is no whole Word document: its main part is missing; save it again.")


def _main_by_type(archive: SafeZip) -> str | None:
    stored = archive.find("[Content_Types].xml")
    root = parse_xml(archive.read(stored), archive.filename, stored) if stored else None
    for override in root.iterfind("{*}Override") if root is not None else ():
        if "wordprocessingml" in override.get("ContentType", "") and ".main+" in override.get("ContentType", ""):
            return override.get("PartName", "").lstrip("/")
    return None


def _relationships(archive: SafeZip, part: str) -> tuple[dict[str, str], dict[str, str]]:
    """Where a part's (the package's: "") relationships lead, by the last word of their type and by their id."""
    folder, name = posixpath.split(part.replace("\\", "/"))
    stored = archive.find(posixpath.join(folder, "_rels", f"{name}.rels"))
    root = parse_xml(archive.read(stored), archive.filename, stored) if stored else None
    kinds: dict[str, str] = {}
    ids: dict[str, str] = {}
    for relation in root.iterfind("{*}Relationship") if root is not None else ():
        if relation.get("TargetMode", "").lower() == "external":
            continue
        path = unquote(relation.get("Target", "")).replace("\\", "/")
        target = posixpath.normpath(posixpath.join("/" + folder, path)).lstrip("/")
        kinds.setdefault(relation.get("Type", "").rpartition("/")[2], target)
        ids.setdefault(relation.get("Id", ""), target)
    return kinds, ids


def _styles(root: etree._Element | None) -> dict[str, Style]:
    found = {value(style, "styleId"): style for style in (root.iterfind("{*}style") if root is not None else ())}
    return {identifier: _style(style, found) for identifier, style in found.items()}


def _style(style: etree._Element, found: Mapping[str, etree._Element]) -> Style:
    """A style with what it has from those it is based on."""
    level, numbering, hidden = None, None, None
    current: etree._Element | None = style
    for _ in range(_MAX_BASES):
        if current is None:
            break
        level = _level(current) if level is None else level
        numbering = current.find("{*}pPr/{*}numPr") if numbering is None else numbering
        hidden = current.find("{*}rPr/{*}vanish") if hidden is None else hidden
        current = found.get(value(current.find("{*}basedOn")))
    name = value(style.find("{*}name"))
    return Style(level, re.match(r"toc (?:\d|heading)", name.lower()) is not None, is_on(hidden), numbering)


def _level(style: etree._Element) -> int | None:
    name = value(style.find("{*}name")).strip()
    if match := _HEADING_NAME.match(name):
        return int(match.group(1))
    if name.lower() == "title":
        return TITLE_LEVEL
    return outline_level(style.find("{*}pPr"))


def outline_level(properties: etree._Element | None) -> int | None:
    """The level of a heading that paragraph properties give; 9 is body text."""
    outline = value(properties.find("{*}outlineLvl")) if properties is not None else ""
    return int(outline) + 1 if outline.isascii() and outline.isdigit() and int(outline) < 9 else None


def style_by_name(identifier: str) -> Style | None:
    """What the name alone says, where the styles are missing: Heading1."""
    match = _HEADING_NAME.match(identifier)
    return Style(int(match.group(1)), False, False, None) if match else None


def _notes(kind: str, root: etree._Element | None) -> dict[tuple[str, str], etree._Element]:
    return {
        (kind, value(note, "id")): note
        for note in (root.iterfind(f"{{*}}{kind}") if root is not None else ())
        if value(note, "type") in ("", "normal")  # separators have another
    }


def _bullets(root: etree._Element | None) -> dict[tuple[str, str], bool]:
    if root is None:
        return {}
    abstract = {
        value(item, "abstractNumId"): {
            value(level, "ilvl"): value(level.find("{*}numFmt")) in ("bullet", "none", "")
            for level in item.iterfind("{*}lvl")
        }
        for item in root.iterfind("{*}abstractNum")
    }
    return {
        (value(item, "numId"), level): bullet
        for item in root.iterfind("{*}num")
        for level, bullet in abstract.get(value(item.find("{*}abstractNumId")), {}).items()
    }
