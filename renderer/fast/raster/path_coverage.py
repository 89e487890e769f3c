"""Paths onto pixels as poppler's Splash covers them: points and hints in, runs of covered pixels out.

Splash moves hinted edges onto whole pixels (stroke adjustment) and covers a pixel by sixteen samples. A run is a row of
int32: y, first x, end x (exclusive), coverage (0 to 255). Compiled; knows nothing of colours, text or pages.

Facts: poppler 22.12 splash/Splash.cc (strokeAdjust), SplashXPath.cc, SplashXPathScanner.cc.
"""

import math

import numpy as np

from renderer.fast.compiling import compiled, compiled_bare, compiled_inner

AA = 4  # samples a side
GAMMA = np.array([math.floor(math.pow(i / 16, 1.5) * 255 + 0.5) for i in range(17)], dtype=np.uint8)
_NEAR = 0.01


@compiled
def runs_of(points, opens, ends, hints, even_odd, scale, ctm_x, ctm_y, width, height):
    """The runs of a path on a page of `width` x `height` pixels: int32 (n, 4), from top to bottom.

    points: float64 (n, 2) in points, px = x * scale + ctm_x, y * -scale + ctm_y; opens, ends: bool (n,), of subpaths;
    hints: int64 (m, 4) as Splash's: two edges by their first points, and the first and last point that they move.
    """
    return _cover(_segments(_moved(points, hints, scale, ctm_x, ctm_y), opens, ends), even_odd, width, height)


@compiled
def right_ends(points, hints, scale, ctm):
    """One past the last column that a path touches at each of these places: ctm (n, 2), x and y as of runs_of."""
    found = np.empty(ctm.shape[0], np.int64)
    for i in range(ctm.shape[0]):
        found[i] = int(np.floor(_moved(points, hints, scale, ctm[i, 0], ctm[i, 1])[:, 0].max())) + 1
    return found


@compiled_inner
def _moved(points, hints, scale, ctm_x, ctm_y):
    """The points in pixels, adjusted."""
    moved = np.empty_like(points)
    for i in range(points.shape[0]):
        moved[i, 0], moved[i, 1] = points[i, 0] * scale + ctm_x, points[i, 1] * -scale + ctm_y
    _adjust(moved, hints)
    return moved


@compiled_inner
def _adjust(points, hints):
    """Move hinted edges onto whole pixels, in place. A hint that is no straight pair of edges turns all of them off."""
    edges = np.empty((hints.shape[0], 2))
    axes = np.empty(hints.shape[0], np.int64)
    for h in range(hints.shape[0]):
        i, j = hints[h, 0], hints[h, 1]
        if i + 1 >= points.shape[0] or j + 1 >= points.shape[0]:
            return
        axis = 0
        while axis < 2 and not (points[i, axis] == points[i + 1, axis] and points[j, axis] == points[j + 1, axis]):
            axis += 1
        if axis == 2:
            return
        axes[h] = axis
        edges[h, 0], edges[h, 1] = min(points[i, axis], points[j, axis]), max(points[i, axis], points[j, axis])
    for h in range(hints.shape[0]):
        a, b, axis = edges[h, 0], edges[h, 1], axes[h]
        low, high = np.floor(a + 0.5), np.floor(b + 0.5)
        if low == high:
            high += 1
        end = high - 0.01
        centre = 0.5 * (a + b)
        for p in range(hints[h, 2], hints[h, 3] + 1):
            value = points[p, axis]
            if a - _NEAR < value < a + _NEAR:
                points[p, axis] = low
            elif centre - _NEAR < value < centre + _NEAR:
                points[p, axis] = 0.5 * (low + end)
            elif b - _NEAR < value < b + _NEAR:
                points[p, axis] = end


@compiled_inner
def _segments(points, opens, ends):
    """Lines between the points, in samples: float64 (n, 4), x and y of both ends; subpaths closed."""
    found = np.empty((2 * points.shape[0], 4))
    n = start = 0
    for i in range(points.shape[0]):
        if opens[i]:
            start = i
            continue
        _put(found, n, points, i - 1, i)
        n += 1
        if ends[i] and (points[i, 0] != points[start, 0] or points[i, 1] != points[start, 1]):
            _put(found, n, points, i, start)
            n += 1
    return found[:n]


@compiled_bare
def _put(found, n, points, i, j):
    found[n, 0], found[n, 1] = points[i, 0] * AA, points[i, 1] * AA
    found[n, 2], found[n, 3] = points[j, 0] * AA, points[j, 1] * AA


