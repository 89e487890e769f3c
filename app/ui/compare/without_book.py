"""A conversation whose book is not open: it can be read and replayed, and goes on once its book is opened."""

from __future__ import annotations

import streamlit as st

from app.comparisons import ComparisonSnapshot
from app.endpoints.pair import ServerPair
from app.recordings import replay_file
from app.ui.addresses import keep_address
from app.ui.compare.stage import draw_stage
from app.ui.compare.times_section import draw_times
from app.ui.compare.turns import draw_turns
from app.ui.guard import guarded
from app.ui.outside import plain
from app.ui.session import AppSession


def draw_without_book(now: AppSession, servers: ServerPair, conversation: list[ComparisonSnapshot]) -> None:
    keep_address(now)
    with st.container(key="stage-place"), guarded("The stage could not be drawn"):
        draw_stage(now, servers, None, conversation)
    if (file := replay_file()) is not None:
        st.caption(
            f":material/play_circle: Replay of the file **{plain(file.name, 120)}**: no server is asked, no book is needed."
        )
    else:
        _draw_awaited(conversation)
    with guarded("The conversation could not be drawn; it is kept"):
        draw_turns(now, conversation, None)
    with guarded("The times could not be drawn"):
        draw_times(conversation)
    if now.queue:
        st.info(
            f"Your question is kept and goes out once the book is open: {plain(now.queue[0], 200)}",
            icon=":material/schedule:",
        )


def _draw_awaited(conversation: list[ComparisonSnapshot]) -> None:
    st.caption(
        f":material/menu_book: **{plain(conversation[-1].spec.title, 80)}** was recorded without its text, or the text is not on this machine. "
        "Open the same book in the sidebar, and this conversation goes on; another book begins a new one."
    )
