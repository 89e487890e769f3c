"""Print clarity of a setting for the Pages screen: from the stored table while a slider moves, measured when it rests.

Measured one at a time: the OCR program has two engines and this machine perhaps two cores. Who asks for a setting that is just
being measured waits for that one (single flight); who is overtaken by a newer setting is let go, also in the middle: the cores
are wanted for that one's figures.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from app.bounded import Bounded
from app.legibility import Clarity, ReadingUnwanted, measured_clarity, percent, table_clarity
from app.reading.words import unbroken
from renderer import RenderCancelled, RenderConfig

MAX_KEPT = 512  # settings

_kept: Bounded[Clarity] = Bounded(MAX_KEPT, lambda clarity: 1)
_one_at_a_time = threading.Lock()


def clarity_at_rest(config: RenderConfig, wanted: Callable[[], bool]) -> Clarity:
    """Raises RenderCancelled when nobody wants it any more before it has ended."""
    if (kept := _kept.get(config.key)) is not None:
        return kept
    with _one_at_a_time:
        if (kept := _kept.get(config.key)) is not None:
            return kept
        if not wanted():
            raise RenderCancelled("Something newer was asked for.")
        try:
            clarity = measured_clarity(config, wanted)
        except ReadingUnwanted:
            raise RenderCancelled("Something newer was asked for.") from None
        _kept.put(config.key, clarity)
    return clarity


def clarity_json(clarity: Clarity) -> dict[str, Any]:
    return {
        "misread": unbroken(percent(clarity.share_wrong)),
        "share_wrong": clarity.share_wrong,
        "low": clarity.low,
        "high": clarity.high,
        "source": clarity.source.value,
        "contrast": clarity.contrast_ratio,
        "resampled": clarity.resampled,
        "words": clarity.words,
    }


def clarity_while_moving(config: RenderConfig) -> Clarity:
    """At once: what was measured of this very setting, else the table's."""
    return _kept.get(config.key) or table_clarity(config)
