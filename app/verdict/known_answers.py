"""An answer and the answer that is known in, right, wrong or abstained out.

The rule, told wherever its verdict is shown: the known answer's words are all in the answer, in any order and spelling of
numbers. It reads no meaning: an answer that says the right words and denies them passes, and one that uses other words for
the same thing does not. Alternatives and parts of a known answer: "|" between spellings, ";" between parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from .plain_words import words_of

RULE = "The known answer's words are all in the answer, in any order; numbers count as words or digits."
_THINKING = re.compile(r"<think>.*?(?:</think>|\Z)|\A.*?</think>", re.DOTALL)
# What readers say when they do not know; in plain spelling, looked for only where the right words are missing.
_ABSTAINING = tuple(
    tuple(words_of(phrase))
    for phrase in (
        "unknown",
        "i don't know",
        "i do not know",
        "not mentioned",
        "not stated",
        "not specified",
        "not provided",
        "not given",
        "no information",
        "cannot determine",
        "can't determine",
        "cannot be determined",
        "cannot find",
        "could not find",
        "couldn't find",
        "does not say",
        "doesn't say",
        "does not mention",
        "doesn't mention",
        "nothing in",
        "cannot answer",
        "no mention",
        "is not in the",
        "are not in the",
        "so there is nothing to quote",
        "没有提到",
        "未提及",
        "不知道",
        "无法确定",
        "没有说明",
        "没有与问题足够相符",
    )
)
_SMALL_LIST = "a an the of in on at by to for and or is was were it its his her their from with"
_SMALL_WORDS = frozenset(_SMALL_LIST.split())


class Verdict(StrEnum):
    """What became of a question whose answer is known. The four always sum to the questions asked."""

    RIGHT = "right"
    WRONG = "wrong"
    ABSTAINED = "abstained"
    NO_ANSWER = "no answer"

    @property
    def mark(self) -> str:
        """A sign that is told apart without colour."""
        return {Verdict.RIGHT: "✓", Verdict.WRONG: "✗"}.get(self, "–")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`missing`: words of the known answer that the answer does not have; empty where it is right."""

    verdict: Verdict
    missing: tuple[str, ...] = ()


def judge(answer: str, expected: str) -> Judgement:
    """Hold an answer (its reasoning, in <think> or apart, does not count) against the known one. Pure and quick."""
    said = words_of(_THINKING.sub(" ", answer))
    if not said:
        return Judgement(Verdict.NO_ANSWER)
    have = frozenset(said)
    missing: list[str] = []
    for part in expected.split(";"):
        lacking = [[word for word in _needed(spelling) if word not in have] for spelling in part.split("|")]
        missing += sorted(lacking, key=len)[0]
    if not missing:
        return Judgement(Verdict.RIGHT)
    abstained = any(_holds(said, phrase) for phrase in _ABSTAINING)
    return Judgement(Verdict.ABSTAINED if abstained else Verdict.WRONG, tuple(missing))


def _needed(spelling: str) -> list[str]:
    words = words_of(spelling)
    return [word for word in words if word not in _SMALL_WORDS] or words


def _holds(words: list[str], phrase: tuple[str, ...]) -> bool:
    return any(tuple(words[at : at + len(phrase)]) == phrase for at in range(len(words) - len(phrase) + 1))
