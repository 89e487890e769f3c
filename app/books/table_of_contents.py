"""A table of contents and headings in, chapters out: which entries are chapters, which are parts or just front matter.

Shared by EPUB, PDF, HTML and DOCX. Knows the text and offsets only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .book import Chapter
from .gutenberg import part_gutenberg
from .headings import find_chapters, is_chapter_title, is_part_title
from .limits import MAX_CHAPTERS, MAX_TITLE_CHARACTERS
from .text_builder import Heading
from .text_cleaning import clean_title

_BOILERPLATE = re.compile(
    r"(?:table of )?contents|cover(?: page)?|title[- ]?page|half[- ]?title(?: page)?|copyright(?: page| notice)?|colophon|"
    r"imprint|the full project gutenberg(?:™|tm)? licen[cs]e|(?:list of )?illustrations|landmarks|目录|目錄|目次|封面|版权页?|"
    r"扉页|奥付|index|about the (?:author|publisher)|newsletter|advertisements?",
    re.I,
)
_END_MARK = re.compile(
    r"(?:the )?end(?: of .{1,60})?|fin|finis|ende|fine|slut|koniec|конец|[（(]?(?:全文|全书|全書)?[完终終][）)]?", re.I
)
_MOST = 0.6  # of the text in one piece: the list does not cover the book
_SHORT = 1_000  # characters of front matter that are no chapter of their own


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a table of contents that could be found in the text."""

    title: str
    offset: int
    depth: int


@dataclass(frozen=True, slots=True)
class Division:
    """A text's chapters, and what people should know about where they come from."""

    chapters: tuple[Chapter, ...]
    notes: tuple[str, ...] = ()


def chapters_of(
    text: str, title: str, entries: Sequence[Entry], headings: Sequence[Heading], fallback: Sequence[Entry] = ()
) -> tuple[Chapter, ...]:
    """The chapters that `divide` finds."""
    return divide(text, title, entries, headings, fallback).chapters


def divide(
    text: str, title: str, entries: Sequence[Entry], headings: Sequence[Heading], fallback: Sequence[Entry] = ()
) -> Division:
    """Chapters by the table of contents, else by the headings, else by wording, else by `fallback` (say, the files).

    A table that leaves most of the text in one piece does not cover the book: what comes after it is taken, if that
    divides the text further.
    """
    parted = part_gutenberg(text)
    work = (len(parted.front), len(parted.front) + len(parted.body))  # the licence is no part of what a list must cover
    listed = _choose(text, title, entries, work[1])
    found = listed
    for others in (lambda: _choose(text, title, _entries_of(headings), work[1]), lambda: find_chapters(text, title)):
        if len(found) >= 2 and _largest_piece(found, work) <= _MOST:
            break
        found = _better(found, others(), work)
    if len(found) >= 2:
        passed_over = found is not listed and len({entry.offset for entry in entries}) >= 2
        return Division(found, (_note(listed, work),) if passed_over else ())
    by_file = _choose(text, title, fallback, work[1])
    if len(by_file) >= 2:
        return Division(by_file)
    return Division((Chapter(listed[0].title if listed else title, 0, len(text)),))


def _better(chapters: tuple[Chapter, ...], others: tuple[Chapter, ...], work: tuple[int, int]) -> tuple[Chapter, ...]:
    """The others, if they are more and do not leave the same large piece whole."""
    if len(chapters) < 2:
        return others if len(others) >= 2 else chapters
    if len(others) <= len(chapters) or _largest_piece(others, work) > 0.75 * _largest_piece(chapters, work):
        return chapters
    return others


def _largest_piece(chapters: Sequence[Chapter], work: tuple[int, int]) -> float:
    """The share of the work that the largest chapter holds, or what stands before the first."""
    start, end = work
    edges = [start, *(min(max(chapter.start, start), end) for chapter in chapters), end]
    return max(after - before for before, after in pairwise(edges)) / max(end - start, 1)


def _note(listed: Sequence[Chapter], work: tuple[int, int]) -> str:
    share = _largest_piece(listed, work)
    return (
        f"The book's own contents list leaves {100 * share:.0f} % of the text in one piece; "
        "the chapters are taken from its headings instead."
    )


