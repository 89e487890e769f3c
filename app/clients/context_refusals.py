"""Read "the prompt does not fit" in the wordings that model servers have for it.

In: a server's message and the fields of its error. Out: the figures as far as they are told, or None when it says
something else. Wordings: vLLM 0.32's and older ones, SGLang, llama.cpp, TGI, and hosted services after OpenAI's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.outbound import whole_of

_CODES = ("context_length_exceeded", "exceed_context_size_error")

_N = r"([\d,]+)"
# Each says by itself that the prompt, or the prompt and its answer, is too long for the model.
_SAYS_SO = re.compile(
    r"maximum context length|maximum model length|max_model_len|context length \(|context size"
    r"|exceeds the maximum allowed length|exceeds? (?:the )?(?:model's )?context (?:length|window)"
    r"|must have less than [\d,]+ tokens|`inputs` tokens \+ `max_new_tokens` must be"
    r"|too long to fit into the model|exceeds the maximum number of tokens allowed|prompt is too long|tokens? > [\d,]+ maximum"
    r"|with [\d,]+ maximum context|context length of (?:only )?[\d,]+ tokens"
)
_WINDOW = tuple(
    re.compile(pattern)
    for pattern in (
        rf"maximum context length (?:is|of) {_N}",
        rf"maximum context length \({_N}",
        rf"maximum model length (?:is|of) {_N}",
        rf"max_model_len(?: of| is|:)? \(?{_N}",
        rf"context length (?:is |of only |of )?\(?{_N}",
        rf"(?:available )?context (?:size|window) (?:is |of )?\(?{_N}",
        rf"maximum allowed length \({_N}",
        rf"must have less than {_N} tokens",
        rf"must be <= {_N}",
        rf"number of tokens allowed \({_N}",
        rf"> {_N} maximum",
        rf"with {_N} maximum context",
    )
)
_PROMPT = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_N} (?:tokens )?(?:in the messages|in the prompt|from the input|of text input|`inputs` tokens)",
        rf"contains (?:at least )?{_N} (?:input |prompt |text )?tokens",
        rf"(?:has|resulted in) (?:at least )?{_N} (?:input |prompt )?tokens",
        rf"(?:prompt|input) \((?:total )?(?:length )?{_N}",
        rf"(?:prompt|input)(?: token)? (?:length|count) (?:of |is )?\(?{_N}",
        rf"request \({_N} tokens",
        rf"given: {_N}(?! `)",
        rf"too long: {_N} tokens",
        rf"keep the first {_N} tokens",
    )
)
_ANSWER = tuple(
    re.compile(pattern)
    for pattern in (
        rf"requested {_N} output tokens",
        rf"{_N} (?:tokens )?(?:in the completion|for the completion|in the output|`max_new_tokens`)",
        rf"max_completion_tokens'? is too large: {_N}",
        rf"max_tokens'? is too large: {_N}",
    )
)
_TOTAL = re.compile(rf"requested (?:a total of |about )?{_N} tokens")


@dataclass(frozen=True, slots=True)
class ContextFigures:
    """In tokens; None where the server did not tell. `prompt` leaves the answer out."""

    prompt: int | None
    window: int | None
    answer: int | None

    @property
    def answer_room(self) -> int | None:
        """How long an answer would fit, when it is the answer's share that is too large."""
        if self.prompt is None or self.window is None or self.prompt >= self.window:
            return None
        return self.window - self.prompt


def context_figures(message: str, code: str, fields: Mapping[str, Any]) -> ContextFigures | None:
    """None: the message is about something else. `fields` is the error's JSON, where llama.cpp puts the figures."""
    lowered = message.lower()
    if code not in _CODES and fields.get("type") not in _CODES and not _SAYS_SO.search(lowered):
        return None
    told_prompt, told_window = whole_of(fields.get("n_prompt_tokens")), whole_of(fields.get("n_ctx"))
    window = told_window or _first(_WINDOW, lowered)
    answer = _first(_ANSWER, lowered)
    prompt = told_prompt or _first(_PROMPT, lowered)
    if prompt is None and (total := _TOTAL.search(lowered)):
        asked = _number(total[1])
        prompt = asked - answer if asked is not None and answer is not None and asked > answer else asked
    return ContextFigures(prompt, window, answer)


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> int | None:
    for pattern in patterns:
        if found := pattern.search(text):
            return _number(found[1])
    return None


def _number(digits: str) -> int | None:
    digits = digits.replace(",", "")
    return int(digits) if digits and len(digits) <= 12 else None
