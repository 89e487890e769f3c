"""The one store of this process, in the data folder."""

from __future__ import annotations

from app.paths import DATA
from app.recordings.store import RecordingStore

_shared = RecordingStore(DATA / "recordings")


def recordings() -> RecordingStore:
    return _shared
