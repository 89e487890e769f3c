"""Lines of PDF pages with their places in, paragraphs out. Points from the page's bottom-left; knows nothing of PDFium.

Steps: lines into reading order (two columns told apart); running heads and page numbers out; lines into paragraphs by
indents, gaps and lines that end early; words divided at line ends joined again.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

_PAGE_NUMBER = re.compile(
    r"[-–—\[( .|]*(?:(?:page|p\.|seite|第)?\s*(\d{1,4}|[ivxlcdm]{1,8})(?:\s*(?:of|/|von|页|頁)\s*\d{0,4})?)[-–—\]) .|]*",
    re.I,
)
_EDGE_NUMBER = re.compile(r"^\W*(?:\d{1,4}|(?-i:[ivxl]{1,7}))\b\W*|\W*\b(?:\d{1,4}|(?-i:[ivxl]{1,7}))\W*$", re.I)
_CHAPTER_WORD = re.compile(r"(?:chapter|chap\.|part|book|letter|stave|act|scene|canto|kapitel|chapitre|第)", re.I)
_EDGE_LINES = 2  # at the top and the bottom of a page, where running lines stand
_SAME_PLACE = 3.0  # points


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page."""

    text: str
    page: int
    x0: float
    x1: float
    y: float  # of the baseline
    size: float  # height of its type
    column: int = 0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text of lines joined."""

    text: str
    page: int
    heading_level: int | None
    gap_before: bool


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """Top to bottom; of two columns the left one first, between lines that cross both."""
    lines = _with_drop_capitals(lines)
    gutter = _gutter(lines)
    if gutter is None:
        return _merge_rows(sorted(lines, key=lambda line: (-line.y, line.x0)))
    ordered: list[Line] = []
    band: list[Line] = []
    for line in sorted(lines, key=lambda line: -line.y):
        if line.x0 < gutter < line.x1:
            ordered += _columns(band, gutter)
            band = []
            ordered.append(line)
        else:
            band.append(line)
    return ordered + _columns(band, gutter)


def _columns(band: Sequence[Line], gutter: float) -> list[Line]:
    left = [replace(line, column=1) for line in band if line.x1 <= gutter]
    right = [replace(line, column=2) for line in band if line.x1 > gutter]
    return _merge_rows(left) + _merge_rows(right)


def _merge_rows(lines: Sequence[Line]) -> list[Line]:
    """Pieces on one baseline are one line; PDFium parts them where the gap is wide."""
    merged: list[Line] = []
    for line in lines:
        last = merged[-1] if merged else None
        if last and abs(last.y - line.y) < 0.25 * min(last.size, line.size) and line.x0 >= last.x1 - 1:
            merged[-1] = replace(last, text=f"{last.text} {line.text}", x1=line.x1, size=max(last.size, line.size))
        else:
            merged.append(line)
    return merged


def _gutter(lines: Sequence[Line]) -> float | None:
    """The middle of the space between two columns, if the page has two."""
    if len(lines) < 12:
        return None
    low, high = min(line.x0 for line in lines), max(line.x1 for line in lines)
    width = high - low
    best, fewest = None, len(lines)
    for step in range(30, 71, 2):
        x = low + width * step / 100
        crossing = sum(line.x0 < x < line.x1 for line in lines)
        left = [line for line in lines if line.x1 <= x]
        right = [line for line in lines if line.x0 >= x]
        wide = all(side and median(line.x1 - line.x0 for line in side) > 0.25 * width for side in (left, right))
        if wide and min(len(left), len(right)) >= 0.25 * len(lines) and crossing < fewest:
            best, fewest = x, crossing
    return best if best is not None and fewest <= 0.2 * len(lines) else None


def _with_drop_capitals(lines: Sequence[Line]) -> list[Line]:
    """A large initial goes to the line that begins at its top."""
    if not lines:
        return []
    body = median(line.size for line in lines)
    result = list(lines)
    for capital in [line for line in lines if len(line.text) == 1 and line.text.isalpha() and line.size > 1.7 * body]:
        beside = [
            line
            for line in result
            if line is not capital and line.x0 >= capital.x1 - 2 and capital.y - 1 <= line.y <= capital.y + capital.size
        ]
        if beside:
            first = max(beside, key=lambda line: line.y)
            result[result.index(first)] = replace(first, text=capital.text + first.text, x0=capital.x0)
            result.remove(capital)
    return result


def without_running_lines(pages: Sequence[Sequence[Line]]) -> tuple[list[list[Line]], int]:
    """The pages less their running heads, feet and page numbers, and how many lines went."""
    body = _body_size([line for lines in pages for line in lines])
    leading = _leading(pages)
    edges = [_edges(lines, leading) for lines in pages]
    seen: dict[str, list[Line]] = defaultdict(list)
    for lines in edges:
        for line in dict.fromkeys(lines):
            seen[_running_key(line)].append(line)
    doomed: set[Line] = set()
    for same in seen.values():
        doomed |= _repeats(same, body)
    doomed |= _page_numbers(edges)
    kept = [[line for line in lines if line not in doomed] for lines in pages]
    return kept, len(doomed)


def _edges(lines: Sequence[Line], leading: float) -> list[Line]:
    """The outermost line at either end of a page, and the next ones as long as a gap parts them from the text."""
    found: list[Line] = []
    for side in (list(lines), list(reversed(lines))):
        for index, line in enumerate(side[:_EDGE_LINES]):
            inner = side[index + 1] if index + 1 < len(side) else None
            if index == 0 or inner is None or abs(line.y - inner.y) > 1.25 * leading:
                found.append(line)
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
        level = [*same, *heights.get(height - 1, ()), *heights.get(height + 1, ())]
        for line in same:
            near = [other for other in level if 0 < abs(other.page - line.page) <= 3]
            if line.size > 1.2 * body:  # headings are large too: "Lesson 1", "Lesson 2" must stay
                near = [other for other in near if other.text == line.text]
            enough = len(near) >= (2 if line.size > 1.2 * body else 1) and len({other.page for other in level}) >= 3
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


def _body_size(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(2 * line.size) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def paragraphs(pages: Sequence[Sequence[Line]]) -> Iterator[Paragraph]:
    """The text of all pages in paragraphs; large short lines are headings."""
    everything = [line for lines in pages for line in lines]
    body = _body_size(everything)
    levels = _heading_levels(everything, body)
    words = _vocabulary(everything)
    margins = {}
    for lines in pages:
        for column in {line.column for line in lines}:
            own = [line for line in lines if line.column == column]
            margins[own[0].page, column] = _margins(own, body)
    leading = _leading(pages)
    collected: list[Line] = []
    gap = False
    for line in everything:
        if collected:
            breaks, wide = _breaks(collected[-1], line, margins, leading, body, levels)
            if breaks:
                yield _paragraph(collected, levels, words, gap)
                collected, gap = [], wide
        collected.append(line)
    if collected:
        yield _paragraph(collected, levels, words, gap)


def _heading_levels(lines: Sequence[Line], body: float) -> dict[float, int]:
    """Type sizes clearly above the body's, the largest as level 1."""
    large = Counter(round(line.size) for line in lines if line.size > 1.15 * body and len(line.text) < 120)
    return {size: min(level, 6) for level, size in enumerate(sorted(large, reverse=True), 1)}


