"""This process's one store, in the data folder, its recorder, what is kept, and the file that it was started to replay."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from app.paths import DATA
from app.recordings.keeping import KeepChoice
from app.recordings.recorder import Recorder
from app.recordings.run_file import read_file
from app.recordings.store import RecordingStore
from app.recordings.values import Recording

REPLAY_VARIABLE = "GLYPH_REPLAY"  # a run's file: the app then asks no server and compiles nothing
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


def replay_file() -> Path | None:
    """What this process was started to replay; None: it is an app like any other."""
    said = os.environ.get(REPLAY_VARIABLE)
    return Path(said) if said else None


@cache
def replayed() -> Recording | None:
    """The run in that file, read once. Raises BadRecording."""
    path = replay_file()
    return read_file(path) if path is not None else None
