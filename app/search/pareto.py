"""Points of two objectives, both to be large: which are not dominated, how crowded they stand, what area they hold."""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[float, float]
REFERENCE: Point = (0.0, 1.0)  # nothing read, nothing compressed: fixed, so that areas of different searches compare


def non_dominated(points: Sequence[Point]) -> list[int]:
    """Indices of the front; of equal points the first."""
    front: list[int] = []
    best = float("-inf")
    for i in sorted(range(len(points)), key=lambda i: (-points[i][0], -points[i][1], i)):
        if points[i][1] > best:
            front.append(i)
            best = points[i][1]
    return front


def ranks(points: Sequence[Point]) -> list[int]:
    """Non-dominated sorting: 0 for the front, 1 for the front of the rest, and so on."""
    found, left, rank = [0] * len(points), list(range(len(points))), 0
    while left:
        taken = {left[i] for i in non_dominated([points[j] for j in left])}
        taken |= {i for i in left if any(points[i] == points[j] for j in taken)}
        for i in taken:
            found[i] = rank
        left = [i for i in left if i not in taken]
        rank += 1
    return found


def crowding(points: Sequence[Point]) -> list[float]:
    """Crowding distance (NSGA-II): how far a point's neighbours stand, each objective over its own span."""
    found = [0.0] * len(points)
    for axis in (0, 1):
        order = sorted(range(len(points)), key=lambda i: points[i][axis])
        if not order:
            continue
        span = points[order[-1]][axis] - points[order[0]][axis]
        found[order[0]] = found[order[-1]] = float("inf")
        for before, i, after in zip(order, order[1:], order[2:], strict=False):
            if span:
                found[i] += (points[after][axis] - points[before][axis]) / span
    return found


def best_first(points: Sequence[Point]) -> list[int]:
    """By rank, then the least crowded."""
    rank = ranks(points)
    space = [0.0] * len(points)
    for level in set(rank):
        members = [i for i in range(len(points)) if rank[i] == level]
        for i, distance in zip(members, crowding([points[i] for i in members]), strict=True):
            space[i] = distance
    return sorted(range(len(points)), key=lambda i: (rank[i], -space[i], i))


def hypervolume(points: Sequence[Point], reference: Point = REFERENCE) -> float:
    """The area that the points dominate, down to the reference: a front that gains grows it, and none shrinks it."""
    area, ceiling = 0.0, reference[1]
    for i in non_dominated(points):
        accuracy, compression = points[i]
        if accuracy > reference[0] and compression > ceiling:
            area += (accuracy - reference[0]) * (compression - ceiling)
            ceiling = compression
    return area
