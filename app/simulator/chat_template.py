"""Messages and measured images in, the model's prompt as token numbers out, and which text is document, which question.

Written after the two models' chat templates (Qwen3's and GLM-4.1V's). Knows nothing of time or of answers.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.simulator.errors import InvalidRequest
from app.simulator.images import PageImage
from app.simulator.request import ImagePart, Message, TextPart
from app.simulator.settings import ServerRole
from app.simulator.tokenizer import Tokenizer

# Numbers of GLM's special tokens, from Glm4vConfig and GLM-4's tokenizer.
_GLM = {"[gMASK]": 151331, "<sop>": 151333, "system": 151335, "user": 151336, "assistant": 151337}
BEGIN_IMAGE, END_IMAGE, IMAGE = 151339, 151340, 151343
_MAX_QUESTION_CHARACTERS = 4_000
_PARAGRAPHS = re.compile(r"\n[ \t\r]*\n")
_QUESTION_LABEL = re.compile(r"^\s*(?:question|q|问题|提问)\s*[:：]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ImageSpan:
    """One page's image tokens in the prompt, without the begin and end around them."""

    page: PageImage
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Prompt:
    tokens: np.ndarray  # int64
    images: tuple[ImageSpan, ...]

    @property
    def image_tokens(self) -> int:
        return sum(span.end - span.start for span in self.images)

    def cache_identity(self) -> np.ndarray:
        """The tokens, each image's replaced by numbers of its own, so that other pictures make another prompt."""
        identity = self.tokens.copy()
        for span in self.images:
            digest = hashlib.sha256(span.page.key.encode("utf-8", "replace")).digest()[:8]
            identity[span.start : span.end] = -1 - (int.from_bytes(digest, "big") >> 1)
        return identity


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was received, as a reader sees it."""

    document: str  # all text that is no question; empty when only pages came
    question: str


def build_prompt(
    messages: Sequence[Message], pages: Sequence[PageImage], role: ServerRole, thinking: bool, tokenizer: Tokenizer
) -> Prompt:
    builder = _Builder(tokenizer)
    if role is ServerRole.TEXT:
        _qwen(messages, thinking, builder)
    else:
        _glm(messages, iter(pages), thinking, builder)
    return builder.done()


class _Builder:
    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._runs: list[np.ndarray] = []
        self._text: list[str] = []
        self._images: list[ImageSpan] = []
        self._length = 0

    def text(self, text: str) -> None:
        self._text.append(text)

    def numbers(self, *numbers: int) -> None:
        self._flush()
        self._add(np.asarray(numbers, dtype=np.int64))

    def image(self, page: PageImage) -> None:
        self.numbers(BEGIN_IMAGE)
        start = self._length
        self._add(np.full(page.tokens, IMAGE, dtype=np.int64))
        self._images.append(ImageSpan(page, start, self._length))
        self.numbers(END_IMAGE)

    def done(self) -> Prompt:
        self._flush()
        tokens = np.concatenate(self._runs) if self._runs else np.empty(0, dtype=np.int64)
        return Prompt(tokens, tuple(self._images))

    def _flush(self) -> None:
        # Neighbouring texts are encoded together: a token may span them, as it does for the real tokenizer.
        if self._text:
            self._add(self._tokenizer.encode("".join(self._text)))
            self._text.clear()

    def _add(self, run: np.ndarray) -> None:
        self._runs.append(run)
        self._length += len(run)


def _qwen(messages: Sequence[Message], thinking: bool, builder: _Builder) -> None:
    for message in messages:
        text = "\n".join(message.texts)
        if message.role == "assistant":
            text = text.rpartition("</think>")[2].lstrip("\n")
        builder.text(f"<|im_start|>{message.role}\n{text}<|im_end|>\n")
    builder.text("<|im_start|>assistant\n")
    if not thinking:
        builder.text("<think>\n\n</think>\n\n")


def _glm(messages: Sequence[Message], pages: Iterator[PageImage], thinking: bool, builder: _Builder) -> None:
    builder.numbers(_GLM["[gMASK]"], _GLM["<sop>"])
    for message in messages:
        if message.role not in _GLM:
            raise InvalidRequest(f"Unexpected message role: {message.role}")
        builder.numbers(_GLM[message.role])
        builder.text("\n")
        for part in message.parts:
            if isinstance(part, ImagePart):
                builder.image(next(pages))
            elif isinstance(part, TextPart):
                text = part.text
                if message.role == "assistant":
                    text = text.rpartition("</think>")[2].lstrip("\n")
                builder.text(text)
    builder.numbers(_GLM["assistant"])
    builder.text("\n" if thinking else "\n<think></think>\n")


def read_conversation(messages: Sequence[Message]) -> Conversation:
    """The question is the last text part, or the last paragraph of it, of the last user message. The other paragraphs
    of user messages are the document; earlier questions are neither, and system messages are instructions."""
    users = [message for message in messages if message.role == "user" and message.texts]
    if not users:
        return Conversation("", "")
    document: list[str] = []
    question = ""
    for message in users:
        # Beside page images, and after the first question, there is no document in the text.
        before, question = _split(message, alone=message is not users[0] or bool(message.images))
        if before:
            document.append(before)
    return Conversation("\n\n".join(document), question)


def _split(message: Message, alone: bool) -> tuple[str, str]:
    """(document, question) of one user message. `alone`: its last text is all question, unless it is very long."""
    *earlier, last = message.texts
    last = last.strip()
    if alone and len(last) <= _MAX_QUESTION_CHARACTERS:
        return "\n\n".join(earlier), _without_label(last)
    if earlier and len(last) <= _MAX_QUESTION_CHARACTERS and not _PARAGRAPHS.search(last):
        return "\n\n".join(earlier), _without_label(last)
    cuts = deque(_PARAGRAPHS.finditer(last), maxlen=1)
    head, tail = (last[: cuts[0].start()], last[cuts[0].end() :]) if cuts else ("", last)
    if len(tail) > _MAX_QUESTION_CHARACTERS:
        # A document without a question after it: what it ends with is the best guess at what is asked.
        head, tail = last, tail[-500:]
    return "\n\n".join([*earlier, head] if head else earlier), _without_label(tail)


def _without_label(question: str) -> str:
    return _QUESTION_LABEL.sub("", question).strip()