def _entries_of(headings: Sequence[Heading]) -> list[Entry]:
    """Headings of the highest level that there are at least two of, with those above it that look like parts."""
    counts = Counter(heading.level for heading in headings)
    worded = Counter(heading.level for heading in headings if is_chapter_title(heading.title))
    if worded and worded.most_common(1)[0][1] >= 2:
        level = worded.most_common(1)[0][0]
    else:
        level = next((level for level in sorted(counts) if counts[level] >= 2), 0)
    return [
        Entry(heading.title, heading.start, 0 if heading.level < level else 1)
        for heading in headings
        if heading.level == level or (heading.level < level and is_part_title(heading.title))
    ]


def _choose(text: str, book_title: str, entries: Sequence[Entry], work_end: int) -> tuple[Chapter, ...]:
    level = _flatten(text, _in_order(entries, len(text)))
    level = [entry for entry in level if not _is_end_mark(text[entry.offset : work_end], entry.title)]
    if not level:
        return ()
    ends = [entry.offset for entry in level[1:]] + [len(text)]
    spans = [(entry.title, entry.offset, end) for entry, end in zip(level, ends, strict=True)]
    worded = [i for i, (title, _, _) in enumerate(spans) if is_chapter_title(title)]
    first = worded[0] if len(worded) >= 2 else 0
    kept = []
    for i, (title, start, end) in enumerate(spans):
        body = len(text[start:end].strip()) - len(title)
        if _BOILERPLATE.fullmatch(title.strip(" .")) or body <= 0:
            continue
        if i < first and (body < _SHORT or title.casefold() == book_title.casefold()):
            continue
        kept.append((title, start, end))
    return tuple(
        Chapter(clean_title(title, f"Chapter {number}", MAX_TITLE_CHARACTERS), start, end)
        for number, (title, start, end) in enumerate(kept[:MAX_CHAPTERS], 1)
    )


def _is_end_mark(rest: str, title: str) -> bool:
    """True for the words that close a book; what little follows them belongs to its last chapter."""
    return len(rest) < _SHORT and _END_MARK.fullmatch(title.strip(" .*—–-[]")) is not None


def _in_order(entries: Sequence[Entry], length: int) -> list[Entry]:
    """By place in the text; of several entries at one place the deepest, with the titles of parts in mind."""
    ordered: list[Entry] = []
    for entry in sorted((e for e in entries if 0 <= e.offset < length), key=lambda e: e.offset):
        if ordered and ordered[-1].offset == entry.offset and ordered[-1].depth == entry.depth:
            if _BOILERPLATE.fullmatch(ordered[-1].title.strip(" .")):
                ordered[-1] = entry
            continue
        ordered.append(entry)
    return ordered


def _flatten(text: str, entries: list[Entry]) -> list[Entry]:
    """One level out of a tree: parts give way to their chapters, chapters keep their sections to themselves."""
    flat: list[Entry] = []
    i = 0
    roots = sum(entry.depth == min(e.depth for e in entries) for entry in entries) if entries else 0
    titles = Counter(entry.title for entry in entries)
    part: Entry | None = None
    while i < len(entries):
        entry = entries[i]
        j = i + 1
        while j < len(entries) and entries[j].depth > entry.depth:
            j += 1
        children = entries[i + 1 : j]
        opens = bool(children) and (
            is_part_title(entry.title)
            or roots == 1
            or (not is_chapter_title(entry.title) and sum(is_chapter_title(c.title) for c in children) >= 2)
        )
        if opens:
            part = entry if is_part_title(entry.title) else None
            own = text[entry.offset : children[0].offset]
            if len(own.strip()) - len(entry.title) > 400:
                flat.append(entry)
            else:  # the part's heading belongs to its first chapter
                first = children[0]
                entries[i + 1] = Entry(first.title, entry.offset, first.depth)
            i += 1
            continue
        title = entry.title
        if part is not None and entry.depth > part.depth and titles[entry.title] > 1:
            title = f"{part.title} — {entry.title}"
        flat.append(Entry(title, entry.offset, entry.depth))
        i = j
    return flat
