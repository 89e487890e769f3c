"""Comparisons kept whole as they run, found again after a restart, played again with their own timing. No streamlit.

recorder = Recorder(RecordingStore(folder)); registry().observe(recorder)    every comparison from now on is kept
recordings().entries(search)      the index                                  recordings().load(run_id)   one run
"""

from app.recordings.errors import BadRecording, RecordingError, UnknownRecording
from app.recordings.playing import played
from app.recordings.recorder import Keep, Recorder, chosen_keep
from app.recordings.run_file import read_run
from app.recordings.shared import recordings
from app.recordings.store import RecordingStore, Tidying
from app.recordings.values import Entry, RecordedBook, RecordedSide, Recording, RunHeader, TimedStep

__all__ = [
    "BadRecording",
    "Entry",
    "Keep",
    "RecordedBook",
    "RecordedSide",
    "Recorder",
    "Recording",
    "RecordingError",
    "RecordingStore",
    "RunHeader",
    "Tidying",
    "TimedStep",
    "UnknownRecording",
    "chosen_keep",
    "played",
    "read_run",
    "recordings",
]
