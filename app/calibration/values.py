"""Name what a calibration holds. In: nothing. Out: frozen values, units in names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from app.measurement import Provenance
from app.projection import ASSUMED_SERVING, Gpu, Serving


class Quantity(StrEnum):
    """What one observation is. All are seconds: the longer, the slower."""

    TTFT = "time to first token"
    PREPARATION = "time to HTTP's headers"
    """Of pages: vLLM sends headers when it has fetched and resized them."""
    STEP = "time for each further token"
    LOAD = "time for each token, many at once"
    """Of all requests together, prefill included: the inverse of their tokens a second."""

    @property
    def fitted(self) -> bool:
        """LOAD is held out: it shows whether what was learnt of single requests holds for many."""
        return self is not Quantity.LOAD


@dataclass(frozen=True, slots=True)
class FittedFactor:
    """One factor of the projection. `low` and `high`: what the sweep and the assumed range together leave open (95 %)."""

    name: str  # a key of FACTORS
    fitted: float
    low: float
    high: float
    told: bool
    """Whether the sweep tells it; else it stays about where it was assumed, because the lengths measured do not depend on it."""

    @property
    def assumed(self) -> float:
        return float(getattr(ASSUMED_SERVING, self.name))


@dataclass(frozen=True, slots=True)
class Residual:
    """One median of the sweep against the fit. `without_s`: what a fit that never saw this length says; None: too few lengths."""

    quantity: Quantity
    side: str
    text_tokens: int
    at_once: int
    measured_s: float
    fitted_s: float
    without_s: float | None

    @property
    def off(self) -> float:
        """Share by which the fit is too slow; below 0: too fast."""
        return self.fitted_s / self.measured_s - 1

    @property
    def off_without(self) -> float | None:
        return None if self.without_s is None else self.without_s / self.measured_s - 1


@dataclass(frozen=True, slots=True)
class Calibration:
    """The factors that fit one sweep on one machine, and how well."""

    machine: str
    gpu: Gpu
    made_at: str
    """UTC, ISO 8601."""
    title: str
    """Of the book that was measured with."""
    models: tuple[str, ...]
    provenance: Provenance
    factors: tuple[FittedFactor, ...]
    residuals: tuple[Residual, ...]

    @property
    def serving(self) -> Serving:
        return replace(ASSUMED_SERVING, **{one.name: one.fitted for one in self.factors})

    @property
    def worst_off(self) -> float:
        """The largest share by which the fit misses one of the figures that it was made from."""
        return max((abs(one.off) for one in self.residuals if one.quantity.fitted), default=0.0)

    @property
    def worst_off_without(self) -> float | None:
        """The same for lengths that the fit was not shown: how far a projection of another length may be trusted."""
        known = [abs(one.off_without) for one in self.residuals if one.off_without is not None]
        return max(known, default=None)

    @property
    def at_the_peak(self) -> tuple[str, ...]:
        """Names of shares that came out at all of the datasheet's peak: the GPU named is hardly the one that was measured."""
        return tuple(one.name for one in self.factors if one.fitted >= 0.995 and not one.name.endswith("_ms"))
