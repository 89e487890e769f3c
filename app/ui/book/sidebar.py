"""The book in the sidebar of a page that only looks at it: every page has one, so that nothing jumps when pages change."""

from __future__ import annotations

import streamlit as st

from app.ui.addresses import follow_address, keep_address
from app.ui.book.chooser import draw_book_panel
from app.ui.book.opening import put_back
from app.ui.guard import guarded
from app.ui.session import AppSession, say


def draw_sidebar(now: AppSession) -> None:
    """Find the address's book after a reload, show the book and the ways to another, keep the address."""
    trouble = follow_address(now)
    if trouble:
        say(trouble, grave=True)
    with st.sidebar, guarded("The book's panel could not be drawn"):
        draw_book_panel(now)
    if now.book is not None:
        put_back(now)
    keep_address(now)
