"""Pages of lines in, the same without running heads, running feet and page numbers out. Knows nothing of paragraphs."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from .pdf_reading_order import Line, rows_of

_PAGE_NUMBER = re.compile(
    r"[-–—\[( .|]*(?:(?:page|p\.|seite|第)?\s*(\d{1,4}|[ivxlcdm]{1,8})(?:\s*(?:of|/|von|页|頁)\s*\d{0,4})?)[-–—\]) .|]*",
    re.I,
)
_EDGE_NUMBER = re.compile(r"^\W*(?:\d{1,4}|(?-i:[ivxl]{1,7}))\b\W*|\W*\b(?:\d{1,4}|(?-i:[ivxl]{1,7}))\W*$", re.I)
_CHAPTER_WORD = re.compile(r"(?:chapter|chap\.|part|book|letter|stave|act|scene|canto|kapitel|chapitre|第)", re.I)
_NOTE = re.compile(
    r"[\[(]?(?P<sign>\d{1,3}|[*†‡§¶]{1,3}|[⁰¹²³⁴-⁹]{1,3}|[a-z](?=[\])]))[\])]?[.:]?\s{0,4}(?=[^\W\d]|[“\"'‘«])"
)
_SENTENCE_END = (".", "!", "?", "…", "”", "’", '"', ")", "。", "」")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_EDGE_LINES = 2  # at the top and the bottom of a page, where running lines stand
_NEAR = 3  # pages on either side
_SAME_PLACE = 3.0  # points


def without_running_lines(pages: Sequence[Sequence[Line]]) -> tuple[list[list[Line]], int]:
    """The pages less their running heads, feet and page numbers, and how many lines went."""
    body = body_size([line for lines in pages for line in lines])
    leading = usual_leading(pages)
    edges = [_edges(lines, leading) for lines in pages]
    seen: dict[str, list[Line]] = defaultdict(list)
    for lines in edges:
        for line in dict.fromkeys(lines):
            seen[_running_key(line)].append(line)
    doomed: set[Line] = set()
    for same in seen.values():
        doomed |= _repeats(same, body)
    numbers = _page_numbers(edges)
    for page in pages:
        middle = page[len(page) // 2].y if page else 0.0
        if any(line in doomed and line.y < middle and line not in numbers for line in page):
            doomed -= _notes(page, [line for line in numbers if line.page == page[0].page])
    doomed |= numbers
    kept = [[line for line in lines if line not in doomed] for lines in pages]
    return kept, len(doomed)


def starts_note(line: Line) -> bool:
    """True where a line begins as a note does."""
    return _NOTE.match(line.text) is not None


def _edges(lines: Sequence[Line], leading: float) -> list[Line]:
    """The outermost lines at either end of a page, and the next ones as long as a gap parts them from the text.

    By their height, whatever column they stand in: of two columns, both have a top and a bottom.
    """
    found: list[Line] = []
    rows = rows_of(lines)
    for side in (rows, rows[::-1]):
        for index, row in enumerate(side[:_EDGE_LINES]):
            inner = side[index + 1] if index + 1 < len(side) else None
            if index == 0 or inner is None or abs(row[0].y - inner[0].y) > 1.25 * leading:
                found += row
    return found


def _running_key(line: Line) -> str:
    """What stays the same from page to page: the text without the page's number."""
    text = line.text.casefold().strip()
    if _CHAPTER_WORD.match(text):
        # "Chapter 4" is a number of its own; a page number beside it stands behind a gap of words.
        return re.sub(r"(?<=\w)\W+\d{1,4}$", "", text) if len(re.findall(r"\d+|\b[ivxlc]+\b", text)) > 1 else text
    return _EDGE_NUMBER.sub("", text) or "#"


def _repeats(lines: Sequence[Line], body: float) -> set[Line]:
    """Lines of one text at one height on pages near each other: three of them, or two whose numbers count the pages."""
    found: set[Line] = set()
    if len(lines) < 2 or _running_key(lines[0]) == "#":
        return found
    heights: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        heights[round(line.y / _SAME_PLACE)].append(line)
    for height, same in heights.items():
        by_page: dict[int, list[Line]] = defaultdict(list)
        for line in (*same, *heights.get(height - 1, ()), *heights.get(height + 1, ())):
            by_page[line.page].append(line)
        for line in same:
            pages = (page for page in range(line.page - _NEAR, line.page + _NEAR + 1) if page != line.page)
            near = [other for page in pages for other in by_page.get(page, ())]
            if line.size > 1.2 * body:  # headings are large too: "Lesson 1", "Lesson 2" must stay
                near = [other for other in near if other.text == line.text]
            enough = len(near) >= (2 if line.size > 1.2 * body else 1) and len(by_page) >= 3
            if enough or any(_counts_pages(line, other) for other in near):
                found.add(line)
    return found


