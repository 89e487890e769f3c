"""Make room: what would go is listed with its size before anything does; starred runs stay."""

from __future__ import annotations

import time

import streamlit as st

from app.recordings import Entry, Wish, recordings
from app.ui.guard import safely
from app.ui.history.run_words import when
from app.ui.outside import plain
from app.ui.session import say

_DAY_S = 24 * 3600.0
_OLDER: dict[str, float] = {"1 day": 1.0, "1 week": 7.0, "30 days": 30.0, "90 days": 90.0}
_LISTED = 8


def draw_tidy_up(everything: list[Entry]) -> None:
    store = recordings()
    st.markdown(
        f"{len(everything):,} of at most {store.max_runs:,} runs, {store.taken_bytes() / 1e6:,.1f} MB of at most "
        f"{store.max_bytes / 1e6:,.0f} MB. When that is reached, each new run takes the place of the oldest without a star."
    )
    older = st.segmented_control("Older than", list(_OLDER), key="tidy-older")
    if older is None:
        return
    wish = Wish(store.max_runs, store.max_bytes, time.time() - _OLDER[older] * _DAY_S)
    plan = store.tidying(wish)
    st.markdown(plan.sentence)
    for entry in plan.runs[:_LISTED]:
        st.caption(f"{when(entry)} · {plain(entry.shown_name, 80)}")
    if len(plan.runs) > _LISTED:
        st.caption(f"and {len(plan.runs) - _LISTED:,} more")
    if plan.runs:
        if gone := len(store.deleted()):
            st.caption(f"What was deleted and could still be put back goes with them: {gone:,}.")
        st.button(
            f"Remove these {len(plan.runs):,} for good",
            type="primary",
            icon=":material/delete_forever:",
            key="tidy-now",
            on_click=safely(_remove),
            args=(tuple(entry.run_id for entry in plan.runs),),
        )


def _remove(run_ids: tuple[str, ...]) -> None:
    """What got a star since it was listed, in another tab, stays."""
    store = recordings()
    going = tuple(entry.run_id for entry in store.entries() if entry.run_id in run_ids and not entry.starred)
    before = store.taken_bytes()
    store.remove_set_aside()
    store.remove(going)
    freed = max(0, before - store.taken_bytes())
    say(f"Removed {len(going):,} run{'s' if len(going) != 1 else ''}, {freed / 1e6:,.1f} MB.")
