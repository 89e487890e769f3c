"""Every refusal that vLLM was seen to make becomes one named error with words to act on."""

import re
import threading
from dataclasses import replace

import pytest

from app.clients import (
    Dialect,
    Endpoint,
    Finished,
    Role,
    SamplingSettings,
    TextPrompt,
    build_chat_request,
    errors,
    servers,
    stream_chat,
)
from app.clients.refusals import refusal as refusal_of
from app.clients.refusals import stream_error
from app.outbound import Answer
from tests.clients.scripted_server import DONE, HEADERS, delta, error_answer

ENDPOINT = Endpoint(Role.PAGES, "Glyph", "http://127.0.0.1:1", "glyph")


def refusal(endpoint, status, body):
    return refusal_of(endpoint, Answer(status, body))


# status, message as vLLM 0.32 begins it, error, a word that what_happened must hold
TABLE = [
    (
        400,
        "This model's maximum context length is 200 tokens. However, your request has 300 input tokens. Please reduce.",
        errors.ContextExceeded,
        "300 tokens",
    ),
    (400, "Input length (300) exceeds model's maximum context length (200).", errors.ContextExceeded, "300 tokens"),
    (
        400,
        "The decoder prompt (length 300) is longer than the maximum model length: maximum context length is 200",
        errors.ContextExceeded,
        "200 tokens",
    ),
    (400, "At most 999 image(s) may be provided in one prompt.", errors.ImageLimitExceeded, "999"),
    (400, "Failed to load image: cannot identify image file <_io.BytesIO>", errors.ImageRefused, "page image"),
    (500, "[Errno 2] No such file or directory: '/x/page_001.png'", errors.PageFileMissing, "page files"),
    (
        400,
        "The file path /x must be a subpath of `--allowed-local-media-path /y`.",
        errors.PageFolderNotAllowed,
        "folder",
    ),
    (400, "Cannot load local files without `--allowed-local-media-path`.", errors.PageFolderNotAllowed, "folder"),
    (400, "Cache miss for image at index 0 but data is not provided.", errors.ImagesForgotten, "no longer holds"),
    (404, "The model `glyph` does not exist. Valid aliases: qwen.", errors.ModelUnknown, "Valid aliases: qwen"),
    (400, "/models/Qwen3-8B is not a multimodal model", errors.ModelCannotSee, "text only"),
    (401, "Unauthorized", errors.NotAuthorised, "key"),
    (403, "Forbidden", errors.NotAuthorised, "key"),
    (404, "Not Found", errors.RequestRefused, "no chat service"),
    (413, "Request Entity Too Large", errors.BodyRefused, "too large"),
    (429, "Slow down", errors.RateLimited, "pause"),
    (503, "", errors.ServerNotReady, "not ready"),
    (502, "Bad Gateway", errors.ServerNotReady, "not ready"),
    (500, "EngineCore encountered an issue. See stack trace.", errors.ServerFailed, "EngineCore"),
    (400, "temperature must be non-negative", errors.RequestRefused, "temperature must be non-negative"),
]


@pytest.mark.parametrize(("status", "message", "kind", "word"), TABLE, ids=[f"{row[0]} {row[1][:30]}" for row in TABLE])
def test_each_refusal_has_its_error_over_the_wire(server, status, message, kind, word):
    server.chat(error_answer(status, message))
    endpoint = Endpoint(Role.TEXT, "Glyph", server.url, "glyph")
    request = build_chat_request(endpoint, TextPrompt("Book", "?"), SamplingSettings())
    with pytest.raises(errors.ClientError) as caught:
        list(stream_chat(endpoint, request, threading.Event()))
    failure = caught.value
    assert type(failure) is kind
    assert word in failure.what_happened
    assert failure.what_to_do.endswith(".")
    assert failure.status == status


def test_context_figures_are_read_from_both_wordings():
    for message in (TABLE[0][1], TABLE[1][1]):
        failure = refusal(ENDPOINT, 400, error_body(message))
        assert (failure.prompt_tokens, failure.window_tokens) == (300, 200)


def error_body(message):
    return error_answer(400, message).data.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    "body",
    [b"", b"<html><body><h1>502</h1></body></html>", b'{"detail":"Not Found"}', b"[1,2]", b'"x"', b"\xff\xfe", b"{}"],
)
def test_no_error_body_breaks_the_reading(body):
    for status in (400, 418, 500, 503):
        assert refusal(ENDPOINT, status, body).what_happened


@pytest.mark.parametrize("error", ["text", {"message": "m"}, {"message": None}, {"code": "abc"}, [1], 7, {"code": 400}])
def test_no_error_event_breaks_the_reading(error):
    assert isinstance(stream_error(ENDPOINT, error), errors.ClientError)


