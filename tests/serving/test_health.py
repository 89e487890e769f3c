"""What the launcher takes for a server: one that lists models, within its time, and needs no key until it says so."""

import pytest

from app.serving.commands import ServerCommand
from app.serving.health import Health, check_health, check_remote, served_models
from app.serving.kept_server import KeptServer, WatchPolicy
from app.serving.phases import Phase
from app.serving.server_specs import RemoteSpec, ServerRole
from tests.clients.scripted_server import ScriptedServer, Send, error_answer, json_answer

PAGE = Send(
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html><title>Sign in</title></html>"
)


@pytest.fixture
def server():
    with ScriptedServer() as running:
        yield running


@pytest.mark.parametrize(
    ("answer", "health"),
    [
        (json_answer({"data": [{"id": "qwen"}]}), Health.UP),
        (json_answer({"data": []}), Health.UP),
        (json_answer({"data": "qwen"}), Health.WRONG),
        (json_answer({"models": ["qwen"]}), Health.WRONG),
        (json_answer(["qwen"]), Health.WRONG),
        (PAGE, Health.WRONG),
        (error_answer(404, "Not Found"), Health.WRONG),
        (error_answer(401, "who are you"), Health.DENIED),
        (error_answer(503, "loading"), Health.SICK),
        (Send(b"SSH-2.0-OpenSSH\r\n\r\n"), Health.WRONG),
    ],
    ids=["models", "none yet", "no list", "another list", "bare list", "web page", "404", "401", "503", "ssh"],
)
def test_a_remote_server_is_up_only_with_a_list_of_models(server, answer, health):
    server.answers["/v1/models"] = [[answer]]
    assert check_remote(server.url, None) is health


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "m", "max_model_len": "many"},
        {"id": "m", "max_model_len": 1e400},
        {"id": "m", "max_model_len": -1},
        {"id": "m"},
    ],
)
def test_an_absurd_window_is_no_window(server, entry):
    body = str(entry).replace("'", '"').replace("inf", "1e999").encode()
    server.answers["/v1/models"] = [[Send(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"data":[' + body + b"]}")]]
    (model,) = served_models(server.url)
    assert (model.name, model.max_model_len) == ("m", None)


def test_names_that_are_no_names_are_left_out(server):
    server.route("/v1/models", {"data": [{"id": 7}, "x", {}, {"id": "good \x1b[31m"}]})
    assert [model.name for model in served_models(server.url)] == ["good [31m"]


def test_nobody_there_is_refused():
    assert check_health("http://127.0.0.1:9") is Health.REFUSED


def status_of(server, variable):
    spec = RemoteSpec(role=ServerRole.TEXT, served_name="qwen", name="text", base_url=server.url, api_key_env=variable)
    kept = KeptServer(ServerCommand(spec, ()), "launch")
    kept.begin()
    kept.step()
    return kept.status


@pytest.mark.parametrize("value", [None, ""])
def test_a_remote_server_without_a_key_serves_when_it_asks_for_none(server, monkeypatch, value):
    monkeypatch.delenv("TEST_GLYPH_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("TEST_GLYPH_KEY", value)
    server.route("/v1/models", {"data": [{"id": "qwen", "max_model_len": 8192}]})
    status = status_of(server, "TEST_GLYPH_KEY")
    assert status.phase is Phase.SERVING
    assert status.max_model_len == 8192
    assert all("authorization" not in asked.headers for asked in server.asked)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("TEST_GLYPH_KEY", "", "needs a key, and TEST_GLYPH_KEY is not set"),
        ("TEST_GLYPH_KEY", "sk-wrong", "refuses the key in TEST_GLYPH_KEY"),
        ("TEST_GLYPH_KEY", "two\nlines", "holds characters no HTTP header may carry"),
        (None, "", "needs a key."),
    ],
)
def test_a_401_says_what_is_wrong_with_the_key(server, monkeypatch, variable, value, said):
    monkeypatch.setenv("TEST_GLYPH_KEY", value)
    server.answers["/v1/models"] = [[error_answer(401, "who are you")]]
    status = status_of(server, variable)
    assert status.phase is Phase.FAILED
    assert said in status.error
    assert "sk-wrong" not in status.error


def test_a_router_serves_once_it_lists_the_model_and_is_lost_when_it_lists_it_no_more(server):
    server.answers["/v1/models"] = [[json_answer({"data": [{"id": "m"}]})]] * 2 + [[json_answer({"data": []})]]
    spec = RemoteSpec(role=ServerRole.TEXT, name="text", served_name="m", base_url=server.url, behind_router=True)
    kept = KeptServer(ServerCommand(spec, ()), "id", policy=WatchPolicy(remote_every_s=0.0))
    kept.begin()
    kept.step()
    assert kept.status.phase is Phase.SERVING
    assert kept.status.behind_router
    kept.step()
    assert kept.status.phase is Phase.LOST
    assert "no server of this model behind it" in kept.status.phase_label
    alone = RemoteSpec(role=ServerRole.TEXT, name="text", served_name="m", base_url=server.url)
    assert check_remote(alone.url, None) is Health.UP  # a hosted endpoint need not list what it serves
