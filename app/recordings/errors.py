"""What can go wrong with recordings, in words for people."""

from __future__ import annotations


class RecordingError(Exception):
    """Base of this package's errors."""


class BadRecording(RecordingError):
    """A file is no recording of ours, or says what a recording cannot say."""


class UnknownRecording(RecordingError):
    """No recording has this id."""


class StillWritten(RecordingError):
    """The run is not over: what is there of it would look like one that was broken off."""


class IndexTrouble(RecordingError):
    """The index cannot be read or written: its disk or its file is at fault."""
