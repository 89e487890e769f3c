"""Which factors mattered in a search: the share of an objective's variance that each explains by itself (eta squared).

Numbers are put into four groups of equal size. What two factors do together is not seen, and a genetic search looks at good
settings more often than at others: an indication, not a law.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from app.search.genome import Space
from app.search.values import Candidate

LEAST_CANDIDATES = 16
_GROUPS = 4


@dataclass(frozen=True, slots=True)
class Importance:
    """Shares 0 to 1."""

    factor: str
    of_accuracy: float
    of_compression: float


def importances(space: Space, candidates: Sequence[Candidate]) -> tuple[Importance, ...]:
    """Largest first; empty for too few candidates."""
    if len(candidates) < LEAST_CANDIDATES:
        return ()
    found = []
    for factor in space.factors:
        groups = _grouped([one.proposal.genome.get(factor.name) for one in candidates])
        shares = [_explained(groups, [one.score.point[axis] for one in candidates]) for axis in (0, 1)]
        found.append(Importance(factor.name, *shares))
    return tuple(sorted(found, key=lambda one: -max(one.of_accuracy, one.of_compression)))


def _grouped(values: Sequence[str | int | float | None]) -> list[str]:
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    distinct = sorted(set(numbers))
    if len(distinct) <= _GROUPS:
        return [str(value) for value in values]
    ordered = sorted(numbers)
    bounds = [ordered[len(ordered) * i // _GROUPS] for i in range(1, _GROUPS)]
    return [
        str(sum(float(value) >= bound for bound in bounds)) if isinstance(value, int | float) else str(value)
        for value in values
    ]


def _explained(groups: Sequence[str], values: Sequence[float]) -> float:
    mean = fmean(values)
    whole = sum((value - mean) ** 2 for value in values)
    members: dict[str, list[float]] = defaultdict(list)
    for group, value in zip(groups, values, strict=True):
        members[group].append(value)
    between = sum(len(inside) * (fmean(inside) - mean) ** 2 for inside in members.values())
    return between / whole if whole else 0.0
