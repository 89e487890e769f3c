"""Lines of a PDF page as they lie in its content in, lines in reading order out. Points, y upwards; knows nothing of PDFium.

Columns are told apart, however many; drop capitals go to their words; pieces on one baseline are one line, and lines
whose pieces stand below one another are rows of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60]")
_ALIGNED = 2.5  # points between edges of cells that stand below one another
_FEWEST_LINES = 12  # on a page, to look for columns


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
    cells: tuple[tuple[float, float], ...] = ()  # where the pieces begin and end that a wide gap parts
    is_row: bool = False  # of a table: never joined with the next line


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """Top to bottom; of columns the left one first, between lines that cross their gutters."""
    lines = _with_drop_capitals(lines)
    gutters = _gutters(lines)
    if not gutters:
        return _with_rows(_merge_rows(lines))
    ordered: list[Line] = []
    band: list[Line] = []
    for line in sorted(lines, key=lambda line: -line.y):
        if any(line.x0 < gutter < line.x1 for gutter in gutters):
            ordered += _columns(band, gutters)
            band = []
            ordered.append(line)
        else:
            band.append(line)
    return _with_rows(ordered + _columns(band, gutters))


def _columns(band: Sequence[Line], gutters: Sequence[float]) -> list[Line]:
    ordered: list[Line] = []
    for number, (left, right) in enumerate(pairwise((float("-inf"), *gutters, float("inf"))), 1):
        own = [replace(line, column=number) for line in band if left < line.x1 <= right]
        ordered += _merge_rows(own)
    return ordered


def rows_of(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines from the top down, those on one baseline together, each row from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (-line.y, line.x0)):
        first = rows[-1][0] if rows else None
        if first is not None and abs(first.y - line.y) < 0.25 * min(first.size, line.size):
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        row.sort(key=lambda line: line.x0)
    return rows


def _merge_rows(lines: Sequence[Line]) -> list[Line]:
    """Pieces on one baseline are one line; PDFium parts them where the gap is wide."""
    merged: list[Line] = []
    for row in rows_of(lines):
        line = row[0]
        for piece in row[1:]:
            if piece.x0 < line.x1 - 1:  # one above the other: two lines printed over each other
                merged.append(line)
                line = piece
            else:
                line = _joined(line, piece)
        merged.append(line)
    return merged


def _joined(line: Line, piece: Line) -> Line:
    size = max(line.size, piece.size)
    if piece.x0 - line.x1 < 0.5 * size and is_wide(line.text[-1]) and is_wide(piece.text[0]):
        return replace(line, text=line.text + piece.text, x1=piece.x1, size=size)
    cells = (*(line.cells or ((line.x0, line.x1),)), (piece.x0, piece.x1))
    return replace(line, text=f"{line.text} {piece.text}", x1=piece.x1, size=size, cells=cells)


def _with_rows(lines: list[Line]) -> list[Line]:
    """Neighbouring lines of several pieces, some of which stand below one another, are rows of a table."""
    rows = set()
    for index, (a, b) in enumerate(pairwise(lines)):
        if a.column == b.column and _stand_below(a.cells, b.cells):
            rows |= {index, index + 1}
    return (
        [replace(line, is_row=True) if index in rows else line for index, line in enumerate(lines)] if rows else lines
    )


def _stand_below(above: Sequence[tuple[float, float]], below: Sequence[tuple[float, float]]) -> bool:
    if len(above) < 2 or len(below) < 2:
        return False
    return any(
        abs(a[0] - b[0]) < _ALIGNED or abs(a[1] - b[1]) < _ALIGNED or abs(sum(a) - sum(b)) < _ALIGNED
        for a in above[1:]
        for b in below[1:]
    )


def _gutters(lines: Sequence[Line]) -> list[float]:
    """The middles of the spaces between columns, from left to right; none on a page of one column."""
    gutter = _gutter(lines)
    if gutter is None:
        return []
    left = [line for line in lines if line.x1 <= gutter]
    right = [line for line in lines if line.x0 >= gutter]
    return [*_gutters(left), gutter, *_gutters(right)]


def _gutter(lines: Sequence[Line]) -> float | None:
    """The middle of the space between two columns, if the lines stand in two or more."""
    if len(lines) < _FEWEST_LINES:
        return None
    low, high = min(line.x0 for line in lines), max(line.x1 for line in lines)
    width = high - low
    near, far = low + 0.2 * width, low + 0.8 * width
    if sum([line.x0 < near and line.x1 > far for line in lines]) > 0.2 * len(lines):
        return None  # as on most pages: there is no gap to look for
    best: list[float] = []
    fewest = len(lines)
    for step in range(20, 81, 2):
        x = low + width * step / 100
        crossing = sum(line.x0 < x < line.x1 for line in lines)
        if crossing > fewest or crossing > 0.2 * len(lines):
            continue
        left = [line for line in lines if line.x1 <= x]
        right = [line for line in lines if line.x0 >= x]
        if min(len(left), len(right)) < 0.25 * len(lines) or not all(_is_prose(side, width) for side in (left, right)):
            continue
        if crossing < fewest:
            best, fewest = [], crossing
        best.append(x)
    # Of a run of equal places the first: any of them lies in the gap.
    return best[0] if best else None


def _is_prose(side: Sequence[Line], width: float) -> bool:
    """Lines of a column, not the cells of a table: wide, or at least of several words and of much the same length."""
    widths = sorted(line.x1 - line.x0 for line in side)
    usual = widths[len(widths) // 2]
    if usual > 0.25 * width:
        return True
    if usual < 0.12 * width or median(len(line.text) * (2 if is_wide(line.text[0]) else 1) for line in side) < 16:
        return False
    full = widths[int(0.9 * (len(widths) - 1))]
    return sum(own > 0.75 * full for own in widths) >= 0.6 * len(widths)


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


def is_wide(char: str) -> bool:
    """True for the characters of Chinese and Japanese, which have no spaces between words."""
    return WIDE.match(char) is not None
