"""Text that comes from outside, made safe for Streamlit's Markdown: the one place for it.

Outside are titles, file and chapter names, links' parameters, fonts' names, and whatever a server says: its models, its
errors, its version. Streamlit draws titles, labels, captions, badges, tables' cells and tooltips as Markdown, and a picture
in Markdown (`![](http://…)`) is fetched as soon as it is drawn: whoever made the file would learn who opened it, and when.

In: any string. Out: one line of Markdown that shows exactly that string.
"""

from __future__ import annotations

import re

MAX_CHARACTERS = 2_000  # of a title or a message; what is longer is no title
_SPECIAL = frozenset("\\`*_{}[]()#+-.!$|<>~:&=^\"'@/")
# Control characters, and marks that turn the direction of whatever follows them.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"[^\S\u00a0]+")  # a no-break space stays: it holds a number and its unit together
_LONE_HALF = re.compile("[\ud800-\udfff]")  # half a surrogate pair: it cannot be sent to the browser
# What is replaced in text nodes, after backslash escapes are gone: arrows, dashes, Streamlit's logo, addresses as links.
_REPLACED_LATER = re.compile(r"(:)(?=[A-Za-z/])|(-)(?=[->])|(<)(?=-)|([<>])(?==)|(www)(?=\.)|(@)(?=\w)", re.IGNORECASE)
_WORD_JOINER = "\u2060"  # no width, no break: it only keeps such a pair from being a pair


def plain(text: str, most: int = MAX_CHARACTERS) -> str:
    """`text` as it is, on one line, inside our own Markdown; beyond `most` characters it ends with "…"."""
    return _escaped(text, most, _SPECIAL)


def in_badge(text: str, most: int = 80) -> str:
    """The same for st.badge, which escapes square brackets itself."""
    return _escaped(text, most, _SPECIAL - {"[", "]"})


def one_line(text: str, most: int = MAX_CHARACTERS) -> str:
    """`text` for places that draw no Markdown: one line, nothing unseen, nothing that cannot be sent."""
    line = _SPACES.sub(" ", _LONE_HALF.sub("\ufffd", _UNSEEN.sub("", text[: 4 * most]))).strip()
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _escaped(text: str, most: int, special: frozenset[str]) -> str:
    parted = _REPLACED_LATER.sub(lambda found: found[0] + _WORD_JOINER, one_line(text, most))
    return "".join(f"\\{character}" if character in special else character for character in parted)
