"""Our scorers against upstream's own figures.

tests/evaluation/upstream_scores.json: made-up pairs and what upstream's code makes of them: lm-eval 0.4.13's copy of LongBench's
metrics with rouge 1.0.1, jieba 0.42.1 and fuzzywuzzy 0.18.0 (python-Levenshtein), RULER's two string matches, and the ratio that
MRCR's data card defines.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.evaluation.scoring import abstained, character_error_share, graded, longbench, score_answer
from app.evaluation.scoring.mrcr import mrcr_score
from app.evaluation.scoring.rouge import rouge_l
from app.evaluation.scoring.ruler import match_all, match_part
from app.evaluation.values import Item, Metric, Outcome

UPSTREAM = json.loads((Path(__file__).parent / "upstream_scores.json").read_text(encoding="utf-8"))
OURS = {
    "qa_f1": longbench.qa_f1,
    "qa_f1_zh": longbench.qa_f1_zh,
    "rouge_l": rouge_l,
    "rouge_zh": longbench.rouge_zh,
    "count": longbench.count,
    "retrieval": longbench.retrieval,
    "retrieval_zh": longbench.retrieval_zh,
    "code": longbench.code_similarity,
}


@pytest.mark.parametrize("name", OURS)
def test_longbench_measures_are_upstreams_on_200_pairs_and_more(name):
    assert len(UPSTREAM[name]) >= 200
    differing = [
        (said, meant, score)
        for said, meant, score in UPSTREAM[name]
        if OURS[name](said, meant) != pytest.approx(score, abs=1e-9)
    ]
    assert differing == []


def test_classification_is_upstreams_with_its_passed_over_names():
    assert len(UPSTREAM["classification"]) >= 200
    for said, meant, classes, score in UPSTREAM["classification"]:
        assert longbench.classification(said, meant, classes) == pytest.approx(score)


def test_rulers_two_matches_are_upstreams():
    assert len(UPSTREAM["ruler"]) >= 200
    for said, references, every, any_of_them in UPSTREAM["ruler"]:
        assert match_all(said, references) == pytest.approx(every)
        assert match_part(said, references) == any_of_them


def test_mrcr_is_difflibs_ratio_to_a_billionth_and_nothing_without_its_prefix():
    assert len(UPSTREAM["mrcr"]) >= 200
    for said, meant, prefix, score in UPSTREAM["mrcr"]:
        assert abs(mrcr_score(said, meant, prefix) - score) <= 1e-9
        assert (score == 0) == (not said.startswith(prefix))
    assert character_error_share("abcd", "abxd") == 0.25


def item(metric: Metric, *references: str, **more) -> Item:
    return Item("t/0", more.pop("task", "t"), "", "?", references, metric, 32, **more)


def test_a_part_of_many_values_scores_its_share_but_is_not_correct():
    four = item(Metric.ALL, "1111111", "2222222", "3333333", "4444444")
    assert graded(four, "1111111 and 2222222") == (0.5, Outcome.WRONG)
    assert graded(four, "4444444 3333333 2222222 1111111") == (1.0, Outcome.CORRECT)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("unknown", Outcome.ABSTAINED),
        ("**Unknown.**", Outcome.ABSTAINED),
        ("I looked everywhere.\n\nunknown", Outcome.ABSTAINED),
        ("It is unknown to me, but 5", Outcome.WRONG),
        ("9999999", Outcome.WRONG),
        ("  \n", Outcome.NO_ANSWER),
        ("unknown, no: 1234567", Outcome.CORRECT),
    ],
)
def test_an_answer_is_correct_abstained_silently_wrong_or_none(answer, outcome):
    assert graded(item(Metric.ALL, "1234567"), answer)[1] is outcome


def test_only_an_exact_unknown_abstains():
    assert abstained("unknown")
    assert not abstained("The key is unknown")


def test_an_empty_answer_scores_nothing_even_where_the_reference_is_punctuation():
    assert graded(item(Metric.CODE, ""), "") == (0.0, Outcome.NO_ANSWER)


def test_planted_facts_take_numbers_as_words_and_few_shot_tasks_count_their_first_line():
    assert score_answer(item(Metric.FACT, "forty-one"), "There were 41 steps.") == 1.0
    few = item(Metric.QA_F1, "Paris", task="longbench/triviaqa")
    assert score_answer(few, "\nParis\nQuestion: and Rome?") == 1.0
