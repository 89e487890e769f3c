"""How strongly a text must be compressed to fit a window. In: tokens. Out: a Need. Knows nothing of settings."""

from __future__ import annotations

from dataclasses import dataclass

from app.projection import TOKENS_PER_PAGE
from app.tokens import VISUAL_OVERHEAD_PER_PAGE
from app.whatif.errors import WhatIfError

QUESTION_TOKENS = 100  # question and template, about


@dataclass(frozen=True, slots=True)
class Need:
    """A text beside a question and an answer in one window. All in tokens."""

    text_tokens: int
    window_tokens: int
    answer_tokens: int
    question_tokens: int
    tokens_per_page: int

    @property
    def visual_tokens(self) -> int:
        """What is left for pictures: of each page two tokens go to its begin and end."""
        room = self.window_tokens - self.answer_tokens - self.question_tokens
        return room * self.tokens_per_page // (self.tokens_per_page + VISUAL_OVERHEAD_PER_PAGE)

    @property
    def compression(self) -> float:
        """Text tokens that one visual token must stand for."""
        return self.text_tokens / self.visual_tokens

    @property
    def fits_as_text(self) -> bool:
        return self.text_tokens + self.question_tokens + self.answer_tokens <= self.window_tokens


def need_of(
    text_tokens: int,
    window_tokens: int,
    answer_tokens: int,
    question_tokens: int = QUESTION_TOKENS,
    tokens_per_page: int = TOKENS_PER_PAGE,
) -> Need:
    """Raises WhatIfError where the window has no room for a page."""
    if text_tokens < 1 or tokens_per_page < 1 or answer_tokens < 0 or question_tokens < 0:
        raise WhatIfError(f"A text of {text_tokens:,} tokens cannot be reckoned with; give at least 1.")
    need = Need(text_tokens, window_tokens, answer_tokens, question_tokens, tokens_per_page)
    if need.visual_tokens < 1:
        raise WhatIfError(
            f"A window of {window_tokens:,} tokens has no room beside an answer of {answer_tokens:,}; choose a larger window or a "
            "shorter answer."
        )
    return need