@compiled_inner
def _cover(segments, even_odd, width, height):
    runs = np.empty((256, 4), np.int32)
    n = 0
    if not segments.shape[0]:
        return runs[:0]
    left = max(0, int(np.floor(min(segments[:, 0].min(), segments[:, 2].min()))) // AA)
    right = min(width - 1, int(np.floor(max(segments[:, 0].max(), segments[:, 2].max()))) // AA)
    top = max(0, int(np.floor(min(segments[:, 1].min(), segments[:, 3].min()))) // AA)
    bottom = min(height - 1, int(np.floor(max(segments[:, 1].max(), segments[:, 3].max()))) // AA)
    if right < left:
        return runs[:0]
    spans = np.empty((segments.shape[0], 3), np.int64)
    touched = np.empty((AA * segments.shape[0], 2), np.int64)
    counts = np.zeros(right + 1, np.int64)
    changes = _changes(segments, top, bottom)
    above = 0  # the first run of the row above
    for y in range(top, bottom + 1):
        stretches = 0
        if y > top and not changes[y - top] and not changes[y - 1 - top]:
            runs = _with_room(runs, n, n - above)
            first, above = above, n
            for i in range(first, above):
                runs[n, 0], runs[n, 1], runs[n, 2], runs[n, 3] = y, runs[i, 1], runs[i, 2], runs[i, 3]
                n += 1
            continue
        for row in range(y * AA, (y + 1) * AA):
            crossing = _cross(segments, row, even_odd, spans)
            stretches = _count(spans, crossing, even_odd, left, right, counts, touched, stretches)
        runs, above = _with_room(runs, n, right - left + 1), n
        n = _flush(y, counts, touched, stretches, runs, n)
    return runs[:n]


@compiled_inner
def _changes(segments, top, bottom):
    """Whether a row of pixels may be covered otherwise than its neighbours: a segment ends there, or is not upright."""
    changes = np.zeros(max(0, bottom + 1 - top), np.bool_)
    for s in range(segments.shape[0]):
        a, z = int(np.floor(segments[s, 1])) // AA, int(np.floor(segments[s, 3])) // AA
        upright = segments[s, 0] == segments[s, 2]
        for y in range(max(min(a, z), top), min(max(a, z), bottom) + 1):
            if not upright or y in (a, z):
                changes[y - top] = True
    return changes


@compiled_inner
def _with_room(runs, n, more):
    """The runs, or a larger copy where so many more than n do not fit."""
    if n + more <= runs.shape[0]:
        return runs
    larger = np.empty((2 * (n + more), 4), np.int32)
    larger[:n] = runs[:n]
    return larger


@compiled_bare
def _cross(segments, row, even_odd, spans):
    """Write down where segments cross a row of samples (first, last, winding), from left to right; returns how many."""
    n = 0
    for s in range(segments.shape[0]):
        x0, y0, x1, y1 = segments[s, 0], segments[s, 1], segments[s, 2], segments[s, 3]
        top, bottom = min(y0, y1), max(y0, y1)
        if row < np.floor(top) or row > np.floor(bottom):
            continue
        counted = 0
        if y0 == y1:
            here, after = int(np.floor(x0)), int(np.floor(x1))
        else:
            slope = (x1 - x0) / (y1 - y0)
            base = x0 - y0 * slope
            here = after = int(np.floor(x0))
            if slope != 0.0:
                here = int(np.floor(min(max(base + row * slope, min(x0, x1)), max(x0, x1))))
                after = int(np.floor(min(max(base + (row + 1) * slope, min(x0, x1)), max(x0, x1))))
            if top <= row < bottom:
                counted = 1 if even_odd or y0 > y1 else -1
        at = n
        while at > 0 and spans[at - 1, 0] > min(here, after):
            spans[at, 0], spans[at, 1], spans[at, 2] = spans[at - 1, 0], spans[at - 1, 1], spans[at - 1, 2]
            at -= 1
        spans[at, 0], spans[at, 1], spans[at, 2] = min(here, after), max(here, after), counted
        n += 1
    return n


@compiled_bare
def _count(spans, crossing, even_odd, left, right, counts, touched, stretches):
    """Add a row's samples to the counts of its pixels; write down the pixels touched, and return how many stretches."""
    i = winding = 0
    while i < crossing:
        first, last = spans[i, 0], spans[i, 1]
        winding += spans[i, 2]
        i += 1
        while i < crossing and (spans[i, 0] <= last or (winding & 1 if even_odd else winding) != 0):
            last = max(last, spans[i, 1])
            winding += spans[i, 2]
            i += 1
        first, end = max(first, left * AA), min(last + 1, (right + 1) * AA)
        if first >= end:
            continue
        for x in range(first // AA, (end - 1) // AA + 1):
            counts[x] += min(end, (x + 1) * AA) - max(first, x * AA)
        at = stretches
        while at > 0 and touched[at - 1, 0] > first // AA:
            touched[at, 0], touched[at, 1] = touched[at - 1, 0], touched[at - 1, 1]
            at -= 1
        touched[at, 0], touched[at, 1] = first // AA, (end - 1) // AA
        stretches += 1
    return stretches


@compiled_bare
def _flush(y, counts, touched, stretches, runs, n):
    """Turn the counts of the stretches touched into runs of equal coverage, and back to nothing; returns the new end."""
    done = -1
    for i in range(stretches):
        for x in range(max(touched[i, 0], done + 1), touched[i, 1] + 1):
            value = GAMMA[counts[x]]
            counts[x] = 0
            done = x
            if n > 0 and runs[n - 1, 0] == y and runs[n - 1, 2] == x and runs[n - 1, 3] == value:
                runs[n - 1, 2] = x + 1
            else:
                runs[n, 0], runs[n, 1], runs[n, 2], runs[n, 3] = y, x, x + 1, value
                n += 1
    return n
