"""How far a job is, from its folder alone: tasks done, documents, pages, what gave none, memory and processor time."""

import json
from dataclasses import dataclass
from pathlib import Path

from .errors import InputError
from .job import kept_tasks
from .ledger import Totals, totals


@dataclass(frozen=True, slots=True)
class Progress:
    """`peak_memory_mb`: of the worker that held most; None before the first task is done. `totals`: of the tasks done.

    `processor_s`: of all tasks that are done: reading, drawing and shards, not the start of processes or waits for the disk.
    """

    tasks: int
    done: int
    totals: Totals
    peak_memory_mb: int | None
    processor_s: float

    @property
    def is_whole(self) -> bool:
        return self.done == self.tasks


def progress(out: Path) -> Progress:
    """Raises InputError where there is no job, and JobChanged where what it wrote was changed."""
    tasks = kept_tasks(out)
    if tasks is None:
        raise InputError(f"There is no job in {str(out)!r}.")
    done = sum(1 for _ in (out / "log" / "completions").glob("[0-9]*"))
    stats = [_counts(path) for path in (out / "log" / "stats").glob("[0-9]*.json")]
    peaks = [counts["peak_memory_mb"] for counts in stats if "peak_memory_mb" in counts]
    processor_ms = sum(counts.get("processor_ms", 0) for counts in stats)
    return Progress(tasks, done, totals(out), max(peaks, default=None), processor_ms / 1e3)


def _counts(path: Path) -> dict[str, int]:
    """From datatrove's statistics of one task, a list of its steps each with its counts: ours."""
    found: dict[str, int] = {}
    try:
        for step in json.loads(path.read_text(encoding="utf-8")):
            for name in ("peak_memory_mb", "processor_ms"):
                if (count := step["stats"].get(name)) is not None:
                    found[name] = int(count["total"] if isinstance(count, dict) else count)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # a task that is just being written down
        return {}
    return found
