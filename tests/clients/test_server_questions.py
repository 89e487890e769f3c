"""What servers say of themselves, and what they cannot say."""

import threading
import time

import pytest

from app.clients import (
    Dialect,
    Endpoint,
    ImageLedger,
    Role,
    SamplingSettings,
    TextPrompt,
    build_chat_request,
    count_tokens_on_server,
    errors,
    make_cold,
    probe,
    reset_caches,
    server_metrics,
)
from app.clients.session_headers import session_headers, text_id
from tests.clients.scripted_server import Send, WaitFor, error_answer, json_answer


def endpoint_of(server, **fields):
    return Endpoint(Role.PAGES, "Glyph", server.url, "glyph", **fields)


def models(*entries):
    return {"object": "list", "data": [{"object": "model", **entry} for entry in entries]}


def test_probe_tells_model_window_and_version(server):
    server.route(
        "/v1/models", models({"id": "glyph", "owned_by": "vllm", "root": "zai-org/Glyph", "max_model_len": 8192})
    )
    server.route("/version", {"version": "0.32.0"})
    state = probe(endpoint_of(server), 20.0)
    assert state.reachable
    assert state.asked_model_served
    assert not state.simulated
    assert (state.model, state.version, state.max_model_len) == ("glyph", "0.32.0", 8192)
    assert "8,192" in state.detail


def test_probe_tells_the_simulator(server):
    server.route("/v1/models", models({"id": "glyph", "owned_by": "simulator", "max_model_len": 131072}))
    state = probe(endpoint_of(server), 20.0)
    assert state.simulated
    assert "simulator" in state.detail


@pytest.mark.parametrize(("said", "meant"), [(40, 40.0), (0, None), (-1, None), ("x", None), (None, None)])
def test_a_simulator_s_pace_is_above_nothing_or_not_told(server, said, meant):
    entry = {"id": "glyph", "owned_by": "simulator", "simulator": {"speedup": said}}
    server.route("/v1/models", models(entry))
    assert probe(endpoint_of(server), 20.0).simulated_speedup == meant


def test_probe_tells_a_server_with_another_model(server):
    server.route("/v1/models", models({"id": "qwen", "owned_by": "vllm"}))
    state = probe(endpoint_of(server), 20.0)
    assert state.reachable
    assert not state.asked_model_served
    assert "qwen" in state.detail
    assert state.max_model_len is None


@pytest.mark.parametrize(
    "answer",
    [
        json_answer({"data": []}),
        json_answer([1]),
        error_answer(503, "loading"),
        Send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        Send(b"SSH-2.0-OpenSSH\r\n"),
    ],
    ids=["no models", "not models", "503", "no json", "no http"],
)
def test_probe_never_raises(server, answer):
    server.answers["/v1/models"] = [[answer]]
    state = probe(endpoint_of(server), 20.0)
    assert not state.reachable
    assert state.detail


@pytest.mark.timed
def test_probe_gives_up_after_its_time(server):
    server.answers["/v1/models"] = [[WaitFor(threading.Event())]]
    started = time.perf_counter()
    assert not probe(endpoint_of(server), timeout_s=0.3).reachable
    assert time.perf_counter() - started < 1.0


def test_probe_of_nobody_is_quick_and_plain():
    state = probe(Endpoint(Role.TEXT, "Qwen", "http://127.0.0.1:9", "m"))
    assert not state.reachable
    assert "Nothing answers" in state.detail


def test_text_is_counted_without_special_tokens(server):
    server.route("/tokenize", {"count": 42, "max_model_len": 100, "tokens": [1] * 42})
    assert count_tokens_on_server(endpoint_of(server), "some\u2028text") == 42
    asked = server.asked_for("/tokenize")[0].json
    assert asked == {"model": "glyph", "prompt": "some\u2028text", "add_special_tokens": False}


def test_a_hosted_server_is_not_asked_to_count(server):
    with pytest.raises(errors.RequestRefused, match="no route for counting"):
        count_tokens_on_server(endpoint_of(server, dialect=Dialect.PLAIN), "x")
    assert server.asked == []


def test_all_three_caches_are_emptied(server):
    for route in ("/reset_prefix_cache", "/reset_mm_cache", "/reset_encoder_cache"):
        server.route(route, {})
    result = reset_caches(endpoint_of(server))
    assert result.complete
    assert len(result.emptied) == 3


def test_a_server_that_cannot_forget_everything_says_what_is_left(server):
    server.route("/reset_prefix_cache", {})
    result = reset_caches(endpoint_of(server))
    assert not result.complete
    assert result.emptied == ("prefix cache",)
    assert "encoder" in result.detail
    assert "VLLM_SERVER_DEV_MODE=1" in result.detail


def test_resetting_nobody_does_not_raise():
    assert not reset_caches(Endpoint(Role.TEXT, "Qwen", "http://127.0.0.1:9", "m")).complete


def test_behind_a_router_no_server_is_asked_for_its_version_its_count_its_load_or_to_empty_its_caches(server):
    server.route("/v1/models", models({"id": "glyph", "owned_by": "vllm"}))
    endpoint = endpoint_of(server, behind_router=True)
    assert probe(endpoint, 20.0).reachable
    assert server_metrics(endpoint) is None
    cold = make_cold(endpoint, ImageLedger())
    assert (cold.salt is not None, cold.complete) == (True, False)
    assert "behind a router" in cold.note
    with pytest.raises(errors.RequestRefused, match="behind a router"):
        count_tokens_on_server(endpoint, "a book")
    assert {asked.path for asked in server.asked} == {"/v1/models"}


@pytest.mark.parametrize("listed", [(), ({"id": "another"},)])
def test_a_router_is_up_only_with_the_model_in_its_list_though_it_answers(server, listed):
    server.route("/v1/models", models(*listed))
    state = probe(endpoint_of(server, behind_router=True), 20.0)
    assert not state.reachable
    assert "no server of glyph is up behind it" in state.detail


def test_a_count_names_its_book_as_a_question_about_it_does(server):
    server.route("/tokenize", {"count": 2})
    count_tokens_on_server(endpoint_of(server), "a book")
    request = build_chat_request(endpoint_of(server), TextPrompt("a book", "Who?"), SamplingSettings())
    assert server.asked[-1].headers["x-session-id"] == request.document_id


def test_copies_of_the_model_in_one_server_are_named_by_the_book_and_share_no_image_ids(server):
    endpoint = endpoint_of(server, data_parallel_size=4)
    ledger = ImageLedger()
    ledger.remember(endpoint, ["page"])
    assert not ledger.takes_uuids(endpoint)
    ranks = [session_headers(endpoint, text_id(f"book {number}"))["X-data-parallel-rank"] for number in range(64)]
    assert set(ranks) == {"0", "1", "2", "3"}
    assert ranks == [
        session_headers(endpoint, text_id(f"book {number}"))["X-data-parallel-rank"] for number in range(64)
    ]
    assert "copies of its model" in make_cold(endpoint, ledger).note
    assert "X-data-parallel-rank" not in session_headers(endpoint_of(server), text_id("a book"))
