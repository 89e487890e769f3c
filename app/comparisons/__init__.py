"""Two answers at once: running comparisons with a thread a side, watched through snapshots.

In: a ComparisonSpec. Out: an id; through it snapshots, words after a cursor, stop, retry. Knows nothing of streamlit.

    comparison_id = registry().start(spec)
    shot = registry().snapshot(comparison_id)
"""

from app.comparisons.errors import LiveError, NothingToAsk, StillRunning, TooManyRunning, UnknownComparison
from app.comparisons.registry import Registry, registry
from app.comparisons.values import (
    ComparisonSnapshot,
    ComparisonSpec,
    Cursor,
    CutNote,
    Deltas,
    Options,
    Order,
    PageSource,
    Phase,
    SideError,
    SideSnapshot,
)

__all__ = [
    "ComparisonSnapshot",
    "ComparisonSpec",
    "Cursor",
    "CutNote",
    "Deltas",
    "LiveError",
    "NothingToAsk",
    "Options",
    "Order",
    "PageSource",
    "Phase",
    "Registry",
    "SideError",
    "SideSnapshot",
    "StillRunning",
    "TooManyRunning",
    "UnknownComparison",
    "registry",
]
