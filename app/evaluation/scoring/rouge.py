"""ROUGE-L of summaries as the package `rouge` 1.0.1 (Apache-2.0) reckons it, which LongBench scores with: exactly its figures.

Sentences are cut at full stops, words at blanks. Of every sentence of the reference and every sentence of the answer one longest
common subsequence is taken (where there are several, the one that keeps to the answer's end last), and of all of these the words,
each once: their number over the number of different words of either side gives recall and precision.
"""

from __future__ import annotations

import numpy as np

_TINY = 1e-8


def rouge_l(answer: str, reference: str) -> float:
    """The F measure; 0.0 where either side has no sentence, as LongBench counts the package's refusal."""
    said, meant = _sentences(answer), _sentences(reference)
    if not said or not meant:
        return 0.0
    shared: set[str] = set()
    for one in meant:
        words = one.split(" ")
        for other in said:
            shared |= _common(words, other.split(" "))
    recall = len(shared) / len({word for one in meant for word in one.split(" ")})
    precision = len(shared) / len({word for one in said for word in one.split(" ")})
    return 2.0 * ((precision * recall) / (precision + recall + _TINY))


def _sentences(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split(".") if part]


def _common(left: list[str], right: list[str]) -> set[str]:
    """The words of one longest common subsequence."""
    lengths = np.zeros((len(left) + 1, len(right) + 1), dtype=np.int32)
    for i, word in enumerate(left, 1):
        row, above = lengths[i], lengths[i - 1]
        for j, other in enumerate(right, 1):
            row[j] = above[j - 1] + 1 if word == other else max(above[j], row[j - 1])
    i, j = len(left), len(right)
    found: set[str] = set()
    while i and j:
        if left[i - 1] == right[j - 1]:
            found.add(left[i - 1])
            i, j = i - 1, j - 1
        elif lengths[i - 1, j] > lengths[i, j - 1]:
            i -= 1
        else:
            j -= 1
    return found
