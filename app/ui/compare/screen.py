"""The Compare screen from top to bottom: the book, the conversation, its times, the question."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.bookshelf.costs import chapter_costs
from app.bookshelf.source import BookSource
from app.checking import prepare
from app.endpoints.pair import ServerPair
from app.pagefiles.jobs import page_jobs
from app.ui.addresses import follow_address, keep_address
from app.ui.book.chooser import draw_book_cards, draw_book_panel, take_upload
from app.ui.book.opening import put_back, session_source
from app.ui.chart import SAVING
from app.ui.compare.answer_settings import draw_answer_panel
from app.ui.compare.book_summary import draw_book_summary, draw_progress
from app.ui.compare.conversation import turns
from app.ui.compare.drawn_ahead import draw_ahead, draw_table_ahead
from app.ui.compare.page_settings import draw_settings_panel
from app.ui.compare.question_box import draw_question_box
from app.ui.compare.stage import draw_stage, draw_stage_panel
from app.ui.compare.times_section import draw_times
from app.ui.compare.turns import draw_turns
from app.ui.compare.without_book import draw_without_book
from app.ui.export_menu import draw_export
from app.ui.exports_now import book_files, talk_files
from app.ui.frame import draw_server_badges, servers_now
from app.ui.guard import guarded
from app.ui.history.keep_panel import draw_keep_panel
from app.ui.outside import plain
from app.ui.session import AppSession, session
from renderer import RenderConfig


def draw_compare() -> None:
    now, servers = session(), servers_now()
    trouble, just_opened = follow_address(now), False
    with guarded("The file could not be opened"):
        just_opened = take_upload(now)
    conversation = turns(now)
    pages_first = just_opened and not conversation and not now.queue
    if pages_first:
        now.hold(None)  # the job of the book before
    else:
        _draw_sidebar(now, servers)
    if now.book is None:
        if conversation:
            draw_without_book(now, servers, conversation)
        else:
            _draw_welcome(now, trouble)
        return
    stage = st.container(key="stage-place")  # a place of its own: a stage that moved would be made anew
    if not conversation:
        st.title(plain(now.opened.title), anchor=False)
    with guarded("The book's pages could not be begun"):
        if pages_first:
            keep_address(now)
        else:
            _begin_pages(now)
    cut, summary = None, None
    with guarded("The book's figures could not be drawn"):
        summary = draw_book_summary(now, servers, folded=bool(conversation))
        cut = summary.cut
    if pages_first:
        # Counts and pages are there, from the layout. The sidebar's many widgets keep the browser busy for longer than those;
        # the job that draws all pages would take the processor from it, and is begun when the browser has drawn all this.
        _draw_sidebar(now, servers)
    if summary is not None:
        with summary.progress, guarded("The pages' progress could not be drawn"):
            draw_progress(now, partial(_begin_pages, now) if pages_first else None)
    with guarded("The conversation could not be drawn; it is kept"):
        draw_turns(now, conversation, cut)
    with guarded("The times could not be drawn"):
        draw_times(conversation)
    with stage, guarded("The stage could not be drawn"):
        draw_stage(now, servers, cut, conversation)
    with guarded("The question's box could not be drawn"):
        draw_question_box(now, servers, cut, conversation)
    if not pages_first:  # for later: answers will be looked up in the book, and its chapters looked at
        draw_table_ahead()
        prepare(now.opened.content_hash, now.opened.text, partial(_count_chapters, session_source(now), now.settings))
    draw_export(now, "compare", [*talk_files(conversation), *book_files(now, servers)], SAVING)


def _draw_sidebar(now: AppSession, servers: ServerPair) -> None:
    with st.sidebar:
        if now.book is not None:
            for draw in (draw_book_panel, draw_settings_panel, draw_answer_panel, draw_stage_panel):
                with guarded("This panel could not be drawn"):
                    draw(now)
        elif now.turns:
            with guarded("The book's panel could not be drawn"):
                draw_book_panel(now)
        with guarded("The switches of what is kept could not be drawn"):
            draw_keep_panel()
        draw_server_badges(servers)


def _count_chapters(source: BookSource, settings: RenderConfig) -> None:
    """For the chapters' dialog; after the pages."""
    page_jobs().wait_quiet()
    chapter_costs(source.whole, settings)


def _begin_pages(now: AppSession) -> None:
    """Hold the job that renders this book with these settings; none where it could not even be begun."""
    try:
        put_back(now)
        keep_address(now)
        book = now.opened
        now.hold(page_jobs().start(book.content_hash, book.text, book.title, now.settings, now.holder))
    except Exception:
        now.hold(None)  # never the pages of another book or setting
        raise


def _draw_welcome(now: AppSession, trouble: str) -> None:
    st.title("One book, two readers", anchor=False)
    if trouble:
        st.warning(plain(trouble), icon=":material/link_off:")
    if st.query_params.get("stage") == "1":
        st.info(
            "The **stage** opens with the book: open one below, the sample story for a start, or a kept run on **History**.",
            icon=":material/present_to_all:",
        )
    st.markdown(
        "A **text model** reads a book token by token. **Glyph** reads pictures of its pages and needs three to four times "
        "fewer tokens, so it starts to answer sooner and a long novel fits its window. "
        "Open a book, ask both the same question, and watch who speaks first."
    )
    draw_book_cards(now)
    draw_ahead()
