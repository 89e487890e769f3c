"""Failures on order: by header for one request, by option for all."""

import time

import httpx
import pytest

from app.simulator.errors import SimulatorOptionError
from app.simulator.failures import Failure, Kind, parse_failure, parse_failures

PROMPT = "The owl sat on the gate.\n\nWhere did the owl sit?"


def ordered(kind):
    return {"x-simulate-failure": kind}


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_an_error_status(text_server, status):
    response = text_server.chat(PROMPT, headers=ordered(f"error-{status}"))
    assert response.status_code == response.json()["error"]["code"] == status


def test_refuse_drops_the_connection_before_any_answer(text_server):
    with pytest.raises(httpx.RemoteProtocolError):
        text_server.chat(PROMPT, headers=ordered("refuse"))


def test_disconnect_breaks_the_stream_after_so_many_tokens(text_server):
    received = b""
    body = text_server.body(PROMPT, stream=True)
    url = text_server.url + "/v1/chat/completions"
    broken = None
    try:
        with httpx.stream("POST", url, json=body, headers=ordered("disconnect:20")) as response:
            for part in response.iter_raw():
                received += part
    except (httpx.RemoteProtocolError, httpx.ReadError) as error:
        broken = error
    assert broken is not None
    assert 10 < received.count(b"data: ") < 25
    assert b"[DONE]" not in received


def test_a_stall_in_mid_stream_is_silence_then_the_rest(text_server):
    started = time.perf_counter()
    streamed = text_server.stream(PROMPT, headers=ordered("stall-mid:10:0.6"))
    assert time.perf_counter() - started > 0.6
    assert "owl sat on the gate" in streamed.joined("content")


def test_slow_headers(text_server):
    body = text_server.body(PROMPT, stream=True)
    started = time.perf_counter()
    with httpx.stream("POST", text_server.url + "/v1/chat/completions", json=body, headers=ordered("slow-headers:0.5")):
        assert time.perf_counter() - started > 0.5


def test_a_stream_error_is_an_event_then_done_and_the_server_lives(text_server):
    streamed = text_server.stream(PROMPT, headers=ordered("stream-error:10"))
    assert streamed.events[-1]["error"]["code"] == 500
    assert text_server.get("/health").status_code == 200


def test_an_engine_crash_is_an_event_then_503_until_it_is_over(start_server):
    server = start_server("--role", "text", "--speedup", "500")
    streamed = server.stream(PROMPT, headers=ordered("engine-crash:10:4"))
    assert streamed.events[-1]["error"]["type"] == "InternalServerError"
    assert streamed.events[-1]["error"]["message"].startswith("EngineCore encountered an issue.")
    assert server.get("/health").status_code == 503
    assert server.chat(PROMPT).status_code == 500
    deadline = time.monotonic() + 60
    while server.get("/health").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert server.chat(PROMPT).status_code == 200


def test_an_engine_crash_may_end_the_process_with_status_0_as_vllm_does(start_server):
    server = start_server("--role", "text", "--speedup", "500")
    server.stream(PROMPT, headers=ordered("engine-crash:10:exit"))
    assert server.process.wait(30) == 0


def test_split_bytes_change_nothing_but_the_cuts(text_server):
    whole, split = text_server.stream(PROMPT), text_server.stream(PROMPT, headers=ordered("split-bytes"))
    assert split.joined("content") == whole.joined("content")


def test_the_older_name_of_the_reasoning_field(text_server):
    streamed = text_server.stream(PROMPT, headers=ordered("old-fields"))
    assert streamed.joined("reasoning_content")
    assert not streamed.joined("reasoning")


def test_an_answer_without_usage(text_server):
    assert all("usage" not in event for event in text_server.stream(PROMPT, headers=ordered("no-usage")).events)


def test_an_answer_in_tags(text_server):
    content = text_server.stream(PROMPT, headers=ordered("answer-tags")).joined("content")
    assert content.startswith("<answer>**Simulated answer.**")
    assert content.endswith("</answer>")


def test_a_failure_by_option_hits_every_request(start_server):
    server = start_server("--role", "text", "--speedup", "500", "--fail", "error-503")
    assert [server.chat(PROMPT).status_code for _ in range(2)] == [503, 503]
    assert server.get("/health").status_code == 200


def test_an_unknown_failure_is_a_400_that_lists_the_known_ones(text_server):
    response = text_server.chat(PROMPT, headers=ordered("explode"))
    assert response.status_code == 400
    assert "stall-mid:N" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("error-404", Failure(Kind.ERROR, status=404)),
        ("stall:1.5", Failure(Kind.STALL, seconds=1.5)),
        ("stall-mid:3:2", Failure(Kind.STALL_MID, after_tokens=3, seconds=2)),
        ("disconnect:0", Failure(Kind.DISCONNECT, seconds=3600)),
        ("engine-crash:5:exit", Failure(Kind.ENGINE_CRASH, after_tokens=5, exits=True)),
    ],
)
def test_failures_are_read_as_written(written, meant):
    assert parse_failure(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "error",
        "error-200",
        "stall",
        "stall:",
        "stall:-1",
        "stall:nan",
        "stall:9999",
        "disconnect",
        "disconnect:-1",
        "disconnect:x",
        "disconnect:1:2:3",
        "refuse:1",
        "disconnect:99999999999",
    ],
)
def test_what_is_no_failure_is_refused(written):
    with pytest.raises(SimulatorOptionError, match="Allowed: "):
        parse_failure(written)


def test_several_failures_are_separated_by_commas():
    assert [failure.kind for failure in parse_failures("stall:1, split-bytes")] == [Kind.STALL, Kind.SPLIT_BYTES]
