"""An uploaded book on Compare: opened by the rerun that brings it, its counts and pages drawn before the sidebar, all pages after."""

from __future__ import annotations

import threading

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.pagefiles.jobs import JobState, page_jobs
from app.ui.book import chooser
from app.ui.compare import book_summary, screen
from app.ui.default_settings import default_settings
from app.ui.session import AppSession
from app.web.server import SCRIPT

BOOK = "\n\n".join(f"CHAPTER {n}\n\nThe keeper wrote down {n} ships, and no storm." for n in range(1, 40))


@pytest.fixture
def drawn(monkeypatch):
    """What Compare does, in its order; each part is done as ever."""
    done: list[str] = []

    def noted(part: str):
        whole = getattr(screen, part)

        def run(*args, **kwargs):
            done.append(part)
            return whole(*args, **kwargs)

        monkeypatch.setattr(screen, part, run)

    for part in ("_draw_welcome", "draw_book_summary", "_draw_sidebar", "_begin_pages"):
        noted(part)
    return done


@pytest.fixture
def app():
    made = AppTest.from_file(str(SCRIPT), default_timeout=90).run()
    yield made
    page_jobs().end(made.session_state["glyph"].holder)


def upload(app: AppTest, text: str, name: str = "keeper.txt") -> AppTest:
    return app.file_uploader[0].set_value((name, text.encode(), "text/plain")).run()


def kept(app: AppTest):
    return app.session_state["glyph"]


def test_one_rerun_opens_an_uploaded_book_and_draws_counts_and_pages_before_all_else(drawn, app):
    drawn.clear()
    upload(app, f"{BOOK}\n\nOnce.")
    assert not app.exception
    assert not app.error
    assert drawn == ["draw_book_summary", "_draw_sidebar"]
    assert kept(app).job is None  # an upload that is abandoned here has no page drawn
    values = {metric.label: metric.value for metric in app.metric}
    assert int(values["Text tokens"].replace(",", "")) > 400
    assert int(values["Visual tokens"].replace(",", "")) > 100
    drawn.clear()
    app.run()
    assert drawn == ["_draw_sidebar", "_begin_pages", "draw_book_summary"]
    assert kept(app).job.wait(60).state is JobState.DONE
    app.run()
    # What the layout said before a page was drawn is what the drawn pages cost.
    assert {metric.label: metric.value for metric in app.metric} == values


def test_a_file_that_is_read_slowly_is_waited_for_with_a_bar(drawn, app, monkeypatch):
    whole = chooser.open_file
    monkeypatch.setattr(
        chooser, "open_file", lambda *args: args[-1] is None and whole(*args)
    )  # never within the time before drawing
    drawn.clear()
    upload(app, f"{BOOK}\n\nSlowly.")
    assert drawn == ["_draw_sidebar", "_draw_welcome", "_draw_sidebar", "_begin_pages", "draw_book_summary"]
    assert kept(app).opened.text.endswith("Slowly.")
    assert not app.error


def test_a_file_whose_reading_is_broken_off_is_read_by_the_next_rerun(app, monkeypatch):
    whole, begun = chooser.open_file, []

    def broken_off_once(*args, **kwargs):
        begun.append(1)
        if len(begun) == 1:
            st.stop()  # as Streamlit ends a rerun for the next one
        return whole(*args, **kwargs)

    monkeypatch.setattr(chooser, "open_file", broken_off_once)
    upload(app, f"{BOOK}\n\nBroken off.")
    assert kept(app).book is None
    app.run()
    assert kept(app).book is not None
    assert kept(app).opened.text.endswith("Broken off.")


def test_a_file_that_cannot_be_read_is_refused_once_and_the_welcome_stays(drawn, app):
    drawn.clear()
    upload(app, "", "nothing.txt")
    assert [error.value.replace("\\", "") for error in app.error] == [
        "'nothing.txt' is empty: it has no bytes; give the file again."
    ]
    assert kept(app).book is None
    assert "_draw_welcome" in drawn


def test_a_new_book_lets_go_of_the_job_of_the_one_before(app):
    before = upload(app, f"{BOOK}\n\nFirst.").run().session_state["glyph"].job
    app.file_uploader[0].set_value(("second.txt", f"{BOOK}\n\nSecond.".encode(), "text/plain")).run()
    assert kept(app).job is None
    assert not before.is_held_by(kept(app).holder)
    app.run()
    assert kept(app).job.is_of(kept(app).opened.content_hash, kept(app).settings)


def test_pages_are_begun_with_the_first_tick_after_the_screen_was_drawn(monkeypatch):
    begun, again = [], []
    monkeypatch.setattr(book_summary, "draw_again", lambda: again.append(1))
    now = AppSession(settings=default_settings())
    tick = book_summary._tell_progress.__wrapped__
    now.drawing = True
    tick(now, lambda: begun.append(1))
    assert not begun
    now.drawing = False
    tick(now, lambda: begun.append(1))
    assert begun == [1]


def test_pages_that_cannot_be_begun_are_told_by_the_page_drawn_again(monkeypatch):
    again = []
    monkeypatch.setattr(book_summary, "draw_again", lambda: again.append(1))

    def fail() -> None:
        raise OSError("no place")

    book_summary._tell_progress.__wrapped__(AppSession(settings=default_settings()), fail)
    assert again == [1]


def test_a_book_s_chapters_are_counted_before_anyone_looks_at_them(app, monkeypatch):
    counted = threading.Event()
    monkeypatch.setattr(screen, "chapter_costs", lambda *_: counted.set())
    upload(app, f"{BOOK}\n\nChapters.")
    assert not counted.is_set()  # the pages come first
    app.run()
    assert counted.wait(60)
