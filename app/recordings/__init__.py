"""Comparisons kept whole as they run, found again after a restart, played again with their own timing. No streamlit.

recorder = Recorder(RecordingStore(folder)); registry().observe(recorder)    every comparison from now on is kept
recordings().entries(search)      the index                                  recordings().load(run_id)   one run
"""

from app.recordings.book_card import card_of
from app.recordings.conversations import KeptConversation, as_played, kept_conversation, kept_run, kept_text
from app.recordings.errors import BadRecording, RecordingError, StillWritten, UnknownRecording
from app.recordings.keeping import Keep, KeepChoice
from app.recordings.playing import played
from app.recordings.rebuilding import mend_index
from app.recordings.recorder import Recorder
from app.recordings.run_file import read_run
from app.recordings.shared import keep_choice, recording_trouble, recordings, replay_file, replayed, start_recorder
from app.recordings.store import RecordingStore
from app.recordings.summaries import looked_up_on, verdict_of
from app.recordings.tidying import Tidying, Wish
from app.recordings.values import (
    Entry,
    RecordedBook,
    RecordedSide,
    Recording,
    RunHeader,
    RunState,
    RunSummary,
    SideSummary,
    TimedStep,
    Vote,
)

__all__ = [
    "BadRecording",
    "Entry",
    "Keep",
    "KeepChoice",
    "KeptConversation",
    "RecordedBook",
    "RecordedSide",
    "Recorder",
    "Recording",
    "RecordingError",
    "RecordingStore",
    "RunHeader",
    "RunState",
    "RunSummary",
    "SideSummary",
    "StillWritten",
    "Tidying",
    "TimedStep",
    "UnknownRecording",
    "Vote",
    "Wish",
    "as_played",
    "card_of",
    "keep_choice",
    "kept_conversation",
    "kept_run",
    "kept_text",
    "looked_up_on",
    "mend_index",
    "played",
    "read_run",
    "recording_trouble",
    "recordings",
    "replay_file",
    "replayed",
    "start_recorder",
    "verdict_of",
]
