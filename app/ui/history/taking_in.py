"""A run's file from another installation, taken into the list: checked as what may come from anybody."""

from __future__ import annotations

import streamlit as st

from app.recordings import BadRecording, read_run, recordings
from app.recordings.run_file import MAX_FILE_BYTES
from app.ui.history.state import HistoryState
from app.ui.outside import plain
from app.ui.session import say


def draw_import(state: HistoryState) -> None:
    upload = st.file_uploader(
        "The file of a run, as Export gives it", max_upload_size=MAX_FILE_BYTES // 2**20, key="history-import"
    )
    if upload is None or upload.file_id == state.imported:
        return
    try:
        recording = read_run(upload.getvalue())
        before = len(recordings().entries())
        recordings().take_in(recording)
    except BadRecording as error:
        st.error(f"{plain(upload.name, 80)} was not imported. {plain(str(error))}", icon=":material/error:")
        return
    state.imported = upload.file_id
    known = len(recordings().entries()) == before
    say("This run is here already." if known else f"Imported: {recording.header.question}")
    st.rerun()
