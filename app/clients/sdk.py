"""Ask whole answers and model lists through the openai SDK.

In: an endpoint and a question. Out: a Completion, or model names. For what needs no clock: critics, graders, forms.
The SDK takes a second to import, so it is imported on first use. Its retries are off: a retry is the user's to press.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.clients.auth import api_key
from app.clients.errors import ConnectionRefused, ServerFailed, SilenceTimedOut
from app.clients.refusals import refusal
from app.clients.values import Dialect, Endpoint, SamplingSettings

if TYPE_CHECKING:
    import openai


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer at once."""

    text: str
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None


def list_models(endpoint: Endpoint, timeout_s: float = 5.0) -> tuple[str, ...]:
    """The names of the models served. Raises ClientError."""
    with _client(endpoint, timeout_s) as client, _named_errors(endpoint):
        return tuple(model.id for model in client.models.list())


def complete_chat(
    endpoint: Endpoint, question: str, sampling: SamplingSettings, *, system: str = "", timeout_s: float = 600.0
) -> Completion:
    """One question, one answer, not streamed. Raises ClientError."""
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": question})
    extras = {}
    if endpoint.dialect is Dialect.VLLM:
        extras = {"top_k": sampling.top_k, "repetition_penalty": sampling.repetition_penalty}
        extras["chat_template_kwargs"] = {"enable_thinking": sampling.thinking}
    with _client(endpoint, timeout_s) as client, _named_errors(endpoint):
        answer = client.chat.completions.create(
            model=endpoint.model,
            messages=messages,
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            extra_body=extras,
        )
    if not answer.choices:
        raise ServerFailed(f"{endpoint.name} answered without an answer.")
    choice, usage = answer.choices[0], answer.usage
    return Completion(
        text=choice.message.content or "",
        finish_reason=choice.finish_reason or "unknown",
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
    )


def _client(endpoint: Endpoint, timeout_s: float) -> openai.OpenAI:
    import openai

    # vLLM wants no key, the SDK wants one: a word that is none.
    key = api_key(endpoint) or "none"
    return openai.OpenAI(base_url=endpoint.api_base, api_key=key, max_retries=0, timeout=timeout_s)


@contextlib.contextmanager
def _named_errors(endpoint: Endpoint) -> Iterator[None]:
    import openai

    try:
        yield
    except openai.APITimeoutError as error:
        raise SilenceTimedOut(f"{endpoint.name} did not answer in time.") from error
    except openai.APIConnectionError as error:
        raise ConnectionRefused(
            f"Nothing answers at {endpoint.server_root}, where {endpoint.name} should be."
        ) from error
    except openai.APIStatusError as error:
        raise refusal(endpoint, error.status_code, error.response.content) from error
    except openai.APIError as error:
        raise ServerFailed(f"{endpoint.name} answered something that is no answer.") from error
