"""What servers send that is not the answer they were asked for: told by name, and what is an answer is read.

The cases handed down in ../shared (raw HTTP answers) are played where that folder lies beside the checkout; the rest
needs nothing but this file.
"""

import json
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.clients import (
    AnswerDelta,
    AnswerWasReasoning,
    Endpoint,
    Finished,
    KeepAlive,
    NotStreamed,
    ReasoningDelta,
    Role,
    SamplingSettings,
    TextPrompt,
    UsageReport,
    build_chat_request,
    errors,
    stream_chat,
)
from app.clients.chunk_events import MAX_ANSWER_CHARACTERS
from app.comparisons.attempt import NOT_STREAMED, Attempt
from app.comparisons.values import Cursor, Phase
from app.measurement import Preparation
from tests.clients.scripted_server import DONE, HEADERS, Reset, Send, delta, event, json_answer

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "cases" / "streams"
STOP = delta(finish="stop")
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


@dataclass(frozen=True)
class Heard:
    events: tuple
    error: errors.ClientError | None

    def words(self, kind):
        """All of one kind; an AnswerWasReasoning moves what came before it."""
        answer = reasoning = ""
        for one in self.events:
            if isinstance(one, AnswerWasReasoning):
                answer, reasoning = "", reasoning + answer
            answer += one.text if isinstance(one, AnswerDelta) else ""
            reasoning += one.text if isinstance(one, ReasoningDelta) else ""
        return answer if kind is AnswerDelta else reasoning

    @property
    def answer(self):
        return self.words(AnswerDelta)

    @property
    def reasoning(self):
        return self.words(ReasoningDelta)

    def has(self, kind):
        return any(isinstance(one, kind) for one in self.events)


def hear(server, *steps):
    server.chat(*steps)
    endpoint = Endpoint(Role.TEXT, "Qwen", server.url, "qwen")
    request = build_chat_request(endpoint, TextPrompt("Book", "Who?"), SamplingSettings())
    events = []
    try:
        for one in stream_chat(endpoint, request, threading.Event()):
            events.append(one)
    except errors.ClientError as error:
        return Heard(tuple(events), error)
    return Heard(tuple(events), None)


# --- the cases handed down ------------------------------------------------------------------------------------------

REFUSED = {
    "answer_307_redirect": (errors.Redirected, "/v1/chat/completions/"),
    "answer_400_context_decoder_prompt": (errors.ContextExceeded, "300 tokens; the window of Qwen holds 200"),
    "answer_400_context_output_tokens": (errors.ContextExceeded, "150 tokens, and up to 100 were asked for the answer"),
    "answer_400_context_sglang": (errors.ContextExceeded, "300 tokens; the window of Qwen holds 200"),
    "stream_json_error_in_200": (errors.ClientError, "quota exceeded for this key"),
    "stream_sse_error_object": (errors.EngineCrashed, "The model is overloaded"),
    "stream_refusal_delta": (errors.AnswerDeclined, "I cannot help."),
}
ANSWERED = {
    "stream_bom_first": "The fox. End.",
    "stream_content_as_parts": "The fox.",
    "stream_cr_only": "The fox.",
    "stream_empty_data_heartbeat": "The fox.",
    "stream_json_answer_not_streamed": "The fox.",
    "stream_only_closing_think": "The fox.",
}
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason=f"no recorded answers at {CASES.name}")


@needs_cases
@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.http")))
def test_every_answer_handed_down_is_understood(server, name):
    heard = hear(server, Send((CASES / f"{name}.http").read_bytes()))
    if name in REFUSED:
        kind, words = REFUSED[name]
        assert isinstance(heard.error, kind)
        assert words in heard.error.what_happened
        assert not heard.has(Finished)
    else:
        assert heard.error is None
        assert heard.answer == ANSWERED[name]
        assert heard.has(Finished)


# --- instead of a stream --------------------------------------------------------------------------------------------


def page(title, content_type=b"text/html"):
    body = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title><style>p{{}}</style></head>\n<p>Hello</p></html>".encode()
    )
    return Send(OK + b"Content-Type: " + content_type + b"\r\n\r\n" + body)


