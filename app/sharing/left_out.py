"""A run that was asked for and could not be read: each form names it in its own way, and keeps the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePath

from app.recordings import RecordingError

from .shared_run import SharedRun


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`name` as its list shows it, `why` in a sentence. Neither names a folder of this machine."""

    run_id: str
    name: str
    why: str


def why_left_out(error: RecordingError | OSError) -> str:
    """A sentence for a file that others read: an OSError's own words name the path."""
    if isinstance(error, RecordingError):
        return str(error)
    return f"It could not be read: {error.strerror or type(error).__name__}."


def read_runs(
    wanted: Iterable[tuple[str, str]], read: Callable[[str], SharedRun]
) -> tuple[list[SharedRun], list[LeftOut]]:
    """Those that `read` gives, and those for which it raised RecordingError or OSError: one that cannot be read costs no other.

    `wanted`: what `read` takes, and the name by which it is told where it is left out, of its list or its file.
    """
    runs: list[SharedRun] = []
    left_out: list[LeftOut] = []
    for run, name in wanted:
        try:
            runs.append(read(run))
        except (RecordingError, OSError) as error:
            left_out.append(LeftOut(_id_of(run), name, why_left_out(error)))
    return runs, left_out


def _id_of(run: str) -> str:
    """A file goes by its name: where it lies is nobody's business."""
    return PurePath(run).name
