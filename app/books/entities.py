"""Named references (&eacute;) and the definitions of a DOCTYPE in, numbered references (&#233;) out.

XML knows five names; books use HTML's two thousand without defining them, or define a few in their DOCTYPE. Both are
written out here, so that no parser ever has to expand anything. A definition is followed only where its text is no
longer than the reference to it: then nothing can grow. Names from the HTML standard (html.entities of Python).
"""

from __future__ import annotations

import re
from html.entities import html5

_DEFINES = re.compile(r"<!ENTITY\b", re.I)
_DEFINITION = re.compile(r"<!ENTITY\s{1,9}([A-Za-z_][\w.-]{0,63})\s{1,9}(?:\"([^\"<]{0,64})\"|'([^'<]{0,64})')\s{0,9}>")
_NAMED = re.compile(r"&([A-Za-z_][\w.-]{0,63});")
_NUMBERED = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
_LONE_AMPERSAND = re.compile(r"&(?!(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z_][\w.-]{0,63});)")
_OF_XML = frozenset(("amp", "lt", "gt", "quot", "apos"))


class GrowingEntity(ValueError):
    """A definition whose expansion could grow, or that points out of the document."""


def number_entities(text: str) -> str:
    """Markup without definitions and without names that XML does not know. Raises GrowingEntity."""
    own: dict[str, str] = {}
    if _DEFINES.search(text):
        own = _definitions(text)
        text = _DEFINITION.sub("", text)
    if "&" not in text:
        return text

    def number(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in _OF_XML:
            return match.group()
        meant = own.get(name) or html5.get(f"{name};")
        return "".join(f"&#{ord(c)};" for c in meant) if meant else match.group()

    return _NAMED.sub(number, text)


def escape_lone_ampersands(text: str) -> str:
    """'Tom & Jerry' as XML wants it."""
    return _LONE_AMPERSAND.sub("&amp;", text)


def unescape_names(text: str) -> str:
    """A title that was escaped twice: 'Les Mis&eacute;rables' as text."""
    return _NAMED.sub(lambda match: html5.get(f"{match.group(1)};", match.group()), text) if "&" in text else text


def _definitions(text: str) -> dict[str, str]:
    """Name -> characters, if every definition is a harmless one."""
    found: dict[str, str] = {}
    count = 0
    for match in _DEFINITION.finditer(text):
        count += 1
        name, value = match.group(1), match.group(2) if match.group(2) is not None else match.group(3)
        plain = _NUMBERED.sub(_character, value)
        if name in _OF_XML:
            continue  # XML lets them be declared, as what they are anyway
        if ("&" in plain and plain != "&") or "%" in value or len(plain) > len(name) + 2:
            raise GrowingEntity(name)
        found.setdefault(name, plain)  # the first one counts (XML 1.0, 4.2)
    if count != len(_DEFINES.findall(text)):
        raise GrowingEntity
    return found


def _character(match: re.Match[str]) -> str:
    code = int(match.group(1), 16) if match.group(1) else int(match.group(2))
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
