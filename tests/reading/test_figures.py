"""A book's figures and their words: what is really sent is what takes time, and what does not fit says so."""

import re

import pytest

from app.projection import DEFAULT_GPU, GLYPH, QWEN3_8B, project
from app.reading import QUESTION_TOKENS, TextReading, Window, book_figures
from app.reading.words import later_or_sooner, reading_sentence, sent_words, time_words, unbroken, window_share

PAGES = [630] * 100 + [210]
WINDOW = Window(131_072, True)


def figures(sent=120_000):
    return book_figures(TextReading(240_000, sent, WINDOW), PAGES, WINDOW, DEFAULT_GPU)


def test_the_ratio_is_of_the_whole_book_and_the_time_of_what_is_sent():
    told = figures()
    assert told.ratio == pytest.approx(240_000 / (63_000 + 210))
    sent = project(QWEN3_8B, DEFAULT_GPU, 120_000 + QUESTION_TOKENS, output_tokens=1)
    assert told.text_seconds == sent.time_to_first_token_seconds
    assert told.whole_text_seconds > 2 * told.text_seconds  # attention grows with the square


def test_pages_are_read_with_their_marks():
    told = figures()
    tokens = sum(PAGES) + 2 * len(PAGES)
    assert told.pages.prompt_tokens == tokens
    pages = project(GLYPH, DEFAULT_GPU, tokens + QUESTION_TOKENS, [4 * one for one in PAGES], output_tokens=1)
    assert told.pages_seconds == pages.time_to_first_token_seconds
    assert told.tokens_a_page == 630  # a usual one, whatever the last page is


def test_a_text_that_is_cut_says_so_and_its_whole_is_for_comparison():
    sentence = reading_sentence(figures())
    assert "cut to 50\u00a0% (120,000 tokens)" in sentence
    assert sentence.endswith("does not fit; shown for comparison.")


def test_a_text_that_fits_says_nothing_of_a_cut():
    told = figures(sent=240_000)
    assert sent_words(told) == ""
    assert "comparison" not in reading_sentence(told)


def test_pages_beyond_their_window_are_shown_for_comparison():
    small = book_figures(TextReading(240_000, 240_000, Window(10**6, True)), PAGES, Window(32_768, True), DEFAULT_GPU)
    assert small.pages.share_of_window > 1
    assert "(does not fit; shown for comparison)" in reading_sentence(small)


@pytest.mark.parametrize(
    ("text_s", "pages_s", "told"),
    [(8.0, 4.0, "2.0× sooner"), (1.0, 3.0, "3.0× later"), (0.119, 0.1192, "at about the same time")],
)
def test_what_is_slower_is_said_to_be_slower(text_s, pages_s, told):
    assert later_or_sooner(text_s, pages_s) == told


def test_almost_the_whole_is_never_all_of_it():
    assert sent_words(figures(sent=239_999)).startswith("cut to more than 99\u00a0%")
    assert (window_share(0.5), window_share(1.2)) == ("50\u00a0%", "1.20×")


def test_a_number_keeps_its_unit_on_its_line():
    assert (
        unbroken("5 ms, 2 min 13 s, 50 %, 9.1 tokens/s")
        == "5\u00a0ms, 2\u00a0min 13\u00a0s, 50\u00a0%, 9.1\u00a0tokens/s"
    )
    assert unbroken("2 sides, 3 minutes, 4 pages") == "2 sides, 3 minutes, 4 pages"
    assert re.search(r"\d (?:%|ms|s|min)\b", reading_sentence(figures(sent=120_000))) is None
    assert time_words(0.085) == "85\u00a0ms"
