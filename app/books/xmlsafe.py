"""XML of unknown origin in, a tree out: no entity is expanded, nothing is loaded, nothing may be huge."""

from __future__ import annotations

import re

from lxml import etree

from .entities import GrowingEntity, escape_lone_ampersands, number_entities
from .errors import BookDamaged, BookUnsafe

_WIDE = re.compile(
    rb"""^(\s*<\?xml[^>]{0,200}?)encoding\s*=\s*["'](?:utf-?(?:16|32)|ucs-?[24]|iso-10646)[^"']*["']""", re.I
)


def parse_xml(content: bytes, filename: str, part: str, recover: bool = True) -> etree._Element:
    """An XML document whose entities are not expanded. Raises BookUnsafe where it defines any that could grow."""
    if b"<\0!\0E\0N\0T\0I\0T\0Y" in content or b"\0<\0!\0E\0N\0T\0I\0T" in content:
        raise _unsafe(filename, part)
    content = _WIDE.sub(rb"\1", content.lstrip(), count=1)  # read byte by byte, so it is no such encoding
    if b"&" in content or re.search(rb"<!ENTITY", content, re.I):
        try:
            # Latin-1 has a character for each byte: the references are ASCII in whatever encoding the rest is.
            content = number_entities(content.decode("latin-1")).encode("latin-1")
        except GrowingEntity:
            raise _unsafe(filename, part) from None
    root = _parse(content, recover=False)
    if root is None and recover:
        root = _parse(escape_lone_ampersands(content.decode("latin-1")).encode("latin-1"), recover=True)
    if root is None:
        raise BookDamaged(f"'{filename}' is damaged: '{part}' inside it is no XML; fetch it again.")
    return root


def _parse(content: bytes, recover: bool) -> etree._Element | None:
    try:
        return etree.fromstring(content, strict_parser(recover))
    except etree.XMLSyntaxError:
        return None


def strict_parser(recover: bool = False) -> etree.XMLParser:
    """A parser that expands nothing, loads nothing and refuses what is huge."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )


def _unsafe(filename: str, part: str) -> BookUnsafe:
    return BookUnsafe(
        f"'{filename}' defines XML entities in '{part}', which can be made to grow without end; it is not opened."
    )
