"""Picked runs against each other: a chart over what tells them apart, a table, and two answers with their differences marked."""

from __future__ import annotations

from html import escape

import streamlit as st

from app.charts import runs_chart
from app.clients import Role
from app.recordings import Entry
from app.ui.chart import draw_chart
from app.ui.history.answers import answer_of, can_be_read
from app.ui.history.run_words import AXES, kind, points, ratio_words, side_label, side_words, when
from app.ui.history.state import HistoryState
from app.ui.outside import one_line, plain
from app.verdict import Stretch, differences

_STYLE = """
<style>
  .glyph-diff { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 1rem; line-height: 1.5; max-height: 60vh; overflow-y: auto; }
  .glyph-diff mark { color: inherit; background: color-mix(in srgb, #e8a200 26%, transparent); text-decoration: underline 2px; text-underline-offset: 3px; border-radius: .2rem; }
</style>
"""


def draw_comparison(everything: list[Entry], found: list[Entry], state: HistoryState) -> None:
    """Without picked runs: all that were found, over time."""
    picked = [entry for run_id in state.picked for entry in everything if entry.run_id == run_id]
    chosen = picked or found
    if not chosen:
        return
    st.subheader("Picked runs" if picked else "Time to first token of these runs", anchor=False)
    _draw_chart(chosen)
    if not picked:
        st.caption("Pick two runs or more above to compare them; pick one to see its two answers side by side.")
        return
    st.table([_row(entry) for entry in picked], border="horizontal")
    _draw_answers(picked)


def _draw_chart(entries: list[Entry]) -> None:
    axis = st.segmented_control("Over", list(AXES), default=AXES[0], required=True, key="history-axis")
    shown = points(entries, axis)
    if not shown:
        st.caption("None of these runs tells that of itself.")
        return
    draw_chart(runs_chart(shown, axis), "history-runs", f"Time to first token of recorded runs, over {axis.lower()}")
    told = ["Recorded figures, from the runs' files."]
    if any(entry.simulated for entry in entries):
        told.append("Open diamonds are simulated: projections for the GPU that the simulator played, not measured.")
    if len({entry.question for entry in entries}) > 1:
        told.append("The runs are of different questions or books: their waits differ for that reason too.")
    st.caption(" ".join(told))


def _row(entry: Entry) -> dict[str, str]:
    stamp = entry.summary.stamp if entry.summary is not None else None
    return {
        "Run": plain(entry.shown_name, 80),
        "When": when(entry),
        "Kind": kind(entry),
        "Settings": plain(stamp.words) if stamp is not None else "–",
        Role.TEXT.called: side_words(entry, Role.TEXT),
        Role.PAGES.called: side_words(entry, Role.PAGES),
        "Sooner": ratio_words(entry),
    }


def _draw_answers(picked: list[Entry]) -> None:
    sides = [(entry, side.role) for entry in picked if entry.summary is not None for side in entry.summary.sides]
    if len(sides) < 2:
        return
    labels = [one_line(side_label(entry, role), 160) for entry, role in sides]
    left, right = st.columns(2, gap="large")
    other = next((at for at, (_, role) in enumerate(sides) if at and role is sides[0][1]), 1)
    numbers = range(len(sides))
    one = left.selectbox("One answer", numbers, 0, format_func=labels.__getitem__, key=f"diff-a-{len(sides)}")
    two = right.selectbox("The other", numbers, other, format_func=labels.__getitem__, key=f"diff-b-{len(sides)}")
    gone = [at for at in (one, two) if not can_be_read(sides[at][0])]
    if gone:
        told = " and ".join(dict.fromkeys(f"“{sides[at][0].shown_name}”" for at in gone))
        st.markdown(f"Nothing to compare: {plain(told, 300)} cannot be read any more. Choose another answer.")
        return
    texts = [answer_of(entry.run_id, role, entry.stream_bytes) for entry, role in (sides[one], sides[two])]
    found = differences(*texts)
    more = f" {found.left_out:,} words at the ends were not compared." if found.left_out else ""
    st.markdown(
        f"**{100 * found.similarity:.0f} % alike**: twice the words that both say in the same order, over the words of both. "
        f"What only one says is marked. Alike is not right.{more}"
    )
    for column, at, stretches in ((left, one, found.first), (right, two, found.second)):
        with column:  # a long answer scrolls: by the keyboard too, so it takes the focus and has a name
            begin = f'<div class="glyph-diff" tabindex="0" role="region" aria-label="{escape(labels[at])}">'
            st.html(_STYLE + begin + f"{_marked(stretches)}</div>")


def _marked(stretches: tuple[Stretch, ...]) -> str:
    """An answer comes from a model: every character of it is escaped."""
    if not stretches:
        return "<i>no answer</i>"
    return "".join(escape(one.text) if one.shared else f"<mark>{escape(one.text)}</mark>" for one in stretches)
