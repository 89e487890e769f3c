"""Turn the JSON of one stream chunk into events.

In: an event's data and the time it arrived. Out: ReasoningDelta, AnswerDelta, PromptProgress, UsageReport …; or an error.
Knows nothing of bytes or sockets. Reads both `delta.reasoning` (vLLM today) and `delta.reasoning_content` (before),
content as a text or as parts, and a `message` where a `delta` should stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.clients.answer_tags import Piece, SurrogateJoiner, ThinkSplitter
from app.clients.errors import AnswerDeclined, ClientError, NotAnAnswer, NothingAnswered, StreamGarbled, StreamTooLong
from app.clients.refusals import page_words, quoted, stream_error
from app.clients.sse import MAX_EVENT_BYTES, SseData
from app.clients.values import (
    AnswerDelta,
    AnswerWasReasoning,
    Endpoint,
    Event,
    NotStreamed,
    PromptProgress,
    ReasoningDelta,
    ServerTimings,
    UsageReport,
)
from app.outbound import clean_text, number_of, parse_json, whole_of

MAX_ANSWER_CHARACTERS = 2_000_000  # three times what a window of 131,072 tokens holds in English
_FAILED_REASONS = ("error", "abort")
_MAX_REFUSAL = 2000


class ChunkReader:
    """Reads one stream's chunks in order. `finish_reason` and `done` tell how far it came."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.finish_reason: str | None = None
        self.done = False
        self._endpoint = endpoint
        self._splitter: ThinkSplitter | None = ThinkSplitter()
        self._reasoning, self._content = SurrogateJoiner(), SurrogateJoiner()
        self._said = self._sends_deltas = False
        self._characters = 0
        self._read_tokens = 0
        self._refusal = ""
        self._strays: list[str] = []
        self._stray_characters = 0

    @property
    def complete(self) -> bool:
        """The answer is there: whatever comes after it cannot take it away."""
        return self._said and not self._refusal and (self.done or self.finish_reason is not None)

    def read(self, event: SseData, at: float) -> Iterator[Event]:
        if event.data.strip() == "[DONE]":
            self.done = True
            return
        if event.event == "error":
            raise stream_error(self._endpoint, _json_or(event.data))
        yield from self._chunk(self._parse(event.data), at)

    def stray(self, text: str) -> None:
        """A line that is no event: kept until it is known whether an answer comes. A bare JSON error ends at once."""
        if text.startswith("{") and _is_error(chunk := _json_or(text)):
            raise stream_error(self._endpoint, _error_of(chunk))
        self._stray_characters += len(text)
        if self._stray_characters > MAX_EVENT_BYTES:
            raise self._no_answer()
        if not self._said:
            self._strays.append(text)

    def end(self, at: float) -> Iterator[Event]:
        """The last held-back characters, once the stream has ended; raises when there was no answer in it."""
        yield from self._flush(at)
        if self._said and not self._refusal:
            return
        if self._strays and not self._refusal:
            yield from self._whole_answer(at)
        if self._refusal:
            raise AnswerDeclined(f"{self._endpoint.name} refused to answer{quoted(self._endpoint, self._refusal)}")
        if not self._said and (self.done or self.finish_reason is not None):
            raise self._nothing_answered()

    # --- what came instead of chunks --------------------------------------------------------------------------------

    def _whole_answer(self, at: float) -> Iterator[Event]:
        value = _json_or("\n".join(self._strays))
        if not isinstance(value, dict):
            raise self._no_answer()
        if not _is_error(value) and not _list(value.get("choices")):
            raise NotAnAnswer(
                f"{self._endpoint.name} answered with JSON that holds no answer"
                f"{quoted(self._endpoint, self._strays[0])}"
            )
        yield from self._chunk({"object": "chat.completion", **value}, at)
        yield from self._flush(at)
        self.done = True

    def _no_answer(self) -> ClientError:
        text = "\n".join(self._strays[:40])
        name, words = self._endpoint.name, page_words(text)
        if words or text.lstrip().startswith("<"):
            return NotAnAnswer(f"{name} answered with a web page instead of an answer{quoted(self._endpoint, words)}")
        return StreamGarbled(f"{name} sent something that is no answer{quoted(self._endpoint, text[:80])}")

    def _nothing_answered(self) -> ClientError:
        name, reason = self._endpoint.name, self.finish_reason
        if reason == "content_filter":
            return AnswerDeclined(f"{name} gave no answer: its content filter held it back.")
        if reason == "length":
            return NothingAnswered(
                f"{name} ended its answer without a word, because it may not be longer.",
                "Set a higher maximum of answer tokens, then press Try again.",
            )
        told = f" (it says “{clean_text(reason, 40)}”)" if reason else ""
        return NothingAnswered(f"{name} ended its answer without a word{told}.")

    # --- chunks -----------------------------------------------------------------------------------------------------

    def _parse(self, data: str) -> dict[str, Any]:
        chunk = _json_or(data)
        if not isinstance(chunk, dict):
            raise StreamGarbled(
                f"{self._endpoint.name} sent something that is no answer{quoted(self._endpoint, data[:80])}"
            )
        return chunk

    def _chunk(self, chunk: dict[str, Any], at: float) -> Iterator[Event]:
        if _is_error(chunk):
            raise stream_error(self._endpoint, _error_of(chunk))
        for choice in map(_dict, _list(chunk.get("choices"))[:1]):
            whole = chunk.get("object") == "chat.completion" and "message" in choice and "delta" not in choice
            if whole and choice.get("finish_reason") and not self._said:
                yield NotStreamed(at)
            yield from self._choice(choice, at)
        yield from self._progress(chunk.get("prompt_progress"), at)
        yield from _usage(chunk.get("usage"), at)
        yield from _timings(chunk.get("metrics"), at)

    def _progress(self, said: Any, at: float) -> Iterator[Event]:
        """How far the prompt is read: only what can be true, only forwards, and nothing once the answer has begun."""
        told = _dict(said)
        total, read = whole_of(told.get("total")), whole_of(told.get("processed"))
        if self._said or total is None or read is None or not self._read_tokens < read <= total:
            return
        self._read_tokens = read
        yield PromptProgress(total, min(whole_of(told.get("cache")) or 0, read), read, at)

    def _choice(self, choice: dict[str, Any], at: float) -> Iterator[Event]:
        delta = _dict(choice.get("delta"))
        if "delta" in choice:
            self._sends_deltas = True
        elif not self._sends_deltas:  # where deltas came before, a message only repeats them
            delta = _dict(choice.get("message")) or {"content": choice.get("text")}
        reasoning = _text(delta.get("reasoning") or delta.get("reasoning_content"))
        reasoning += _text(delta.get("content"), thoughts=True)
        if reasoning:
            yield from self._flush_answer(at)
            # The server parses reasoning itself: tags in its content are words of the answer.
            self._splitter = None
            yield from self._counted([Piece(self._reasoning.decode(reasoning), reasoning=True)], at)
        if content := self._content.decode(_text(delta.get("content"))):
            pieces = [Piece(content, reasoning=False)] if self._splitter is None else self._splitter.decode(content)
            yield from self._counted(pieces, at)
        self._refusal = (self._refusal + _text(delta.get("refusal")) + _text(delta.get("content"), refusals=True))[
            :_MAX_REFUSAL
        ]
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            if reason in _FAILED_REASONS:
                raise stream_error(self._endpoint, choice.get("error") or f"it ended with “{reason}”")
            self.finish_reason = clean_text(reason, 40)

    def _flush(self, at: float) -> Iterator[Event]:
        if half := self._reasoning.flush():
            yield from self._counted([Piece(half, reasoning=True)], at)
        yield from self._flush_answer(at)

    def _flush_answer(self, at: float) -> Iterator[Event]:
        held = self._content.flush()
        if self._splitter is None:
            yield from self._counted([Piece(held, reasoning=False)] if held else [], at)
        else:
            yield from self._counted([*self._splitter.decode(held), *self._splitter.flush()], at)

    def _counted(self, pieces: list[Piece], at: float) -> Iterator[Event]:
        for piece in pieces:
            if piece.takes_back:
                yield AnswerWasReasoning(at)
            self._characters += len(piece.text)
            if self._characters > MAX_ANSWER_CHARACTERS:
                raise StreamTooLong(
                    f"{self._endpoint.name} sent more than {MAX_ANSWER_CHARACTERS:,} characters, and no more was read.",
                    "What arrived is kept. Set a lower maximum of answer tokens; the server does not keep to it.",
                )
            self._said = True
            yield ReasoningDelta(piece.text, at) if piece.reasoning else AnswerDelta(piece.text, at)


