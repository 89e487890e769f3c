# ruff: noqa: SIM905 — a list of words is read more easily as a line of text
"""HTML and XHTML in, paragraphs into a TextBuilder. Shared by web pages and EPUB; knows nothing of archives or chapters.

lxml's HTML parser reads both: it knows no entity definitions, so that nothing can expand, and loads nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from .encodings import decode
from .errors import BookDamaged, BookTooHeavy, BookUnsafe
from .text_builder import TextBuilder

_SKIPPED = frozenset(
    "head script style template noscript svg iframe object embed audio video canvas select button textarea datalist "
    "rt rp nav".split()
)
_BLOCKS = frozenset(
    "html body p div section article main header footer aside blockquote ul ol li dl dt dd table caption tbody thead tfoot "
    "tr td th figure figcaption address center form fieldset hr pre h1 h2 h3 h4 h5 h6 details summary hgroup".split()
)
_GAPS = frozenset("hr blockquote ul ol dl table pre figure".split())  # stand apart from the prose around them
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SPACES = re.compile(r"[ \t\r\n\f]+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_PAGE_NUMBERS = frozenset("pagenum pageno page-number pagebreak x-ebookmaker-pageno pgnum".split())
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding=["']([A-Za-z0-9._-]{1,40})["']""")
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""", re.I)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENTITY = re.compile(r"<!ENTITY\b", re.I)
_RAISED_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MAX_CELL = 300  # characters; a table with longer cells is there for the layout


def parse_page(data: bytes, filename: str, encoding: str | None = None) -> tuple[etree._Element, str]:
    """The tree of a page and its encoding. Raises a BookError for entity definitions and for depth without end."""
    if encoding is None:
        declared = _DECLARED.search(data[:300]) or _META.search(data[:4096])
        name = declared.group(1).decode("ascii") if declared else None
        if name and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
            encoding = _if_it_fits(data, name)
    decoded = decode(data, filename, encoding)
    text = _XML_DECLARATION.sub("", decoded.text, count=1)
    if _ENTITY.search(text[:100_000]):
        raise BookUnsafe(f"'{filename}' defines XML entities, which can be made to grow without end; it is not opened.")
    if not text.strip():
        text = "<html></html>"
    # Controls end libxml2's reading: they are taken out before it, all at once.
    text = re.sub("[\x00-\x08\x0b\x0e-\x1f]", "", text)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    for entry in parser.error_log:
        if "depth" in entry.message.lower() and "excessive" in entry.message.lower():
            raise BookUnsafe(f"'{filename}' nests its elements without end; it is not opened.")
        if "huge" in entry.message.lower():
            raise BookTooHeavy(f"'{filename}' has one piece of text of more than 10 MB; give its text as a .txt file.")
    if root is None:
        raise BookDamaged(f"'{filename}' holds no HTML that can be read; fetch it again.")
    return root, decoded.encoding


def _if_it_fits(data: bytes, name: str) -> str | None:
    """The declared encoding, unless the bytes contradict it."""
    name = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin1": "cp1252"}.get(name.lower(), name)
    try:
        data.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None
    return name


def title_of_page(root: etree._Element) -> str | None:
    """What <title> says."""
    found = root.find(".//title")
    return " ".join("".join(found.itertext()).split()) or None if found is not None else None


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
            self.enter(element)
            self.text(element.text)
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))
        self.flush()

    def is_skipped(self, element: etree._Element) -> bool:
        if element.tag in self.skipped or element.get("hidden") is not None:
            return True
        role = f"{element.get('epub:type', '')} {element.get('role', '')}"
        if "pagebreak" in role or _PAGE_NUMBERS.intersection(element.get("class", "").lower().split()):
            return True
        style = element.get("style")
        return style is not None and _HIDDEN.search(style) is not None

    def enter(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self.open_block(element)
        for name in (element.get("id"), element.get("name") if tag == "a" else None):
            if name:
                self.builder.anchor(f"{self.prefix}#{name}")
        if tag == "br":
            self.line.append("\n" if not self.rows else " ")
        elif tag == "img" and len(element.get("alt", "").strip()) == 1:
            self.line.append(element.get("alt").strip())  # a drop capital as a picture
        elif tag == "sup":
            self.line.append("\x00")  # where a raised piece begins, see leave()

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

    def next_marker(self) -> str:
        number = self.lists[-1]
        if number is None:
            return "• "
        self.lists[-1] = number + 1
        return f"{number}. "

    def leave(self, element: etree._Element) -> None:
        tag = element.tag
        if tag == "sup":
            self.raise_piece(element)
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
        linked = element.find(".//a") is not None or any(parent.tag == "a" for parent in element.iterancestors("a"))
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


def _is_data(table: etree._Element) -> bool:
    """True for tables of values; old pages lay out their whole text in tables."""
    if table.find(".//table") is not None or any(table.find(f".//{tag}") is not None for tag in _HEADINGS):
        return False
    return all(len("".join(cell.itertext())) <= _MAX_CELL for cell in table.iter("td", "th"))
