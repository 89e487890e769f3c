"""Below the answers: time to first token question by question, the running score, and where the time went."""

from __future__ import annotations

import streamlit as st

from app.charts import ttft_chart
from app.comparisons import ComparisonSnapshot
from app.ui.compare.conversation import times
from app.ui.compare.time_table import draw_time_view, simulated_caption
from app.ui.compare.turns import score_line
from app.ui.outside import plain


def draw_times(conversation: list[ComparisonSnapshot]) -> None:
    shown = times(conversation)
    if not shown:
        return
    st.subheader("Time to first token", anchor=False)
    if score := score_line(conversation):
        st.markdown(f"**{plain(score)}**")
    st.plotly_chart(ttft_chart(shown), key="ttft", config={"displayModeBar": False})
    captions = dict.fromkeys(filter(None, map(simulated_caption, conversation)))
    if captions:
        st.caption(plain(list(captions)[-1]))
    draw_time_view(conversation)
