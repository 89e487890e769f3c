"""The stage's list of questions and its orders: both sides anew, whatever they are doing."""

from __future__ import annotations

import threading

import pytest

from app.comparisons import Phase, registry
from app.endpoints.pair import ServerPair
from app.ui.compare import conversation, stage
from app.ui.compare.conversation import start_over
from app.ui.compare.stage import MAX_QUESTIONS, read_playlist
from tests.clients.scripted_server import DONE, HEADERS, WaitFor, delta, usage
from tests.ui.asking import wait_over
from tests.web.test_comparison_routes import servers, spec  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def no_server_is_looked_for(monkeypatch):
    """What is asked again goes where it went: these servers are no profile's."""
    monkeypatch.setattr(conversation, "servers_now", lambda: ServerPair(None, None, "none"))


def test_a_playlist_is_a_question_a_line_each_once_and_not_without_end():
    assert read_playlist(" Who? \n\nWhere?\r\nWho?\n") == ("Who?", "Where?")
    assert len(read_playlist("\n".join(map(str, range(1000))))) == MAX_QUESTIONS
    assert read_playlist("") == ()


def answering(server, word: str):
    server.chat(HEADERS, delta(content=word), delta(finish="stop"), usage(), DONE)


def test_a_side_that_hangs_is_started_over_and_the_other_is_not_touched(servers, spec):  # noqa: F811
    text, pages = servers
    hanging = WaitFor(threading.Event())
    text.chat(HEADERS, hanging)
    answering(text, "Second")
    answering(pages, "Once")
    comparison_id = registry().start(spec)
    shot = registry().snapshot(comparison_id)
    while shot.text.phase is not Phase.READING or shot.pages.running:
        assert registry().wait_changed(comparison_id, shot.version, 30) != shot.version
        shot = registry().snapshot(comparison_id)
    start_over(comparison_id, shot.text.role)
    shot = wait_over(comparison_id)
    hanging.event.set()
    assert (shot.text.answer, shot.text.attempt) == ("Second", 2)
    assert (shot.pages.answer, shot.pages.attempt) == ("Once", 1)


def test_again_asks_both_sides_anew(servers, spec):  # noqa: F811
    for server in servers:
        answering(server, "First")
        answering(server, "Second")
    comparison_id = registry().start(spec)
    wait_over(comparison_id)
    stage._again(comparison_id)
    shot = wait_over(comparison_id)
    assert {side.answer for side in shot.sides} == {"Second"}
    assert {side.attempt for side in shot.sides} == {2}
