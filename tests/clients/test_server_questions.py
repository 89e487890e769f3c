"""What servers say of themselves, and what they cannot say."""

import threading
import time

import pytest

from app.clients import (
    Dialect,
    Endpoint,
    PageFile,
    PagesPrompt,
    Role,
    SamplingSettings,
    build_chat_request,
    complete_chat,
    count_request_on_server,
    count_tokens_on_server,
    errors,
    list_models,
    probe,
    reset_caches,
)
from tests.clients.scripted_server import Send, WaitFor, error_answer, json_answer


def endpoint_of(server, **fields):
    return Endpoint(Role.PAGES, "Glyph", server.url, "glyph", **fields)


def models(*entries):
    return {"object": "list", "data": [{"object": "model", **entry} for entry in entries]}


def test_probe_tells_model_window_version_and_uuids(server):
    server.route(
        "/v1/models", models({"id": "glyph", "owned_by": "vllm", "root": "zai-org/Glyph", "max_model_len": 8192})
    )
    server.route("/version", {"version": "0.32.0"})
    state = probe(endpoint_of(server))
    assert state.reachable
    assert state.asked_model_served
    assert not state.simulated
    assert (state.model, state.root_model, state.max_model_len) == ("glyph", "zai-org/Glyph", 8192)
    assert state.takes_image_uuids
    assert "8,192" in state.detail


def test_probe_tells_the_simulator(server):
    server.route("/v1/models", models({"id": "glyph", "owned_by": "simulator", "max_model_len": 131072}))
    state = probe(endpoint_of(server))
    assert state.simulated
    assert "simulator" in state.detail


def test_probe_tells_a_server_with_another_model(server):
    server.route("/v1/models", models({"id": "qwen", "owned_by": "vllm"}))
    state = probe(endpoint_of(server))
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
    state = probe(endpoint_of(server))
    assert not state.reachable
    assert state.detail


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


def test_a_request_is_counted_with_its_images(server, tmp_path):
    path = tmp_path / "page_001.png"
    path.write_bytes(b"png")
    endpoint = endpoint_of(server)
    prompt = PagesPrompt((PageFile(path, "sha1", 590, 842),), "Who?")
    server.route("/tokenize", {"count": 640})
    assert count_request_on_server(endpoint, build_chat_request(endpoint, prompt, SamplingSettings())) == 640
    part = server.asked_for("/tokenize")[0].json["messages"][0]["content"][0]
    assert part["image_url"]["url"].startswith("data:image/png;base64,")


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


def test_sdk_lists_models_and_asks_whole_answers(server):
    server.route("/v1/models", models({"id": "glyph", "owned_by": "vllm", "created": 1}))
    choice = {"index": 0, "message": {"role": "assistant", "content": "She."}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    answer = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "glyph",
        "choices": [choice],
        "usage": usage,
    }
    server.route("/v1/chat/completions", answer)
    endpoint = endpoint_of(server)
    assert list_models(endpoint) == ("glyph",)
    completion = complete_chat(endpoint, "Who?", SamplingSettings(), system="Be brief.")
    assert (completion.text, completion.prompt_tokens, completion.finish_reason) == ("She.", 5, "stop")
    assert [message["role"] for message in server.chats[0].json["messages"]] == ["system", "user"]
    assert server.chats[0].json["top_k"] == 20


def test_sdk_errors_are_the_same_errors(server):
    server.route("/v1/models", {"error": {"message": "The model `glyph` does not exist.", "code": 404}}, 404)
    with pytest.raises(errors.ModelUnknown):
        list_models(endpoint_of(server))
    with pytest.raises(errors.ConnectionRefused):
        list_models(Endpoint(Role.TEXT, "Qwen", "http://127.0.0.1:9", "m"))
