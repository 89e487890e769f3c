"""One request against a real server that plays exact bytes."""

import threading
import time

import pytest

from app.clients import (
    AnswerDelta,
    Endpoint,
    Finished,
    FirstByte,
    HeadersArrived,
    KeepAlive,
    ReasoningDelta,
    RequestSent,
    RequestStarted,
    Role,
    SamplingSettings,
    ServerTimings,
    Stopped,
    TextPrompt,
    Timeouts,
    UsageReport,
    build_chat_request,
    errors,
    stream_chat,
)
from tests.clients.scripted_server import (
    CHUNKED_HEADERS,
    DONE,
    HEADERS,
    KEEP_ALIVE,
    Pause,
    Reset,
    Send,
    WaitFor,
    chunked,
    delta,
    event,
    usage,
)

SAMPLING = SamplingSettings()


def text_endpoint(server):
    return Endpoint(Role.TEXT, "Qwen", server.url, "qwen")


def ask(server, cancel=None, **options):
    endpoint = text_endpoint(server)
    request = build_chat_request(endpoint, TextPrompt("Book", "Who?"), SAMPLING)
    return list(stream_chat(endpoint, request, cancel or threading.Event(), **options))


def said(events, kind):
    return "".join(event.text for event in events if isinstance(event, kind))


def kinds(events):
    return [type(event) for event in events]


# --- a good answer --------------------------------------------------------------------------------------------------


def test_events_come_in_order_with_growing_times(server):
    server.chat(
        HEADERS,
        Pause(0.05),
        KEEP_ALIVE,
        Pause(0.05),
        delta(role="assistant", content=""),
        delta(reasoning="hm"),
        Pause(0.05),
        delta(content="She"),
        delta(finish="stop"),
        usage(prompt=9, completion=2, cached=4, image=630, reasoning=1, metrics={"queue_time_ms": 1.5}),
        DONE,
    )
    events = ask(server)
    assert kinds(events) == [
        RequestStarted,
        RequestSent,
        HeadersArrived,
        FirstByte,
        KeepAlive,
        ReasoningDelta,
        AnswerDelta,
        UsageReport,
        ServerTimings,
        Finished,
    ]
    times = [event.at for event in events]
    assert times == sorted(times)
    marks = {type(event): event.at for event in events}
    assert marks[FirstByte] - marks[HeadersArrived] > 0.03
    assert marks[AnswerDelta] - marks[ReasoningDelta] > 0.03
    report = events[-3]
    assert (report.prompt_tokens, report.completion_tokens, report.cached_tokens) == (9, 2, 4)
    assert (report.image_tokens, report.reasoning_tokens) == (630, 1)
    assert events[-2].queue_ms == 1.5
    assert events[-2].tokens_per_second is None
    assert events[-1].reason == "stop"


def test_old_servers_reasoning_content_is_read_as_reasoning(server):
    server.chat(HEADERS, delta(reasoning_content="hm"), delta(content="So"), delta(finish="stop"), DONE)
    events = ask(server)
    assert said(events, ReasoningDelta) == "hm"
    assert said(events, AnswerDelta) == "So"


def test_think_tags_in_content_are_reasoning_when_the_server_does_not_parse_them(server):
    server.chat(HEADERS, delta(content="<thi"), delta(content="nk>why</think>so"), delta(finish="stop"), DONE)
    events = ask(server)
    assert said(events, ReasoningDelta) == "why"
    assert said(events, AnswerDelta) == "so"


def test_events_split_anywhere_in_bytes_say_the_same(server):
    raw = b"".join(
        step.data
        for step in (
            KEEP_ALIVE,
            delta(content="“中文\u2028🦊”"),
            delta(content=" end"),
            delta(finish="stop"),
            usage(),
            DONE,
        )
    )
    steps = [Send(raw[i : i + 1]) for i in range(len(raw))]
    server.chat(HEADERS, *steps)
    assert said(ask(server), AnswerDelta) == "“中文\u2028🦊” end"


def test_chunked_encoding_as_uvicorn_sends_it(server):
    steps = [chunked(delta(content=word)) for word in ("a", "b")]
    server.chat(CHUNKED_HEADERS, *steps, chunked(delta(finish="length")), chunked(DONE), Send(b"0\r\n\r\n"))
    events = ask(server)
    assert said(events, AnswerDelta) == "ab"
    assert events[-1].reason == "length"


def test_finish_without_done_is_a_good_end(server):
    server.chat(HEADERS, delta(content="a"), delta(finish="stop"))
    assert ask(server)[-1].reason == "stop"


def test_sent_is_told_while_the_server_still_reads(server):
    release, told = threading.Event(), threading.Event()
    server.chat(WaitFor(release), HEADERS, delta(content="a"), delta(finish="stop"), DONE)
    thread = threading.Thread(target=ask, args=(server,), kwargs={"on_sent": lambda sent: told.set()}, daemon=True)
    thread.start()
    assert told.wait(2)
    release.set()
    thread.join(5)
    assert not thread.is_alive()


def test_extra_headers_reach_the_server(server):
    server.chat(HEADERS, delta(content="a"), delta(finish="stop"), DONE)
    ask(server, extra_headers={"x-simulate-failure": "none"})
    assert server.chats[0].headers["x-simulate-failure"] == "none"


