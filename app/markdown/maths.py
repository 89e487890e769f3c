"""TeX in an answer as MathML trees that a browser builds from a fixed list of tags and attributes, and where formulas stand.

In: text that a model wrote (hostile until checked). Out: trees as in markdown_tree; a tag carries its attributes as
"mo@form=prefix". What is not understood, or is too long or too deep, is shown as its source. Knows nothing of Markdown's blocks.

The delimiters are those that models write: \\(…\\) and $…$ in a line, \\[…\\] and $$…$$ by themselves. "$5 and $10" is money:
a dollar sign opens a formula where no space follows it and closes one where no digit follows (pandoc's rule).
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.texmath import texmath_plugin

MAX_FORMULA_CHARACTERS = 2_000
MAX_DEPTH = 60
MAX_FORMULAS_KEPT = 512
MAX_HELD_CHARACTERS = 600  # an opened formula that grows longer is no formula
_MAX_HELD_IN_LINE = 60  # after a single dollar sign, which may be money

TAGS = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mn",
        "mo",
        "mtext",
        "mspace",
        "mfrac",
        "msqrt",
        "mroot",
        "mstyle",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
        "mpadded",
        "mphantom",
        "mmultiscripts",
        "mprescripts",
        "none",
        "menclose",
    ]
)
ATTRIBUTES = frozenset(
    [
        "display",
        "displaystyle",
        "scriptlevel",
        "stretchy",
        "fence",
        "form",
        "accent",
        "minsize",
        "maxsize",
        "linethickness",
        "width",
        "columnalign",
        "mathvariant",
        "notation",
    ]
)
VALUE = re.compile(r"[A-Za-z0-9.+% -]{1,24}")
# Environments by names that the converter knows.
_ENVIRONMENTS = {"aligned": "align*", "alignedat": "align*", "split": "align*", "dcases": "cases"}
_ENVIRONMENT = re.compile(r"\\(begin|end)\{(\w+)\}")

_CLOSERS = {"\\[": "\\]", "\\(": "\\)", "$$": "$$"}
_BEGINS_FORMULA = re.compile(r"\$(?:$|[A-Za-z\\({|])")


def with_maths(parser: MarkdownIt) -> MarkdownIt:
    """The parser that also finds formulas: tokens `math_inline`, `math_inline_double` and `math_block`."""
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    parser.use(texmath_plugin, delimiters="brackets")
    parser.inline.ruler.before("escape", "math_brackets", _brackets_in_a_line)
    return parser


def _brackets_in_a_line(state: StateInline, silent: bool) -> bool:
    """A displayed formula in the middle of a paragraph or a list: \\[ … \\]."""
    if not state.src.startswith("\\[", state.pos):
        return False
    end = state.src.find("\\]", state.pos + 2, state.posMax)
    if end < 0:
        return False
    if not silent:
        state.push("math_inline_double", "math", 0).content = state.src[state.pos + 2 : end]
    state.pos = end + 2
    return True


def formula(tex: str, block: bool) -> list[Any]:
    """The formula as a tree; ["code", source] where it is none."""
    source = tex.strip()
    if len(source) > MAX_FORMULA_CHARACTERS:
        return ["code", source]
    return list(_formula(source, block))


@lru_cache(maxsize=MAX_FORMULAS_KEPT)  # the block at the end of a growing answer is parsed again with each piece
def _formula(source: str, block: bool) -> tuple[Any, ...]:
    try:
        known = _ENVIRONMENT.sub(lambda found: f"\\{found[1]}{{{_ENVIRONMENTS.get(found[2], found[2])}}}", source)
        grown = _tree(convert_to_element(known, display="block" if block else "inline"), 0)
    except Exception:  # the converter raises IndexError, KeyError, RecursionError and its own, by what is missing
        return ("code", source)
    return ("span.mb", grown) if block else tuple(grown)


class _NotUnderstood(Exception):
    """Something that would be shown wrongly."""


def _tree(element: Element, depth: int) -> list[Any]:
    text = unescape(element.text or "")
    if depth > MAX_DEPTH or text.startswith("\\") or (element.tag == "mi" and text == "&"):
        raise _NotUnderstood
    tag = element.tag if element.tag in TAGS else "mrow"
    kept = [f"@{n}={v}" for n, v in sorted(element.attrib.items()) if n in ATTRIBUTES and VALUE.fullmatch(v)]
    return [tag + "".join(kept), *([text] if text else []), *(_tree(child, depth + 1) for child in element)]


def held_back_from(text: str) -> int:
    """Where a formula begins that is not closed yet, len(text) where none does: what comes before can be shown as it will stay.

    Half a formula is noise, and gives another height than the formula; so it waits until it is whole, or too long for one.
    """
    at = 0
    while at < len(text):
        if text[at] == "`":  # code: nothing in it is a formula
            ticks = len(text[at:]) - len(text[at:].lstrip("`"))
            end = text.find("`" * ticks, at + ticks)
            if end < 0:
                return len(text)
            at = end + ticks
        elif (closer := _CLOSERS.get(text[at : at + 2])) is not None:
            end = text.find(closer, at + 2)
            if end < 0:
                return at if len(text) - at <= MAX_HELD_CHARACTERS else len(text)
            at = end + 2
        elif text[at] == "\\":
            if at + 1 == len(text):
                return at  # may become \( or \[
            at += 2
        elif text[at] == "$":
            end = text.find("$", at + 1)
            if end < 0:
                rest = text[at:]
                waits = len(rest) <= _MAX_HELD_IN_LINE and "\n" not in rest and _BEGINS_FORMULA.match(rest)
                return at if waits else len(text)
            at = end + 1
        else:
            at += 1
    return len(text)
