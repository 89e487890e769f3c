"""Scores and outcomes in, intervals and tests out. Pure; knows nothing of tasks or arms.

Written out rather than taken from scipy and statsmodels (which the tests hold them against): four formulas do not earn the app a
dependency of 100 MB.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

CONFIDENCE = 0.95
RESAMPLES = 10_000
_CHUNK = 2_000_000  # resampled items at once: 16 MB


@dataclass(frozen=True, slots=True)
class Share:
    """A mean of `count` values between 0 and 1 with its 95 % interval."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Mean of (one − other) over the same items, its 95 % interval, and how many items only one of them got right.

    `low`, `high` None: all items differ by the same, so that resampling them shows no spread. That is no interval of width 0.
    """

    value: float
    low: float | None
    high: float | None
    count: int
    only_one: int
    only_other: int
    p_value: float
    """McNemar's exact test on the items that only one got right: how likely so uneven a split is by chance."""


def wilson(mean: float, count: int, confidence: float = CONFIDENCE) -> Share:
    """Wilson's score interval. `mean`: a share of right answers, or a mean of scores between 0 and 1.

    For scores between 0 and 1 it is wider than needed, never narrower: no such score varies more than right and wrong with the same
    mean do. Without items the interval is everything. Raises ValueError.
    """
    if not 0 <= mean <= 1 or count < 0:
        raise ValueError(f"a share of {mean} of {count} is none")
    if not count:
        return Share(0.0, 0.0, 1.0, 0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    middle = (mean + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(mean * (1 - mean) / count + z * z / (4 * count * count))
    low = 0.0 if mean == 0 else max(0.0, middle - half)
    high = 1.0 if mean == 1 else min(1.0, middle + half)
    return Share(mean, low, high, count)


def mcnemar(only_one: int, only_other: int) -> float:
    """Exact two-sided p-value: a fair coin on the items that only one side got right. 1 where there are none."""
    count = only_one + only_other
    if not count:
        return 1.0
    tail = sum(math.comb(count, k) for k in range(min(only_one, only_other) + 1))
    return float(min(1.0, 2 * tail / 2**count))


def paired_difference(
    one: Sequence[float], other: Sequence[float], one_right: Sequence[bool], other_right: Sequence[bool], seed: int = 0
) -> PairedDifference:
    """Scores and outcomes of the same items in the same order. The interval: paired bootstrap, percentiles of RESAMPLES resamples.

    Raises ValueError for lists of different lengths, or without items.
    """
    if not len(one) == len(other) == len(one_right) == len(other_right):
        raise ValueError("pairs need as many values on either side")
    if not one:
        raise ValueError("pairs need items")
    difference = np.asarray(one, dtype=np.float64) - np.asarray(other, dtype=np.float64)
    low = high = None
    if np.ptp(difference) > 0:
        tail = 50 * (1 - CONFIDENCE)
        low, high = map(float, np.percentile(_resampled_means(difference, seed), [tail, 100 - tail]))
    only_one = sum(a and not b for a, b in zip(one_right, other_right, strict=True))
    only_other = sum(b and not a for a, b in zip(one_right, other_right, strict=True))
    return PairedDifference(
        float(difference.mean()), low, high, len(one), only_one, only_other, mcnemar(only_one, only_other)
    )


def _resampled_means(values: np.ndarray, seed: int) -> np.ndarray:
    random = np.random.Generator(np.random.PCG64(seed))
    rows = max(1, min(RESAMPLES, _CHUNK // len(values)))
    found = []
    for begin in range(0, RESAMPLES, rows):
        chosen = random.integers(0, len(values), (min(rows, RESAMPLES - begin), len(values)))
        found.append(values[chosen].mean(axis=1))
    return np.concatenate(found)
