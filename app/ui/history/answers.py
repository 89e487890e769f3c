"""Answers of kept runs by run and side, played to their end. A small cache: a rerun asks for the same ones again."""

from __future__ import annotations

import streamlit as st

from app.clients import Role
from app.recordings import Entry, RecordingError, played, recordings


@st.cache_data(show_spinner=False, max_entries=64)
def _answers(run_id: str, stream_bytes: int) -> dict[str, str]:
    """`stream_bytes` tells a run that has grown from what was seen of it."""
    shot = played(recordings().load(run_id)).snapshot()
    return {side.role.value: side.answer for side in shot.sides}


def is_there(entry: Entry) -> bool:
    """Whether the run has its file: quick, as nothing is read."""
    return recordings().stream_path(entry.run_id).is_file()


def can_be_read(entry: Entry) -> bool:
    """Whether the run's file is there and whole."""
    if not is_there(entry):
        return False
    try:
        _answers(entry.run_id, entry.stream_bytes)
    except (RecordingError, OSError):
        return False
    return True


def answer_of(run_id: str, role: Role, stream_bytes: int) -> str:
    """ "" where there is none, or the run cannot be read."""
    try:
        return _answers(run_id, stream_bytes).get(role.value, "")
    except (RecordingError, OSError):
        return ""
