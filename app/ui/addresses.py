"""Addresses of our own routes as a browser asks for them: below the path under which this server is published."""

from __future__ import annotations

import streamlit as st


def in_browser(path: str) -> str:
    """ "/glyph/…" → "/books/glyph/…" where server.baseUrlPath is "books": behind a reverse proxy others live beside us."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path
