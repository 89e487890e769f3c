"""A tree of an answer as HTML text, for a file that needs nothing else. The browser's own way is app/ui/assets/turn/markdown.js.

In: trees as of tree.py. Out: elements of a fixed list with classes of letters and formulas' own attributes, every text escaped:
whatever the tree holds, nothing in the result links, loads or runs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from app.markdown.maths import ATTRIBUTES, VALUE
from app.markdown.maths import TAGS as MATHS_TAGS
from app.markdown.tree import TAGS, Tree

_VOID = frozenset({"br", "hr"})
_CLASS = re.compile(r"[a-z]{1,3}")


def html_text(trees: Sequence[Tree]) -> str:
    """Elements one after the other. A tag that is not on the list becomes a span."""
    return "".join(_element(tree) for tree in trees)


def _element(tree: Tree) -> str:
    if not isinstance(tree, list):
        return escape(str(tree))
    name, children = str(tree[0]), tree[1:]
    tag, *attributes = name.split("@")
    if tag in MATHS_TAGS:
        pairs = (one.partition("=") for one in attributes)
        kept = "".join(f' {key}="{value}"' for key, _, value in pairs if key in ATTRIBUTES and VALUE.fullmatch(value))
        return f"<{tag}{kept}>{html_text(children)}</{tag}>"
    tag, _, kind = name.partition(".")
    tag = tag if tag in TAGS else "span"
    if tag in _VOID:
        return f"<{tag}>"
    told = f' class="{kind}"' if _CLASS.fullmatch(kind) else ""
    if tag == "ol" and children and isinstance(children[0], int):
        told, children = f'{told} start="{children[0]}"', children[1:]
    return f"<{tag}{told}>{html_text(children)}</{tag}>"