def _counts_pages(line: Line, other: Line) -> bool:
    """True when the numbers at the same end of both lines differ as their pages do, and the lines otherwise agree."""
    for pattern in (r"^(?P<number>\d{1,4})\b(?P<rest>.*\D.*)$", r"^(?P<rest>.*\D.*)\s(?P<number>\d{1,4})$"):
        a, b = re.match(pattern, line.text), re.match(pattern, other.text)
        # "Lesson 4" is one word and a number; a running head with a page number has more words.
        if a and b and a["rest"] == b["rest"] and len(a["rest"].split()) > 1:
            return int(a["number"]) - int(b["number"]) == line.page - other.page
    return False


def _notes(lines: Sequence[Line], numbers: Sequence[Line]) -> set[Line]:
    """The notes at a page's foot, which may say the same on every page and are no running feet.

    A line that begins with a sign is one where the text refers to the sign, or where it ends as sentences do and the
    page has its number elsewhere. The lines below it in the same type belong to it.
    """
    rows = rows_of(line for line in lines if line not in numbers)
    half = [row for row in rows[len(rows) // 3 :] if len(row) == 1]
    found: set[Line] = set()
    inside = False
    for above, (line,) in zip([None, *half], half, strict=False):
        joined = above is not None and above[0].y - line.y < 1.7 * line.size and abs(above[0].size - line.size) < 1
        sign = _NOTE.match(line.text)
        if sign:
            rest = line.text.endswith(_SENTENCE_END) and bool(numbers)
            inside = rest or _is_referred_to(sign["sign"].translate(_RAISED), line, lines)
        elif not joined:
            inside = False
        if inside:
            found.add(line)
    return found


def _is_referred_to(sign: str, note: Line, lines: Sequence[Line]) -> bool:
    """True where the text above the note has its sign behind a word, or raised as a piece of its own."""
    # A number behind a space counts something: "page 12" is no sign.
    gap = "" if sign.isdigit() else r"\s?"
    behind = re.compile(rf"[^\W\d_][.,;:!?)”’\"]*{gap}[\[(]?{re.escape(sign)}[\])]?(?![\w%])")
    for line in lines:
        if line.y <= note.y + 0.5 * note.size:
            continue
        if behind.search(line.text.translate(_RAISED)):
            return True
        if line.text.strip("[]()") == sign and line.size < note.size:
            return True
    return False


def _page_numbers(edges: Sequence[Sequence[Line]]) -> set[Line]:
    """Bare numbers at a page's edge that count with the pages, and bare Roman ones."""
    numbers: list[tuple[Line, int | None]] = []
    for lines in edges:
        for line in dict.fromkeys(lines):
            if match := _PAGE_NUMBER.fullmatch(line.text.strip()):
                value = match.group(1)
                numbers.append((line, int(value) if value.isdigit() else None))
    shifts = Counter(value - line.page for line, value in numbers if value is not None)
    usual = {shift for shift, count in shifts.items() if count >= 3 or (count >= 1 and shift == 1 and len(edges) < 4)}
    heights = Counter(
        round(line.y / _SAME_PLACE) for line, value in numbers if value is not None and value - line.page in usual
    )
    found = set()
    for line, value in numbers:
        counts = value is not None and value - line.page in usual
        roman = value is None and any(abs(round(line.y / _SAME_PLACE) - height) <= 1 for height in heights)
        if counts or roman:
            found.add(line)
    return found


def body_size(lines: Sequence[Line]) -> float:
    """The size of type that most characters have."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(2 * line.size) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def usual_leading(pages: Sequence[Sequence[Line]]) -> float:
    """The usual distance from one baseline to the next."""
    steps = [a.y - b.y for lines in pages for a, b in pairwise(lines) if 0 < a.y - b.y < 60]
    return median(steps) if steps else 12.0
