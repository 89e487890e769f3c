"""A model's markdown as a tree that a browser can build from a fixed list of tags: no HTML, no images, no addresses.

In: text that a model wrote (hostile until checked). Out: nested lists, `[tag, child, ...]`, with strings as leaves; a numbered list
has its first number before its items; a formula is MathML (app/markdown/maths.py). Links
keep their words and lose their target; images keep their alternative text: a fetched picture would tell its server who reads.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from pygments.lexers import get_lexer_by_name
from pygments.token import Token
from pygments.util import ClassNotFound

from app.markdown.maths import formula, with_maths

Tree = str | int | list["Tree"]

MAX_CHARACTERS = 200_000
_PLAIN = {
    "paragraph": "p",
    "bullet_list": "ul",
    "list_item": "li",
    "strong": "strong",
    "em": "em",
    "s": "s",
    "blockquote": "blockquote",
    "hr": "hr",
    "table": "table",
    "thead": "thead",
    "tbody": "tbody",
    "tr": "tr",
    "th": "th",
    "td": "td",
}
# All that a tree holds beside formulas; app/ui/assets/turn/markdown.js has the same list, and no browser builds another tag.
TAGS = frozenset(_PLAIN.values()) | frozenset(["ol", "code", "pre", "br", "span", "h1", "h2", "h3", "h4", "h5", "h6"])
# Kinds of code that get a colour, the more special one first: keywords, words in quotes, comments, names of what is defined.
_COLORED = (
    (Token.Keyword, "k"),
    (Token.Operator.Word, "k"),
    (Token.Literal.String, "s"),
    (Token.Comment, "c"),
    (Token.Name.Function, "n"),
    (Token.Name.Class, "n"),
    (Token.Name.Builtin, "n"),
    (Token.Name.Tag, "n"),
)
MAX_HIGHLIGHTED = 20_000  # characters of one block; what is longer stays plain
_parser = with_maths(MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]))


def markdown_tree(text: str) -> list[Tree]:
    """The blocks of `text`. Beyond MAX_CHARACTERS the text comes as one plain paragraph: parsing is not worth the wait."""
    if len(text) > MAX_CHARACTERS:
        return [["p", text]]
    return _children(SyntaxTreeNode(_parser.parse(text)))


def _children(node: SyntaxTreeNode) -> list[Tree]:
    return [tree for child in node.children for tree in _trees(child)]


def _trees(node: SyntaxTreeNode) -> list[Tree]:
    if node.type == "text":
        return [node.content] if node.content else []
    if node.type == "softbreak":
        return ["\n"]
    if node.type == "hardbreak":
        return [["br"]]
    if node.type == "code_inline":
        return [["code", node.content]]
    if node.type in ("fence", "code_block"):
        return [["pre", ["code", *_highlighted(node.content, node.info)]]]
    if node.type == "math_inline":
        return [formula(node.content, block=False)]
    if node.type in ("math_inline_double", "math_block", "math_block_eqno"):
        return [formula(node.content, block=True)]
    if node.type == "image":
        return [node.content]
    if node.type == "heading":
        return [[node.tag, *_children(node)]]
    if node.type == "ordered_list":
        return [["ol", int(node.attrs.get("start", 1)), *_children(node)]]
    if node.type in _PLAIN:
        return [[_PLAIN[node.type], *_children(node)]]
    if node.children:  # inline, link and whatever a later version adds: what is inside
        return _children(node)
    return [node.content] if node.content else []


def _highlighted(code: str, info: str) -> list[Tree]:
    """Code as words with a class of one letter ("span.k") where its language is known, else as it is."""
    language = info.split()[0] if info.split() else ""
    if not language or len(code) > MAX_HIGHLIGHTED:
        return [code]
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return [code]
    parts: list[Tree] = []
    for kind, text in lexer.get_tokens(code):
        letter = next((letter for general, letter in _COLORED if kind in general), "")
        if letter:
            parts.append([f"span.{letter}", text])
        elif parts and isinstance(parts[-1], str):
            parts[-1] += text
        else:
            parts.append(text)
    return parts
