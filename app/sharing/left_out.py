"""A run that was asked for and could not be read: each form names it in its own way, and keeps the others."""

from __future__ import annotations

from dataclasses import dataclass

from app.recordings import RecordingError


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
