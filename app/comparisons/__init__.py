"""Two answers at once: running comparisons with a thread a side, watched through snapshots.

In: a ComparisonSpec. Out: an id; through it snapshots, words after a cursor, stop, retry. Knows nothing of streamlit.

    comparison_id = registry().start(spec)
    shot = registry().snapshot(comparison_id)
"""

from app.comparisons.answering_words import answering_words, differing, system_prompts
from app.comparisons.errors import LiveError, NothingToAsk, StillRunning, TooManyRunning, UnknownComparison
from app.comparisons.registry import Registry, registry
from app.comparisons.steps import Observer, Step
from app.comparisons.values import (
    BookCost,
    BookText,
    ComparisonSnapshot,
    ComparisonSpec,
    Cursor,
    CutNote,
    Deltas,
    Drawn,
    KnownAnswer,
    Options,
    Order,
    PageSource,
    Passages,
    Phase,
    Projected,
    RecordedRun,
    SideError,
    SideSnapshot,
    Stamp,
)
from app.comparisons.verdict_line import reading_line, verdict_line

__all__ = [
    "BookCost",
    "BookText",
    "ComparisonSnapshot",
    "ComparisonSpec",
    "Cursor",
    "CutNote",
    "Deltas",
    "Drawn",
    "KnownAnswer",
    "LiveError",
    "NothingToAsk",
    "Observer",
    "Options",
    "Order",
    "PageSource",
    "Passages",
    "Phase",
    "Projected",
    "RecordedRun",
    "Registry",
    "SideError",
    "SideSnapshot",
    "Stamp",
    "Step",
    "StillRunning",
    "TooManyRunning",
    "UnknownComparison",
    "answering_words",
    "differing",
    "reading_line",
    "registry",
    "system_prompts",
    "verdict_line",
]
