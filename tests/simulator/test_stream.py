"""The stream of a chat completion, event by event, against what vLLM 0.32 sends."""

import json
import re
import socket
import time
from urllib.parse import urlsplit

import httpx

from tests.simulator.harness import data_url, image, png, text

STORY = (
    "The harbour of Brill lay quiet that spring.\n\n"
    "Captain Ilse Verhoeven kept the lighthouse key in a copper teapot.\n\n"
    "Nobody in the village had seen the comet."
)
QUESTION = "Where did Captain Verhoeven keep the lighthouse key?"
PROMPT = f"{STORY}\n\n{QUESTION}"


def test_the_role_comes_first_and_done_last(text_server):
    streamed = text_server.stream(PROMPT)
    assert streamed.content_type.startswith("text/event-stream")
    first = streamed.events[0]
    assert first["choices"] == [
        {"index": 0, "delta": {"role": "assistant", "content": ""}, "logprobs": None, "finish_reason": None}
    ]
    assert first["object"] == "chat.completion.chunk"
    assert first["id"].startswith("chatcmpl-")
    assert first["model"] == "Qwen/Qwen3-8B"
    assert streamed.raw.endswith(b"\n\ndata: [DONE]\n\n")
    assert len({event["id"] for event in streamed.events}) == 1


def test_reasoning_comes_before_the_answer_in_fields_of_their_own(text_server):
    kinds = [
        name
        for event in text_server.stream(PROMPT).events
        for choice in event["choices"]
        for name, value in choice["delta"].items()
        if value and name != "role"
    ]
    assert kinds == sorted(kinds, reverse=True)  # reasoning … content
    assert set(kinds) == {"reasoning", "content"}


def test_the_last_chunk_has_no_choices_and_all_counts(text_server):
    streamed = text_server.stream(PROMPT)
    last = streamed.events[-1]
    usage = last["usage"]
    assert last["choices"] == []
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["prompt_tokens_details"] == {"cached_tokens": 0}
    assert 0 < usage["completion_tokens_details"]["reasoning_tokens"] < usage["completion_tokens"]
    # stand_in_*: the simulator's own, where it had to wait for its own words.
    assert set(last["metrics"]) - {"stand_in_waited_ms", "stand_in_late_ms"} == {
        "queue_time_ms",
        "time_to_first_token_ms",
        "generation_time_ms",
        "mean_itl_ms",
        "tokens_per_second",
    }
    finishing = streamed.events[-2]["choices"][0]
    assert finishing["finish_reason"] == "stop"
    assert all(event["choices"][0]["finish_reason"] is None for event in streamed.events[:-2])


def test_usage_is_sent_only_when_asked_for(text_server):
    events = text_server.stream(PROMPT, stream_options=None).events
    assert all("usage" not in event for event in events)
    assert events[-1]["choices"]


def test_continuous_usage_counts_up_to_the_final_figures(text_server):
    options = {"include_usage": True, "continuous_usage_stats": True}
    events = text_server.stream(PROMPT, stream_options=options).events
    counts = [event["usage"]["completion_tokens"] for event in events]
    assert counts[0] == 0
    assert counts == sorted(counts)
    assert counts[-1] == counts[-2] == events[-1]["usage"]["completion_tokens"]


def test_prompt_tokens_equal_what_tokenize_says(text_server):
    messages = [{"role": "user", "content": PROMPT}]
    counted = text_server.post("/tokenize", {"model": text_server.model, "messages": messages}).json()["count"]
    assert text_server.stream(PROMPT).events[-1]["usage"]["prompt_tokens"] == counted


def test_thinking_can_be_turned_off(text_server):
    streamed = text_server.stream(PROMPT, chat_template_kwargs={"enable_thinking": False})
    assert streamed.joined("reasoning") == ""
    assert streamed.joined("content").startswith("**Simulated answer.**")
    assert streamed.events[-1]["usage"]["completion_tokens_details"]["reasoning_tokens"] == 0


def test_max_tokens_cuts_and_says_so(text_server):
    streamed = text_server.stream(PROMPT, max_tokens=12)
    assert streamed.events[-1]["usage"]["completion_tokens"] == 12
    assert streamed.events[-2]["choices"][0]["finish_reason"] == "length"
    whole = text_server.chat(PROMPT, max_tokens=12).json()["choices"][0]
    assert whole["message"]["content"] is None  # cut off while thinking: all of it is reasoning
    assert whole["message"]["reasoning"]


def test_an_answer_in_one_piece_says_the_same_as_the_stream(text_server):
    streamed = text_server.stream(PROMPT)
    whole = text_server.chat(PROMPT).json()
    message = whole["choices"][0]["message"]
    assert whole["object"] == "chat.completion"
    assert message["role"] == "assistant"
    assert message["content"] == streamed.joined("content")
    assert message["reasoning"] == streamed.joined("reasoning")
    assert whole["usage"]["completion_tokens"] == streamed.events[-1]["usage"]["completion_tokens"]