def _usage(usage: Any, at: float) -> Iterator[Event]:
    if not isinstance(usage, dict):
        return
    prompt_details = _dict(usage.get("prompt_tokens_details"))
    yield UsageReport(
        prompt_tokens=whole_of(usage.get("prompt_tokens")),
        completion_tokens=whole_of(usage.get("completion_tokens")),
        cached_tokens=whole_of(prompt_details.get("cached_tokens")),
        image_tokens=whole_of(_dict(prompt_details.get("multimodal_tokens")).get("image")),
        reasoning_tokens=whole_of(_dict(usage.get("completion_tokens_details")).get("reasoning_tokens")),
        at=at,
    )


def _timings(metrics: Any, at: float) -> Iterator[Event]:
    if isinstance(metrics, dict):
        yield ServerTimings(
            queue_ms=number_of(metrics.get("queue_time_ms")),
            time_to_first_token_ms=number_of(metrics.get("time_to_first_token_ms")),
            generation_ms=number_of(metrics.get("generation_time_ms")),
            mean_inter_token_ms=number_of(metrics.get("mean_itl_ms")),
            tokens_per_second=number_of(metrics.get("tokens_per_second")),
            at=at,
            stand_in_waited_ms=number_of(metrics.get("stand_in_waited_ms")),
            stand_in_late_ms=number_of(metrics.get("stand_in_late_ms")),
        )


def _is_error(chunk: Any) -> bool:
    """An error's chunk: OpenAI's and vLLM's {"error": …}, FastChat's {"object": "error"}, {"type": "error"}."""
    if not isinstance(chunk, dict):
        return False
    return bool(chunk.get("error")) or "error" in (chunk.get("object"), chunk.get("type"))


def _error_of(chunk: dict[str, Any]) -> Any:
    return chunk.get("error") or chunk


def _json_or(data: str) -> Any:
    """The value of a JSON text; any other text as it is."""
    try:
        return parse_json(data)
    except ValueError:
        return data


def _text(value: Any, *, thoughts: bool = False, refusals: bool = False) -> str:
    """Content that is a text, or a list of parts; of parts only those of one kind."""
    if isinstance(value, str):
        return "" if thoughts or refusals else value
    words = []
    for part in _list(value):
        if isinstance(part, str):
            part = {"type": "text", "text": part}
        kind = _dict(part).get("type", "text")
        if kind in ("thinking", "reasoning") and thoughts:
            words.append(_text(part.get(kind) or part.get("text")))
        elif kind == "refusal" and refusals:
            words.append(_text(part.get("refusal")))
        elif kind in ("text", "output_text") and not thoughts and not refusals:
            words.append(_text(part.get("text")))
    return "".join(words)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
