"""OpenAI's own SDK, written by others, as the simulator's client: a judge of the wire that shares nothing with either side of ours."""

import openai
import pytest

from tests.simulator.harness import TEXT_MODEL

BOOK = "The lighthouse keeper was called Marta Venn. She kept a grey cat. " * 20
QUESTION = [{"role": "user", "content": f"{BOOK}\n\nWho kept the lighthouse?"}]


@pytest.fixture
def sdk(text_server):
    with openai.OpenAI(base_url=f"{text_server.url}/v1", api_key="none", max_retries=0, timeout=60) as client:
        yield client


def test_the_sdk_lists_the_model(sdk):
    assert [model.id for model in sdk.models.list()] == [TEXT_MODEL]


def test_the_sdk_reads_a_whole_answer_and_its_usage(sdk):
    answer = sdk.chat.completions.create(model=TEXT_MODEL, messages=QUESTION, max_tokens=200)
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_the_sdk_reads_the_stream_to_the_same_words_and_counts(sdk):
    asked = {"model": TEXT_MODEL, "messages": QUESTION, "max_tokens": 400, "temperature": 0.0, "seed": 1}
    whole = sdk.chat.completions.create(**asked)
    chunks = list(sdk.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    words = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert words == (whole.choices[0].message.content or "")
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == whole.choices[0].finish_reason


def test_the_sdk_names_the_simulators_refusals(sdk):
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        sdk.chat.completions.create(model="nobody/nothing", messages=QUESTION)
    long = [{"role": "user", "content": BOOK * 900}]
    with pytest.raises(openai.BadRequestError, match="context length"):
        sdk.chat.completions.create(model=TEXT_MODEL, messages=long, max_tokens=5)


def test_the_sdk_sees_an_engine_that_dies_in_mid_answer(sdk):
    with pytest.raises(openai.APIError, match="Internal server error"):
        list(
            sdk.chat.completions.create(
                model=TEXT_MODEL, messages=QUESTION, stream=True, extra_headers={"x-simulate-failure": "stream-error:5"}
            )
        )
