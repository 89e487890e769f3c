"""One page of a PDF in, its lines with their places out, through PDFium.

A page is turned before it is measured: along its main direction x grows, whatever /Rotate says, however the scanner
tilted it and whether it is written from top to bottom. Lines that run across that direction are set aside and counted.
Knows nothing of reading order or paragraphs (`pdf_layout.py`).
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from dataclasses import dataclass, replace

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from .limits import MAX_TEXT_CHARACTERS
from .pdf_reading_order import WIDE, Line

_BREAKS = re.compile(r"[\r\n]+|[ \x02\ufffe]")
_BLANKS = " \t\xa0\u3000"
_SAMPLED = 16  # characters that vote for a page's direction
_ACROSS = math.radians(20)  # from the page's direction; handwriting and scanners stay within it
_QUARTER = math.pi / 2


@dataclass(frozen=True, slots=True)
class PageText:
    """What a page says."""

    lines: list[Line]
    aside: int  # lines that run across the page
    sideways: bool  # the main direction is not the one in which the page is shown


def read_page(document: pdfium.PdfDocument, number: int) -> PageText:
    """The lines of a page as PDFium tells them apart, in the order of the page's content."""
    page = document[number]
    try:
        textpage = page.get_textpage()
        try:
            # One more than a book may have, so that a longer page is refused, not cut.
            count = min(textpage.count_chars(), MAX_TEXT_CHARACTERS + 1)
            text = _characters(textpage, count)
            return _Reader(textpage, text, number, math.radians(page.get_rotation())).read()
        finally:
            textpage.close()
    finally:
        page.close()


def _characters(textpage: pdfium.PdfTextpage, count: int) -> str:
    """The page's characters, one for each of PDFium's indices."""
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = raw.FPDFText_GetText(textpage.raw, 0, count, buffer)
    if written == count + 1:
        text = bytes(buffer)[: 2 * count].decode("utf-16-le", "replace")
        if len(text) == count:
            return text
    codes = (raw.FPDFText_GetUnicode(textpage.raw, index) for index in range(count))
    return "".join(chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " " for code in codes)


