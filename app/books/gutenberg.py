"""Project Gutenberg's header and licence, found and set apart from the work itself.

The marks are "*** START OF THE PROJECT GUTENBERG EBOOK … ***" and its END twin (in all files since about 2004),
before that "*END*THE SMALL PRINT!". Source: the files at gutenberg.org; see "The Project Gutenberg License".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_START = re.compile(
    r"^[ \t]*\*{3} ?START OF (?:THIS|THE) PROJECT GUTENBERG E(?:BOOK|TEXT)[^\n]*(?:\n(?!\s*\n)[^\n]*){0,2}?\*{3}[ \t]*$"
    r"|^[ \t]*\*END\*? ?THE SMALL PRINT![^\n]*$"
    r"|^[ \t]*\*{3} ?START OF (?:THIS|THE) PROJECT GUTENBERG E(?:BOOK|TEXT)[^\n]*$",
    re.MULTILINE | re.IGNORECASE,
)
_END = re.compile(
    r"^[ \t]*(?:\*{3} ?END OF (?:THIS|THE) PROJECT GUTENBERG E(?:BOOK|TEXT)[^\n]*"
    r"|End of (?:the |this )?Project Gutenberg(?:'s|’s)?[^\n]*(?:e?book|e?text)[^\n]*"
    r"|END OF (?:THE|THIS) PROJECT GUTENBERG EBOOK[^\n]*)$",
    re.MULTILINE | re.IGNORECASE,
)
_CREDITS = re.compile(
    r"\A\s*(?:Produced by|E-text prepared by|Transcribed (?:from|by)|This e(?:book|text) was)[^\n]*(?:\n[^\n]+)*\n"
)
_TITLE = re.compile(r"^Title:[ \t]*(\S[^\n]*(?:\n[ \t]+\S[^\n]*)*)", re.MULTILINE)
_HEADER_REACH = 60_000  # characters from either end in which the marks are looked for


@dataclass(frozen=True, slots=True)
class Parted:
    """A text in three: what stood before the work, the work, what stood after it."""

    front: str
    body: str
    back: str
    title: str | None  # as the header gives it


def part_gutenberg(text: str) -> Parted:
    """Set the header and the licence apart. Front + body + back is the text again, character by character."""
    start, end = 0, len(text)
    if match := _START.search(text[:_HEADER_REACH]):
        start = match.end()
        if credit := _CREDITS.match(text[start : start + 4_000]):
            start += credit.end()
        start += len(text[start:]) - len(text[start:].lstrip("\n \t")) if text[start:].strip() else 0
        start = text.rfind("\n", 0, start) + 1  # an indented first line keeps its indent
    tail_from = max(start, end - _HEADER_REACH)
    if match := _END.search(text, tail_from):
        end = start + len(text[start : match.start()].rstrip()) if match.start() > start else match.start()
    title = None
    if start and (match := _TITLE.search(text[:start])):
        title = " ".join(match.group(1).split())
    return Parted(front=text[:start], body=text[start:end], back=text[end:], title=title)
