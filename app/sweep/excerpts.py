"""Cut a text to lengths in tokens, at sentence ends. In: a text. Out: excerpts with exact counts. Knows nothing of servers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from app.tokens import count_text_tokens, encode_spans

# A full stop and its like, closing quotes and brackets behind it, then space or the end; Chinese ones need no space.
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+[”’」』）]*")
_SEARCHED_BACK = 4000  # characters before the cut in which a sentence must end, else a word's end will do


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a text. `tokens` is exact; `at_sentence_end`: False where no sentence ends near the length."""

    text: str
    tokens: int
    at_sentence_end: bool


def excerpts(text: str, lengths: tuple[int, ...]) -> dict[int, Excerpt]:
    """The longest beginning of at most so many tokens, for each length that the text reaches.

    A length that the text does not reach is left out, unless it lacks less than a hundredth: then it is the whole text.
    """
    ends = encode_spans(text)
    found: dict[int, Excerpt] = {}
    for length in lengths:
        if len(ends) <= length:
            if len(ends) >= 0.99 * length:
                found[length] = Excerpt(text, count_text_tokens(text).value, True)
            continue
        found[length] = _cut(text, ends, length)
    return found


def _cut(text: str, ends: np.ndarray, length: int) -> Excerpt:
    """Counted anew: at the cut two tokens may part that were one, so a cut one sentence earlier may be needed."""
    budget = length
    while True:
        until = int(ends[budget - 1])
        cut = _last_sentence_end(text, until)
        at_sentence_end = cut is not None
        if cut is None:
            cut = max(text.rfind(" ", max(0, until - 200), until), 0) or until
        part = text[:cut]
        tokens = count_text_tokens(part).value
        if tokens <= length:
            return Excerpt(part, tokens, at_sentence_end)
        budget -= max(1, tokens - length)


def _last_sentence_end(text: str, until: int) -> int | None:
    start = max(0, until - _SEARCHED_BACK)
    # One character more than is kept, so that a stop at the very end is seen to be followed by a space.
    last = None
    for match in _SENTENCE_END.finditer(text, start, min(len(text), until + 1)):
        if match.end() <= until:
            last = match.end()
    return last
