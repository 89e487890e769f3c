"""Turn the JSON of one stream chunk into events.

In: an event's data and the time it arrived. Out: ReasoningDelta, AnswerDelta, UsageReport, ServerTimings; or an error.
Knows nothing of bytes or sockets. Reads both `delta.reasoning` (vLLM today) and `delta.reasoning_content` (before).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from app.clients.answer_tags import Piece, ThinkSplitter
from app.clients.errors import StreamGarbled
from app.clients.refusals import stream_error
from app.clients.values import AnswerDelta, Endpoint, Event, ReasoningDelta, ServerTimings, UsageReport


class ChunkReader:
    """Reads one stream's chunks in order. `finish_reason` and `done` tell how far it came."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.finish_reason: str | None = None
        self.done = False
        self._endpoint = endpoint
        self._splitter: ThinkSplitter | None = ThinkSplitter()

    def read(self, data: str, at: float) -> Iterator[Event]:
        if data.strip() == "[DONE]":
            self.done = True
            return
        chunk = self._parse(data)
        if chunk.get("error"):
            raise stream_error(self._endpoint, chunk["error"])
        for choice in _list(chunk.get("choices"))[:1]:
            yield from self._choice(_dict(choice), at)
        yield from self._usage(chunk.get("usage"), at)
        yield from _timings(chunk.get("metrics"), at)

    def flush(self, at: float) -> Iterator[Event]:
        """The last held-back characters, once the stream has ended."""
        if self._splitter is not None:
            yield from _deltas(self._splitter.flush(), at)

    def _parse(self, data: str) -> dict[str, Any]:
        try:
            chunk = json.loads(data)
        except ValueError as error:
            raise self._garbled(data) from error
        if not isinstance(chunk, dict):
            raise self._garbled(data)
        return chunk

    def _garbled(self, data: str) -> StreamGarbled:
        return StreamGarbled(f"{self._endpoint.name} sent something that is no answer: {data[:80]!r}.")

    def _choice(self, choice: dict[str, Any], at: float) -> Iterator[Event]:
        delta = _dict(choice.get("delta"))
        reasoning = delta.get("reasoning") or delta.get("reasoning_content")
        if isinstance(reasoning, str) and reasoning:
            # The server parses reasoning itself: tags in its content are words of the answer.
            self._splitter = None
            yield ReasoningDelta(reasoning, at)
        content = delta.get("content")
        if isinstance(content, str) and content:
            if self._splitter is None:
                yield AnswerDelta(content, at)
            else:
                yield from _deltas(self._splitter.decode(content), at)
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self.finish_reason = reason

    def _usage(self, usage: Any, at: float) -> Iterator[Event]:
        if not isinstance(usage, dict):
            return
        prompt_details = _dict(usage.get("prompt_tokens_details"))
        yield UsageReport(
            prompt_tokens=_whole(usage.get("prompt_tokens")),
            completion_tokens=_whole(usage.get("completion_tokens")),
            cached_tokens=_whole(prompt_details.get("cached_tokens")),
            image_tokens=_whole(_dict(prompt_details.get("multimodal_tokens")).get("image")),
            reasoning_tokens=_whole(_dict(usage.get("completion_tokens_details")).get("reasoning_tokens")),
            at=at,
        )


def _timings(metrics: Any, at: float) -> Iterator[Event]:
    if isinstance(metrics, dict):
        yield ServerTimings(
            queue_ms=_number(metrics.get("queue_time_ms")),
            time_to_first_token_ms=_number(metrics.get("time_to_first_token_ms")),
            generation_ms=_number(metrics.get("generation_time_ms")),
            mean_inter_token_ms=_number(metrics.get("mean_itl_ms")),
            tokens_per_second=_number(metrics.get("tokens_per_second")),
            at=at,
        )


def _deltas(pieces: list[Piece], at: float) -> Iterator[Event]:
    for piece in pieces:
        yield ReasoningDelta(piece.text, at) if piece.reasoning else AnswerDelta(piece.text, at)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)