@pytest.mark.parametrize("content_type", [b"text/html", b"text/event-stream", b""])
def test_a_login_page_is_named_whatever_it_calls_itself(server, content_type):
    heard = hear(server, page("Sign in to Example", content_type))
    assert type(heard.error) is errors.NotAnAnswer
    assert "web page" in heard.error.what_happened
    assert "Sign in to Example" in heard.error.what_happened
    assert "base URL" in heard.error.what_to_do


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        ({"error": {"message": "no credit left", "code": 402}}, errors.RequestRefused, "no credit left"),
        ({"error": "no credit left"}, errors.EngineCrashed, "no credit left"),
        ({"object": "error", "message": "no credit left", "code": 40303}, errors.EngineCrashed, "no credit left"),
        ({"type": "error", "error": {"message": "no credit left"}}, errors.EngineCrashed, "no credit left"),
        (
            {"error": {"message": "Input length (300) exceeds model's maximum context length (200)."}},
            errors.ContextExceeded,
            "300 tokens",
        ),
        ({"status": "ok", "version": 3}, errors.NotAnAnswer, "JSON that holds no answer"),
        ([1, 2], errors.StreamGarbled, "no answer"),
    ],
)
def test_json_with_200_is_read_for_what_it_is(server, value, kind, words, indent):
    body = json.dumps(value, indent=indent).encode()
    heard = hear(server, Send(OK + b"Content-Type: application/json\r\n\r\n" + body))
    assert type(heard.error) is kind
    assert words in heard.error.what_happened


@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_answer_is_read_and_no_first_token_is_timed(server, indent):
    message = {"role": "assistant", "reasoning_content": "hm", "content": "The fox."}
    value = {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    value["usage"] = {"prompt_tokens": 9, "completion_tokens": 4}
    heard = hear(server, Send(OK + b"\r\n" + json.dumps(value, indent=indent).encode()))
    assert (heard.error, heard.answer, heard.reasoning) == (None, "The fox.", "hm")
    assert heard.has(NotStreamed)
    attempt = fed(heard.events)
    snapshot = attempt.snapshot()
    assert snapshot.phase is Phase.DONE
    assert snapshot.latencies.ttft_ms is None
    assert snapshot.latencies.decode_tokens_per_second is None
    assert snapshot.latencies.total_ms is not None
    assert snapshot.prompt_tokens == 9
    assert snapshot.resent_reason == NOT_STREAMED


def test_a_whole_answer_as_one_event_is_no_stream_either(server):
    message = {"message": {"role": "assistant", "content": "The fox."}, "finish_reason": "stop"}
    heard = hear(server, HEADERS, event({"object": "chat.completion", "choices": [message]}), DONE)
    assert heard.has(NotStreamed)
    assert heard.answer == "The fox."


def test_messages_in_place_of_deltas_are_streamed(server):
    chunks = [event({"choices": [{"index": 0, "message": {"content": word}}]}) for word in ("The ", "fox.")]
    heard = hear(server, HEADERS, *chunks, STOP, DONE)
    assert (heard.error, heard.answer) == (None, "The fox.")
    assert not heard.has(NotStreamed)


def test_a_message_after_deltas_only_repeats_them(server):
    last = event({"choices": [{"message": {"content": "The fox."}, "finish_reason": "stop"}]})
    assert hear(server, HEADERS, delta(content="The fox."), last, DONE).answer == "The fox."


# --- errors in the stream -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        'event: error\ndata: {"message": "out of memory"}\n\n',
        'event: error\ndata: {"error": {"message": "out of memory"}}\n\n',
        "event: error\ndata: out of memory\n\n",
        'data: {"object": "error", "message": "out of memory", "code": 50001}\n\n',
        'data: {"type": "error", "message": "out of memory"}\n\n',
        'data: {"choices": [{"delta": {}, "finish_reason": "error", "error": {"message": "out of memory"}}]}\n\n',
        '{"error": {"message": "out of memory"}}\n',
    ],
)
@pytest.mark.parametrize("before", [(), (delta(content="The "),)], ids=["at once", "in mid-answer"])
def test_an_error_in_any_shape_is_one(server, before, line):
    heard = hear(server, HEADERS, *before, Send(line.encode()), DONE)
    assert type(heard.error) is errors.EngineCrashed
    assert "out of memory" in heard.error.what_happened
    assert heard.answer == ("The " if before else "")


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ((DONE,), errors.NothingAnswered),
        ((STOP, DONE), errors.NothingAnswered),
        ((delta(role="assistant", content=""), STOP, DONE), errors.NothingAnswered),
        ((delta(finish="length"), DONE), errors.NothingAnswered),
        ((event({"choices": []}), DONE), errors.NothingAnswered),
        ((delta(finish="content_filter"), DONE), errors.AnswerDeclined),
        ((Send(b": only\n\n: comments\n\n"),), errors.StreamEnded),
        ((Send(b"\x00\xff\xfe garbage \x01"),), errors.StreamGarbled),
        ((), errors.StreamEnded),
    ],
    ids=["done", "stop", "empty", "length", "no choices", "filtered", "comments", "garbage", "nothing"],
)
def test_a_stream_without_a_token_is_an_error(server, steps, kind):
    heard = hear(server, HEADERS, *steps)
    assert type(heard.error) is kind
    assert not heard.has(Finished)


