"""A model's markdown as a tree that a browser can build from a fixed list of tags: no HTML, no images, no addresses.

In: text that a model wrote (hostile until checked). Out: nested lists, `[tag, child, ...]`, with strings as leaves; a numbered list
has its first number before its items. Links
keep their words and lose their target; images keep their alternative text: a fetched picture would tell its server who reads.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

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
_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


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
        return [["pre", ["code", node.content]]]
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
