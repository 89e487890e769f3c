"""The open book in the sidebar: what was found in the file, ways to its chapters and text, and what reflowing would gain."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import TimeoutError as NotYet

import streamlit as st

from app.bookshelf.reflow_offers import MIN_OFFERED_SAVING, ReflowOffer, is_quick, offer_desk
from app.bookshelf.source import BookSource, Reflow
from app.ui.book.chapters_dialog import draw_chapters_dialog
from app.ui.book.opening import reflow_open_book, session_source
from app.ui.book.text_dialog import draw_text_dialog
from app.ui.book.words import EMBEDDED, fewer_tokens, ranges, short_encoding_name
from app.ui.guard import draw_again, safely, ticking
from app.ui.outside import plain
from app.ui.session import AppSession

_OPEN = "book_dialog"  # which dialog is open: a rerun from elsewhere must not close it
_OPENED = "book_dialogs_opened"  # counts them: each begins with fresh widgets
_MOST_NOTES = 2
_GAIN_WAIT_S = 0.15


def draw_book_card(session: AppSession) -> None:
    """The facts, two buttons, one offer."""
    source = session_source(session)
    with st.container(border=True, key="book_card"):
        st.markdown(f"**{plain(source.whole.title)}**")
        st.caption(plain(facts(source)))
        notes = source.base.notes
        for note in notes[:_MOST_NOTES]:
            st.caption(f":material/info: {plain(note)}")
        if len(notes) > _MOST_NOTES:
            st.caption(f":material/info: {len(notes) - _MOST_NOTES} more under Text.")
        left, right = st.columns([1.3, 1], gap="small")
        count = len(source.base.chapters)
        left.button(
            "Chapters",
            key="open_chapters",
            width="stretch",
            disabled=count < 2,
            on_click=safely(_open),
            args=("chapters",),
            help=_chapters_help(source),
        )
        right.button(
            "Text",
            key="open_text",
            width="stretch",
            on_click=safely(_open),
            args=("text",),
            help="Encoding, line breaks, what was set aside.",
        )
        _draw_offer(session, source)
    _draw_dialog(session)


def facts(source: BookSource) -> str:
    """'EPUB · 143,628 characters · chapters 1-3 of 12'."""
    base, book = source.base, source.book
    parts = [base.format.label]
    if base.encoding != EMBEDDED:
        parts.append(short_encoding_name(base.encoding))
    parts.append(f"{len(book.text):,} characters")
    count, chosen = len(base.chapters), source.choices.chapters
    if chosen is not None:
        parts.append(f"chapter{'s' if len(chosen) > 1 else ''} {ranges(chosen)} of {count:,}")
    elif count > 1:
        parts.append(f"{count:,} chapters")
    return " · ".join(parts)


def _chapters_help(source: BookSource) -> str:
    if len(source.base.chapters) < 2:
        return "No chapter headings were found in this text."
    return "Choose chapters; see what each costs."


def _open(which: str) -> None:
    st.session_state[_OPEN] = which
    st.session_state[_OPENED] = st.session_state.get(_OPENED, 0) + 1


def _close() -> None:
    st.session_state[_OPEN] = ""


def _draw_dialog(session: AppSession) -> None:
    dialogs: dict[str, Callable] = {"chapters": draw_chapters_dialog, "text": draw_text_dialog}
    which = st.session_state.get(_OPEN)
    if which in dialogs:
        dialogs[which](session, f"{which}-{st.session_state[_OPENED]}", _close)


def _draw_offer(session: AppSession, source: BookSource) -> None:
    """What reflowing gains with the present settings, measured in the background; or a way back once it is done."""
    future = offer_desk().ask(source, session.settings)
    try:
        offer = future.result(_GAIN_WAIT_S if is_quick(source) else 0)
    except NotYet:
        _draw_measuring(session, source)
        return
    if offer is not None:
        _draw_gain(session, source, offer)


@ticking(0.4)
def _draw_measuring(session: AppSession, source: BookSource) -> None:
    if offer_desk().ask(source, session.settings).done():
        draw_again()
    st.caption(":material/hourglass_top: Measuring what reflowing would gain …")


def _draw_gain(session: AppSession, source: BookSource, offer: ReflowOffer) -> None:
    now = source.choices.reflow
    if now is not Reflow.AS_IS:
        saving = offer.saving(now)
        st.caption(
            f":material/check: Reflowed: **{fewer_tokens(saving)}**."
            if saving is not None
            else ":material/check: Reflowed."
        )
        st.button(
            "Undo the reflow",
            icon=":material/undo:",
            key="undo_reflow",
            width="stretch",
            type="tertiary",
            on_click=safely(reflow_open_book),
            args=(session, Reflow.AS_IS),
        )
        return
    best = offer.best
    saving = offer.saving(best)
    if best is Reflow.AS_IS or saving is None or saving < MIN_OFFERED_SAVING:
        return
    wrapped = Reflow.JOIN in offer.costs
    st.caption(
        ("Its lines are hard-wrapped. Reflowing gives " if wrapped else "Dropping its blank lines gives ")
        + f"**{fewer_tokens(saving)}** on this book with these settings."
    )
    st.button(
        "Reflow" if wrapped else "Drop blank lines",
        icon=":material/wrap_text:",
        key="reflow",
        width="stretch",
        on_click=safely(reflow_open_book),
        args=(session, best),
        help="Line breaks inside paragraphs become spaces and blank "
        "lines go; verse, lists, tables and code stay. Under Text both can be compared first.",
    )
