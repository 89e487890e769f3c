"""How much of a window is left for a book."""

import pytest

from app.tokens import share_of_book, tokens_for_book
from app.tokens.fit import HISTORY_STEP_TOKENS, QUESTION_TOKENS

WINDOW = 131_072


def test_question_answer_and_history_are_taken_off_the_window():
    room = tokens_for_book(WINDOW, answer=8192, history=3 * HISTORY_STEP_TOKENS)
    assert room == WINDOW - QUESTION_TOKENS - 8192 - 3 * HISTORY_STEP_TOKENS


def test_a_history_is_reckoned_in_whole_steps_so_that_the_cut_stays_within_one():
    within = [tokens_for_book(WINDOW, 0, history) for history in (0, 1, 10, HISTORY_STEP_TOKENS)]
    assert len(set(within)) == 1
    assert tokens_for_book(WINDOW, 0, HISTORY_STEP_TOKENS + 1) == within[0] - HISTORY_STEP_TOKENS


@pytest.mark.parametrize("history", [0, 1, 5_000, 100_000])
def test_prompt_and_answer_never_need_more_than_the_window(history):
    assert tokens_for_book(WINDOW, 2048, history) + QUESTION_TOKENS + 2048 + history <= WINDOW


def test_nothing_is_left_of_a_window_that_the_answer_fills():
    assert tokens_for_book(4096, answer=4096) == 0


@pytest.mark.parametrize(
    ("share", "digits", "words"),
    [
        (0.4686, 0, "47\u00a0%"),
        (1.0, 0, "100\u00a0%"),
        (0.0, 0, "0\u00a0%"),
        (0.994, 0, "99\u00a0%"),
        (0.9999, 0, "more than 99\u00a0%"),
        (0.0001, 0, "less than 1\u00a0%"),
        (0.0123, 2, "1.23\u00a0%"),
        (0.00001, 2, "less than 0.01\u00a0%"),
    ],
)
def test_a_share_of_a_book_is_rounded_and_never_to_all_of_it_or_nothing(share, digits, words):
    assert share_of_book(share, digits) == words
