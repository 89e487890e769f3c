"""Take a model's wrappers out of its text while the text still streams.

In: pieces of text, cut anywhere. Out: the same text without the wrappers, as early as it is certain.
Knows nothing of events or servers. A piece that may be the beginning of a tag is held back until it is decided.
"""

from __future__ import annotations

from dataclasses import dataclass

# GLM-4.1V puts its answer in a box or an answer tag, and with special tokens kept its end tokens show as well.
GLM_ANSWER_TAGS = (
    "<answer>",
    "</answer>",
    "<|begin_of_box|>",
    "<|end_of_box|>",
    "<|endoftext|>",
    "<|user|>",
    "<|assistant|>",
    "<|observation|>",
)
THINK_OPEN = "<think>"
THINK_CLOSE = "</think>"


class AnswerDecoder:
    """Drop GLM's answer wrappers, and the blank lines between a wrapper and the answer's first word."""

    def __init__(self, tags: tuple[str, ...] = GLM_ANSWER_TAGS) -> None:
        self._tags = tags
        self._held = ""
        self._started = False

    def decode(self, piece: str) -> str:
        text = self._held + piece
        for tag in self._tags:
            text = text.replace(tag, "")
        keep = held_suffix_length(text, self._tags)
        self._held = text[len(text) - keep :]
        return self._trim_start(text[: len(text) - keep])

    def flush(self) -> str:
        """What was held back in vain: no tag came of it."""
        text, self._held = self._held, ""
        return self._trim_start(text)

    def _trim_start(self, text: str) -> str:
        if not self._started:
            text = text.lstrip()
            self._started = bool(text)
        return text


def held_suffix_length(text: str, tags: tuple[str, ...]) -> int:
    """How many characters at the end may be the beginning of one of the tags."""
    start = text.rfind("<")
    if start < 0:
        return 0
    tail = text[start:]
    return len(tail) if any(len(tail) < len(tag) and tag.startswith(tail) for tag in tags) else 0


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    reasoning: bool


class ThinkSplitter:
    """Tell reasoning from answer when a server without a reasoning parser sends <think>…</think> as content."""

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"

    def decode(self, text: str) -> list[Piece]:
        if self._state == "answer":
            return [Piece(text, reasoning=False)] if text else []
        text = self._held + text
        self._held = ""
        if self._state == "start":
            return self._start(text)
        return self._reasoning(text)

    def flush(self) -> list[Piece]:
        text, self._held = self._held, ""
        return [Piece(text, reasoning=self._state == "reasoning")] if text else []

    def _start(self, text: str) -> list[Piece]:
        head = text.lstrip()
        if head.startswith(THINK_OPEN):
            self._state = "reasoning"
            # The tag itself is the first token: an empty piece lets its arrival be marked.
            return [Piece("", reasoning=True), *self._reasoning(head.removeprefix(THINK_OPEN))]
        if not head:
            return [Piece(text, reasoning=False)] if text else []
        if THINK_OPEN.startswith(head):
            self._held = text
            return []
        self._state = "answer"
        return [Piece(text, reasoning=False)]

    def _reasoning(self, text: str) -> list[Piece]:
        thought, tag, answer = text.partition(THINK_CLOSE)
        if not tag:
            keep = held_suffix_length(text, (THINK_CLOSE,))
            self._held = text[len(text) - keep :]
            thought = text[: len(text) - keep]
        else:
            self._state = "answer"
        pieces = [Piece(thought, reasoning=True), Piece(answer, reasoning=False)]
        return [piece for piece in pieces if piece.text]
