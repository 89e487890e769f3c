"""A server's own count confirms or corrects ours, and nobody waits for it."""

import threading
import time

import pytest

from app.clients import Endpoint, Role
from app.clients.errors import RequestRefused
from app.endpoints import token_counts as module
from app.endpoints.token_counts import ServerCount, ServerCounts, shown_count, source_words
from app.tokens import CountSource, TokenCount
from tests.clients.scripted_server import ScriptedServer

ENDPOINT = Endpoint(Role.TEXT, "Qwen", "http://127.0.0.1:9", "qwen")
OFFLINE = TokenCount(100, CountSource.TOKENIZER)


def answered(counts, endpoint=ENDPOINT, content_hash="h", text="text"):
    counts.look(endpoint, content_hash, text)
    assert counts.wait_idle(10)
    return counts.look(endpoint, content_hash, text)


def test_a_real_route_is_asked_with_the_bare_text_and_its_count_is_known_later():
    with ScriptedServer() as server:
        server.route("/tokenize", {"count": 7, "tokens": [], "max_model_len": 9})
        found = answered(ServerCounts(), Endpoint(Role.TEXT, "Qwen", server.url, "qwen"))
        assert found == ServerCount(7, simulated=False)
        asked = [one.json for one in server.asked_for("/tokenize")]
    assert len(asked) == 1
    assert asked[0]["prompt"] == "text"


def test_the_first_look_does_not_wait_for_a_slow_server():
    let_go = threading.Event()
    counts = ServerCounts(lambda endpoint, text: let_go.wait(60) and 5)
    began = time.perf_counter()
    assert counts.look(ENDPOINT, "h", "text") is None
    assert counts.look(ENDPOINT, "h", "text") is None
    assert time.perf_counter() - began < 30
    let_go.set()
    assert counts.wait_idle(10)
    assert counts.look(ENDPOINT, "h", "text").tokens == 5


def test_a_text_is_asked_once_however_often_it_is_looked_at():
    asked = []
    counts = ServerCounts(lambda endpoint, text: asked.append(text) or 5)
    answered(counts)
    answered(counts)
    assert asked == ["text"]


def test_a_server_that_cannot_count_is_told_and_not_asked_at_every_look():
    asked = []

    def refuse(endpoint, text):
        asked.append(text)
        raise RequestRefused("It has no route for that.", "Go on.")

    counts = ServerCounts(refuse)
    found = answered(counts)
    assert found.tokens is None
    assert "no route" in found.detail
    answered(counts)
    assert len(asked) == 1


def test_a_failure_is_asked_again_after_its_time(monkeypatch):
    answers = [RuntimeError("odd"), 5]

    def ask(endpoint, text):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    counts = ServerCounts(ask)
    assert answered(counts).tokens is None
    monkeypatch.setattr(module, "ASK_AGAIN_AFTER_S", 0.0)
    assert answered(counts).tokens == 5


def test_queue_and_memory_are_bounded(monkeypatch):
    monkeypatch.setattr(module, "MAX_KEPT", 3)
    let_go, asked = threading.Event(), []

    def ask(endpoint, text):
        asked.append(text)
        let_go.wait(20)
        return 1

    counts = ServerCounts(ask)
    for number in range(20):
        counts.look(ENDPOINT, f"h{number}", f"text {number}")
    let_go.set()
    assert counts.wait_idle(10)
    assert len(asked) <= module.MAX_QUEUED + 1
    assert "text 19" in asked
    assert len(counts._known) <= 3


def test_only_a_real_server_that_differs_replaces_our_count():
    assert shown_count(OFFLINE, None) == OFFLINE
    assert shown_count(OFFLINE, ServerCount(100, simulated=False)) == OFFLINE
    assert shown_count(OFFLINE, ServerCount(120, simulated=True)) == OFFLINE
    assert shown_count(OFFLINE, ServerCount(None, simulated=False, detail="no")) == OFFLINE
    assert shown_count(OFFLINE, ServerCount(120, simulated=False)) == TokenCount(120, CountSource.SERVER)


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (None, "Qwen tokenizer on this machine: 100"),
        (ServerCount(100, simulated=False), "qwen's server gives the same figure"),
        (ServerCount(120, simulated=False), "not the Qwen tokenizer used offline (100)"),
        (ServerCount(100, simulated=True), "confirms nothing about a real server"),
        (ServerCount(None, simulated=False, detail="It is gone."), "could not confirm it: It is gone."),
    ],
)
def test_the_source_is_said(server, said):
    assert said in source_words(OFFLINE, server, "qwen")
