# ruff: noqa: SIM905 — a list of words is read more easily as a line of text
"""The tree of an HTML or XHTML page in, paragraphs into a TextBuilder. Shared by web pages and EPUB.

Knows nothing of bytes (`page_source.py`), archives or chapters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from .mathml import formula
from .page_marks import (
    closing_quote,
    formula_of_picture,
    has_formula_beside,
    is_hidden,
    is_note_sign,
    is_page_number,
    opening_quote,
)
from .text_builder import TextBuilder

_SKIPPED = frozenset(
    "head script style template noscript iframe object embed audio video canvas select button textarea datalist "
    "rt rp rtc nav title desc metadata defs".split()  # the last three are a drawing's
)
_BLOCKS = frozenset(
    "html body p div section article main header footer aside blockquote ul ol li dl dt dd table caption tbody thead tfoot "
    "tr td th figure figcaption address center form fieldset hr pre h1 h2 h3 h4 h5 h6 details summary hgroup legend menu "
    "dir dialog search text foreignobject "  # the last two are a drawing's
    "frontmatter bodymatter rearmatter level level1 level2 level3 level4 level5 level6 doctitle docauthor linegroup line "
    "note prodnote sidebar list hd imggroup".split()  # DTBook
)
_GAPS = frozenset("hr blockquote ul ol dl table pre figure".split())  # stand apart from the prose around them
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SPACES = re.compile(r"[ \t\r\n\f]+")
_RAISED_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MAX_CELL = 300  # characters; a table with longer cells is there for the layout


def add_page(root: etree._Element, builder: TextBuilder, prefix: str = "", skip: frozenset[str] = frozenset()) -> None:
    """Append the text of a tree. Anchors are kept under `prefix` + "#" + id."""
    _Walk(builder, prefix, _SKIPPED | skip).walk(root)


@dataclass(slots=True)
class _Walk:
    """One pass over a tree: the paragraph being collected, and the state of what it stands in."""

    builder: TextBuilder
    prefix: str
    skipped: frozenset[str]
    line: list[str] = field(default_factory=list)
    heading: int | None = None
    preformatted: int = 0
    rows: int = 0  # inside tables of data: their cells share a line
    lists: list[int | None] = field(default_factory=list)  # the next number of <ol>, None for <ul>
    quotes: int = 0  # <q> around the place
    marker: str = ""  # of the list item to come

    def walk(self, root: etree._Element) -> None:
        # A stack of our own: documents may be deeper than Python's.
        stack: list[tuple[etree._Element, bool]] = [(root, False)]
        while stack:
            element, done = stack.pop()
            if done:
                self.leave(element)
                self.text(element.tail)
                continue
            if not isinstance(element.tag, str) or self.is_skipped(element):
                if element.get("id") if isinstance(element.tag, str) else None:
                    self.builder.anchor(f"{self.prefix}#{element.get('id')}")
                self.text(element.tail)
                continue
            if element.tag == "math":
                self.add_formula(element)
                self.text(element.tail)
                continue
            self.enter(element)
            self.text(element.text)
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))
        self.flush()

    def is_skipped(self, element: etree._Element) -> bool:
        if element.tag in self.skipped:
            return True
        if not element.attrib and element.tag != "pagenum":
            return False
        if is_page_number(element) or is_hidden(element) or has_formula_beside(element):
            return True
        return element.tag == "case" and _has_default(element)

    def enter(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self.open_block(element)
        for name in (element.get("id"), element.get("name") if tag == "a" else None):
            if name:
                self.builder.anchor(f"{self.prefix}#{name}")
        if tag == "br":
            self.line.append("\n" if not self.rows else " ")
        elif tag == "img":
            alt = element.get("alt", "").strip()  # of one character: a drop capital as a picture
            self.line.append(formula_of_picture(element) or (alt if len(alt) == 1 else ""))
        elif tag == "sup" or is_note_sign(element):
            self.line.append("\x00")  # where a raised piece begins, see leave()
        elif tag == "tspan" and (element.get("y") or element.get("dy")):
            self.line.append(" ")  # the next line of a drawing's text
        elif tag == "q":
            self.line.append(opening_quote(element, self.quotes))
            self.quotes += 1

    def open_block(self, element: etree._Element) -> None:
        tag = element.tag
        if self.rows and tag in ("td", "th"):
            if any(piece.strip() for piece in self.line):
                self.line.append(" | ")
            return
        if self.rows and tag not in ("tr", "table", "tbody", "thead", "tfoot", "caption"):
            self.line.append(" ")
            return
        self.flush()
        if tag in _GAPS and not (tag in ("ul", "ol") and self.lists):
            self.builder.gap()
        if tag in _HEADINGS:
            self.heading = _HEADINGS[tag]
        elif tag == "pre":
            self.preformatted += 1
        elif tag in ("ul", "ol"):
            first = element.get("start", "1")
            self.lists.append(None if tag == "ul" else int(first) if first.isascii() and first.isdigit() else 1)
        elif tag == "li" and self.lists:
            self.marker = "  " * (len(self.lists) - 1) + self.next_marker()
        elif tag == "table" and _is_data(element):
            self.rows += 1

    def add_formula(self, element: etree._Element) -> None:
        """A formula in the line; one that is set apart on a line of its own."""
        apart = element.get("display") == "block" and not self.rows
        self.line.append(f"\n{formula(element)}\n" if apart else formula(element))

    def next_marker(self) -> str:
        number = self.lists[-1]
        if number is None:
            return "• "
        self.lists[-1] = number + 1
        return f"{number}. "

    def leave(self, element: etree._Element) -> None:
        tag = element.tag
        if tag == "sup" or is_note_sign(element):
            self.raise_piece(element)
        elif tag == "q":
            self.quotes -= 1
            self.line.append(closing_quote(element, self.quotes))
        if tag not in _BLOCKS:
            return
        if self.rows and tag not in ("tr", "table", "caption"):
            return
        self.flush()
        if tag in _HEADINGS:
            self.heading = None
        elif tag == "pre":
            self.preformatted -= 1
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif tag == "table" and self.rows:
            self.rows -= 1
        if tag in _GAPS and not (tag in ("ul", "ol") and self.lists):
            self.builder.gap()

    def raise_piece(self, element: etree._Element) -> None:
        """A raised number is a note's sign where it is a link, an exponent elsewhere."""
        start = len(self.line) - 1 - self.line[::-1].index("\x00") if "\x00" in self.line else len(self.line)
        piece = "".join(self.line[start + 1 :])
        del self.line[start:]
        linked = (
            element.tag == "a" or element.find(".//a") is not None or next(element.iterancestors("a"), None) is not None
        )
        if linked and re.fullmatch(r"\s*[\w*†‡]{1,4}\s*", piece):
            piece = f"[{piece.strip()}]"
        elif piece.isascii() and piece.isdigit():
            piece = piece.translate(_RAISED_DIGITS)
        self.line.append(piece)

    def text(self, text: str | None) -> None:
        if text:
            self.line.append(text if self.preformatted else _SPACES.sub(" ", text))

    def flush(self) -> None:
        """End the paragraph."""
        if not self.line:
            return
        raw = "".join(self.line).replace("\x00", "")
        self.line.clear()
        if self.preformatted:
            self.builder.paragraph(raw.strip("\r\n"), self.heading)
            return
        lines = [_SPACES.sub(" ", line).strip(" ") for line in raw.split("\n")]
        text = re.sub("\n{3,}", "\n\n", "\n".join(lines).strip("\n"))
        if text.strip():
            self.builder.paragraph(self.marker + text, self.heading)
            self.marker = ""


def _has_default(case: etree._Element) -> bool:
    """True for a reading system's special case (epub:case) beside one that everybody understands."""
    parent = case.getparent()
    default = parent.find("default") if parent is not None else None
    return default is not None and "".join(default.itertext()).strip() != ""


def _is_data(table: etree._Element) -> bool:
    """True for tables of values; old pages lay out their whole text in tables."""
    if table.find(".//table") is not None or any(table.find(f".//{tag}") is not None for tag in _HEADINGS):
        return False
    return all(len("".join(cell.itertext())) <= _MAX_CELL for cell in table.iter("td", "th"))
