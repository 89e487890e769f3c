"""Hard-wrapped prose in, one paragraph a line out; verse, lists, tables, headings and code are left as they are.

A line break is a wrap when the next word would not have fitted on the line before it; a block of lines is prose when
most of its breaks are wraps. No word is ever lost or split: lines join with a space, Chinese and Japanese ones without.
Every piece keeps its place, so that offsets (of chapters, of quotations) can be carried over. Knows nothing of files.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from .book import Book, Chapter, text_hash

BlankLines = Literal["keep", "drop"]

_MAX_WRAP_COLUMNS = 120  # wider lines are paragraphs that nobody wrapped
_MIN_WRAP_COLUMNS = 30
_SLACK_COLUMNS = 3  # wrappers that break before the last columns, counted from the usual width
_MIN_WRAPPED_SHARE = 0.35  # of all breaks inside blocks, for a text to count as hard-wrapped
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*+•·‣◦]|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)])[ \t]+\S")
_RULE = re.compile(r"(?=[-=_*~#+.•·—–\s]{3,200}$)\s*[^\s](?:\s*[^\s]){2,}\s*$")
_COLUMNS = re.compile(r"\S(?:[ ]{3,}|[ ]*\t+[ ]*)\S|\|.*\|")
_CODE_LINE = re.compile(
    r"[;{}]\s*$|^\s*(?:#include\b|import \w+$|from \S+ import |def \w+\(|class \w+[(:]|return [\w(]+;?$|if \(|for \(|"
    r"</?\w+[^>]*>|[$>#] )"
)
_FENCE = re.compile(r"[ ]{0,3}(?:```|~~~)")
_FIRST_WORD = re.compile(r"\S{1,60}")


@dataclass(frozen=True, slots=True)
class Reflowed:
    """The new text, what was done to it, and where each character of the old one went."""

    text: str
    joined_lines: int
    dropped_blank_lines: int
    _old_starts: tuple[int, ...]
    _new_starts: tuple[int, ...]

    def offset(self, old: int) -> int:
        """Where a character of the old text stands in the new one (the nearest place, if it is gone)."""
        piece = bisect_right(self._old_starts, old) - 1
        if piece < 0:
            return 0
        start = self._new_starts[piece]
        end = self._new_starts[piece + 1] if piece + 1 < len(self._new_starts) else len(self.text)
        return min(start + old - self._old_starts[piece], end)


def reflow(text: str, blank_lines: BlankLines = "keep", join_lines: bool = True) -> Reflowed:
    """Join the lines of hard-wrapped prose; keep or drop blank lines. `join_lines=False` only drops them."""
    if blank_lines not in ("keep", "drop"):
        raise ValueError(f"blank_lines is {blank_lines!r}; choose 'keep' or 'drop'.")
    lines = text.split("\n")
    columns = _wrap_columns(lines) if join_lines else None
    joins = _joins(lines, columns) if columns else [False] * len(lines)
    out: list[str] = []
    old_starts: list[int] = []
    new_starts: list[int] = []
    old = new = joined = dropped = 0
    for index, line in enumerate(lines):
        blank = not line.strip()
        if blank and blank_lines == "drop" and len(lines) > 1:
            dropped += 1
        else:
            lead = len(line) - len(line.lstrip()) if index and joins[index - 1] else 0
            piece = line.rstrip() if joins[index] else line
            old_starts.append(old + lead)
            new_starts.append(new)
            piece = piece[lead:]
            if joins[index]:
                piece += _joint(piece, lines[index + 1])
                joined += 1
            else:
                piece += "\n"
            out.append(piece)
            new += len(piece)
        old += len(line) + 1
    result = "".join(out)
    if result and (blank_lines == "keep" or not text.endswith("\n")):
        result = result[:-1]  # the last line had no line end of its own
    return Reflowed(result, joined, dropped, tuple(old_starts), tuple(new_starts))


def reflow_book(book: Book, blank_lines: BlankLines = "keep") -> Book:
    """The book with its text reflowed and its chapters where they belong. Code is left alone."""
    if book.format.is_code:
        return book
    done = reflow(book.text, blank_lines, join_lines=not book.format.knows_paragraphs)
    if done.text == book.text:
        return book
    spans = [(done.offset(chapter.start), done.offset(chapter.end)) for chapter in book.chapters]
    chapters = tuple(
        Chapter(chapter.title, start, end) for chapter, (start, end) in zip(book.chapters, spans, strict=True)
    )
    note = f"Reflowed: {done.joined_lines:,} lines joined, {done.dropped_blank_lines:,} blank lines dropped."
    return replace(
        book, text=done.text, chapters=chapters, content_hash=text_hash(done.text), notes=(*book.notes, note)
    )


def is_hard_wrapped(text: str) -> bool:
    """True when reflowing would join lines."""
    lines = text.split("\n")
    columns = _wrap_columns(lines)
    return columns is not None and any(_joins(lines, columns))


def _columns(line: str) -> int:
    """How wide a line looks in a terminal: East Asian wide characters take two columns."""
    if line.isascii() or len(line) > 400:
        return len(line)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in line)


def _wrap_columns(lines: list[str]) -> int | None:
    """The width that the text was wrapped to; None when it was not."""
    inner = sorted(
        _columns(line.rstrip())
        for line, following in pairwise(lines)
        if line.strip() and following.strip() and not following.startswith((" ", "\t", "\u3000"))
    )
    if not inner:
        return None
    width = inner[int(0.95 * (len(inner) - 1))]
    if not _MIN_WRAP_COLUMNS <= width <= _MAX_WRAP_COLUMNS:
        return None
    near = sum(width - 12 <= columns <= width + 6 for columns in inner)
    return width if near >= _MIN_WRAPPED_SHARE * len(inner) else None


def _joins(lines: list[str], columns: int) -> list[bool]:
    """For each line, whether it goes on in the next one."""
    joins = [False] * len(lines)
    start, fenced = 0, False
    while start < len(lines):
        if not lines[start].strip():
            start += 1
            continue
        end = start
        while end < len(lines) and lines[end].strip():
            end += 1
        fences = sum(_FENCE.match(line) is not None for line in lines[start:end])
        if not fenced and not fences and end - start > 1:
            _join_block(lines, start, end, columns, joins)
        fenced ^= bool(fences % 2)
        start = end
    return joins


def _join_block(lines: list[str], start: int, end: int, columns: int, joins: list[bool]) -> None:
    block = lines[start:end]
    if _is_table(block) or _is_code(block):
        return
    width = _block_width(block, columns)
    wraps = [_is_wrap(block[i], block[i + 1], width) for i in range(len(block) - 1)]
    indented = _indented(block)
    listed = _LIST_ITEM.match(block[0]) is not None
    starts = [
        indented[i]
        or _is_apart(line)
        or (i > 0 and _RULE.match(block[i - 1]) is not None)
        or (_LIST_ITEM.match(line) is not None and (listed or i == 0 or not wraps[i - 1]))
        for i, line in enumerate(block)
    ]
    inside = [wraps[i] for i in range(len(wraps)) if not starts[i + 1]]
    if not inside or sum(inside) < 0.5 * len(inside):
        return  # verse, an address, a title page
    for i in range(len(block) - 1):
        if not starts[i + 1] and (wraps[i] or _runs_on(block[i], block[i + 1], width)):
            joins[start + i] = True


def _block_width(block: list[str], columns: int) -> int:
    """A quotation or a letter may be set narrower than the book; verse too, but verse begins its lines with capitals."""
    widths = [_columns(line.rstrip()) for line in block]
    own = max(widths)
    if len(block) < 4 or own >= columns - _SLACK_COLUMNS or own < _MIN_WRAP_COLUMNS:
        return columns
    small = sum(line.lstrip()[:1].islower() for line in block[1:])
    return own if small >= 0.5 * (len(block) - 1) else columns


def _is_wrap(line: str, following: str, width: int) -> bool:
    """True when the next word would have gone past the margin."""
    stripped = following.lstrip()
    if _is_cjk(stripped[0]):
        need = 2 if not line.rstrip().isascii() else 3
        # Punctuation may not begin a line, so wrappers move up to two characters down.
        return _columns(line.rstrip()) + need > width - 4
    word = _FIRST_WORD.match(stripped)
    return _columns(line.rstrip()) + 1 + _columns(word.group() if word else "") > width - _SLACK_COLUMNS


def _runs_on(line: str, following: str, width: int) -> bool:
    """A ragged wrap inside prose: the sentence goes on although the word might have fitted."""
    last, first = line.rstrip()[-1], following.lstrip()[0]
    if first.islower() and last not in ".!?:":
        return True
    return (last.isalnum() or last in "，、-") and _columns(line.rstrip()) >= 0.75 * width


def _indented(block: list[str]) -> list[bool]:
    """Which lines begin a paragraph by their indent alone, in texts without blank lines between paragraphs."""
    if any(line.startswith("\u3000") for line in block):
        wide = [line.startswith("\u3000") for line in block]
        return [False] * len(block) if all(wide) else wide
    indents = [len(line) - len(line.lstrip()) for line in block]
    least, first = min(indents), indents[0]
    if first < 2 or first == least or indents.count(first) > 0.5 * len(block) + 1:
        return [False] * len(block)
    return [indent == first for indent in indents]


def _is_apart(line: str) -> bool:
    """Rules, quotations, Markdown headings and table rows are never joined to from above."""
    return _RULE.match(line) is not None or line.lstrip()[:1] in (">", "#", "|")


def _is_table(block: list[str]) -> bool:
    return sum(_COLUMNS.search(line[:1000]) is not None for line in block) >= 0.5 * len(block)


def _is_code(block: list[str]) -> bool:
    return sum(_CODE_LINE.search(line[:1000]) is not None for line in block) >= 0.6 * len(block)


def _joint(piece: str, following: str) -> str:
    return "" if _is_cjk(piece[-1]) or _is_cjk(following.lstrip()[0]) else " "


def _is_cjk(char: str) -> bool:
    """Chinese and Japanese characters and their punctuation; Korean has spaces between its words."""
    return (
        "\u2e80" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\ufe30" <= char <= "\ufe4f"
        or "\uff01" <= char <= "\uff60"
        or "\U00020000" <= char <= "\U0003ffff"
    )
