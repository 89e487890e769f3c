"""The window is exceeded: one typed error with its figures, in whatever words a server says so."""

import json

import pytest

from app.clients import Endpoint, Role, errors
from app.clients.refusals import refusal, seconds_until, stream_error
from app.outbound import Answer

ENDPOINT = Endpoint(Role.TEXT, "Qwen", "http://127.0.0.1:9", "qwen")

# message, prompt tokens, window, the answer's share; None: the server does not tell it
WORDINGS = {
    "vllm now, prompt": (
        "This model's maximum context length is 200 tokens. However, your request has 300 input tokens. Please reduce "
        "the length of the input messages.",
        (300, 200, None),
    ),
    "vllm now, output": (
        "This model's maximum context length is 200 tokens. However, you requested 100 output tokens and your prompt "
        "contains at least 150 input tokens, for a total of at least 250 tokens.",
        (150, 200, 100),
    ),
    "vllm, pages": ("Input length (300) exceeds model's maximum context length (200).", (300, 200, None)),
    "vllm, max_tokens": (
        "'max_tokens' or 'max_completion_tokens' is too large: 100. This model's maximum context length is 200 tokens "
        "and your request has 150 input tokens (100 > 200 - 150).",
        (150, 200, 100),
    ),
    "vllm, decoder prompt": (
        "The decoder prompt (length 300) is longer than the maximum model length of 200. Make sure that `max_model_len` "
        "is no smaller than the number of text tokens plus multimodal tokens.",
        (300, 200, None),
    ),
    "vllm, total length": (
        "The prompt (total length 300) is too long to fit into the model (context length 200). Make sure that "
        "`max_model_len` is no smaller than the number of text tokens plus multimodal tokens.",
        (300, 200, None),
    ),
    "vllm, engine prompt": (
        "The engine prompt length 300 exceeds the max_model_len 200. Please reduce prompt.",
        (300, 200, None),
    ),
    "vllm, chat of old": (
        "This model's maximum context length is 200 tokens. However, you requested 250 tokens (150 in the messages, 100 "
        "in the completion). Please reduce the length of the messages or completion.",
        (150, 200, 100),
    ),
    "openai": (
        "This model's maximum context length is 131,072 tokens. However, your messages resulted in 140,001 tokens.",
        (140_001, 131_072, None),
    ),
    "sglang": ("The input (300 tokens) is longer than the model's context length (200 tokens).", (300, 200, None)),
    "sglang, total": (
        "Requested token count exceeds the model's maximum context length of 200 tokens. You requested a total of 250 "
        "tokens: 150 tokens from the input messages and 100 tokens for the completion.",
        (150, 200, 100),
    ),
    "sglang, allowed": (
        "Input length (300 tokens) exceeds the maximum allowed length (200 tokens). Use a shorter input.",
        (300, 200, None),
    ),
    "llama.cpp": (
        "request (300 tokens) exceeds the available context size (200 tokens), try increasing it",
        (300, 200, None),
    ),
    "llama.cpp of old": ("the request exceeds the available context size. try increasing it", (None, None, None)),
    "tgi": ("Input validation error: `inputs` must have less than 200 tokens. Given: 300", (300, 200, None)),
    "tgi, total": (
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 200. Given: 150 `inputs` tokens and 100 "
        "`max_new_tokens`",
        (150, 200, 100),
    ),
    "a router": (
        "This endpoint's maximum context length is 200 tokens. However, you requested about 250 tokens (150 of text "
        "input, 100 in the output).",
        (150, 200, 100),
    ),
    "prompt is too long": ("prompt is too long: 300 tokens > 200 maximum", (300, 200, None)),
    "too large for model": (
        "Prompt contains 300 tokens and 0 draft tokens, too large for model with 200 maximum context length",
        (300, 200, None),
    ),
    "token count": (
        "The input token count (300) exceeds the maximum number of tokens allowed (200).",
        (300, 200, None),
    ),
}


def body(message, **fields):
    return json.dumps({"error": {"message": message, **fields}}).encode()


