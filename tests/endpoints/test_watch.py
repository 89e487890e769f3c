"""Each endpoint is looked at by itself: one that floods, drips or hangs holds up no other."""

import threading

import pytest

from app.clients import Endpoint, Role, ServerState
from app.endpoints import watch as module
from app.endpoints.watch import ServerWatch
from tests.clients.scripted_server import ScriptedServer, json_answer

TEXT = Endpoint(Role.TEXT, "Qwen", "http://text.example", "qwen")
PAGES = Endpoint(Role.PAGES, "Glyph", "http://pages.example", "glyph")
UP = ServerState(True, "It serves.")


@pytest.fixture
def hanging(monkeypatch):
    """The text side's look ends only when the event is set, as one does that waits for a host's name."""
    let_go, looks = threading.Event(), []

    def look(endpoint, timeout_s, last):
        looks.append(endpoint)
        if endpoint == TEXT:
            let_go.wait(30)
        return UP

    monkeypatch.setattr(module, "probe", look)
    yield let_go, looks
    let_go.set()


def test_one_that_hangs_holds_up_no_other(hanging):
    watch = ServerWatch(lambda: ((TEXT, PAGES), "two"))
    watch.look()
    with watch._changed:
        assert watch._changed.wait_for(lambda: watch._seen[PAGES].state is not None, 10)
    pair = watch.pair()
    assert pair.pages.ready
    assert pair.text.state is None


def test_one_that_hangs_is_not_asked_again_while_it_does(hanging):
    let_go, looks = hanging
    watch = ServerWatch(lambda: ((TEXT,), "one"))
    for _ in range(5):
        watch.look()
    let_go.set()
    assert watch.wait_looked(10)
    assert looks == [TEXT]
    assert watch.pair().text.ready


def test_a_look_that_hangs_is_told_and_nobody_waits_for_it(hanging, monkeypatch):
    monkeypatch.setattr(module, "LATE_AFTER_S", 0.0)
    watch = ServerWatch(lambda: ((TEXT,), "one"))
    watch.look()
    server = watch.pair().text
    assert not server.ready
    assert "not found in time" in server.state.detail


def test_a_look_that_raises_is_a_server_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(module, "probe", lambda *_: 1 / 0)
    watch = ServerWatch(lambda: ((TEXT,), "one"))
    watch.look()
    assert watch.wait_looked(10)
    assert "ZeroDivisionError" in watch.pair().text.state.detail


def test_endpoints_that_are_gone_are_forgotten():
    found = [(TEXT, PAGES), (PAGES,)]
    watch = ServerWatch(lambda: (found.pop(0), "some"))
    watch.look()
    watch.look()
    assert list(watch._seen) == [PAGES]
    assert watch.pair().text is None
    assert watch.wait_looked(30)


def test_a_known_version_is_asked_for_once():
    with ScriptedServer() as server:
        server.answers["/v1/models"] = [[json_answer({"data": [{"id": "qwen"}]})]]
        server.answers["/version"] = [[json_answer({"version": "0.32.0"})]]
        endpoint = Endpoint(Role.TEXT, "Qwen", server.url, "qwen")
        watch = ServerWatch(lambda: ((endpoint,), "one"))
        for _ in range(3):
            watch.look()
            assert watch.wait_looked(10)
        assert watch.pair().text.state.version == "0.32.0"
        assert len(server.asked_for("/version")) == 1
        assert len(server.asked_for("/v1/models")) == 3
