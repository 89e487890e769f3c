"""The Streamlit script: one rerun's frame around the page that was chosen."""

import streamlit as st

from app.paths import APP, ROOT
from app.ui.addresses import draw_address
from app.ui.frame import draw_engine_line, draw_frame, draw_messages
from app.ui.guard import guarded
from app.ui.session import whole_page

st.set_page_config(page_title="Glyph Side by Side", page_icon=str(APP / "ui" / "assets" / "icon.png"), layout="wide")

PAGES = ROOT / "pages"
page = st.navigation(
    [
        st.Page(PAGES / "compare.py", title="Compare", icon=":material/compare:", default=True),
        st.Page(PAGES / "pages.py", title="Pages", icon=":material/auto_stories:", url_path="pages"),
        st.Page(PAGES / "prefill.py", title="Prefill", icon=":material/speed:", url_path="prefill"),
        st.Page(PAGES / "evaluate.py", title="Evaluate", icon=":material/fact_check:", url_path="evaluate"),
        st.Page(PAGES / "search.py", title="Search", icon=":material/travel_explore:", url_path="search"),
        st.Page(PAGES / "history.py", title="History", icon=":material/history:", url_path="history"),
        st.Page(PAGES / "servers.py", title="Servers", icon=":material/dns:", url_path="servers"),
    ],
    position="top",
)
draw_frame()
with st.container(key="engine-line"):  # a place of its own: when the line goes, nothing below it moves in the tree
    draw_engine_line()
board = st.container(key="messages-board")  # its place comes before the page's, so that no page moves it
with whole_page():
    with guarded("This page could not be drawn"):
        page.run()
    with board:
        draw_messages()
        draw_address(page.url_path)
