"""The app's entry: `streamlit run app/main.py`. Puts the repository on the path and starts the server with our routes."""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.request_deadlines import set_request_deadlines
from app.ui.closed_sessions import let_closed_sessions_go
from app.web.protection import Protection
from app.web.server import SCRIPT, lifespan_of, routes

set_request_deadlines()

# Streamlit reads this file without running it to find out that it serves an App: the call must stand here.
app = st.App(
    SCRIPT,
    routes=routes(),
    lifespan=lifespan_of(let_closed_sessions_go),
    middleware=[
        Middleware(
            Protection,
            allowed_hosts=lambda: st.get_option("server.allowedHosts") or (),
            base_path=lambda: st.get_option("server.baseUrlPath") or "",
        )
    ],
)
