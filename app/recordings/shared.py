"""This process's one store, in the data folder, its recorder, and what is kept."""

from __future__ import annotations

from app.paths import DATA
from app.recordings.keeping import KeepChoice
from app.recordings.recorder import Recorder
from app.recordings.store import RecordingStore

_FOLDER = DATA / "recordings"
_shared = RecordingStore(_FOLDER)
_choice = KeepChoice(_FOLDER / "keep")
_recorder: Recorder | None = None


def recordings() -> RecordingStore:
    return _shared


def keep_choice() -> KeepChoice:
    return _choice


def start_recorder() -> Recorder:
    """The observer of this process's comparisons; end it with `close`."""
    global _recorder
    _recorder = Recorder(_shared, _choice.now)
    return _recorder


def recording_trouble() -> str:
    """Why the runs of this process are not kept whole, in a sentence; "" for nothing."""
    return _recorder.trouble if _recorder is not None else ""
