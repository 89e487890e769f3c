"""Filled and stroked rectangles as poppler's Splash covers pixels with them.

In: corners in points, the page transform, a line width. Out: a box of full pixels, or a map of coverage (0 to 255) and
where it lies. Splash moves the edges of such shapes onto whole pixels (stroke adjustment) and covers a pixel by sixteen
samples. General for axis-parallel shapes; knows nothing of colours, text or pages.

Facts: poppler 22.12 splash/Splash.cc (fillWithPattern, makeStrokePath), SplashPath.cc, SplashXPath.cc, SplashXPathScanner.cc.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

AA = 4  # samples a side
GAMMA = np.array([math.floor(math.pow(i / 16, 1.5) * 255 + 0.5) for i in range(17)], dtype=np.uint8)
_MITER_LIMIT = 10.0

Point = tuple[float, float]
Covered = tuple[int, int, np.ndarray]  # left, top (px), coverage


@dataclass(slots=True)
class _Path:
    """Splash's path: points, which of them open a subpath, close one or are closed; and stroke adjustment hints."""

    points: list[Point] = field(default_factory=list)
    first: list[bool] = field(default_factory=list)
    last: list[bool] = field(default_factory=list)
    closed: list[bool] = field(default_factory=list)
    hints: list[tuple[int, int, int, int]] = field(default_factory=list)
    subpath: int = 0

    def move_to(self, x: float, y: float) -> None:
        self.subpath = len(self.points)
        self._add((x, y), first=True)

    def line_to(self, x: float, y: float) -> None:
        self.last[-1] = False
        self._add((x, y), first=False)

    def close(self, force: bool = False) -> None:
        if force or self.subpath == len(self.points) - 1 or self.points[-1] != self.points[self.subpath]:
            self.line_to(*self.points[self.subpath])
        self.closed[self.subpath] = self.closed[-1] = True
        self.subpath = len(self.points)

    def _add(self, point: Point, first: bool) -> None:
        self.points.append(point)
        self.first.append(first)
        self.last.append(True)
        self.closed.append(False)


def whole_pixels(corners: Sequence[float], ctm: tuple[float, float, float]) -> tuple[int, int, int, int]:
    """A filled rectangle in pixels: stroke adjustment moves its edges onto whole ones."""
    x, y, width, height = corners
    x0, x1 = x * ctm[0] + ctm[1], (x + width) * ctm[0] + ctm[1]
    y1, y0 = y * -ctm[0] + ctm[2], (y + height) * -ctm[0] + ctm[2]
    left, top, right, bottom = (math.floor(value + 0.5) for value in (x0, y0, x1, y1))
    return left, top, max(right, left + 1), max(bottom, top + 1)


def fill_rectangle(x: float, y: float, width: float, height: float, ctm: tuple[float, ...], size: Point) -> Covered | None:
    """Coverage of a filled rectangle on a page of `size` pixels; `ctm` is (scale, x, y): px = x*scale + ctm x."""
    path = _rectangle(x, y, width, height)
    if len(path.points) == 5:
        path.hints = [(0, 2, 0, 4), (1, 3, 0, 4)]
    return _cover(path, ctm, size, even_odd=True)


def stroke_rectangle(
    x: float, y: float, width: float, height: float, line_width: float, ctm: tuple[float, ...], size: Point
) -> Covered | None:
    """Coverage of the rectangle's outline."""
    return _cover(_stroked(_rectangle(x, y, width, height), line_width), ctm, size, even_odd=False)


def _rectangle(x: float, y: float, width: float, height: float) -> _Path:
    path = _Path()
    path.move_to(x, y)
    path.line_to(x + width, y)
    path.line_to(x + width, y + height)
    path.line_to(x, y + height)
    path.close()
    return path


def _skip_repeats(path: _Path, i: int) -> int:
    points = path.points
    while not path.last[i] and i + 1 < len(points) and points[i + 1] == points[i]:
        i += 1
    return i


def _direction(a: Point, b: Point) -> Point:
    distance = math.sqrt((b[0] - a[0]) * (b[0] - a[0]) + (b[1] - a[1]) * (b[1] - a[1]))
    d = 1 / distance if distance else math.inf
    return d * (b[0] - a[0]), d * (b[1] - a[1])