def test_pieces_never_split_a_character(text_server):
    story = "石头记的作者住在悼红轩。\n\n他养了一只叫𠮷祥的猫😀👩‍👩‍👧。\n\n那只叫𠮷祥的猫住在哪里？"
    streamed = text_server.stream(story)
    assert "�" not in streamed.joined("content")
    assert "𠮷祥的猫😀👩‍👩‍👧" in streamed.joined("content")


def test_a_line_separator_stands_unescaped_inside_an_event(text_server):
    streamed = text_server.stream("The brass bell\u2028rang at noon.\n\nWhen did the brass bell ring?")
    assert "\u2028".encode() in streamed.raw or "rang at noon" in streamed.joined("content")
    assert "rang at noon" in streamed.joined("content")


def test_headers_arrive_before_the_first_token(text_server):
    headers = {"x-simulate-failure": "stall:0.5"}
    body = text_server.body(PROMPT, stream=True)
    sent = time.perf_counter()
    with httpx.stream("POST", text_server.url + "/v1/chat/completions", json=body, headers=headers) as response:
        at_headers = time.perf_counter() - sent
        next(response.iter_raw())
        at_first = time.perf_counter() - sent
    assert at_headers < 0.4
    assert at_first > 0.5


def test_keep_alive_lines_fill_a_silence(start_server):
    server = start_server("--role", "text", "--speedup", "500", "--keep-alive", "0.1")
    streamed = server.stream(PROMPT, headers={"x-simulate-failure": "stall:0.55"})
    assert streamed.raw.count(b": keep-alive\n\n") in (3, 4, 5)
    assert streamed.raw.startswith(b": keep-alive\n\n")
    assert streamed.events  # and the rest is as always


def test_a_client_that_leaves_is_aborted_within_a_second(text_server):
    body = json.dumps(text_server.body(PROMPT, stream=True)).encode()
    address = urlsplit(text_server.url)
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"x-simulate-failure: stall-mid:5\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )
        received = b""
        while b"data: " not in received:
            received += client.recv(4096)
        assert text_server.metric("vllm:num_requests_running") == 1
    left = time.perf_counter()
    while text_server.metric("vllm:num_requests_running"):  # it would stall without end
        assert time.perf_counter() - left < 30
        time.sleep(0.02)


def test_image_tokens_are_counted_without_begin_and_end(pages_server):
    content = [image(data_url(png(shade))) for shade in range(3)] + [text("What is this?")]
    usage = pages_server.stream(content).events[-1]["usage"]
    assert usage["prompt_tokens_details"]["multimodal_tokens"] == {"image": 3 * 630}
    words = pages_server.stream("What is this?").events[-1]["usage"]["prompt_tokens"]
    assert usage["prompt_tokens"] == words + 3 * (630 + 2)


def test_tokenize_expands_images(pages_server):
    messages = [{"role": "user", "content": [image(data_url(png(1))), text("Hm?")]}]
    answer = pages_server.post("/tokenize", {"messages": messages}).json()
    assert answer["tokens"].count(151343) == 630
    assert answer["count"] == len(answer["tokens"])
    assert answer["max_model_len"] == 131072


def test_tokenize_counts_a_novel_exactly(text_server, shared_dir):
    novel = (shared_dir / "data" / "jane_eyre_flow.txt").read_bytes().decode("utf-8")
    answer = text_server.post("/tokenize", {"model": text_server.model, "prompt": novel}).json()
    assert answer["count"] == 243_630


def test_models_health_version_and_metrics_answer_like_vllm(text_server):
    card = text_server.get("/v1/models").json()["data"][0]
    assert (card["id"], card["owned_by"], card["max_model_len"]) == ("Qwen/Qwen3-8B", "simulator", 131072)
    health = text_server.get("/health")
    assert (health.status_code, health.content) == (200, b"")
    assert text_server.get("/version").json()["version"]
    text_server.stream(PROMPT)
    metrics = text_server.get("/metrics").text
    for name in ("request_queue_time", "request_prefill_time", "time_to_first_token", "inter_token_latency"):
        assert re.search(rf'^vllm:{name}_seconds_bucket{{le="\+Inf",.*}} [1-9]', metrics, re.MULTILINE), name
    for name in ("num_requests_waiting", "kv_cache_usage_perc", "prefix_cache_hits_total", "mm_cache_hits_total"):
        assert re.search(rf"^vllm:{name}{{", metrics, re.MULTILINE), name
    assert text_server.metric("vllm:prompt_tokens_total") > 0


def test_how_much_of_the_prompt_is_read_is_told_only_when_asked_for(text_server):
    long = "\n\n".join(f"Paragraph {number} tells of nothing in particular." for number in range(1200)) + "\n\nWho?"
    assert not any("prompt_progress" in event for event in text_server.stream(long).events)
    text_server.post("/reset_prefix_cache", {})
    events = text_server.stream(long, return_progress=True).events
    told = [event["prompt_progress"] for event in events if "prompt_progress" in event]
    assert len(told) >= 3
    assert [event.get("choices") for event in events[: len(told)]] == [[]] * len(told)  # before the first token
    read = [one["processed"] for one in told]
    assert read == sorted(set(read))
    assert {one["total"] for one in told} == {events[-1]["usage"]["prompt_tokens"]}
    assert read[-1] < told[0]["total"]
