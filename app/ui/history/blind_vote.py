"""Which answer is better, asked before one knows whose it is: two answers in an order drawn by lot, their names after the vote."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from app.clients import Role
from app.recordings import Entry, Vote, recordings
from app.ui.guard import safely
from app.ui.history.answers import answer_of
from app.ui.history.state import HistoryState
from app.ui.outside import plain
from app.ui.session import say

_HIDDEN = ("Answer A", "Answer B")


def draw_vote(everything: list[Entry], state: HistoryState) -> None:
    entry = next((one for one in everything if one.run_id == state.blind), None)
    if entry is None:
        state.blind = ""
        return
    order = (Role.PAGES, Role.TEXT) if state.pages_first else (Role.TEXT, Role.PAGES)
    st.subheader("Which answer is better?", anchor=False)
    st.markdown(f"{plain(entry.question, 400)}")
    for column, name, role in zip(st.columns(2, gap="large"), _HIDDEN, order, strict=True):
        with column.container(border=True):
            st.markdown(f"**{name}**")
            st.text(answer_of(entry.run_id, role, entry.stream_bytes) or "no answer")
    with st.container(horizontal=True, key="blind-vote"):
        votes = (Vote(order[0].value), Vote.SAME, Vote(order[1].value))
        for words, vote in zip(("A is better", "No difference", "B is better"), votes, strict=True):
            st.button(words, key=f"cast-{words}", on_click=safely(_cast), args=(entry.run_id, vote, order, state))
        st.button("Leave it", key="cast-none", on_click=_leave, args=(state,))
    st.caption("The names are hidden until you have voted. An answer may give itself away by what it says of pages.")


def _cast(run_id: str, vote: Vote, order: tuple[Role, Role], state: HistoryState) -> None:
    recordings().vote(run_id, vote)
    state.blind = ""
    say(f"Your vote is kept. A was {order[0].called}, B was {order[1].called}.")


def _leave(state: HistoryState) -> None:
    state.blind = ""


def votes_line(entries: list[Entry]) -> str:
    """All votes together; "" while there is none."""
    votes = Counter(entry.vote for entry in entries if entry.vote is not None)
    if not votes:
        return ""
    told = [f"Glyph {votes[Vote.PAGES]}", f"text model {votes[Vote.TEXT]}", f"no difference {votes[Vote.SAME]}"]
    return f"Blind votes: {', '.join(told)}."