def _stroked(path: _Path, w: float) -> _Path:
    """Splash's makeStrokePath for one closed subpath with mitred joins."""
    out = _Path()
    points, n = path.points, len(path.points)
    left0 = left1 = right0 = right1 = join0 = join1 = left_first = right_first = first_point = segment = 0
    i0, i1 = 0, _skip_repeats(path, 0)
    start0, start1 = i0, i1
    while i1 < n:
        j0 = i1 + 1
        j1 = _skip_repeats(path, j0) if j0 < n else j0
        if path.last[i1]:
            i0, i1 = j0, j1
            continue
        last = path.last[j1]
        k0 = start1 + 1 if last else j1 + 1
        dx, dy = _direction(points[i1], points[j0])
        wdx, wdy = 0.5 * w * dx, 0.5 * w * dy
        (ax, ay), (bx, by) = points[i0], points[j0]
        out.move_to(ax - wdy, ay + wdx)
        if i0 == start0:
            first_point = len(out.points) - 1
        out.line_to(ax + wdy, ay - wdx)
        left2 = len(out.points) - 1
        out.line_to(bx + wdy, by - wdx)
        out.line_to(bx - wdy, by + wdx)
        right2 = len(out.points) - 1
        out.close(force=True)
        join2 = len(out.points)
        _join(out, (bx, by), (dx, dy), (wdx, wdy), _direction(points[j1], points[k0]), w)
        if segment >= 1:
            if segment >= 2:
                out.hints += [(left1, right1, left0 + 1, right0), (left1, right1, join0, left2)]
            else:
                out.hints.append((left1, right1, first_point, left2))
            out.hints.append((left1, right1, right2 + 1, right2 + 1))
        left0, left1, right0, right1, join0, join1 = left1, left2, right1, right2, join1, join2
        if segment == 0:
            left_first, right_first = left2, right2
        if last:
            end = len(out.points) - 1
            if segment >= 2:
                out.hints += [(left1, right1, left0 + 1, right0), (left1, right1, join0, end)]
            else:
                out.hints.append((left1, right1, first_point, end))
            out.hints += [
                (left1, right1, first_point, left_first),
                (left1, right1, right_first + 1, right_first + 1),
                (left_first, right_first, left1 + 1, right1),
                (left_first, right_first, join1, end),
            ]
        i0, i1 = j0, j1
        segment += 1
    return out


def _join(out: _Path, at: Point, d: Point, wd: Point, d_next: Point, w: float) -> None:
    (x, y), (dx, dy), (wdx, wdy), (nx, ny) = at, d, wd, d_next
    next_wdx, next_wdy = 0.5 * w * nx, 0.5 * w * ny
    cross = dx * ny - dy * nx
    dot = -(dx * nx + dy * ny)
    if dot > 0.9999:
        miter, m = (_MITER_LIMIT + 1) ** 2, 0.0
    else:
        miter = max(2 / (1 - dot), 1.0)
        m = math.sqrt(miter - 1)
    mitred = math.sqrt(miter) <= _MITER_LIMIT
    if cross != 0 or dx * nx < 0 or dy * ny < 0:
        out.move_to(x, y)
        if cross < 0:
            out.line_to(x - next_wdy, y + next_wdx)
            if mitred:
                out.line_to(x - wdy + wdx * m, y + wdx + wdy * m)
            out.line_to(x - wdy, y + wdx)
        else:
            out.line_to(x + wdy, y - wdx)
            if mitred:
                out.line_to(x + wdy + wdx * m, y - wdx + wdy * m)
            out.line_to(x + next_wdy, y - next_wdx)
    out.close()


