"""How far a job is, from its folder alone: tasks done, documents, pages, what gave none, the most memory a worker held."""

import json
from dataclasses import dataclass
from pathlib import Path

from .errors import InputError
from .job import kept_identity
from .ledger import Totals, totals


@dataclass(frozen=True, slots=True)
class Progress:
    """`peak_memory_mb`: of the worker that held most; None before the first task is done. `totals`: of the tasks done."""

    tasks: int
    done: int
    totals: Totals
    peak_memory_mb: int | None

    @property
    def is_whole(self) -> bool:
        return self.done == self.tasks


def progress(out: Path) -> Progress:
    """Raises InputError where there is no job."""
    kept = kept_identity(out)
    if kept is None:
        raise InputError(f"There is no job in {str(out)!r}.")
    done = sum(1 for _ in (out / "log" / "completions").glob("[0-9]*"))
    peaks = [peak for path in (out / "log" / "stats").glob("[0-9]*.json") if (peak := _peak(path)) is not None]
    return Progress(int(kept["tasks"]), done, totals(out), max(peaks, default=None))


def _peak(path: Path) -> int | None:
    """From datatrove's statistics of one task: a list of its steps, each with its counts."""
    try:
        steps = json.loads(path.read_text(encoding="utf-8"))
        counts = [step["stats"].get("peak_memory_mb") for step in steps]
    except (OSError, ValueError, KeyError, TypeError):  # a task that is just being written down
        return None
    found = [int(count["total"] if isinstance(count, dict) else count) for count in counts if count is not None]
    return max(found, default=None)
