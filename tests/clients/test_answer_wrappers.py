"""Wrappers go, words stay, whatever way the text was cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clients.answer_tags import AnswerDecoder, Piece, ThinkSplitter

ANSWERS = {
    "<answer>The fox.</answer>": "The fox.",
    "\n<|begin_of_box|>42<|end_of_box|>\n": "42\n",
    "<answer><|begin_of_box|>\nBoth<|end_of_box|></answer><|user|>": "Both",
    "plain, a < b and <b>bold</b>": "plain, a < b and <b>bold</b>",
    "ends with <ans": "ends with <ans",
    "": "",
}


def pieces_of(text, cuts):
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges)]


@pytest.mark.parametrize(("raw", "shown"), ANSWERS.items())
@given(cuts=st.lists(st.integers(0, 200), max_size=20))
def test_answer_is_the_same_in_any_cut(raw, shown, cuts):
    decoder = AnswerDecoder()
    assert "".join(decoder.decode(piece) for piece in pieces_of(raw, cuts)) + decoder.flush() == shown


def test_words_are_shown_at_once_and_only_a_possible_tag_waits():
    decoder = AnswerDecoder()
    assert decoder.decode("<answer>The ") == "The "
    assert decoder.decode("fox </ans") == "fox "
    assert decoder.decode("wer>") == ""
    assert decoder.flush() == ""


def thoughts_and_words(raw, cuts):
    splitter = ThinkSplitter()
    pieces = [piece for part in pieces_of(raw, cuts) for piece in splitter.decode(part)] + splitter.flush()
    return (
        "".join(piece.text for piece in pieces if piece.reasoning),
        "".join(piece.text for piece in pieces if not piece.reasoning),
    )


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("<think>why?</think>so", ("why?", "so")),
        ("\n<think>\na <b\n</think>\n\nso", ("\na <b\n", "\n\nso")),
        ("no thought, <think> is a word here", ("", "no thought, <think> is a word here")),
        ("<think>never closed", ("never closed", "")),
        ("<thin", ("", "<thin")),
    ],
)
@given(cuts=st.lists(st.integers(0, 60), max_size=12))
def test_reasoning_is_told_from_answer_in_any_cut(raw, expected, cuts):
    thoughts, words = thoughts_and_words(raw, cuts)
    assert (thoughts, words.lstrip("\n")) == (expected[0], expected[1].lstrip("\n"))


def test_the_opening_tag_is_told_as_the_first_token():
    assert ThinkSplitter().decode("<think>") == [Piece("", reasoning=True)]