# --- stopping -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps",
    [(), (HEADERS,), (HEADERS, delta(content="a"))],
    ids=["before headers", "before the first byte", "in mid-answer"],
)
def test_stop_closes_the_connection_within_a_second(server, steps):
    server.chat(*steps, WaitFor(threading.Event()))
    cancel = threading.Event()
    result = []
    thread = threading.Thread(target=lambda: result.extend(ask(server, cancel)), daemon=True)
    thread.start()
    deadline = time.perf_counter() + 3
    while not server.chats and time.perf_counter() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    stopped_at = time.perf_counter()
    cancel.set()
    thread.join(2)
    assert not thread.is_alive()
    assert kinds(result)[-1] is Stopped
    while server.chats[0].hung_up_at is None and time.perf_counter() < stopped_at + 2:
        time.sleep(0.01)
    assert server.chats[0].hung_up_at - stopped_at < 1


def test_stop_before_the_start_sends_nothing(server):
    cancel = threading.Event()
    cancel.set()
    assert kinds(ask(server, cancel)) == [Stopped]
    assert server.asked == []


def test_leaving_the_stream_early_closes_the_connection(server):
    server.chat(HEADERS, delta(content="a"), WaitFor(threading.Event()))
    endpoint = text_endpoint(server)
    request = build_chat_request(endpoint, TextPrompt("Book", "Who?"), SAMPLING)
    events = stream_chat(endpoint, request, threading.Event())
    assert any(isinstance(event, AnswerDelta) for event in events)
    events.close()
    deadline = time.perf_counter() + 1
    while server.chats[0].hung_up_at is None and time.perf_counter() < deadline:
        time.sleep(0.01)
    assert server.chats[0].hung_up_at is not None


def test_no_thread_is_left_behind(server):
    server.chat(HEADERS, delta(content="a"), delta(finish="stop"), DONE)
    for _ in range(5):
        ask(server)
    deadline = time.perf_counter() + 2
    while any(thread.name == "hangup" for thread in threading.enumerate()) and time.perf_counter() < deadline:
        time.sleep(0.02)
    assert [thread for thread in threading.enumerate() if thread.name == "hangup"] == []


# --- broken streams -------------------------------------------------------------------------------------------------


def failure_of(server, **options):
    with pytest.raises(errors.ClientError) as caught:
        ask(server, **options)
    return caught.value


def test_error_event_after_200_is_a_crash_though_done_follows(server):
    crash = {"error": {"message": "EngineCore encountered an issue.", "type": "InternalServerError", "code": 500}}
    server.chat(HEADERS, delta(content="a"), event(crash), DONE)
    failure = failure_of(server)
    assert type(failure) is errors.EngineCrashed
    assert "EngineCore encountered an issue" in failure.what_happened


def test_error_event_in_the_old_flat_shape_is_seen_too(server):
    server.chat(HEADERS, event({"error": "out of memory"}), DONE)
    assert "out of memory" in failure_of(server).what_happened


def test_late_refusal_keeps_its_name(server):
    late = {"error": {"message": "Input length (300) exceeds model's maximum context length (200).", "code": 400}}
    server.chat(HEADERS, event(late), DONE)
    assert type(failure_of(server)) is errors.ContextExceeded


@pytest.mark.parametrize("end", [(), (Reset(),)], ids=["closed", "killed"])
def test_connection_lost_in_mid_answer_is_told(server, end):
    server.chat(CHUNKED_HEADERS, chunked(delta(content="a")), Pause(0.05), *end)
    assert type(failure_of(server)) is errors.StreamEnded


def test_clean_close_without_finish_is_no_good_end(server):
    server.chat(HEADERS, delta(content="a"))
    assert type(failure_of(server)) is errors.StreamEnded


@pytest.mark.parametrize("end", [(), (Reset(),)], ids=["closed", "killed"])
def test_server_that_dies_while_reading_is_told(server, end):
    server.chat(Pause(0.05), *end)
    failure = failure_of(server)
    assert type(failure) is errors.StreamEnded
    assert "without an answer" in failure.what_happened


def test_garbage_is_told_with_its_beginning(server):
    server.chat(HEADERS, Send(b"data: <html>oops\n\n"))
    failure = failure_of(server)
    assert type(failure) is errors.StreamGarbled
    assert "<html>oops" in failure.what_happened


def test_silence_is_given_up_only_after_its_own_long_limit(server):
    server.chat(HEADERS, WaitFor(threading.Event()))
    failure = failure_of(server, timeouts=Timeouts(silence_s=0.2))
    assert type(failure) is errors.SilenceTimedOut
    assert Timeouts().silence_s >= 600


def test_nobody_there_is_refused_at_once():
    endpoint = Endpoint(Role.TEXT, "Qwen", "http://127.0.0.1:9", "qwen")
    request = build_chat_request(endpoint, TextPrompt("Book", "Who?"), SAMPLING)
    with pytest.raises(errors.ConnectionRefused, match=r"127\.0\.0\.1:9"):
        list(stream_chat(endpoint, request, threading.Event()))


def test_unknown_host_and_nonsense_address_are_told_apart_from_a_dead_server():
    for url in ("http://no-such-host.invalid:1", "gopher://127.0.0.1"):
        endpoint = Endpoint(Role.TEXT, "Qwen", url, "qwen")
        request = build_chat_request(endpoint, TextPrompt("Book", "Who?"), SAMPLING)
        kind = errors.AddressWrong if url.startswith("gopher") else errors.HostUnknown
        with pytest.raises(kind):
            list(stream_chat(endpoint, request, threading.Event()))
