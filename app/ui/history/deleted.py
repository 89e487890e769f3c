"""What was deleted and can still be put back: at once, by Undo; later, from any tab and after a restart, by its name."""

from __future__ import annotations

import streamlit as st

from app.recordings import Entry, recordings
from app.ui.guard import safely
from app.ui.history.run_words import when
from app.ui.history.state import HistoryState
from app.ui.outside import plain
from app.ui.session import say

_LISTED = 12


def draw_undo(state: HistoryState) -> None:
    """Right after a deletion, in this tab."""
    if not state.deleted:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="history-undo"):
        number = len(state.deleted)
        st.markdown(f"{number:,} run{'s' if number > 1 else ''} deleted.")
        if st.button("Undo", icon=":material/undo:", key="undo-delete"):
            _put_back(state.deleted, state)
            st.rerun()


def draw_deleted(gone: list[Entry], state: HistoryState) -> None:
    """In a popover of its own, newest first."""
    st.markdown(
        "They go for good an hour after they were deleted, at the app's next start; sooner where room is needed."
    )
    for entry in gone[:_LISTED]:
        st.button(
            f"Put back: {plain(entry.shown_name, 60)}",
            icon=":material/undo:",
            key=f"back-{entry.run_id}",
            help=plain(f"{entry.title}, {when(entry)}"),
            on_click=safely(_put_back),
            args=((entry.run_id,), state),
            width="stretch",
        )
    if len(gone) > 1:
        st.button(
            f"Put all {len(gone):,} back",
            key="back-all",
            on_click=safely(_put_back),
            args=(tuple(entry.run_id for entry in gone), state),
            width="stretch",
        )


def _put_back(run_ids: tuple[str, ...], state: HistoryState) -> None:
    back = recordings().put_back(run_ids)
    state.deleted = tuple(one for one in state.deleted if one not in run_ids)
    if back < len(run_ids):
        say(f"{len(run_ids) - back:,} of them had gone for good meanwhile.")
