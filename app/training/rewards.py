"""The three rewards of the paper's last stage (arXiv 2510.17800): a judge with a reference, the format, OCR by Levenshtein.

In: what a model answered, and what a row holds. Out: 0 to 1. Pure: the judge is a function that is handed in (judge.py
asks a server). Names no trainer.
"""

import re
from collections.abc import Callable

from app.training.escaping import unescape

THINK, THINK_END = "<think>", "</think>"
_FORMATTED = re.compile(
    r"\s*(?:<think>)?(?P<thought>(?:(?!</?think>).)*)</think>(?P<said>(?:(?!</?think>).)*)", re.DOTALL
)
Judge = Callable[[str, str, str], bool]
"""Question, reference answer, given answer; whether they say the same."""


def final_answer(completion: str) -> str:
    """What stands behind the reasoning, all of it where there is none; unescaped, as the references are.

    Reasoning that never ends (cut at the length's limit) is no answer, whatever it says: "".
    """
    said = completion.rpartition(THINK_END)[2].strip()
    return "" if said.startswith(THINK) else unescape(said)


def format_reward(completion: str) -> float:
    """1 for one stretch of reasoning, ended once, and an answer behind it; else 0. Chat templates may have opened it."""
    found = _FORMATTED.fullmatch(completion)
    return 1.0 if found is not None and found["said"].strip() else 0.0


def ocr_reward(completion: str, text: str) -> float:
    """1 less the Levenshtein distance over the length of the longer; blanks of any kind and number count as one."""
    from rapidfuzz.distance import Levenshtein

    said, meant = " ".join(final_answer(completion).split()), " ".join(text.split())
    if not said and not meant:
        return 1.0
    return float(Levenshtein.normalized_similarity(said, meant))


def judge_reward(completion: str, question: str, reference: str, judge: Judge) -> float:
    """1 where the judge finds that the answer says what the reference says; an empty answer is not sent to it."""
    answer = final_answer(completion)
    return 1.0 if answer and judge(question, reference, answer) else 0.0
