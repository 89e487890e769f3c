"""The projection's factors from a sweep's medians. In: a journal and the GPU's datasheet. Out: a Calibration.

Maximum a posteriori estimate: each factor begins at its assumed value with a wide prior, and the sweep moves it as far as it
has something to say, by damped least squares (Levenberg-Marquardt) on the logarithms of the times. A factor that the measured
lengths do not depend on stays where it was assumed, and is told to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from app.calibration.errors import CalibrationError
from app.calibration.observations import Observation, observations
from app.calibration.values import Calibration, FittedFactor, Quantity, Residual
from app.measurement import Provenance
from app.projection import ASSUMED_SERVING, FACTORS, Gpu, Serving, project_alone, project_batch
from app.sweep import Header, Record

SHARES = ("linear", "attention", "vision", "bandwidth", "cache_bandwidth")
EXTRAS_MS = ("step_ms", "request_ms", "page_ms")
FITTED = (*SHARES, *EXTRAS_MS)
LEAST_SHARE = 0.01
_LEAST_SPREAD = 0.02  # three repeats that agree by chance are no better known than this
_LEAST_S = 1e-5  # no zero has a logarithm
_PRIOR_LOG_SD = 0.7  # of a share: half or twice the assumed value is nothing unheard of
_TOLD = 0.5  # the sweep leaves less than this part of the prior's spread
_ROUNDS = 60
_LEAST_LENGTHS = 3  # below, a length cannot be left out


def calibrate(header: Header, records: Sequence[Record], gpu: Gpu, machine: str) -> Calibration:
    """Raises CalibrationError: a model whose shape is not known, or nothing measured."""
    machine = " ".join(machine.split())[:120]
    if not machine:
        raise CalibrationError("The machine has no name; give it one, it is kept under that.")
    seen = observations(header, records)
    fitted, spread = _fit([one for one in seen if one.quantity.fitted], gpu)
    return Calibration(
        machine=machine,
        gpu=gpu,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        title=header.title,
        models=tuple(note.model for note in header.servers),
        provenance=Provenance.of(any(one.simulated for one in header.servers)),
        factors=tuple(_factor(name, value, sd) for name, value, sd in zip(FITTED, fitted, spread, strict=True)),
        residuals=_residuals(seen, gpu, _serving(fitted)),
    )


def predicted_seconds(seen: Observation, gpu: Gpu, serving: Serving) -> float:
    """The projection's word for one observation."""
    if seen.quantity is Quantity.TTFT:
        return project_alone(seen.shape, gpu, seen.prompt, serving).ttft_seconds
    if seen.quantity is Quantity.PREPARATION:
        return max(_LEAST_S, project_alone(seen.shape, gpu, seen.prompt, serving).host_seconds)
    batch = project_batch(seen.shape, gpu, seen.prompt, seen.output_tokens, seen.at_once, serving)
    return batch.step_seconds if seen.quantity is Quantity.STEP else 1 / batch.output_tokens_per_second


def _residuals(seen: Sequence[Observation], gpu: Gpu, serving: Serving) -> tuple[Residual, ...]:
    """Leave-one-out cross-validation, a length at a time: the fit is made again without it, then asked for it."""
    lengths = sorted({one.text_tokens for one in seen if one.quantity.fitted})
    without: dict[int, Serving] = {}
    if len(lengths) >= _LEAST_LENGTHS:
        for length in lengths:
            others = [one for one in seen if one.quantity.fitted and one.text_tokens != length]
            without[length] = _serving(_fit(others, gpu)[0])
    return tuple(
        Residual(
            one.quantity,
            one.side,
            one.text_tokens,
            one.at_once,
            one.seconds,
            predicted_seconds(one, gpu, serving),
            predicted_seconds(one, gpu, without[one.text_tokens])
            if one.quantity.fitted and one.text_tokens in without
            else None,
        )
        for one in seen
    )


# --- least squares ----------------------------------------------------------------------------------------------------


def _fit(seen: Sequence[Observation], gpu: Gpu) -> tuple[np.ndarray, np.ndarray]:
    """Factors in FITTED's order, and how far each is left open: of a share the logarithm's deviation, else milliseconds."""
    start = _unknowns(np.array([getattr(ASSUMED_SERVING, name) for name in FITTED]))
    at, damping = start, 1e-2
    errors = _errors(at, start, seen, gpu)
    for _ in range(_ROUNDS):
        slope = _slope(at, start, seen, gpu, errors)
        square, gradient = slope.T @ slope, slope.T @ errors
        step = np.linalg.solve(square + damping * np.diag(np.diag(square)), -gradient)
        tried = _inside(at + step)
        new = _errors(tried, start, seen, gpu)
        if new @ new < errors @ errors:
            gain = errors @ errors - new @ new
            at, errors, damping = tried, new, max(1e-9, damping / 5)
            if gain < 1e-9 * (1 + errors @ errors):
                break
        else:
            damping *= 4
            if damping > 1e9:
                break
    slope = _slope(at, start, seen, gpu, errors)
    left_open = np.sqrt(np.diag(np.linalg.inv(slope.T @ slope)))
    return _values(at), left_open


def _errors(at: np.ndarray, start: np.ndarray, seen: Sequence[Observation], gpu: Gpu) -> np.ndarray:
    serving = _serving(_values(at))
    of_data = [
        (math.log(predicted_seconds(one, gpu, serving)) - math.log(one.seconds)) / max(_LEAST_SPREAD, one.spread)
        for one in seen
    ]
    return np.array([*of_data, *((at - start) / _prior_sd())])


def _slope(at: np.ndarray, start: np.ndarray, seen: Sequence[Observation], gpu: Gpu, errors: np.ndarray) -> np.ndarray:
    """By small steps to the side that stays inside."""
    columns = []
    for place in range(len(at)):
        small = 1e-4 * _prior_sd()[place]
        moved = at.copy()
        moved[place] += small if _inside_one(place, at[place] + small) == at[place] + small else -small
        columns.append((_errors(moved, start, seen, gpu) - errors) / (moved[place] - at[place]))
    return np.stack(columns, axis=1)


def _prior_sd() -> np.ndarray:
    return np.array(
        [_PRIOR_LOG_SD] * len(SHARES) + [(FACTORS[name].high - FACTORS[name].low) / 2 for name in EXTRAS_MS]
    )


def _unknowns(values: np.ndarray) -> np.ndarray:
    """Shares as logarithms, so that none falls below 0."""
    return np.concatenate([np.log(values[: len(SHARES)]), values[len(SHARES) :]])


def _values(unknowns: np.ndarray) -> np.ndarray:
    return np.concatenate([np.exp(unknowns[: len(SHARES)]), unknowns[len(SHARES) :]])


def _inside(unknowns: np.ndarray) -> np.ndarray:
    return np.array([_inside_one(place, value) for place, value in enumerate(unknowns)])


def _inside_one(place: int, value: float) -> float:
    return min(0.0, max(math.log(LEAST_SHARE), value)) if place < len(SHARES) else max(0.0, value)


def _serving(values: np.ndarray) -> Serving:
    return replace(ASSUMED_SERVING, **{name: float(value) for name, value in zip(FITTED, values, strict=True)})


def _factor(name: str, value: float, sd: float) -> FittedFactor:
    told = sd < _TOLD * _prior_sd()[FITTED.index(name)]
    if name in SHARES:
        low, high = value * math.exp(-1.96 * sd), min(1.0, value * math.exp(1.96 * sd))
    else:
        low, high = max(0.0, value - 1.96 * sd), value + 1.96 * sd
    return FittedFactor(name, float(value), float(low), float(high), bool(told))
