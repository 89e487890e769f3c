"""Two answers word for word."""

import pytest

from app.verdict import differences


def test_what_only_one_says_is_marked_and_nothing_is_lost():
    found = differences("The old keeper lit  the lamp.\nAt nine.", "The keeper lit a lamp.\nAt nine.")
    assert "".join(one.text for one in found.first) == "The old keeper lit  the lamp.\nAt nine."
    assert "".join(one.text for one in found.second) == "The keeper lit a lamp.\nAt nine."
    assert [one.text for one in found.first if not one.shared] == ["old ", "the "]
    assert [one.text for one in found.second if not one.shared] == ["a "]
    assert found.similarity == pytest.approx(2 * 6 / (8 + 7))


@pytest.mark.parametrize(
    ("one", "two", "similarity"),
    [("", "", 1.0), ("a b", "a b", 1.0), ("a b", "c d", 0.0), ("a", "", 0.0), ("a b", "a  b\n", 1.0)],
)
def test_similarity_is_the_share_of_words_in_common(one, two, similarity):
    assert differences(one, two).similarity == similarity


def test_a_model_that_repeats_itself_is_compared_too():
    found = differences("word " * 9_000, "word other " * 6_000)
    assert found.left_out == 2_000
    assert 0 < found.similarity < 1


def test_order_counts():
    assert differences("b a", "a b").similarity == 0.5