def _level(line: Line, levels: dict[float, int]) -> int | None:
    return levels.get(round(line.size)) if len(line.text) < 120 else None


def _margins(lines: Sequence[Line], body: float) -> tuple[float, float]:
    """Where lines of the body usually begin, and how far they reach."""
    own = [line for line in lines if abs(line.size - body) < 0.15 * body] or list(lines)
    lefts = Counter(round(line.x0) for line in own)
    usual = [x for x, count in lefts.items() if count >= 0.2 * len(own)]
    rights = sorted(line.x1 for line in own)
    return float(min(usual or lefts)), rights[int(0.9 * (len(rights) - 1))]


def _leading(pages: Sequence[Sequence[Line]]) -> float:
    steps = [a.y - b.y for lines in pages for a, b in pairwise(lines) if 0 < a.y - b.y < 60]
    return median(steps) if steps else 12.0


def _breaks(
    last: Line,
    line: Line,
    margins: dict[tuple[int, int], tuple[float, float]],
    leading: float,
    body: float,
    levels: dict[float, int],
) -> tuple[bool, bool]:
    """Whether a paragraph ends between two lines, and whether a gap is seen there."""
    same_column = last.page == line.page and last.column == line.column
    step = last.y - line.y
    if abs(last.size - line.size) > 0.15 * body and (_level(last, levels) or _level(line, levels)):
        return True, True
    if _level(line, levels) and _level(last, levels):
        near = same_column and 0 < step < 2 * max(line.size, last.size)
        return not near, True
    if same_column and step > 1.35 * leading:
        return True, step > 1.7 * leading
    left, _ = margins[line.page, line.column]
    last_left, last_right = margins[last.page, last.column]
    em = max(line.size, 6.0)
    indent, last_indent = line.x0 - left, last.x0 - last_left
    if indent > 0.6 * em and abs(indent - last_indent) > 0.3 * em:
        return True, False
    word = re.match(r"\S{1,40}", line.text)
    per_character = (line.x1 - line.x0) / max(len(line.text), 1)
    needed = per_character * (len(word.group()) + 1 if word and not _is_wide(line.text[0]) else 1)
    ends_early = last.x1 + needed < last_right - 0.5 * em
    if ends_early and (last.text[-1] in '.!?:;"”’»)。！？」』…' or not line.text[0].islower()):
        return True, False
    return False, False


def _vocabulary(lines: Sequence[Line]) -> Counter[str]:
    """Words as they stand inside lines, to judge divided ones by."""
    words: Counter[str] = Counter()
    for line in lines:
        words.update(line.text.casefold().split()[:-1])
    return Counter({word.strip(".,;:!?\"'“”‘’()"): count for word, count in words.items()})


def _paragraph(lines: Sequence[Line], levels: dict[float, int], words: Counter[str], gap: bool) -> Paragraph:
    text = lines[0].text
    for line in lines[1:]:
        text = _join(text, line.text, words)
    level = _level(lines[0], levels)
    return Paragraph(text, lines[0].page, level if len(text) < 200 else None, gap)


def _join(text: str, following: str, words: Counter[str]) -> str:
    if text[-1] in "-\u2010\u00ad" and len(text) > 1 and text[-2].isalpha() and following[0].isalpha():
        head = re.search(r"[^\s]+$", text[:-1])
        tail = re.match(r"[\w'’]+", following)
        if head and tail and text[-1] != "\u00ad":
            start = head.group().casefold().lstrip("\"'“‘(")
            hyphenated, whole = f"{start}-{tail.group().casefold()}", start + tail.group().casefold()
            compound = words[hyphenated] > words[whole] or "-" in start
            if compound or not following[0].islower():
                return text + following
        return text[:-1] + following
    if _is_wide(text[-1]) or _is_wide(following[0]):
        return text + following
    if text.endswith(("—", "–")) and not text.endswith(" –"):
        return text + following
    return f"{text} {following}"


def _is_wide(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff01" <= char <= "\uff60"