@pytest.mark.parametrize("name", WORDINGS)
@pytest.mark.parametrize("status", [400, 413, 500])
def test_every_wording_gives_one_error_with_its_figures(name, status):
    message, figures = WORDINGS[name]
    error = refusal(ENDPOINT, Answer(status, body(message)))
    assert type(error) is errors.ContextExceeded
    assert (error.prompt_tokens, error.window_tokens, error.answer_tokens) == figures


@pytest.mark.parametrize("name", WORDINGS)
def test_a_wording_that_comes_in_the_stream_is_the_same_error(name):
    message, figures = WORDINGS[name]
    for shape in ({"message": message}, message, {"object": "error", "message": message, "code": 40303}):
        error = stream_error(ENDPOINT, shape)
        assert type(error) is errors.ContextExceeded
        assert (error.prompt_tokens, error.window_tokens, error.answer_tokens) == figures


def test_figures_that_stand_in_fields_are_read():
    fields = {"type": "exceed_context_size_error", "n_prompt_tokens": 300, "n_ctx": 200}
    error = refusal(ENDPOINT, Answer(400, body("the request is too long", **fields)))
    assert (error.prompt_tokens, error.window_tokens) == (300, 200)


def test_the_code_alone_is_enough():
    error = refusal(ENDPOINT, Answer(400, body("Please reduce the length.", code="context_length_exceeded")))
    assert type(error) is errors.ContextExceeded


@pytest.mark.parametrize("name", [name for name, (_, figures) in WORDINGS.items() if figures[2]])
def test_where_fewer_answer_tokens_help_it_says_how_many(name):
    error = refusal(ENDPOINT, Answer(400, body(WORDINGS[name][0])))
    assert "150 tokens, and up to 100 were asked for the answer; the window of Qwen holds 200" in error.what_happened
    assert "maximum answer tokens to 50 or fewer" in error.what_to_do


@pytest.mark.parametrize("name", [name for name, (_, figures) in WORDINGS.items() if not figures[2]])
def test_where_only_a_shorter_prompt_helps_nothing_is_said_of_the_answer(name):
    assert "answer tokens" not in str(refusal(ENDPOINT, Answer(400, body(WORDINGS[name][0]))))


@pytest.mark.parametrize(
    "message",
    [
        "temperature must be non-negative",
        "max_tokens must be at least 1, got 0",
        "The context of this session has expired",
        "Rate limit: 200 tokens per minute; you requested 300 tokens",
        "",
    ],
)
def test_other_refusals_are_not_taken_for_it(message):
    assert type(refusal(ENDPOINT, Answer(400, body(message)))) is errors.RequestRefused


@pytest.mark.parametrize("digits", ["9" * 1500, ",", "0"])
def test_absurd_figures_do_no_harm(digits):
    message = f"Input length ({digits}) exceeds model's maximum context length ({digits})."
    assert type(refusal(ENDPOINT, Answer(400, body(message)))) is errors.ContextExceeded


# --- a pause --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("20", 20.0),
        ("0", 0.0),
        ("Sat, 28 Nov 2026 12:01:00 GMT", 60.0),
        ("Sat, 28 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("٢٠", None),
        ("Sat, 99 Nov 99999 12:01:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header, seconds):
    noon = 1_795_867_200.0  # Sat, 28 Nov 2026 12:00:00 GMT
    assert seconds_until(header, noon) == seconds


@pytest.mark.parametrize(
    ("header", "said"),
    [("20", "Wait 20 s"), ("1800", "Wait 30 minutes"), ("36000", "Wait 10 hours"), ("999999999999", "Wait some days")],
)
def test_a_429_says_how_long_to_wait(header, said):
    error = refusal(ENDPOINT, Answer(429, body("slow down"), retry_after=header))
    assert type(error) is errors.RateLimited
    assert said in error.what_to_do
    assert error.retry_after_s is not None


def test_a_429_for_a_used_up_quota_does_not_advise_to_wait():
    error = refusal(ENDPOINT, Answer(429, body("You exceeded your current quota.", code="insufficient_quota")))
    assert "used up" in error.what_to_do
