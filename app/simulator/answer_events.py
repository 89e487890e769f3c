"""A reply in, the tokens a model would have generated for it out, and the events that carry them.

Knows nothing of time. The JSON is written as vLLM 0.32 writes it: compact, UTF-8 unescaped (so U+2028 may stand inside
an event), fields that were not set left out.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.simulator.answers import Reply
from app.simulator.tokenizer import Tokenizer

DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": keep-alive\n\n"


class Channel(Enum):
    CONTROL = 0  # <think>, </think>, the end token and the line breaks around them: counted, never shown
    REASONING = 1
    CONTENT = 2


@dataclass(frozen=True, slots=True)
class OutputToken:
    channel: Channel
    text: str = ""
    thought: bool = False  # lies between <think> and </think>: counts as a reasoning token


@dataclass(frozen=True, slots=True)
class Output:
    """An answer's tokens, or its first ones."""

    tokens: tuple[OutputToken, ...]
    finish_reason: str | None  # "stop" or "length"; None: more are being written

    @property
    def is_whole(self) -> bool:
        return self.finish_reason is not None

    def reasoning_tokens(self, count: int) -> int:
        return sum(token.thought for token in self.tokens[:count])

    def text(self, channel: Channel) -> str:
        return "".join(token.text for token in self.tokens if token.channel is channel)


def begun_output(opening: Reply, thinking: bool, max_tokens: int, tokenizer: Tokenizer) -> Output:
    """What is known of an answer by how it begins; the whole of it where `max_tokens` end there."""
    tokens: list[OutputToken] = []
    if thinking:
        line_break = OutputToken(Channel.CONTROL, thought=True)
        tokens += [OutputToken(Channel.CONTROL), line_break]
        tokens += [OutputToken(Channel.REASONING, text, thought=True) for text in tokenizer.pieces(opening.reasoning)]
        tokens += [line_break, OutputToken(Channel.CONTROL), OutputToken(Channel.CONTROL)]
    tokens += [OutputToken(Channel.CONTENT, text) for text in tokenizer.pieces(opening.content)]
    if len(tokens) >= max_tokens:
        return Output(tuple(tokens[:max_tokens]), "length")
    return Output(tuple(tokens), None)


def whole_output(begun: Output, rest: str, max_tokens: int, tokenizer: Tokenizer) -> Output:
    """`rest`: of the content, behind what was begun."""
    tokens = [*begun.tokens, *(OutputToken(Channel.CONTENT, text) for text in tokenizer.pieces(rest))]
    tokens.append(OutputToken(Channel.CONTROL))
    if len(tokens) > max_tokens:
        return Output(tuple(tokens[:max_tokens]), "length")
    return Output(tuple(tokens), "stop")


@dataclass(frozen=True, slots=True)
class Usage:
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cached_tokens: int
    image_tokens: int

    def short(self) -> dict[str, Any]:
        return {
            "prompt_tokens": self.prompt_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "completion_tokens": self.completion_tokens,
            "completion_tokens_details": {"reasoning_tokens": self.reasoning_tokens},
        }

    def full(self) -> dict[str, Any]:
        """With the prompt's details, as --enable-prompt-tokens-details gives them."""
        details: dict[str, Any] = {"cached_tokens": self.cached_tokens}
        if self.image_tokens:
            details["multimodal_tokens"] = {"image": self.image_tokens}
        return {**self.short(), "prompt_tokens_details": details}


class EventWriter:
    """Events of one streamed answer, as bytes."""

    def __init__(self, model: str, reasoning_field: str = "reasoning") -> None:
        self.id = f"chatcmpl-{uuid.uuid4().hex}"
        self.created = int(time.time())
        self._model = model
        self._reasoning_field = reasoning_field

    def role(self, usage: Usage | None) -> bytes:
        return self._chunk([_choice({"role": "assistant", "content": ""})], usage)

    def token(self, token: OutputToken, usage: Usage | None) -> bytes:
        """Empty for a token without text: control tokens, and those that end inside a character."""
        if not token.text:
            return b""
        name = self._reasoning_field if token.channel is Channel.REASONING else "content"
        return self._chunk([_choice({name: token.text})], usage)

    def finish(self, reason: str, usage: Usage | None) -> bytes:
        choice = _choice({"content": ""})
        choice.update(finish_reason=reason, stop_reason=None)
        return self._chunk([choice], usage)

    def usage(self, usage: Usage, metrics: dict[str, float]) -> bytes:
        return event({**self._head(), "choices": [], "usage": usage.full(), "metrics": metrics})

    def progress(self, total: int, cached: int, read: int, milliseconds: float) -> bytes:
        """How much of the prompt is read, as llama.cpp tells it."""
        said = {"total": total, "cache": cached, "processed": read, "time_ms": round(milliseconds)}
        return event({**self._head(), "choices": [], "prompt_progress": said})

    def _chunk(self, choices: Sequence[dict[str, Any]], usage: Usage | None) -> bytes:
        data = {**self._head(), "choices": choices}
        if usage is not None:
            data["usage"] = usage.short()
        return event(data)

    def _head(self) -> dict[str, Any]:
        return {"id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": self._model}


def event(data: dict[str, Any]) -> bytes:
    return b"data: " + json_bytes(data) + b"\n\n"


def json_bytes(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def completion(
    model: str, output: Output, usage: Usage, metrics: dict[str, float], thinking: bool, reasoning_field: str
) -> dict[str, Any]:
    """The whole answer of a request that did not ask for a stream."""
    reasoning = output.text(Channel.REASONING).strip() or None
    content: str | None = output.text(Channel.CONTENT)
    if thinking and not content:
        content = None  # cut off while thinking: all of it is reasoning
    message: dict[str, Any] = {
        "role": "assistant",
        "content": content,
        "refusal": None,
        "tool_calls": [],
        reasoning_field: reasoning,
    }
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": message,
                "logprobs": None,
                "finish_reason": output.finish_reason,
                "stop_reason": None,
            }
        ],
        "usage": usage.full(),
        "metrics": metrics,
    }


def _choice(delta: dict[str, Any]) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}
