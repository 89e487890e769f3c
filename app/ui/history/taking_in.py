"""A run's file from another installation, taken into the list: checked as what may come from anybody."""

from __future__ import annotations

import streamlit as st

from app.paths import why_unwritable
from app.recordings import RecordingError, read_run, recordings
from app.recordings.run_file import MAX_FILE_BYTES
from app.recordings.store import MAX_NAME
from app.ui.history.state import HistoryState
from app.ui.outside import plain
from app.ui.session import say


def draw_import(state: HistoryState) -> None:
    upload = st.file_uploader(
        "The file of a run, as Export gives it", max_upload_size=MAX_FILE_BYTES // 2**20, key="history-import"
    )
    if upload is None:
        return
    if upload.file_id != state.imported:  # it is there again at each rerun, and is read once
        state.imported, state.refused = upload.file_id, _take(upload.getvalue())
        if not state.refused:
            st.rerun()
    if state.refused:
        st.error(f"{plain(upload.name, 80)} was not imported. {plain(state.refused)}", icon=":material/error:")


def _take(data: bytes) -> str:
    """Why it was not taken, "" where it was."""
    store = recordings()
    try:
        recording = read_run(data)
        before = len(store.entries())
        store.take_in(recording)
        known = len(store.entries()) == before
    except RecordingError as error:
        return str(error)
    except OSError as error:
        return why_unwritable(store.folder, error)
    say("This run is here already." if known else f"Imported: {recording.header.question[:MAX_NAME]}")
    return ""
