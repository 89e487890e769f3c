"""Below the answers: time to first token question by question, the running score, and where the time went."""

from __future__ import annotations

import streamlit as st

from app.charts import ttft_chart
from app.comparisons import ComparisonSnapshot
from app.ui.chart import draw_chart
from app.ui.compare.conversation import times
from app.ui.compare.time_table import draw_time_view, simulated_caption, times_title
from app.ui.compare.turns import score_line
from app.ui.outside import plain

TTFT_HELP = (
    "Time to first token (TTFT): from sending the question to the first word of any kind, reasoning included, by this app's "
    "clock. It is mostly the time that a model takes to read its prompt."
)


def draw_times(conversation: list[ComparisonSnapshot]) -> None:
    shown = times(conversation)
    if not shown:
        return
    st.subheader("Time to first token", anchor=False, help=TTFT_HELP)
    if score := score_line(conversation):
        st.markdown(f"**{plain(score)}**")
    draw_chart(ttft_chart(shown), "compare-times", times_title(shown))
    captions = dict.fromkeys(filter(None, map(simulated_caption, conversation)))
    if captions:
        st.caption(plain(list(captions)[-1]))
    for words in recorded_captions(conversation)[-1:]:
        st.caption(plain(words))
    draw_time_view(conversation)


def recorded_captions(conversation: list[ComparisonSnapshot]) -> list[str]:
    """Which questions' figures are played from recordings, by what was recorded."""
    told: dict[str, list[str]] = {}
    for number, snapshot in enumerate(conversation, 1):
        if snapshot.recorded is not None:
            told.setdefault(snapshot.recorded.sentence, []).append(str(number))
    return [
        f"Question{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}: not run now. {sentence}"
        for sentence, numbers in told.items()
    ]
