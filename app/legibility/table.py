"""The stored table: letters' size in pixels and whether pages are resampled in, share of hex misread out.

Made by scripts/measure_clarity.py, which writes date and versions into it. Between two rows the logarithm of the share is
taken as a straight line in the size; beyond the first and last row their figure stands.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("clarity_table.json")
_LEAST = 1e-4  # no zero has a logarithm


@dataclass(frozen=True, slots=True)
class TableRow:
    em_px: float  # font size in pixels of the page, before the model's resize
    share_wrong: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClarityTable:
    """`resampled` and `exact`: rows by rising size."""

    measured_on: str
    ocr: str
    font: str
    lines: int
    resampled: tuple[TableRow, ...]
    exact: tuple[TableRow, ...]


@lru_cache(maxsize=1)
def stored_table() -> ClarityTable:
    read = json.loads(FILE.read_text(encoding="utf-8"))
    resampled, exact = (tuple(TableRow(*row) for row in read.pop(name)) for name in ("resampled", "exact"))
    return ClarityTable(**read, resampled=resampled, exact=exact)


def looked_up(em_px: float, resampled: bool) -> TableRow:
    rows = stored_table().resampled if resampled else stored_table().exact
    above = next((i for i, row in enumerate(rows) if row.em_px >= em_px), len(rows) - 1)
    one, other = rows[max(0, above - 1)], rows[above]
    wide = other.em_px - one.em_px
    along = min(1.0, max(0.0, (em_px - one.em_px) / wide)) if wide else 0.0
    shares = (
        math.exp((1 - along) * math.log(max(a, _LEAST)) + along * math.log(max(b, _LEAST)))
        for a, b in zip((one.share_wrong, one.low, one.high), (other.share_wrong, other.low, other.high), strict=True)
    )
    return TableRow(em_px, *shares)
