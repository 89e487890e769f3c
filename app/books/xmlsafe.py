"""XML of unknown origin in, a tree out: no entity is expanded, nothing is loaded, nothing may be huge."""

from __future__ import annotations

import re

from lxml import etree

from .errors import BookDamaged, BookUnsafe


def parse_xml(content: bytes, filename: str, part: str, recover: bool = True) -> etree._Element:
    """An XML document whose entities are not expanded. Raises BookUnsafe where it defines any."""
    if (
        re.search(rb"<!ENTITY", content, re.I)
        or b"<\0!\0E\0N\0T\0I\0T\0Y" in content
        or b"\0<\0!\0E\0N\0T\0I\0T" in content
    ):
        raise BookUnsafe(
            f"'{filename}' defines XML entities in '{part}', which can be made to grow without end; it is not opened."
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content.lstrip(), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise BookDamaged(f"'{filename}' is damaged: '{part}' inside it is no XML; fetch it again.")
    return root