@pytest.mark.parametrize(
    "fields", [{"refusal": "I cannot help."}, {"content": [{"type": "refusal", "refusal": "I cannot help."}]}]
)
def test_a_refusal_is_told_in_the_models_words(server, fields):
    heard = hear(server, HEADERS, delta(**fields), STOP, DONE)
    assert type(heard.error) is errors.AnswerDeclined
    assert "I cannot help." in heard.error.what_happened


def test_a_refusal_in_pieces_is_told_whole(server):
    heard = hear(server, HEADERS, delta(refusal="I cannot "), delta(refusal="help."), STOP, DONE)
    assert "“I cannot help.”" in heard.error.what_happened


# --- odd but good ---------------------------------------------------------------------------------------------------


def test_parts_of_content_are_told_by_their_kind(server):
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "The "},
        {"type": "output_text", "text": "fox"},
        {"type": "image_url", "image_url": {"url": "http://127.0.0.1:9/x.png"}},
        ".",
    ]
    heard = hear(server, HEADERS, delta(content=parts), STOP, DONE)
    assert (heard.error, heard.reasoning, heard.answer) == (None, "hm", "The fox.")


@pytest.mark.parametrize(
    "beat", [b"data:\n\n", b"data: \n\n", b"event: ping\ndata: {}\n\n", b"event: ping\ndata: 7\n\n", b": \n\n"]
)
def test_heartbeats_are_signs_of_life_and_no_more(server, beat):
    heard = hear(server, HEADERS, Send(beat), delta(content="a"), Send(beat), STOP, Send(beat), DONE)
    assert (heard.error, heard.answer) == (None, "a")
    assert sum(isinstance(one, KeepAlive) for one in heard.events) == 3


def thinking(*pieces):
    return [*(delta(content=piece) for piece in pieces), STOP, DONE]


@pytest.mark.parametrize(
    "pieces",
    [
        ("Who asks. It is the fox.\n</think>\n\nThe fox.",),
        ("Who asks. It is the fox.\n</think>\n\n", "The fox."),
        ("Who asks. ", "It is the fox.", "\n</think>", "\n\n", "The fox."),
        ("Who asks. It is the fox.\n</th", "ink", ">The", " fox."),
        tuple("Who asks. It is the fox.\n</think>\n\nThe fox."),
    ],
)
def test_what_stands_before_a_closing_think_alone_is_reasoning_in_any_cut(server, pieces):
    heard = hear(server, HEADERS, *thinking(*pieces))
    assert (heard.error, heard.answer) == (None, "The fox.")
    assert heard.reasoning == "Who asks. It is the fox.\n"
    attempt = fed(heard.events)
    assert (attempt.snapshot().answer, attempt.snapshot().reasoning) == ("The fox.", "Who asks. It is the fox.\n")
    marks = attempt.snapshot().marks
    assert marks.first_reasoning <= marks.first_answer


def test_a_watcher_that_saw_an_answer_taken_back_is_sent_all_anew(server):
    heard = hear(server, HEADERS, *thinking("It is ", "the fox.", "</think>", "The ", "fox."))
    attempt, cursor, shown = fed(()), Cursor(), ["", ""]
    for one in heard.events:
        attempt.apply(one)
        if isinstance(one, AnswerWasReasoning):
            continue  # a watcher may come only after the next words
        deltas = attempt.deltas_since(cursor)
        shown = (
            [deltas.reasoning, deltas.answer]
            if deltas.restart
            else [shown[0] + deltas.reasoning, shown[1] + deltas.answer]
        )
        cursor = deltas.cursor
    assert shown == ["It is the fox.", "The fox."]


def test_an_answer_that_speaks_of_the_tags_keeps_them(server):
    text = "Write <think> first and </think> last."
    assert hear(server, HEADERS, *thinking(text[:20], text[20:])).answer == text


def fed(events):
    attempt = Attempt(Endpoint(Role.TEXT, "Qwen", "http://127.0.0.1:9", "qwen"), 1, Preparation())
    for one in events:
        attempt.apply(one)
    return attempt


# --- lone surrogates ------------------------------------------------------------------------------------------------


