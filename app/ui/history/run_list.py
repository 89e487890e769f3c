"""The runs as rows: pick, star, open; and behind "More" rename, export, vote, delete."""

from __future__ import annotations

import random
from collections import Counter
from functools import partial

import streamlit as st

from app.clients import Role
from app.paths import ROOT
from app.recordings import Entry, RunState, UnknownRecording, recordings
from app.recordings.store import MAX_NAME
from app.ui.components import button_names
from app.ui.guard import draw_again, safely, ticking
from app.ui.history.answers import can_be_read, is_there
from app.ui.history.filters import models_of
from app.ui.history.run_words import kind, ratio_words, side_words, state_words, when
from app.ui.history.share_buttons import draw_html_button, draw_table_buttons
from app.ui.history.state import HistoryState
from app.ui.kept_conversations import open_run
from app.ui.outside import one_line, plain
from app.ui.session import AppSession, say

ROWS = 12
_FILE_GONE = "its file is gone"


def draw_runs(now: AppSession, entries: list[Entry], everything: list[Entry], state: HistoryState) -> None:
    """`entries`: those that the filters leave of `everything`."""
    pages = (len(entries) + ROWS - 1) // ROWS
    page = min(pages, int(st.session_state.get("history-page", 1)))
    rows = entries[(page - 1) * ROWS : page * ROWS]
    for entry in rows:
        with st.container(border=True, key=f"run-{entry.run_id}"):
            _draw_row(now, entry, state)
    button_names(_names(rows), "history-names")
    if running := tuple(entry.run_id for entry in rows if entry.state is RunState.RUNNING):
        _wait_for_ends(running)
    if pages > 1:
        st.pagination(pages, key="history-page")
    if state.picked:
        _draw_picked(everything, state)


@ticking(1.0)
def _wait_for_ends(run_ids: tuple[str, ...]) -> None:
    """Draw the list again once one of them is over: its figures are there then."""
    now = [recordings().entry(run_id) for run_id in run_ids]
    if any(entry is None or entry.state is not RunState.RUNNING for entry in now):
        draw_again()


def _names(entries: list[Entry]) -> dict[str, str]:
    names = {}
    shown = Counter((entry.shown_name, when(entry)) for entry in entries)
    for number, entry in enumerate(entries, 1):
        told = f"{one_line(entry.shown_name, 80)}, {when(entry)}"
        if shown[entry.shown_name, when(entry)] > 1:  # asked again within the minute
            told += f", number {number} here"
        names[f"pick-{entry.run_id}"] = f"Pick: {told}"
        names[f"star-{entry.run_id}"] = f"{'Take the star away' if entry.starred else 'Star'}: {told}"
        names[f"open-{entry.run_id}"] = f"Open: {told}"
        names[f"more-{entry.run_id}"] = f"More: {told}"
    return names


def _draw_row(now: AppSession, entry: Entry, state: HistoryState) -> None:
    what, figures, acts = st.columns([6, 3.4, 3.4], vertical_alignment="center")
    with what:
        st.checkbox(
            f"**{plain(entry.shown_name, 200)}**",
            entry.run_id in state.picked,
            key=f"pick-{entry.run_id}",
            on_change=state.pick,
            args=(entry.run_id,),
            help="Pick runs to compare them below.",
        )
        told = [plain(entry.question, 200)] if entry.name else []
        told += [plain(entry.title, 60), when(entry), plain(", ".join(models_of(entry)), 120)]
        if entry.summary is not None and entry.summary.stamp is not None:
            told.append(plain(entry.summary.stamp.words))
        st.caption(" · ".join(told))
    with figures:
        st.markdown(
            f"Text\u00a0model\u00a0**{side_words(entry, Role.TEXT)}** · Glyph\u00a0**{side_words(entry, Role.PAGES)}**  \n"
            f"speedup **{ratio_words(entry)}** · {kind(entry)}"
        )
        state_now = state_words(entry) if is_there(entry) else _FILE_GONE
        if state_now:
            st.badge(state_now, icon=":material/broken_image:", color="orange")
    with acts.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
        star = "★" if entry.starred else "☆"
        st.button(
            star,
            key=f"star-{entry.run_id}",
            help="Take the star away" if entry.starred else "Star: kept whatever else goes",
            on_click=safely(recordings().star),
            args=(entry.run_id, not entry.starred),
        )
        if st.button(
            "Open", icon=":material/play_circle:", key=f"open-{entry.run_id}", help="Look at it and replay it"
        ):
            if trouble := open_run(now, entry.run_id):
                say(trouble, grave=True)
            else:
                st.switch_page(str(ROOT / "pages" / "compare.py"))
        with st.popover("More", key=f"more-{entry.run_id}"):
            _draw_more(entry, state)