def _adjusted(path: _Path, points: list[list[float]]) -> None:
    """Move hinted edges onto whole pixels, in place. A hint that is no straight pair of edges turns all of them off."""
    adjustments = []
    for control0, control1, first, last in path.hints:
        if control0 + 1 >= len(points) or control1 + 1 >= len(points):
            return
        (x0, y0), (x1, y1) = points[control0], points[control0 + 1]
        (x2, y2), (x3, y3) = points[control1], points[control1 + 1]
        if x0 == x1 and x2 == x3:
            axis, a, b = 0, x0, x2
        elif y0 == y1 and y2 == y3:
            axis, a, b = 1, y0, y2
        else:
            return
        adjustments.append((axis, min(a, b), max(a, b), first, last))
    for axis, a, b, first, last in adjustments:
        low, high = math.floor(a + 0.5), math.floor(b + 0.5)
        if low == high:
            high += 1
        end = high - 0.01
        middle = 0.5 * (low + end)
        centre = 0.5 * (a + b)
        for j in range(first, last + 1):
            value = points[j][axis]
            if a - 0.01 < value < a + 0.01:
                points[j][axis] = float(low)
            elif centre - 0.01 < value < centre + 0.01:
                points[j][axis] = middle
            elif b - 0.01 < value < b + 0.01:
                points[j][axis] = end


def _segments(path: _Path, ctm: tuple[float, ...]) -> list[tuple[float, float, float, float]]:
    scale, ctm_x, ctm_y = ctm
    points = [[x * scale + ctm_x, y * -scale + ctm_y] for x, y in path.points]
    if path.hints:
        _adjusted(path, points)
    segments = []
    start = 0
    for i, (x, y) in enumerate(points):
        if path.first[i]:
            start = i
            continue
        before = points[i - 1]
        segments.append((before[0] * AA, before[1] * AA, x * AA, y * AA))
        if path.last[i] and points[i] != points[start]:
            segments.append((x * AA, y * AA, points[start][0] * AA, points[start][1] * AA))
    return segments


def _crossings(segments: list[tuple[float, float, float, float]], even_odd: bool, low: int, high: int) -> dict:
    """Per sample row the spans (first, last, winding) at which segments cross it."""
    rows: dict[int, list[tuple[int, int, int]]] = {}
    for x0, y0, x1, y1 in segments:
        top, bottom = (y1, y0) if y0 > y1 else (y0, y1)
        if y0 == y1:
            row = math.floor(y0)
            if low <= row <= high:
                span = sorted((math.floor(x0), math.floor(x1)))
                rows.setdefault(row, []).append((span[0], span[1], 0))
            continue
        winding = 1 if even_odd or y0 > y1 else -1
        slope = (x1 - x0) / (y1 - y0)
        base = x0 - y0 * slope
        least, most = min(x0, x1), max(x0, x1)
        first_row = max(math.floor(top), low)
        here = math.floor(min(max(base + first_row * slope, least), most)) if slope else math.floor(x0)
        for row in range(first_row, min(math.floor(bottom), high) + 1):
            after = math.floor(min(max(base + (row + 1) * slope, least), most)) if slope else here
            counted = winding if top <= row < bottom else 0
            rows.setdefault(row, []).append((min(here, after), max(here, after), counted))
            here = after
    return rows


def _cover(path: _Path, ctm: tuple[float, ...], size: Point, even_odd: bool) -> Covered | None:
    width, height = int(size[0]), int(size[1])
    segments = _segments(path, ctm)
    left = max(0, math.floor(min(min(s[0], s[2]) for s in segments)) // AA)
    right = min(width - 1, math.floor(max(max(s[0], s[2]) for s in segments)) // AA)
    rows = _crossings(segments, even_odd, 0, height * AA - 1)
    if not rows or right < left:
        return None
    top, bottom = min(rows) // AA, max(rows) // AA
    samples = np.zeros(((bottom - top + 1) * AA, (right - left + 1) * AA), dtype=np.uint8)
    for row, spans in rows.items():
        spans.sort(key=lambda span: span[0])
        line = samples[row - top * AA]
        i = count = 0
        while i < len(spans):
            first, last = spans[i][0], spans[i][1]
            count += spans[i][2]
            i += 1
            while i < len(spans) and (spans[i][0] <= last or (count & 1 if even_odd else count != 0)):
                last = max(last, spans[i][1])
                count += spans[i][2]
                i += 1
            line[max(0, first - left * AA) : max(0, last + 1 - left * AA)] = 1
    counts = samples.reshape(bottom - top + 1, AA, right - left + 1, AA).sum(axis=(1, 3))
    return left, top, GAMMA[counts]
