"""LongBench's measures of one answer against one reference. Source: THUDM/LongBench, metrics.py and eval.py (MIT).

Chinese needs a word list: the package jieba (MIT), which the app does not bring. `chinese_words_missing` says so in time.
"""

from __future__ import annotations

import logging
import re
import string
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from rapidfuzz import fuzz

from app.evaluation.errors import SourceError
from app.evaluation.scoring.rouge import rouge_l

# Of few-shot tasks only the first line counts: models go on with examples of their own.
FIRST_LINE_ONLY = frozenset(("trec", "triviaqa", "samsum", "lsht"))
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_NUMBER = re.compile(r"\d+")
_PUNCTUATION = frozenset(string.punctuation)
_CHINESE_MARKS = "！？｡。＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣､、〃》「」『』【】〔〕〖〗〘〙〚〛〜〝〞〟〰〾〿–—‘’‛“”„‟…‧﹏."
_CHINESE_PUNCTUATION = _PUNCTUATION | frozenset(_CHINESE_MARKS)


def qa_f1(answer: str, reference: str) -> float:
    """F1 over words, without case, punctuation and articles."""
    return _f1(_english_words(answer), _english_words(reference))


def qa_f1_zh(answer: str, reference: str) -> float:
    """F1 over jieba's words, without punctuation."""
    return _f1(_chinese_words(answer), _chinese_words(reference))


def rouge_zh(answer: str, reference: str) -> float:
    jieba = _jieba()
    return rouge_l(" ".join(jieba.cut(answer, cut_all=False)), " ".join(jieba.cut(reference, cut_all=False)))


def count(answer: str, reference: str) -> float:
    """The share of the numbers in the answer that are the right one."""
    return _share_of_numbers(answer, reference)


def retrieval(answer: str, reference: str) -> float:
    """The same for the number in "Paragraph 7"."""
    return _share_of_numbers(answer, _number_after("Paragraph ", reference))


def retrieval_zh(answer: str, reference: str) -> float:
    return _share_of_numbers(answer, _number_after("段落", reference))


def code_similarity(answer: str, reference: str) -> float:
    """Likeness of the first line that is no fence and no comment, in whole hundredths."""
    lines = answer.lstrip("\n").split("\n")
    line = next((one for one in lines if "`" not in one and "#" not in one and "//" not in one), "")
    if not line or not reference:
        return float(line == reference)
    return round(fuzz.ratio(line, reference)) / 100


def classification(answer: str, reference: str, classes: Sequence[str]) -> float:
    """1 over the number of class names that the answer holds, where the right one is among them.

    Names that are part of the right one do not count. Upstream takes them out of the list that it walks along, so the one after
    each is passed over; its figures are kept.
    """
    held = [name for name in classes if name in answer]
    at = 0
    while at < len(held):
        if held[at] in reference and held[at] != reference:
            held.remove(held[at])
        at += 1
    return 1.0 / len(held) if reference in held else 0.0


def chinese_words_missing() -> str:
    """Why Chinese answers cannot be scored here, in words; empty where they can."""
    if find_spec("jieba") is None:
        return "Chinese answers are scored by words, which needs the package jieba: pip install jieba==0.42.1"
    return ""


def _f1(said: Sequence[str], meant: Sequence[str]) -> float:
    same = sum((Counter(said) & Counter(meant)).values())
    if not same:
        return 0.0
    precision, recall = same / len(said), same / len(meant)
    return (2 * precision * recall) / (precision + recall)


def _english_words(text: str) -> list[str]:
    bare = "".join(character for character in text.lower() if character not in _PUNCTUATION)
    return _ARTICLES.sub(" ", bare).split()


def _chinese_words(text: str) -> list[str]:
    bare = (
        "".join("".join(c for c in word.lower() if c not in _CHINESE_PUNCTUATION).split())
        for word in _jieba().cut(text, cut_all=False)
    )
    return [word for word in bare if word]


def _share_of_numbers(answer: str, wanted: str) -> float:
    numbers = _NUMBER.findall(answer)
    return sum(one == wanted for one in numbers) / len(numbers) if numbers else 0.0


def _number_after(word: str, reference: str) -> str:
    found = re.search(rf"{word}(\d+)", reference)
    if found is None:
        raise SourceError(f"A reference of a retrieval task must hold “{word}N”; this one is {reference[:80]!r}.")
    return found.group(1)


@lru_cache(maxsize=1)
def _jieba() -> Any:
    if reason := chinese_words_missing():
        raise SourceError(reason)
    import jieba

    jieba.setLogLevel(logging.WARNING)
    return jieba
