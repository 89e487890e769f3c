"""Tokens times a price that one enters. In: counts and prices. Out: money, in whatever currency was meant. Knows no provider."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.whatif.errors import WhatIfError

MOST_A_MILLION = 1_000_000.0
MOST_QUESTIONS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """For a million tokens. Raises WhatIfError."""

    prompt: float
    answer: float

    def __post_init__(self) -> None:
        for name, value in (("prompt", self.prompt), ("answer", self.answer)):
            if not (math.isfinite(value) and 0 <= value <= MOST_A_MILLION):
                raise WhatIfError(f"A price of {value:g} for a million {name} tokens: give 0 to {MOST_A_MILLION:,.0f}.")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of so many questions about one text, each sent whole and read cold."""

    prompt_tokens: int
    answer_tokens: int
    questions: int
    prompt: float
    answer: float

    @property
    def total(self) -> float:
        return self.prompt + self.answer


def cost_of(prompt_tokens: int, answer_tokens: int, price: Price, questions: int = 1) -> Cost:
    if min(prompt_tokens, answer_tokens) < 0 or not 1 <= questions <= MOST_QUESTIONS:
        raise WhatIfError(f"{questions:,} questions cannot be reckoned with; give 1 to {MOST_QUESTIONS:,}.")
    return Cost(
        prompt_tokens,
        answer_tokens,
        questions,
        questions * prompt_tokens * price.prompt / 1e6,
        questions * answer_tokens * price.answer / 1e6,
    )
