"""The bytes of an HTML or XHTML page in, its tree out, whichever of the two it really is.

Pages that are XML are read as XML: there <span id="p7"/> is an empty element, not the beginning of one, prefixes have
their meaning and CDATA is text. All others go through lxml's HTML parser. Both load nothing and expand no entity: what
a DOCTYPE defines is written out before (`entities.py`), and the DOCTYPE itself is taken away.
"""

from __future__ import annotations

import re
from html import escape

from lxml import etree

from .encodings import decode
from .entities import GrowingEntity, number_entities
from .errors import BookDamaged, BookTooHeavy, BookUnsafe
from .xmlsafe import strict_parser

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""", re.I)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_IS_XML = re.compile(
    r"\s*<\?xml\b|[^\0]{0,4000}?xmlns(?::[\w.-]{1,40})?\s*=\s*[\"']http://www\.w3\.org/1999/xhtml[\"']"
)
_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[>]{0,1000}(?:\[[^\]]{0,60000}\]\s{0,99})?>", re.I)
_PREFIX = re.compile(
    r"xmlns:([A-Za-z_][\w.-]{0,39})\s*=\s*[\"']http://www\."
    r"(?:w3\.org/(?:1999/xhtml|1998/Math/MathML|2000/svg)|idpf\.org/2007/ops)[\"']"
)
# An attribute's value may hold ">"; possessive, so that no text makes it try twice.
_EMPTY_ELEMENT = re.compile(
    r"<([A-Za-z][\w:.-]{0,63})((?:\s++[^\s<>=\"'/]++(?:\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))?+)*+)\s*+/>"
)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\ufffe\uffff]")
_WIDE_NAMES = re.compile(r"(?:utf-?(?:16|32)|ucs-?[24]|iso-10646)", re.I)
_WESTERN_NAMES = frozenset(("cp1252", "windows-1252", "iso8859-15", "iso-8859-15", "ascii", "us-ascii"))
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin1": "cp1252", "iso_8859-1": "cp1252"}


def parse_page(data: bytes, filename: str, encoding: str | None = None) -> tuple[etree._Element, str]:
    """The tree of a page, its tags in lower case without namespaces, and its encoding.

    Raises a BookError for entity definitions that could grow and for depth without end.
    """
    decoded = decode(data, filename, encoding or _declared_encoding(data))
    text = decoded.text
    try:
        text = number_entities(_without_cdata(text))
    except GrowingEntity:
        raise BookUnsafe(
            f"'{filename}' defines XML entities, which can be made to grow without end; it is not opened."
        ) from None
    is_xml = _IS_XML.match(text) is not None
    text = _DOCTYPE.sub("", _XML_DECLARATION.sub("", text, count=1), count=1)
    # Controls end libxml2's reading: they are taken out before it, all at once.
    text = _CONTROLS.sub("", text)
    root = _as_xml(text) if is_xml else None
    if root is None:
        root = _as_html(_closed(text) if is_xml else text, filename)
    return root, decoded.encoding


def _declared_encoding(data: bytes) -> str | None:
    """The declared encoding, unless the bytes contradict it."""
    declared = _DECLARED.search(data[:300]) or _META.search(data[:4096])
    if not declared or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return None
    name = declared.group(1).decode("ascii").lower()
    if _WIDE_NAMES.match(name):
        return None  # the declaration was read byte by byte: the page is in no such encoding
    name = _SUPERSETS.get(name, name)
    if name in _WESTERN_NAMES and _is_utf8_beyond_ascii(data):
        return None  # any bytes are valid there, but Western words are no valid UTF-8
    try:
        data.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None
    return name


def _is_utf8_beyond_ascii(data: bytes) -> bool:
    try:
        return not data.isascii() and bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _without_cdata(text: str) -> str:
    """CDATA sections as escaped text, which every parser understands."""
    if "<![CDATA[" not in text:
        return text
    pieces: list[str] = []
    at = 0
    while (start := text.find("<![CDATA[", at)) >= 0 and (end := text.find("]]>", start)) >= 0:
        pieces += text[at:start], escape(text[start + 9 : end], quote=False)
        at = end + 3
    return "".join(pieces) + text[at:]


def _as_xml(text: str) -> etree._Element | None:
    """The tree of a well-formed page; None for any other."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None  # not where a DOCTYPE may stand: no parser that knows definitions shall see it
    try:
        root = etree.fromstring(text.strip().encode("utf-8", "replace"), strict_parser())
    except etree.XMLSyntaxError:
        return None
    for element in root.iter(etree.Element):
        tag = element.tag
        plain = tag.rpartition("}")[2].lower()
        if plain != tag:
            element.tag = plain
    return root


def _closed(text: str) -> str:
    """XHTML with faults as HTML has it: no prefixes, and <a id="x"/> with an end of its own."""
    for prefix in dict.fromkeys(_PREFIX.findall(text[:8000])):
        text = re.sub(rf"(</?){re.escape(prefix)}:(?=[A-Za-z])", r"\1", text)
    return _EMPTY_ELEMENT.sub(
        lambda match: match.group() if match.group(1).lower() in _VOID else "<{0}{1}></{0}>".format(*match.groups()),
        text,
    )


def _as_html(text: str, filename: str) -> etree._Element:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    if not text.strip():
        text = "<html></html>"
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    for entry in parser.error_log:
        if "depth" in entry.message.lower() and "excessive" in entry.message.lower():
            raise BookUnsafe(f"'{filename}' nests its elements without end; it is not opened.")
        if "huge" in entry.message.lower():
            raise BookTooHeavy(f"'{filename}' has one piece of text of more than 10 MB; give its text as a .txt file.")
    if root is None:
        raise BookDamaged(f"'{filename}' holds no HTML that can be read; fetch it again.")
    return root


def title_of_page(root: etree._Element) -> str | None:
    """What <title> says."""
    found = root.find(".//title")
    return " ".join("".join(found.itertext()).split()) or None if found is not None else None