class _Reader:
    """One page being read. PDFium answers into the same few variables again and again: there are many questions."""

    def __init__(self, textpage: pdfium.PdfTextpage, text: str, number: int, turned: float) -> None:
        self.handle = textpage.raw
        self.text = text
        self.number = number
        self.turned = turned  # clockwise, as the page is shown
        self.x, self.y = ctypes.c_double(), ctypes.c_double()
        self.left, self.right, self.bottom, self.top = (ctypes.c_double() for _ in range(4))
        self.matrix, self.loose = raw.FS_MATRIX(), raw.FS_RECTF()
        self.angle = 0.0  # of the page's main direction, counter-clockwise from its x axis
        self.vertical = False  # written from top to bottom
        self.cos, self.sin = 1.0, 0.0  # of the direction in which x grows

    def read(self) -> PageText:
        self.angle = self.main_angle()
        self.look_along(self.angle)
        pieces = self.pieces()
        if self.is_vertical(pieces):
            self.vertical = True
            self.look_along(self.angle - _QUARTER)
        lines, aside = [], 0
        for start, end in pieces:
            line = self.line(start, end)
            if isinstance(line, Line):
                lines.append(line)
            elif line is _ASIDE:
                aside += 1
        if self.vertical:
            lines = _with_level_lines_outside(lines)
        return PageText(lines, aside, abs(_turn(self.angle - self.turned)) > _QUARTER / 2)

    def look_along(self, angle: float) -> None:
        quarters = round(angle / _QUARTER)
        if abs(angle - quarters * _QUARTER) < 1e-4:  # exact, so that upright pages keep their own coordinates
            self.cos, self.sin = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[quarters % 4]
        else:
            self.cos, self.sin = math.cos(angle), math.sin(angle)

    def main_angle(self) -> float:
        """The direction of most characters; as the page is shown, where it is a draw."""
        step = max(1, len(self.text) // _SAMPLED)
        found = []
        for index in range(step // 2, len(self.text), step):
            while index < len(self.text) and self.text[index].isspace():
                index += 1
            if index < len(self.text) and (angle := self.angle_of(index)) is not None:
                found.append(_turn(angle - self.turned))
        if not found:
            return self.turned
        quarters = Counter(round(angle / _QUARTER) % 4 for angle in found)
        best = max(quarters, key=lambda quarter: (quarters[quarter], quarter == 0))
        tilts = sorted(_turn(angle - best * _QUARTER) for angle in found if round(angle / _QUARTER) % 4 == best)
        return self.turned + best * _QUARTER + (tilts[len(tilts) // 2] if tilts else 0.0)

    def angle_of(self, index: int) -> float | None:
        """The direction of a character's baseline; slanting its letters changes (c, d) alone."""
        if not raw.FPDFText_GetMatrix(self.handle, index, self.matrix):
            return None
        return math.atan2(self.matrix.b, self.matrix.a) if self.matrix.a or self.matrix.b else None

    def place(self, index: int) -> tuple[float, float] | None:
        """A character's origin: along the reading direction, and above it."""
        if not raw.FPDFText_GetCharOrigin(self.handle, index, self.x, self.y):
            return None
        x, y = self.x.value, self.y.value
        return x * self.cos + y * self.sin, y * self.cos - x * self.sin

    def extent(self, index: int) -> tuple[float, float] | None:
        """Where a character's ink begins and ends along the reading direction."""
        if not raw.FPDFText_GetCharBox(self.handle, index, self.left, self.right, self.bottom, self.top):
            return None
        xs = (self.left.value * self.cos, self.right.value * self.cos)
        ys = (self.bottom.value * self.sin, self.top.value * self.sin)
        return min(xs) + min(ys), max(xs) + max(ys)

    def height(self, index: int, angle: float) -> float | None:
        """The height of a character's type, from the box around it, which is not turned with it."""
        if not raw.FPDFText_GetLooseCharBox(self.handle, index, self.loose):
            return None
        width, height = abs(self.loose.right - self.loose.left), abs(self.loose.top - self.loose.bottom)
        cos, sin = abs(math.cos(angle)), abs(math.sin(angle))
        if sin < 1e-3 or cos < 1e-3:
            return height if sin < cos else width
        if abs(cos - sin) > 0.2:  # the box is h·cos + w·sin high and h·sin + w·cos wide
            return max((height * cos - width * sin) / (cos * cos - sin * sin), 1.0)
        return raw.FPDFText_GetFontSize(self.handle, index)

    def pieces(self) -> list[tuple[int, int]]:
        """Where lines begin and end: at PDFium's ends, behind divided words, at gaps as wide as between columns."""
        text, pieces, start = self.text, [], 0
        for match in _BREAKS.finditer(text):
            at, char = match.start(), match.group()
            if char in "\x02\ufffe":  # PDFium joins a divided word to its rest on the next line
                if at + 1 < len(text) and self.level(at - 1) != self.level(at + 1):
                    pieces.append((start, at + 1))
                    start = at + 1
            elif char != " ":
                pieces.append((start, at))
                start = match.end()
            elif raw.FPDFText_IsGenerated(self.handle, at) == 1 and self.is_column_gap(at):
                pieces.append((start, at))
                start = at + 1
        pieces.append((start, len(text)))
        return pieces

    def level(self, index: int) -> float | None:
        place = self.place(index)
        return round(place[1], 1) if place else None

    def is_column_gap(self, index: int) -> bool:
        """True for a gap that PDFium filled with one space although it is wider than a letter is high.

        So is one between lines: beside columns from top to bottom, PDFium takes a heading and a page number for one line.
        """
        before, after = self.extent(index - 1), self.extent(index + 1)
        if before is None or after is None:
            return False
        gap = after[0] - before[1]
        if gap < 8 and gap + before[1] - before[0] > -8:
            return False
        height = self.height(index - 1, self.angle)
        if height is None or gap > 1.1 * height:
            return height is not None
        a, b = self.place(index - 1), self.place(index + 1)
        return a is not None and b is not None and abs(a[1] - b[1]) > 2 * height and abs(a[0] - b[0]) > height

    def is_vertical(self, pieces: list[tuple[int, int]]) -> bool:
        """True where most characters stand below the ones before them, as in Chinese and Japanese books."""
        if not WIDE.search(self.text):
            return False
        down = along = 0
        for start, end in pieces:
            piece = self.text[start:end].strip(_BLANKS)
            if not WIDE.search(piece):
                along += len(piece)
                continue
            first = start + self.text[start:end].index(piece)
            a, b = self.place(first), self.place(first + len(piece) - 1)
            if len(piece) > 1 and a and b:
                if a[1] - b[1] > 2 * abs(b[0] - a[0]):
                    down += len(piece)
                else:
                    along += len(piece)
        return down > along

    def line(self, start: int, end: int) -> Line | object | None:
        """A line, _ASIDE for one that runs across the page, None for nothing."""
        piece = self.text[start:end]
        stripped = piece.strip(_BLANKS)
        if not stripped:
            return None
        first = start + len(piece) - len(piece.lstrip(_BLANKS))
        last = first + len(stripped) - 1
        middle = self.middle_letter(first, last)
        begin, place, ends = self.place(first), self.place(middle), self.extent(last)
        if begin is None or place is None or ends is None:
            return None
        angle = self.angle_of(middle)
        tilt = _turn(angle - self.angle) if angle is not None else 0.0
        if abs(tilt) > _ACROSS and not (self.vertical and abs(tilt + _QUARTER) < _ACROSS):
            return _ASIDE
        height = self.height(middle, self.angle + tilt)
        if height is None:
            return None
        level = place[1]
        if not self.vertical and abs(tilt) > 1e-3:
            level -= math.tan(tilt) * place[0]  # where this line would cross the margin, to compare it with others
        # A hyphen that breaks a word at the line's end comes as U+0002.
        shown = stripped.replace("\x02", "-").replace("\ufffe", "-")
        return Line(shown, self.number, begin[0], max(ends[1], begin[0]), level, max(height, 1.0))

    def middle_letter(self, first: int, last: int) -> int:
        """A character that stands for its line: not the initial, not the raised sign of a note."""
        middle = (first + last) // 2
        for index in range(middle, min(middle + 12, last + 1)):
            if self.text[index].isalpha():
                return index
        for index in range(middle, max(middle - 12, first - 1), -1):
            if self.text[index].isalpha():
                return index
        return middle if not self.text[middle].isspace() else first


_ASIDE = object()


def _with_level_lines_outside(lines: list[Line]) -> list[Line]:
    """On a page of columns from top to bottom, what is written level stands above or below them, not between them."""
    columns = [line for line in lines if line.x1 - line.x0 > 2 * line.size]
    if not columns:
        return lines
    top, bottom = min(line.x0 for line in columns), max(line.x1 for line in columns)
    first, last = max(line.y for line in columns), min(line.y for line in columns)
    placed = []
    for line in lines:
        above, below = top - line.x0, line.x1 - bottom
        if above > line.size:
            placed.append(replace(line, y=first + 2 * line.size + above))
        elif below > line.size:
            placed.append(replace(line, y=last - 2 * line.size - below))
        else:
            placed.append(line)
    return placed


def _turn(angle: float) -> float:
    """An angle between -π and π."""
    return math.remainder(angle, math.tau)
