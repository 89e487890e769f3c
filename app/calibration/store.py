"""Calibrations on disk, one a machine: a later sweep of the same machine takes the place of the one before.

In: Calibration values. Out: them again, checked field by field; a file that is none of ours is passed over. The folder is its
owner's alone. Raises CalibrationError where the disk refuses.
"""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.calibration.errors import CalibrationError
from app.calibration.fitting import FITTED
from app.calibration.values import Calibration, FittedFactor, Quantity, Residual
from app.measurement import Provenance
from app.paths import DATA, make_private, why_unwritable
from app.projection import Gpu

VERSION = 1
MAX_KEPT = 32  # machines
MAX_BYTES = 512 * 1024  # of one file
MAX_RESIDUALS = 2_000
_LONGEST = 300  # characters of a name


class CalibrationStore:
    """`folder` is made at the first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, found: Calibration) -> None:
        """In the place of this machine's earlier one; the oldest machine goes where there are too many."""
        path = self._path(found.machine)
        partly = path.with_suffix(f".{secrets.token_hex(4)}.part")
        try:
            make_private(self._folder)
            partly.write_text(json.dumps(_to_json(found), ensure_ascii=False, allow_nan=False), encoding="utf-8")
            partly.replace(path)  # whole or not at all
        except OSError as error:
            with suppress(OSError):
                partly.unlink()
            raise CalibrationError(why_unwritable(self._folder, error)) from error
        for one in self.kept()[MAX_KEPT:]:
            self.forget(one.machine)

    def kept(self) -> tuple[Calibration, ...]:
        """Newest first."""
        found = []
        with suppress(OSError):
            for path in sorted(self._folder.glob("*.json")):
                with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
                    if path.stat().st_size <= MAX_BYTES:
                        found.append(_from_json(json.loads(path.read_text(encoding="utf-8"))))
        return tuple(sorted(found, key=lambda one: one.made_at, reverse=True))

    def forget(self, machine: str) -> None:
        try:
            self._path(machine).unlink(missing_ok=True)
        except OSError as error:
            raise CalibrationError(why_unwritable(self._folder, error)) from error

    def _path(self, machine: str) -> Path:
        name = hashlib.sha256(machine.encode("utf-8", "replace")).hexdigest()[:24]  # a name is no path
        return self._folder / f"{name}.json"


_store = CalibrationStore(DATA / "calibrations")


def calibrations() -> CalibrationStore:
    """This data folder's one store."""
    return _store


# --- lines ------------------------------------------------------------------------------------------------------------


def _to_json(found: Calibration) -> dict[str, Any]:
    gpu = found.gpu
    return {
        "version": VERSION,
        "machine": found.machine,
        "gpu": [gpu.id, gpu.name, gpu.bf16_tflops, gpu.memory_gb, gpu.memory_bandwidth_gbps, gpu.source],
        "made_at": found.made_at,
        "title": found.title,
        "models": list(found.models),
        "provenance": found.provenance.value,
        "factors": [[one.name, one.fitted, one.low, one.high, one.told] for one in found.factors],
        "residuals": [
            [one.quantity.value, one.side, one.text_tokens, one.at_once, one.measured_s, one.fitted_s, one.without_s]
            for one in found.residuals
        ],
    }


def _from_json(value: Any) -> Calibration:
    """Raises ValueError and its kin for what no calibration holds."""
    if value["version"] != VERSION:
        raise ValueError("another version")
    gpu_id, gpu_name, tflops, memory_gb, bandwidth_gbps, source = value["gpu"]
    if len(value["residuals"]) > MAX_RESIDUALS:
        raise ValueError("not as it was written")
    factors = tuple(
        FittedFactor(_name(name), _figure(fitted), _figure(low), _figure(high), told is True)
        for name, fitted, low, high, told in value["factors"]
    )
    found = Calibration(
        machine=_words(value["machine"]),
        gpu=Gpu(
            _words(gpu_id),
            _words(gpu_name),
            _figure(tflops),
            _figure(memory_gb),
            _figure(bandwidth_gbps),
            _words(source),
        ),
        made_at=_words(value["made_at"]),
        title=_words(value["title"]),
        models=tuple(_words(one) for one in value["models"][:2]),
        provenance=Provenance(value["provenance"]),
        factors=factors,
        residuals=tuple(_residual(*one) for one in value["residuals"]),
    )
    assert found.serving  # raises where a factor lies outside of what a projection takes
    return found


def _residual(
    quantity: Any, side: Any, tokens: Any, at_once: Any, measured: Any, fitted: Any, without: Any
) -> Residual:
    return Residual(
        Quantity(quantity),
        _words(side),
        int(_figure(tokens)),
        int(_figure(at_once)),
        _above_zero(measured),
        _above_zero(fitted),
        None if without is None else _above_zero(without),
    )


def _name(value: Any) -> str:
    if value not in FITTED:
        raise ValueError(f"{value!r} is no factor")
    return str(value)


def _words(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value[:_LONGEST]


def _figure(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no figure")
    return float(value)


def _above_zero(value: Any) -> float:
    if (figure := _figure(value)) <= 0:
        raise ValueError(f"{value!r} is no time")
    return figure
