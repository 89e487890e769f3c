"""The Export menu of every screen: what it shows now as files, and a link that opens it again."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from app.exports import ExportFile
from app.ui.book.named_samples import sample_of
from app.ui.compare.conversation import newest_question
from app.ui.frame import servers_now
from app.ui.guard import guarded
from app.ui.link import handed_on, servers_words
from app.ui.session import AppSession

_SAMPLE_LINK = "A link that opens this sample with these settings, here and in any other installation of this app."
_BOOK_LINK = (
    "A link that opens this view and its conversation, for as long as this server keeps the book. In another installation it "
    "brings the settings only."
)
_ALSO = "It tells which models answer here; it does not choose them there."
_WITH_QUESTION = f"It brings the newest question, which is asked there by a press. {_ALSO}"


def draw_export(now: AppSession, screen: str, files: Sequence[ExportFile], note: str = "") -> None:
    """At the end of the sidebar. `screen`: its name, part of the menu's key. `note`: what else can be taken, and where."""
    with st.sidebar, guarded("The export menu could not be drawn"):
        menu = st.popover("Export", icon=":material/ios_share:", width="stretch", key=f"export-{screen}")
        with menu:
            _draw_files(screen, files)
            if note:
                st.caption(note)
            _draw_link(now)


def _draw_files(screen: str, files: Sequence[ExportFile]) -> None:
    for at, file in enumerate(files):
        key = f"export-{screen}-{at}"
        # The bytes, not the function that makes them, wherever that is quick: a function's file has another address after each
        # rerun, and one that comes while the browser fetches it would cancel the download.
        data = file.make if file.late else file.make()
        st.download_button(file.label, data, file.name, file.mime, key=key, on_click="ignore", width="stretch")
    if not files:
        st.caption("Nothing to export here yet: open a book, or ask something.")


def _draw_link(now: AppSession) -> None:
    """With the copy button that a code block has. A book goes by its name or its key, so a link needs an open one."""
    if now.book is None or now.address is None:
        return
    sample, question = sample_of(now), newest_question(now)
    st.caption(_SAMPLE_LINK if sample else _BOOK_LINK)
    st.caption(_WITH_QUESTION if question else _ALSO)
    base = str(st.context.url or "").split("?")[0].split("#")[0]
    link = handed_on(now.address, sample, question, servers_words(servers_now()))
    st.code(f"{base}?{urlencode(link)}", language=None, wrap_lines=True)
