"""Items of every task: RULER's thirteen generated, MRCR and LongBench from folders, our own. Knows nothing of readers or scores.

`make_items(name, length, count, seed, sources)` is the one way in; TASKS says what there is.
"""

from app.evaluation.tasks.catalogue import (
    LENGTHS,
    LONGBENCH_CATEGORIES,
    MAX_ITEMS,
    TABLE_3_TASKS,
    TASKS,
    TaskInfo,
    make_items,
    missing_source,
    source_note,
)
from app.evaluation.tasks.sources import Sources

__all__ = [
    "LENGTHS",
    "LONGBENCH_CATEGORIES",
    "MAX_ITEMS",
    "TABLE_3_TASKS",
    "TASKS",
    "Sources",
    "TaskInfo",
    "make_items",
    "missing_source",
    "source_note",
]
