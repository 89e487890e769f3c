"""The History screen from top to bottom: find runs, what can be done to one, compare several."""

from __future__ import annotations

import streamlit as st

from app.exports import ExportFile
from app.recordings import Entry, recording_trouble, recordings
from app.ui.book.sidebar import draw_sidebar
from app.ui.export_menu import draw_export
from app.ui.guard import guarded
from app.ui.history.blind_vote import draw_vote, votes_line
from app.ui.history.comparing import draw_comparison
from app.ui.history.deleted import draw_deleted, draw_undo
from app.ui.history.filters import MARKS, Filters, models_of, shown
from app.ui.history.keep_panel import draw_keep_switches, not_kept_words
from app.ui.history.list_files import list_files
from app.ui.history.run_list import draw_runs
from app.ui.history.share_buttons import run_files
from app.ui.history.state import HistoryState, history_state
from app.ui.history.taking_in import draw_import
from app.ui.history.tidy_up import draw_tidy_up
from app.ui.outside import plain
from app.ui.session import session

_WHOLE_RUNS = "The list has the runs that the filters leave. One run as a web page or a file to import: its “More”."

_NOTHING_YET = (
    "Nothing is kept yet. Ask both models something on **Compare**, or import the file of a run; it will be here, "
    "with both answers and the instant of every token, after a restart too."
)
_ALL_DELETED = "No run is left here. “Deleted” above puts them back, as long as they are there."
_IMPORT_ALONE = "No run is here. The file of a run can be imported all the same."
_FILTERS: dict[str, str | list[str]] = {
    "history-search": "",
    "history-books": [],
    "history-models": [],
    "history-marks": [],
}


def draw_history() -> None:
    now, state = session(), history_state()
    draw_sidebar(now)
    st.title("History", anchor=False)
    everything = recordings().entries()
    state.picked = [run_id for run_id in state.picked if any(entry.run_id == run_id for entry in everything)]
    gone = recordings().deleted()
    _draw_tools(everything, gone, state)
    draw_undo(state)
    not_kept = not_kept_words()
    if not_kept:
        st.info(not_kept, icon=":material/history_toggle_off:")
    if trouble := recording_trouble():
        st.warning(plain(trouble), icon=":material/hard_drive:")
    if not everything:
        st.markdown(_ALL_DELETED if gone else _IMPORT_ALONE if not_kept else _NOTHING_YET)
        draw_export(now, "history", ())
        return
    found = _draw_filters(everything)
    with guarded("The list of runs could not be drawn"):
        if found:
            draw_runs(now, found, everything, state)
        else:
            _draw_no_match(everything)
    if state.blind:
        with guarded("The vote could not be drawn"):
            draw_vote(everything, state)
    with guarded("The comparison could not be drawn"):
        draw_comparison(everything, found, state)
    if votes := votes_line(everything):
        st.caption(plain(votes))
    draw_export(now, "history", [*list_files(found), *_whole_runs(everything, found, state)], _WHOLE_RUNS)


def _whole_runs(everything: list[Entry], found: list[Entry], state: HistoryState) -> tuple[ExportFile, ...]:
    """Of the picked runs; of all that the filters leave where none is picked."""
    picked = state.picked_of(everything)
    if not (chosen := picked or found):
        return ()
    what = f"{len(chosen):,} {'picked' if picked else 'shown'} run{'s' if len(chosen) > 1 else ''}"
    return run_files(what, chosen)


def _draw_tools(everything: list[Entry], gone: list[Entry], state: HistoryState) -> None:
    with st.container(horizontal=True, key="history-tools"):
        with st.popover("Import a run", icon=":material/upload_file:"):
            draw_import(state)
        with st.popover("Tidy up", icon=":material/cleaning_services:"), guarded("The tidy-up could not be planned"):
            draw_tidy_up(everything)
        with st.popover("What is kept", icon=":material/tune:"):
            draw_keep_switches("history")
        if gone:
            with st.popover(f"Deleted ({len(gone):,})", icon=":material/restore_from_trash:", key="history-deleted"):
                draw_deleted(gone, state)


def _draw_filters(everything: list[Entry]) -> list[Entry]:
    search, books, models = st.columns([2, 1.5, 1.5])
    words = search.text_input("Search", key="history-search", placeholder="name, question, book or model")
    titles = sorted({entry.title for entry in everything})
    of_books = books.multiselect("Book", titles, key="history-books", placeholder="all")
    known = sorted({model for entry in everything for model in models_of(entry)})
    of_models = models.multiselect("Model", known, key="history-models", placeholder="all")
    marks = st.pills("Only", list(MARKS), selection_mode="multi", key="history-marks", label_visibility="collapsed")
    found = recordings().entries(words.strip()) if words.strip() else everything
    found = shown(found, Filters(tuple(of_books), tuple(of_models), tuple(marks)))
    st.caption(f"{len(found):,} of {len(everything):,} runs")
    return found


def _draw_no_match(everything: list[Entry]) -> None:
    number = len(everything)
    st.markdown(
        f"None of the {number:,} runs is like that." if number > 1 else "The one run that is kept is not like that."
    )
    st.button(
        "Clear the search and the filters", icon=":material/filter_alt_off:", key="history-clear", on_click=_clear
    )


def _clear() -> None:
    for key, nothing in _FILTERS.items():
        st.session_state[key] = nothing
