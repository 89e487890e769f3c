"""Lines of PDF pages in reading order in, paragraphs out. Points, y upwards; knows nothing of PDFium.

Lines become paragraphs by indents, gaps and lines that end early; rows of tables stay lines; words divided at line ends
are joined again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .pdf_reading_order import Line, is_wide
from .pdf_running_lines import body_size, starts_note, usual_leading


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text of lines joined."""

    text: str
    page: int
    heading_level: int | None
    gap_before: bool


def paragraphs(pages: Sequence[Sequence[Line]]) -> Iterator[Paragraph]:
    """The text of all pages in paragraphs; large short lines are headings."""
    everything = [line for lines in pages for line in lines]
    body = body_size(everything)
    levels = _heading_levels(everything, body)
    words = _vocabulary(everything)
    margins = {}
    for lines in pages:
        for column in {line.column for line in lines}:
            own = [line for line in lines if line.column == column]
            margins[own[0].page, column] = _margins(own, body)
    leading = usual_leading(pages)
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


def _breaks(
    last: Line,
    line: Line,
    margins: dict[tuple[int, int], tuple[float, float]],
    leading: float,
    body: float,
    levels: dict[float, int],
) -> tuple[bool, bool]:
    """Whether a paragraph ends between two lines, and whether a gap is seen there."""
    if last.is_row or line.is_row:
        return True, not (last.is_row and line.is_row)
    same_column = last.page == line.page and last.column == line.column
    if abs(last.size - line.size) > 0.12 * body and (not same_column or starts_note(line)):
        return True, False  # from the text to its notes, and from the notes to the next page
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
    needed = per_character * (len(word.group()) + 1 if word and not is_wide(line.text[0]) else 1)
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
    if is_wide(text[-1]) or is_wide(following[0]):
        return text + following
    if text.endswith(("—", "–")) and not text.endswith(" –"):
        return text + following
    return f"{text} {following}"
