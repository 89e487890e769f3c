"""An item and an answer in, a score from 0 to 1 and an outcome out. Pure; knows nothing of servers, arms or files."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.evaluation.scoring import longbench
from app.evaluation.scoring.mrcr import character_error_share, mrcr_score
from app.evaluation.scoring.rouge import rouge_l
from app.evaluation.scoring.ruler import match_all, match_part
from app.evaluation.values import Item, Metric, Outcome
from app.verdict import Verdict, judge

__all__ = ["RIGHT_FROM", "abstained", "character_error_share", "graded", "likeness", "outcome_of", "score_answer"]

UNKNOWN = "unknown"
# From which score an answer counts as correct. What is matched must match wholly; graded measures never reach 1 in practice.
RIGHT_FROM: dict[Metric, float] = {
    Metric.ALL: 1.0,
    Metric.PART: 1.0,
    Metric.FACT: 1.0,
    Metric.CLASSIFICATION: 1.0,
    Metric.COUNT: 1.0,
    Metric.RETRIEVAL: 1.0,
    Metric.RETRIEVAL_ZH: 1.0,
    Metric.MRCR: 0.5,
    Metric.QA_F1: 0.5,
    Metric.QA_F1_ZH: 0.5,
    Metric.ROUGE_L: 0.5,
    Metric.ROUGE_ZH: 0.5,
    Metric.CODE: 0.5,
}
_EMPHASIS = re.compile(r"[*_`\"'“”.!]+")

_OF_ONE: dict[Metric, Callable[[str, str], float]] = {
    Metric.QA_F1: longbench.qa_f1,
    Metric.QA_F1_ZH: longbench.qa_f1_zh,
    Metric.ROUGE_L: rouge_l,
    Metric.ROUGE_ZH: longbench.rouge_zh,
    Metric.COUNT: longbench.count,
    Metric.RETRIEVAL: longbench.retrieval,
    Metric.RETRIEVAL_ZH: longbench.retrieval_zh,
    Metric.CODE: longbench.code_similarity,
}


def score_answer(item: Item, answer: str) -> float:
    """By the item's metric; several references: the best, as LongBench does, or all of them (RULER)."""
    if item.metric is Metric.ALL:
        return match_all(answer, item.references)
    if item.metric is Metric.PART:
        return match_part(answer, item.references)
    if item.metric is Metric.MRCR:
        return mrcr_score(answer, item.references[0], item.prefix)
    if item.metric is Metric.FACT:
        return float(any(judge(answer, one).verdict is Verdict.RIGHT for one in item.references))
    if item.task.removeprefix("longbench/") in longbench.FIRST_LINE_ONLY:
        answer = answer.lstrip("\n").split("\n")[0]
    if item.metric is Metric.CLASSIFICATION:
        return max((longbench.classification(answer, one, item.classes) for one in item.references), default=0.0)
    return max((_OF_ONE[item.metric](answer, one) for one in item.references), default=0.0)


def likeness(item: Item, answer: str) -> float | None:
    """MRCR's second figure, beside a ratio to which one misread character in twenty costs half; None for other measures."""
    if item.metric is not Metric.MRCR:
        return None
    return 1.0 - character_error_share(answer, item.references[0]) if answer.strip() else 0.0


def abstained(answer: str) -> bool:
    """Whether the answer's last line says "unknown" and nothing else. Exact, so that a wrong answer never hides behind it."""
    lines = [line.strip() for line in answer.splitlines() if line.strip()]
    return bool(lines) and _EMPHASIS.sub("", lines[-1]).strip().casefold() == UNKNOWN


def outcome_of(item: Item, answer: str, score: float) -> Outcome:
    if not answer.strip():
        return Outcome.NO_ANSWER
    if score >= RIGHT_FROM[item.metric]:
        return Outcome.CORRECT
    return Outcome.ABSTAINED if abstained(answer) else Outcome.WRONG


def graded(item: Item, answer: str) -> tuple[float, Outcome]:
    """Score and outcome. An empty answer scores 0, whatever the metric makes of it."""
    score = score_answer(item, answer) if answer.strip() else 0.0
    return score, outcome_of(item, answer, score)
