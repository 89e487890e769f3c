"""The newline markup of a config: a string of mark-up in, a tuple of pieces out.

Glyph pastes this string between the lines of the book and lets reportlab parse the result, so whatever it holds is
executed as mark-up: `<img src=…>` would read files and fetch addresses. Only plain text, `<br/>` and
`<font color="…">…</font>` are let through; everything else is refused by name.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from reportlab.lib import colors

from renderer.errors import ConfigError

BREAK = "<br/>"
RED_MARK = '<font color="#FF0000"> \\n </font>'  # a backslash and an n, in red: Glyph's published mark

FIELD = "newline_markup"  # of RenderConfig: what every refusal here is about
MAX_CHARACTERS = 200
_TOKEN = re.compile(r"<[^<>]*>|&[^;&<\s]{1,12};|[<>&]|[^<>&]+")
# As reportlab reads it: for it <br> is never closed, and < br/> is text.
_BREAK_TAG = re.compile(r"<br\s*/>", re.IGNORECASE)
_FONT_TAG = re.compile(r"""<font\s+color\s*=\s*(["'])([^"'<>]*)\1\s*>""", re.IGNORECASE)
_ENTITIES = {"&nbsp;": "\u00a0", "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"'}
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class NewlinePiece:
    """A stretch of text in one colour ("#RRGGBB", None = the book's own), or a line break (text is "")."""

    text: str
    color: str | None = None
    is_break: bool = False


@lru_cache(maxsize=64)
def parse_newline_markup(markup: str) -> tuple[NewlinePiece, ...]:
    """The pieces that one newline of the book becomes. Raises ConfigError for any other mark-up."""
    if len(markup) > MAX_CHARACTERS:
        raise ConfigError(
            f"Newlines become {len(markup)} characters; at most {MAX_CHARACTERS} are allowed. "
            f"Glyph's own are {BREAK} and {RED_MARK}.",
            FIELD,
        )
    if "\x00" in markup:
        raise ConfigError("Newlines become mark-up with a NUL character; remove it.", FIELD)
    if any("\ud800" <= character <= "\udfff" for character in markup):
        raise ConfigError("Newlines become half of a character (a lone surrogate); remove it.", FIELD)
    pieces: list[NewlinePiece] = []
    color: str | None = None
    inside_font = False
    for token in _TOKEN.findall(markup):
        if _BREAK_TAG.fullmatch(token):
            pieces.append(NewlinePiece("", color, is_break=True))
        elif font := _FONT_TAG.fullmatch(token):
            if inside_font:
                raise ConfigError(
                    f"Newlines become {markup!r}, with a <font> inside a <font>; close the first one.", FIELD
                )
            color, inside_font = _hex_color(font.group(2), markup), True
        elif token.lower() == "</font>":
            if not inside_font:
                raise ConfigError(
                    f"Newlines become {markup!r}, which closes a <font> that it never opened; remove </font>.", FIELD
                )
            color, inside_font = None, False
        elif token[0] == "<" or token == ">":
            raise ConfigError(_refusal(markup, token), FIELD)
        elif token[0] == "&":
            if token not in _ENTITIES:
                raise ConfigError(
                    f"Newlines become {markup!r}, with {token!r}; of entities only {', '.join(_ENTITIES)} are allowed.",
                    FIELD,
                )
            pieces.append(NewlinePiece(_ENTITIES[token], color))
        else:
            pieces.append(NewlinePiece(token, color))
    if inside_font:
        raise ConfigError(f"Newlines become {markup!r}, which opens a <font> and never closes it; add </font>.", FIELD)
    return tuple(pieces)


def _hex_color(name: str, markup: str) -> str:
    # Not reportlab's toColor: that evaluates expressions.
    if _HEX.fullmatch(name):
        return name.upper()
    named = colors.getAllNamedColors().get(name.lower())
    if named is None:
        raise ConfigError(f"Newlines become {markup!r}, in the colour {name!r}; write it as #RRGGBB.", FIELD)
    return f"#{named.hexval()[2:].upper()}"


def _refusal(markup: str, token: str) -> str:
    tag = re.match(r"</?\s*([A-Za-z][\w:-]*)", token)
    what = f"the tag <{tag.group(1)}>" if tag else f"a stray {token!r}"
    if tag and tag.group(1).lower() == "br":
        what = f"{token!r} (a line break is written <br/>)"
    if tag and tag.group(1).lower() == "font":
        what = f'{token!r} (of <font> only color="#RRGGBB" is allowed)'
    return (
        f"Newlines become {markup!r}, which holds {what}; allowed are plain text, <br/> and "
        f'<font color="#RRGGBB">…</font>. Glyph\'s own are {BREAK} and {RED_MARK}.'
    )
