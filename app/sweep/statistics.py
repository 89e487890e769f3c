"""Repeats in, medians with spread out: points of curves, speedups, percentiles. Knows nothing of servers or of charts.

Only cold measurements count: one that found the server's caches warm is kept in the journal and left out here.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.measurement import CacheState, Provenance
from app.sweep.values import Arm, Kind, Outcome, Record

_Known = TypeVar("_Known", int, float)


@dataclass(frozen=True, slots=True)
class Spread:
    """A median and how far the repeats lie from it. Quartiles by linear interpolation; one repeat has no spread."""

    count: int
    median: float
    mad: float  # median of the absolute deviations from the median
    q1: float
    q3: float


def spread(values: Sequence[float]) -> Spread | None:
    if not values:
        return None
    middle = statistics.median(values)
    mad = statistics.median(abs(value - middle) for value in values)
    return Spread(len(values), middle, mad, percentile(values, 25), percentile(values, 75))


def percentile(values: Sequence[float], percent: float) -> float:
    """By linear interpolation between the two nearest, as numpy's default."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


@dataclass(frozen=True, slots=True)
class Point:
    """All repeats of one kind, side, length and number at once. `value`: see `unit`; None where nothing was measured."""

    kind: Kind
    arm: Arm
    aimed_tokens: int
    at_once: int
    provenance: Provenance
    ttft_ms: Spread | None
    ttft_p90_ms: float | None
    ttft_p99_ms: float | None
    tokens_per_second: Spread | None
    text_tokens: int | None
    visual_tokens: int | None
    pages: int | None
    prompt_tokens: int | None
    render_ms: float | None
    headers_ms: Spread | None
    """From the body's last byte to HTTP's headers: on vLLM, fetching and resizing the pages."""
    kv_cache_peak: float | None
    warm: int
    """Measurements left out because the server had part of the prompt in its caches."""
    unsure: int
    """Measurements that count although the server did not say whether it was cold."""
    marks: tuple[str, ...]
    """Why something is missing here, in words for people."""

    @property
    def compression(self) -> float | None:
        return self.text_tokens / self.visual_tokens if self.text_tokens and self.visual_tokens else None

    @property
    def tokens_per_page(self) -> int | None:
        """Visual tokens; of several pages the mean, to which a last one that is partly full belongs too."""
        return max(1, round(self.visual_tokens / self.pages)) if self.visual_tokens and self.pages else None


def points(records: Iterable[Record]) -> tuple[Point, ...]:
    """One a kind, side, length and number at once, in that order. A simulated and a measured record never share one."""
    groups: dict[tuple[Kind, Arm, int, int, Provenance], list[Record]] = {}
    for record in records:
        task = record.task
        key = (task.kind, task.arm, task.text_tokens, task.at_once, record.provenance)
        groups.setdefault(key, []).append(record)
    return tuple(_point(key, group) for key, group in sorted(groups.items(), key=lambda item: _order(item[0])))


def _order(key: tuple[Kind, Arm, int, int, Provenance]) -> tuple[str, str, int, int, int, str]:
    kind, arm, tokens, at_once, provenance = key
    return (kind.value, arm.role.value, arm.dpi or 0, tokens, at_once, provenance.value)


def _point(key: tuple[Kind, Arm, int, int, Provenance], group: list[Record]) -> Point:
    kind, arm, tokens, at_once, provenance = key
    measured = [record for record in group if record.outcome is Outcome.MEASURED]
    cold = [record for record in measured if record.cache is not CacheState.WARM]
    ttfts = [one for record in cold for one in record.ttft_ms]
    rates = [record.tokens_per_second for record in cold if record.tokens_per_second is not None]
    told = [record for record in group if record.outcome is not Outcome.MEASURED or record.detail]
    return Point(
        kind=kind,
        arm=arm,
        aimed_tokens=tokens,
        at_once=at_once,
        provenance=provenance,
        ttft_ms=spread(ttfts),
        ttft_p90_ms=percentile(ttfts, 90) if ttfts else None,
        ttft_p99_ms=percentile(ttfts, 99) if ttfts else None,
        tokens_per_second=spread(rates),
        text_tokens=_known([record.text_tokens for record in group]),
        visual_tokens=_known([record.visual_tokens for record in group]),
        pages=_known([record.pages for record in group]),
        prompt_tokens=_known([record.prompt_tokens for record in cold]),
        render_ms=next((record.render_ms for record in group if record.render_ms is not None), None),
        headers_ms=spread([one for record in cold for one in record.headers_ms]),
        kv_cache_peak=_known([record.kv_cache_peak for record in cold]),
        warm=len(measured) - len(cold),
        unsure=sum(record.cache is CacheState.UNKNOWN for record in cold),
        marks=tuple(dict.fromkeys(f"{record.outcome}: {record.detail}" for record in told)),
    )


def _known(values: list[_Known | None]) -> _Known | None:
    return next((value for value in values if value is not None), None)


@dataclass(frozen=True, slots=True)
class SpeedupPoint:
    """Pages against text at one length, by the medians. `low` and `high`: quartile against opposite quartile."""

    kind: Kind
    arm: Arm
    aimed_tokens: int
    at_once: int
    ratio: float
    low: float
    high: float
    ratio_with_rendering: float | None
    provenance: Provenance


def speedups(found: Iterable[Point]) -> tuple[SpeedupPoint, ...]:
    """PREFILL: TTFT of text over that of pages. DECODE and LOAD: tokens a second of pages over those of text.

    Only sides of the same provenance are compared: a measured one against a simulated one says nothing.
    """
    every = tuple(found)
    text = {(one.kind, one.aimed_tokens, one.at_once, one.provenance): one for one in every if one.arm.dpi is None}
    pairs = []
    for pages in every:
        other = text.get((pages.kind, pages.aimed_tokens, pages.at_once, pages.provenance))
        if pages.arm.dpi is not None and other is not None:
            pair = _speedup(other, pages)
            if pair is not None:
                pairs.append(pair)
    return tuple(pairs)


def _speedup(text: Point, pages: Point) -> SpeedupPoint | None:
    prefill = pages.kind is Kind.PREFILL
    above, below = (text.ttft_ms, pages.ttft_ms) if prefill else (pages.tokens_per_second, text.tokens_per_second)
    if above is None or below is None or min(below.q1, below.median) <= 0:
        return None
    rendered = None
    if prefill and pages.render_ms is not None:
        rendered = above.median / (below.median + pages.render_ms)
    return SpeedupPoint(
        pages.kind,
        pages.arm,
        pages.aimed_tokens,
        pages.at_once,
        above.median / below.median,
        above.q1 / below.q3,
        above.q3 / below.q1,
        rendered,
        pages.provenance,
    )
