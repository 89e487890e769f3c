"""A growing answer as Markdown trees, at a cost that grows with what is new: finished blocks once, the last block each time.

In: pieces of text as they come. Out: the blocks that will not change any more, and the one that still does. A block is over
at a blank line, unless it is a fence that is still open, or a list or quotation that the next line goes on with. The same
rule divides a finished answer, so that nothing jumps when the last piece has come.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.markdown.maths import held_back_from
from app.markdown.tree import Tree, markdown_tree

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
# What goes on with a list or a quotation after a blank line: another item, indented text, or another quoted line.
_GOES_ON = re.compile(r"^(?:\s|[-*+] |\d{1,9}[.)] |>)")
_MARKER_BEGUN = re.compile(r"[-*+]|\d{1,9}[.)]?")  # may become what _GOES_ON matches with the next character
_HALF_LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\([^()\s]{0,400}$")  # its address is not shown in the end
_IS_LIST_OR_QUOTE = re.compile(r"^ {0,3}(?:[-*+] |\d{1,9}[.)] |>)")


@dataclass(frozen=True, slots=True)
class Grown:
    """`done`: blocks to append for good. `tail`: the block at the end, in place of the tail before."""

    done: list[Tree]
    tail: list[Tree]


class MarkdownStream:
    """One side's answer while it comes. Not safe from several threads."""

    def __init__(self) -> None:
        self._open = ""

    @property
    def rest(self) -> str:
        """The block at the end, whole."""
        return self._open

    def feed(self, text: str) -> Grown:
        self._open += text
        done: list[Tree] = []
        while (cut := _end_of_first_block(self._open)) is not None:
            done += markdown_tree(self._open[:cut])
            self._open = self._open[cut:]
        return Grown(done, markdown_tree(self._shown()))

    def _shown(self) -> str:
        """Of the block that still grows: a formula that is not closed yet waits, and of half a link only its words are shown."""
        if _FENCE.match(self._open):
            return self._open
        return _HALF_LINK.sub(lambda found: found[1], self._open[: held_back_from(self._open)])


def whole(text: str) -> Grown:
    """What there is of an answer, divided as it is while it comes."""
    stream = MarkdownStream()
    done = stream.feed(text).done
    return Grown(done, markdown_tree(stream.rest))


def _end_of_first_block(text: str) -> int | None:
    """Where the first block ends for good, with something after it; None while it may still grow."""
    fence = ""
    first = ""  # the block's first line
    at = 0
    while (newline := text.find("\n", at)) >= 0:
        line = text[at:newline]
        if match := _FENCE.match(line):
            if not fence:
                fence = match.group(1)
            elif match.group(1)[0] == fence[0] and len(match.group(1)) >= len(fence):
                fence = ""
        if not first:
            first = line if line.strip() else ""
        elif not fence and not line.strip():
            rest = text[newline + 1 :].lstrip("\n")
            if not rest or _MARKER_BEGUN.fullmatch(rest):
                return None  # what follows may yet go on with it
            if not (_IS_LIST_OR_QUOTE.match(first) and _GOES_ON.match(rest)):
                return len(text) - len(rest)
        at = newline + 1
    return None