def test_a_long_message_is_cut_and_braces_do_no_harm():
    failure = refusal(ENDPOINT, 400, error_body("{x} " * 1000))
    assert len(failure.what_happened) < 500
    assert "{x}" in failure.what_happened


def test_words_name_no_side():
    """The screen adds which side it was; a message that does too would say it twice."""
    for status, message, *_ in TABLE:
        failure = refusal(ENDPOINT, status, error_body(message))
        assert not re.search(r"\b(text|pages) side\b", str(failure))


# --- keys -----------------------------------------------------------------------------------------------------------

KEY = "sk-very-secret-0123456789"


@pytest.fixture
def keyed(server, monkeypatch):
    monkeypatch.setenv("TEST_GLYPH_KEY", KEY)
    return Endpoint(Role.TEXT, "Hosted", f"{server.url}/v1", "m", api_key_env="TEST_GLYPH_KEY", dialect=Dialect.PLAIN)


def test_the_key_is_sent_and_shown_nowhere(server, keyed, caplog):
    caplog.set_level(0)
    server.chat(error_answer(401, f"Incorrect API key provided: {KEY}."))
    request = build_chat_request(keyed, TextPrompt("Book", "?"), SamplingSettings())
    with pytest.raises(errors.NotAuthorised) as caught:
        list(stream_chat(keyed, request, threading.Event()))
    assert server.chats[0].headers["authorization"] == f"Bearer {KEY}"
    shown = [
        str(caught.value),
        repr(caught.value),
        caught.value.server_message,
        repr(keyed),
        repr(request),
        caplog.text,
    ]
    assert KEY not in "".join(shown)
    assert "[key]" in caught.value.what_happened


def test_the_key_is_cut_out_of_probes_too(server, keyed, caplog):
    caplog.set_level(0)
    server.answers["/v1/models"] = [[error_answer(401, f"bad key {KEY}")]]
    assert KEY not in servers.probe(keyed).detail
    assert KEY not in caplog.text


@pytest.mark.parametrize("value", ["naïve-key", "two\nlines"])
def test_an_impossible_key_is_told_before_sending(server, keyed, monkeypatch, value):
    monkeypatch.setenv("TEST_GLYPH_KEY", value)
    request = build_chat_request(keyed, TextPrompt("Book", "?"), SamplingSettings())
    with pytest.raises(errors.ApiKeyUnusable, match="TEST_GLYPH_KEY") as caught:
        list(stream_chat(keyed, request, threading.Event()))
    assert value not in str(caught.value)
    assert server.asked == []


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_unset_key_sends_no_header_and_nobody_is_refused_for_it(server, keyed, monkeypatch, value):
    monkeypatch.delenv("TEST_GLYPH_KEY") if value is None else monkeypatch.setenv("TEST_GLYPH_KEY", value)
    server.chat(HEADERS, delta(content="So"), delta(finish="stop"), DONE)
    server.route("/v1/models", {"data": [{"id": "m"}]})
    request = build_chat_request(keyed, TextPrompt("Book", "?"), SamplingSettings())
    assert isinstance(list(stream_chat(keyed, request, threading.Event()))[-1], Finished)
    assert servers.probe(keyed, 20.0).reachable
    assert all("authorization" not in asked.headers for asked in server.asked)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("TEST_GLYPH_KEY", "", "needs a key, and TEST_GLYPH_KEY is not set"),
        ("TEST_GLYPH_KEY", KEY, "did not accept the key in TEST_GLYPH_KEY"),
        (None, "", "needs a key, and none is named"),
    ],
)
def test_only_a_401_says_that_a_key_is_needed_and_which(server, keyed, monkeypatch, variable, value, words):
    monkeypatch.setenv("TEST_GLYPH_KEY", value)
    server.chat(error_answer(401, "who are you"))
    endpoint = replace(keyed, api_key_env=variable)
    request = build_chat_request(endpoint, TextPrompt("Book", "?"), SamplingSettings())
    with pytest.raises(errors.NotAuthorised) as caught:
        list(stream_chat(endpoint, request, threading.Event()))
    assert words in caught.value.what_happened
    assert KEY not in str(caught.value)


def test_every_error_is_drawn_in_the_tree():
    drawn = set(re.findall(r"[├└─│ ]*\b([A-Z][A-Za-z]+)\b {2,}", errors.__doc__)) | set(
        re.findall(r"── ([A-Z][A-Za-z]+)", errors.__doc__)
    )
    defined = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert defined - drawn == set()
