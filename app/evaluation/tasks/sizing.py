"""How much haystack fills a length. In: a maker of drafts. Out: drafts that fit, question and answer included.

As RULER does: a binary search on one sample gives the size for the task; a draft that is still too long is made smaller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.evaluation.errors import PlanError
from app.evaluation.tasks.dice import Dice
from app.tokens import count_text_tokens

_SMALLER = 0.97


@dataclass(frozen=True, slots=True)
class Draft:
    """An item without its name."""

    context: str
    question: str
    references: tuple[str, ...]
    evidence: tuple[tuple[int, int], ...] = ()


Make = Callable[[Dice, int], Draft]
"""From random choices and a size, in the haystack's own unit."""


def tokens_of(draft: Draft) -> int:
    """Of document and question, exact by Qwen's tokenizer; no chat template."""
    return count_text_tokens(f"{draft.context}\n\n{draft.question}").value


def size_for(make: Make, budget: int, least: int, most: int, words: str) -> int:
    """The largest size of which a sample fits `budget` tokens. Raises PlanError where not even the least does."""

    def fits(size: int) -> bool:
        return tokens_of(make(Dice("size", words), size)) <= budget

    if not fits(least):
        raise PlanError(f"{words}: nothing fits into {budget} tokens beside the answer; choose a greater length.")
    low, high = least, max(least, most)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low


def fitting_draft(make: Make, dice_words: str, size: int, budget: int, least: int) -> Draft:
    """A draft that fits. Raises PlanError."""
    while True:
        draft = make(Dice(dice_words), size)
        if tokens_of(draft) <= budget:
            return draft
        if size <= least:
            raise PlanError(
                f"{dice_words}: no item fits into {budget} tokens beside the answer; choose a greater length."
            )
        size = max(least, int(size * _SMALLER))