def _draw_more(entry: Entry, state: HistoryState) -> None:
    key = f"name-{entry.run_id}"
    st.text_input(
        "Name",
        entry.name,
        max_chars=MAX_NAME,
        key=key,
        placeholder="as its question",
        on_change=safely(lambda: recordings().rename(entry.run_id, str(st.session_state[key]))),
    )
    if entry.state is RunState.RUNNING:
        st.caption("This run is still being answered: its files can be taken when it is over.")
    elif is_there(entry):
        _draw_files(entry)
    else:
        st.caption("This run's file is gone from the disk: its answers can be neither shown nor exported.")
    if entry.summary is not None and len(entry.summary.sides) == 2:
        st.button(
            "Vote blind",
            icon=":material/how_to_vote:",
            key=f"vote-{entry.run_id}",
            on_click=_begin_vote,
            args=(entry.run_id, state),
            width="stretch",
            disabled=not is_there(entry),
        )
    st.button(
        "Delete",
        icon=":material/delete:",
        key=f"delete-{entry.run_id}",
        on_click=safely(_delete),
        args=((entry.run_id,), state),
        width="stretch",
    )


def _draw_files(entry: Entry) -> None:
    name = f"glyph-run-{when(entry).replace(':', '').replace(' ', '-')}"
    st.download_button(
        "Export as a file",
        partial(_file, entry.run_id),
        f"{name}.ndjson",
        "application/x-ndjson",
        icon=":material/download:",
        key=f"export-{entry.run_id}",
        on_click="ignore",
        width="stretch",
        help="Another installation imports it on its History screen, or replays it: bash scripts/run --replay FILE. "
        "Neither the book's text nor its pages are in it.",
    )
    draw_html_button(entry.run_id, name)


def _draw_picked(entries: list[Entry], state: HistoryState) -> None:
    picked = state.picked_of(entries)
    unread = [entry for entry in picked if not can_be_read(entry)]
    with st.container(horizontal=True, vertical_alignment="center", key="history-picked"):
        st.markdown(f"{len(state.picked)} picked")
        st.button("Pick none", key="pick-none", on_click=_pick_none, args=(state,))
        draw_table_buttons(picked)
        st.button(
            "Delete the picked ones",
            icon=":material/delete:",
            key="delete-picked",
            on_click=safely(_delete),
            args=(tuple(state.picked), state),
        )
    if unread:
        told = ", ".join(f"“{entry.shown_name}”" for entry in unread)
        st.warning(
            f"{len(unread):,} of the picked runs cannot be read any more (gone or damaged on the disk): {plain(told, 300)}. "
            "Files of the picked runs name what they leave out."
        )


def _file(run_id: str) -> bytes:
    try:
        return recordings().stream(run_id)
    except UnknownRecording:
        return b""


def _begin_vote(run_id: str, state: HistoryState) -> None:
    state.blind, state.pages_first = run_id, random.random() < 0.5


def _delete(run_ids: tuple[str, ...], state: HistoryState) -> None:
    recordings().set_aside(run_ids)
    state.deleted = run_ids
    for run_id in run_ids:
        if run_id in state.picked:
            _unpick(run_id, state)


def _unpick(run_id: str, state: HistoryState) -> None:
    state.picked.remove(run_id)
    st.session_state.pop(f"pick-{run_id}", None)


def _pick_none(state: HistoryState) -> None:
    for run_id in list(state.picked):
        _unpick(run_id, state)
