"""What a server says of how much of the prompt it has read: only what can be true, and only until it answers."""

import threading
from dataclasses import replace

import pytest

from app.clients import (
    Dialect,
    Endpoint,
    PromptProgress,
    Role,
    SamplingSettings,
    TextPrompt,
    build_chat_request,
    stream_chat,
)
from app.outbound import parse_json
from tests.clients.scripted_server import DONE, HEADERS, delta, event


def heard(server, *sent):
    server.chat(HEADERS, *sent, delta(finish="stop"), DONE)
    endpoint = Endpoint(Role.TEXT, "Qwen", server.url, "qwen")
    request = build_chat_request(endpoint, TextPrompt("Book", "Who?"), SamplingSettings())
    told = stream_chat(endpoint, request, threading.Event())
    return [(one.total_tokens, one.cached_tokens, one.read_tokens) for one in told if isinstance(one, PromptProgress)]


def said(**told):
    return event({"choices": [], "prompt_progress": told})


def test_the_servers_progress_is_told_as_it_comes(server):
    told = heard(
        server,
        said(total=9000, cache=1000, processed=3048, time_ms=12),
        said(total=9000, cache=1000, processed=9000, time_ms=40),
        delta(content="Yes"),
    )
    assert told == [(9000, 1000, 3048), (9000, 1000, 9000)]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"total": 10, "processed": 11},
        {"total": 10, "processed": -1},
        {"total": 0, "processed": 0},
        {"total": "10", "processed": []},
        {"total": 1e999, "processed": 5},
        {"processed": 5},
    ],
)
def test_a_progress_that_cannot_be_is_left_out_and_costs_no_answer(server, nonsense):
    assert heard(server, said(**nonsense), event({"choices": [], "prompt_progress": 7}), delta(content="Yes")) == []


def test_progress_never_runs_backwards_and_ends_with_the_first_word(server):
    told = heard(
        server,
        said(total=10, processed=6),
        said(total=10, processed=4),
        delta(content="Yes"),
        said(total=10, processed=9),
    )
    assert told == [(10, 0, 6)]


def test_progress_is_asked_of_vllm_and_of_servers_on_this_machine_only():
    def asks(endpoint):
        body = build_chat_request(endpoint, TextPrompt("Book", "Who?"), SamplingSettings()).body
        return parse_json(body.decode()).get("return_progress", False)

    hosted = Endpoint(Role.TEXT, "Hosted", "https://example.invalid/v1", "m", dialect=Dialect.PLAIN)
    assert asks(hosted) is False
    assert asks(replace(hosted, base_url="http://127.0.0.1:8080")) is True
    assert asks(replace(hosted, dialect=Dialect.VLLM)) is True
