"""From which length on pages are read sooner than text. In: speedups at lengths. Out: a length, or why there is none.

Interpolated between the two lengths around it, on a logarithmic axis of lengths; never extrapolated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.measurement import Provenance
from app.sweep.statistics import SpeedupPoint
from app.sweep.values import Arm, Kind


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Of one DPI. None: no crossing lies between the lengths that were measured; `sooner` says on which side all lie."""

    arm: Arm
    provenance: Provenance
    with_rendering: bool
    text_tokens: float | None
    sooner: bool
    """Whether pages are sooner at the longest length."""

    @property
    def sentence(self) -> str:
        counted = "rendering counted" if self.with_rendering else "rendering left out"
        name = f"{self.arm.label} ({self.provenance}, {counted})"
        if self.text_tokens is not None:
            return f"{name}: sooner than the text model from some {_rounded(self.text_tokens):,} tokens on."
        always = (
            "sooner than the text model at every length"
            if self.sooner
            else "later than the text model at the longest length"
        )
        return f"{name}: {always} here."


def break_evens(pairs: Iterable[SpeedupPoint]) -> tuple[BreakEven, ...]:
    """One a DPI and provenance without rendering, and one with it where rendering was timed. Of PREFILL alone."""
    groups: dict[tuple[Arm, Provenance], list[SpeedupPoint]] = {}
    for pair in pairs:
        if pair.kind is Kind.PREFILL:
            groups.setdefault((pair.arm, pair.provenance), []).append(pair)
    found = []
    for (arm, provenance), group in groups.items():
        ordered = sorted(group, key=lambda one: one.aimed_tokens)
        found.append(_of(arm, provenance, False, [(one.aimed_tokens, one.ratio) for one in ordered]))
        rendered = [
            (one.aimed_tokens, one.ratio_with_rendering) for one in ordered if one.ratio_with_rendering is not None
        ]
        if len(rendered) == len(ordered):
            found.append(_of(arm, provenance, True, rendered))
    return tuple(found)


def _of(arm: Arm, provenance: Provenance, with_rendering: bool, values: Sequence[tuple[int, float]]) -> BreakEven:
    """The last crossing upward: a wiggle of the repeats at short lengths is not the answer."""
    crossing = None
    for (tokens, ratio), (more, later) in zip(values, values[1:], strict=False):  # noqa: RUF007 - typed pairs
        if ratio < 1 <= later:
            share = math.log(1 / ratio) / math.log(later / ratio)
            crossing = math.exp(math.log(tokens) + share * math.log(more / tokens))
    sooner = values[-1][1] >= 1
    return BreakEven(arm, provenance, with_rendering, crossing if sooner else None, sooner)


def _rounded(tokens: float) -> int:
    """Two figures: more would be made up."""
    step = 10 ** max(0, math.floor(math.log10(tokens)) - 1)
    return round(tokens / step) * step
