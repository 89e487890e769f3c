"""Filled and stroked rectangles as poppler's Splash draws them: corners in points in, runs of covered pixels out.

The paths are made here, path_coverage.py lays them onto pixels. Knows nothing of colours, text or pages.

Facts: poppler 22.12 splash/Splash.cc (fillWithPattern, makeStrokePath), SplashPath.cc.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .path_coverage import right_ends, runs_of

_MITER_LIMIT = 10.0
_KEPT_SHAPES = 1024  # a book's paragraphs have a few hundred heights; every change of a width makes them anew

Point = tuple[float, float]
Corners = tuple[float, float, float, float]  # x, y, width, height (points)
Transform = tuple[float, float, float]  # scale, x, y: px = x * scale + x, y * -scale + y


class _Shape(NamedTuple):
    """A path as path_coverage.runs_of takes it."""

    points: np.ndarray
    opens: np.ndarray
    ends: np.ndarray
    hints: np.ndarray
    even_odd: bool


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

    def as_shape(self, even_odd: bool) -> _Shape:
        hints = np.array(self.hints, dtype=np.int64).reshape(-1, 4)
        points = np.array(self.points, dtype=np.float64).reshape(-1, 2)
        return _Shape(
            points, np.array(self.first, dtype=np.bool_), np.array(self.last, dtype=np.bool_), hints, even_odd
        )

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


def fill_rectangle(corners: Corners, ctm: Transform, size: tuple[int, int]) -> np.ndarray:
    """Runs, as of path_coverage.py, of a filled rectangle on a page of `size` pixels."""
    return runs_of(*_filled(*corners), *ctm, *size)


def stroke_rectangle(corners: Corners, line_width: float, ctm: Transform, size: tuple[int, int]) -> np.ndarray:
    """Runs of the rectangle's outline."""
    return runs_of(*_outline(*corners, line_width), *ctm, *size)


def outline_ends(corners: Corners, line_width: float, scale: float, ctm: np.ndarray) -> np.ndarray:
    """One past the last column (px) of the outline at each of these places: (n, 2), the x and y of their transforms."""
    shape = _outline(*corners, line_width)
    return right_ends(shape.points, shape.hints, scale, ctm)


@lru_cache(maxsize=_KEPT_SHAPES)
def _filled(x: float, y: float, width: float, height: float) -> _Shape:
    path = _rectangle(x, y, width, height)
    if len(path.points) == 5:
        path.hints = [(0, 2, 0, 4), (1, 3, 0, 4)]
    return path.as_shape(even_odd=True)


@lru_cache(maxsize=_KEPT_SHAPES)
def _outline(x: float, y: float, width: float, height: float, line_width: float) -> _Shape:
    return _stroked(_rectangle(x, y, width, height), line_width).as_shape(even_odd=False)


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
