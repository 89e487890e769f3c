"""Out of sight: on the welcome one widget of each kind that the open book's screen begins with, and there a table, as the
chapters' dialog has one.

The browser fetches a widget's code when the first of its kind is drawn, and React shows a gap meanwhile (Suspense); every gap
waits until 0.3 s after the one before it was shown, even where the code is there by then. Here the gaps are over before
anyone sees them, while a book is being chosen. Established name: warming up.
"""

from __future__ import annotations

import streamlit as st


def draw_ahead() -> None:
    """Nobody sees or reaches them: `page.css` does not display their container."""
    with st.container(key="drawn-ahead"):
        st.metric("Drawn ahead", "–", border=True)
        st.segmented_control("Drawn ahead", ["–"], key="drawn-ahead-way")
        st.text_area("Drawn ahead", key="drawn-ahead-text")
        st.number_input("Drawn ahead", 0, 1, key="drawn-ahead-number")
        st.slider("Drawn ahead", 0, 1, key="drawn-ahead-slider")
        st.toggle("Drawn ahead", key="drawn-ahead-toggle")


def draw_table_ahead() -> None:
    """The code of tables is by far the largest."""
    with st.container(key="drawn-ahead"):
        st.dataframe({"Drawn ahead": []}, key="drawn-ahead-table")
