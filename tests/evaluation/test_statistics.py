"""Our four formulas against scipy's."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from scipy import stats

from app.evaluation import difference_words, p_words
from app.evaluation.statistics import mcnemar, paired_difference, wilson


@pytest.mark.parametrize(("right", "count"), [(0, 5), (3, 5), (5, 5), (17, 60), (299, 300), (1, 1)])
def test_wilson_is_scipys(right, count):
    ours = wilson(right / count, count)
    theirs = stats.binomtest(right, count).proportion_ci(method="wilson")
    assert (ours.low, ours.high) == (pytest.approx(theirs.low, abs=1e-12), pytest.approx(theirs.high, abs=1e-12))


def test_nothing_known_is_everything_possible_and_no_share_is_refused():
    assert (wilson(0.0, 0).low, wilson(0.0, 0).high) == (0.0, 1.0)
    with pytest.raises(ValueError, match="none"):
        wilson(1.5, 3)


@pytest.mark.parametrize(("one", "other"), [(0, 0), (5, 0), (3, 7), (10, 11), (40, 12)])
def test_mcnemar_is_the_exact_binomial_test(one, other):
    theirs = stats.binomtest(one, one + other).pvalue if one + other else 1.0
    assert mcnemar(one, other) == pytest.approx(theirs, abs=1e-12)


def test_the_paired_interval_is_scipys_bootstrap_and_the_same_each_time():
    dice = Random(3)
    one = [dice.random() for _ in range(80)]
    other = [min(1.0, max(0.0, value - 0.1 + dice.gauss(0, 0.1))) for value in one]
    right = [value > 0.5 for value in one]
    ours = paired_difference(one, other, right, [value > 0.5 for value in other])
    assert ours == paired_difference(one, other, right, [value > 0.5 for value in other])
    difference = np.array(one) - np.array(other)
    theirs = stats.bootstrap(
        (difference,), np.mean, method="percentile", n_resamples=10_000, rng=np.random.default_rng(1)
    ).confidence_interval
    assert ours.value == pytest.approx(difference.mean())
    assert ours.low == pytest.approx(theirs.low, abs=0.004)
    assert ours.high == pytest.approx(theirs.high, abs=0.004)


def test_items_that_all_differ_alike_tell_no_interval_rather_than_one_of_no_width():
    same = paired_difference([1.0] * 4, [1.0] * 4, [True] * 4, [True] * 4)
    lost = paired_difference([0.0] * 4, [1.0] * 4, [False] * 4, [True] * 4)
    some = paired_difference([0.0, 1.0, 1.0, 1.0], [1.0] * 4, [False, True, True, True], [True] * 4)
    assert [(one.low, one.high) for one in (same, lost)] == [(None, None)] * 2
    assert [difference_words(one) for one in (same, lost)] == ["0.0 (all alike), n 4", "−100.0 (all alike), n 4"]
    assert difference_words(some) == "−25.0 (−75.0 to 0.0), n 4"


@pytest.mark.parametrize(
    ("p_value", "words"), [(0.00049, "< 0.001"), (0.001, "0.001"), (0.25, "0.250"), (1.0, "1.000")]
)
def test_no_split_is_told_to_be_impossible_by_chance(p_value, words):
    assert p_words(p_value) == words


def test_pairs_must_be_pairs():
    with pytest.raises(ValueError, match="either side"):
        paired_difference([1.0], [1.0, 0.0], [True], [True, False])