def raw_delta(text, field="content"):
    return Send(f'data: {{"choices":[{{"delta":{{"{field}":"{text}"}}}}]}}\n\n'.encode())


@pytest.mark.parametrize("field", ["content", "reasoning"])
@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (("A \\ud83e", "\\udd8a!"), "A 🦊!"),
        (("A \\ud83e\\udd8a!",), "A 🦊!"),
        (("A \\ud83e", "", "\\udd8a!"), "A 🦊!"),
        (("\\udd8a lone", " low"), "\ufffd lone low"),
        (("high \\ud83e", " lone"), "high \ufffd lone"),
        (("ends \\ud83e",), "ends \ufffd"),
    ],
)
def test_halves_of_a_character_are_joined_and_lone_ones_replaced(server, field, pieces, words):
    steps = [raw_delta(piece, field) for piece in pieces]
    heard = hear(server, HEADERS, *steps, STOP, DONE)
    assert heard.error is None
    assert heard.words(AnswerDelta if field == "content" else ReasoningDelta) == words
    "".join(one.text for one in heard.events if hasattr(one, "text")).encode()  # whoever keeps it can send it


def test_a_conversation_that_holds_half_a_character_can_still_be_sent():
    endpoint = Endpoint(Role.TEXT, "Qwen", "http://127.0.0.1:9", "qwen")
    request = build_chat_request(endpoint, TextPrompt("Book \ud83e", "Who \udd8a?"), SamplingSettings())
    assert json.loads(request.body)["messages"][0]["content"] == "Book ?\n\nWho ??"


# --- an answer that is there stays done -----------------------------------------------------------------------------

DEEP = b"data: " + b"[" * 100_000 + b"\n\n"


@pytest.mark.parametrize(
    "after",
    [
        (Send(DEEP),),
        (Send(b"data: {broken\n\n"),),
        (Send(b"data: " + b"9" * 5000 + b"\n\n"),),
        (event({"choices": [], "usage": {"prompt_tokens": 1e308, "completion_tokens": -4}}), DONE),
        (Send(b'data: {"choices":[],"usage":{"prompt_tokens":1e999,"completion_tokens":NaN}}\n\n'), DONE),
        (event({"error": {"message": "usage could not be counted"}}), DONE),
        (Reset(),),
        (),
    ],
    ids=["deep", "broken", "5,000 digits", "absurd", "infinite", "late error", "reset", "closed"],
)
def test_whatever_comes_after_a_finished_answer_takes_nothing_away(server, after):
    heard = hear(server, HEADERS, delta(content="The fox."), STOP, *after)
    assert (heard.error, heard.answer) == (None, "The fox.")
    assert isinstance(heard.events[-1], Finished)
    for one in heard.events:
        if isinstance(one, UsageReport):
            assert (one.prompt_tokens, one.completion_tokens) == (None, None)
    fed(heard.events).snapshot()


def test_deep_json_in_mid_answer_is_an_error_that_keeps_what_came(server):
    heard = hear(server, HEADERS, delta(content="The "), Send(DEEP), DONE)
    assert type(heard.error) is errors.StreamGarbled
    assert heard.answer == "The "


def test_an_answer_without_end_is_cut_off_with_a_word_why(server):
    piece = "x" * 100_000
    heard = hear(server, HEADERS, *[delta(content=piece)] * (MAX_ANSWER_CHARACTERS // len(piece) + 2))
    assert type(heard.error) is errors.StreamTooLong
    assert f"{MAX_ANSWER_CHARACTERS:,}" in heard.error.what_happened
    assert len(heard.answer) == MAX_ANSWER_CHARACTERS


def test_a_packed_answer_is_unpacked(server):
    import gzip

    plain = b"".join(step.data for step in (delta(content="The fox."), STOP, DONE))
    head = Send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n")
    assert hear(server, head, Send(gzip.compress(plain))).answer == "The fox."


def test_an_unknown_packing_is_named(server):
    heard = hear(server, Send(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nConnection: close\r\n\r\nxx"))
    assert type(heard.error) is errors.StreamGarbled
    assert "(br)" in heard.error.what_happened


def test_no_error_page_however_odd_takes_long_to_read(server):
    heard = hear(server, json_answer("<" * 900_000, 500))
    assert type(heard.error) is errors.ServerFailed
    heard = hear(server, Send(b"HTTP/1.1 500 X\r\nConnection: close\r\n\r\n" + b"<" * 900_000))
    assert type(heard.error) is errors.ServerFailed
