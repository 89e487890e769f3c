"""A question that was typed is never lost, however the reruns fall."""

from types import SimpleNamespace

import pytest

from app.ui import guard
from app.ui.compare import question_box
from app.ui.session import AppSession
from renderer import RenderConfig


@pytest.fixture
def now() -> AppSession:
    return AppSession(RenderConfig.load("configs/en.json"))


@pytest.mark.parametrize(("drawing", "reruns"), [(True, 0), (False, 1)])
def test_a_fragment_never_throws_away_the_rerun_of_a_whole_page(monkeypatch, now, drawing, reruns):
    asked = []
    now.drawing = drawing
    monkeypatch.setattr(guard, "session", lambda: now)
    monkeypatch.setattr(guard.st, "rerun", lambda **scope: asked.append(scope))
    guard.draw_again()
    assert len(asked) == reruns


def test_the_box_s_callback_keeps_what_was_typed_before_the_rerun_begins(monkeypatch, now):
    monkeypatch.setattr(question_box.st, "session_state", {"question": "  Who drew the island? "})
    question_box._take_question(now)
    question_box._take_question(now)
    assert now.queue == ["Who drew the island?"] * 2


def test_what_waits_is_bounded_and_blank_lines_are_no_question(now):
    for number in range(50):
        question_box.queue_question(now, f"Question {number}?")
    question_box.queue_question(now, "  \n ")
    assert len(now.queue) == question_box.MAX_QUEUED
    assert now.queue[-1] == "Question 49?"


def test_a_question_that_cannot_be_asked_is_kept_with_the_reason(monkeypatch, now):
    from app.comparisons import NothingToAsk

    def refuse(*_):
        raise NothingToAsk("No server is chosen.")

    monkeypatch.setattr(question_box, "ask", refuse)
    question_box._send(now, SimpleNamespace(), "Who?", None)
    assert (now.draft, now.draft_error) == ("Who?", "No server is chosen.")


@pytest.mark.parametrize(
    ("queue", "last", "kept"),
    [([], "Another?", ["Who?"]), (["Who?"], "Another?", ["Who?"]), ([], "Who?", []), ([], None, ["Who?"])],
)
def test_what_the_browser_saw_no_trace_of_is_asked_once(monkeypatch, now, queue, last, kept):
    now.queue[:] = queue
    shown = [SimpleNamespace(spec=SimpleNamespace(question=last))] if last else []
    monkeypatch.setattr(question_box, "turns", lambda _: shown)
    question_box.take_lost_question(now, " Who? ")
    assert now.queue == kept
