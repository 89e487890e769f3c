"""Measure answers: raw marks from one monotonic clock, latencies derived from them, stages, and the two sides compared.

In: a client's events. Out: Marks, Latencies, Waterfall, Speedup, CacheState. Knows nothing of screens or threads.
"""

from app.measurement.latencies import cache_state, latencies
from app.measurement.marks import MarkRecorder
from app.measurement.speedup import about_the_same, duration_words, speedup
from app.measurement.values import (
    CacheState,
    Latencies,
    Marks,
    Preparation,
    Provenance,
    Speedup,
    Stage,
    StageName,
    Waterfall,
)
from app.measurement.waterfall import waterfall

__all__ = [
    "CacheState",
    "Latencies",
    "MarkRecorder",
    "Marks",
    "Preparation",
    "Provenance",
    "Speedup",
    "Stage",
    "StageName",
    "Waterfall",
    "about_the_same",
    "cache_state",
    "duration_words",
    "latencies",
    "speedup",
    "waterfall",
]
