"""How many tokens a book may have in a window, and what two counts of tokens say together."""

import math

ASSUMED_WINDOW_TOKENS = 131_072  # of a model whose server has not told its own: with this both are started
QUESTION_TOKENS = 4096  # what a question and the chat template may take
# A history is reckoned in whole steps of this, one from the start: while it grows within a step, the cut of a long text stays as
# it is, and with it the prefix that the server has cached. Else every follow-up question would find one side cold.
HISTORY_STEP_TOKENS = 4096


def tokens_for_book(window: int, answer: int, history: int = 0) -> int:
    """Tokens left for a book in a window of `window`, beside a question, an answer of up to `answer` and the conversation so far.

    All in tokens of the model that reads them; `history` counts earlier questions and answers. 0 where nothing is left.
    """
    steps = max(1, math.ceil(history / HISTORY_STEP_TOKENS))
    return max(0, window - QUESTION_TOKENS - answer - steps * HISTORY_STEP_TOKENS)


def compression_ratio(text_tokens: int, visual_tokens: int) -> float:
    """Text tokens that one visual token stands for; 0.0 where there are no pages."""
    return text_tokens / visual_tokens if visual_tokens > 0 else 0.0


def share_of_book(share: float, digits: int = 0) -> str:
    """A share of a book as every screen says it: "47 %" on one line, rounded to `digits`. What is cut is never called all of it,
    and what is read never nothing: such a share is "more than 99 %" or "less than 1 %"."""
    percent, step = round(100 * share, digits), 10.0**-digits
    if share < 1 and percent > 100 - step:
        return f"more than {100 - step:.{digits}f}\u00a0%"
    if share > 0 and percent < step:
        return f"less than {step:.{digits}f}\u00a0%"
    return f"{percent:.{digits}f}\u00a0%"
