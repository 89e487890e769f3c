"""Below the answers: time to first token question by question, the running score, and where the time went."""

from __future__ import annotations

import streamlit as st

from app.charts import ttft_chart
from app.comparisons import ComparisonSnapshot
from app.ui.compare.conversation import times
from app.ui.compare.time_table import draw_time_view, simulated_caption
from app.ui.compare.turns import score_line
from app.ui.export_menu import CHART_BAR
from app.ui.outside import plain


def draw_times(conversation: list[ComparisonSnapshot]) -> None:
    shown = times(conversation)
    if not shown:
        return
    st.subheader("Time to first token", anchor=False)
    if score := score_line(conversation):
        st.markdown(f"**{plain(score)}**")
    st.plotly_chart(ttft_chart(shown), key="ttft", config=CHART_BAR)
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
