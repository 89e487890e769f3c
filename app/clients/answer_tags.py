"""Take a model's wrappers out of its text while the text still streams.

In: pieces of text, cut anywhere. Out: the same text without the wrappers, as early as it is certain.
Knows nothing of events or servers. A piece that may be the beginning of a tag is held back until it is decided.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.outbound import mended_text

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
    """`takes_back`: everything given as answer before this piece was reasoning."""

    text: str
    reasoning: bool
    takes_back: bool = False


class ThinkSplitter:
    """Tell reasoning from answer when a server without a reasoning parser sends <think>…</think> as content.

    Chat templates that open the tag themselves leave only the closing one in the answer. That cannot be known before
    it comes, so words are given as answer at once and taken back then.
    """

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"
        self._told_answer = False

    def decode(self, text: str) -> list[Piece]:
        text, self._held = self._held + text, ""
        if self._state == "start":
            pieces = self._start(text)
        elif self._state == "reasoning":
            pieces = self._reasoning(text)
        elif self._state == "open answer":
            pieces = self._open_answer(text)
        else:
            pieces = self._answer(text)
        self._told_answer = self._told_answer or any(piece.text and not piece.reasoning for piece in pieces)
        return pieces

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
        self._state = "open answer"
        return self._open_answer(text)

    def _reasoning(self, text: str) -> list[Piece]:
        thought, tag, answer = text.partition(THINK_CLOSE)
        if not tag:
            thought = self._hold_back(text, (THINK_CLOSE,))
            return [Piece(thought, reasoning=True)] if thought else []
        self._state = "first word"
        return [*([Piece(thought, reasoning=True)] if thought else []), *self._answer(answer)]

    def _open_answer(self, text: str) -> list[Piece]:
        """An answer that a closing tag may still turn into reasoning; one that speaks of <think> itself may not."""
        thought, tag, answer = text.partition(THINK_CLOSE)
        if THINK_OPEN in thought:
            self._state = "answer"
            return self._answer(text)
        if not tag:
            words = self._hold_back(text, (THINK_CLOSE, THINK_OPEN))
            return [Piece(words, reasoning=False)] if words else []
        self._state = "first word"
        return [Piece(thought, reasoning=True, takes_back=self._told_answer), *self._answer(answer)]

    def _answer(self, text: str) -> list[Piece]:
        if self._state == "first word":  # the blank lines after the tag are not the answer's
            text = text.lstrip()
            self._state = "answer" if text else "first word"
        return [Piece(text, reasoning=False)] if text else []

    def _hold_back(self, text: str, tags: tuple[str, ...]) -> str:
        keep = held_suffix_length(text, tags)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


class SurrogateJoiner:
    r"""Put characters together whose two halves came in two chunks ("\ud83e", then "\udd8a"); a lone half is U+FFFD."""

    def __init__(self) -> None:
        self._high = ""

    def decode(self, text: str) -> str:
        text, self._high = self._high + text, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._high = text[:-1], text[-1]
        return mended_text(text)

    def flush(self) -> str:
        text, self._high = self._high, ""
        return mended_text(text)
