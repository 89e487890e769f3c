"""Two answers word for word: what both say in the same order, what only one says, and how alike they are.

In: two texts. Out: stretches of words, and a figure. Words are compared as they are written; nothing is understood.
Longest common subsequence of words (rapidfuzz, bit-parallel: a model that repeats itself for ever costs no more than any other;
difflib took minutes for 3,000 words of it). Spaces belong to the word before them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import Indel

MOST_WORDS = 10_000  # of each text: more than any answer here may have
_WORD = re.compile(r"\S+\s*")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words as they stand in the text. `shared`: the other has them too, in the same order."""

    text: str
    shared: bool


@dataclass(frozen=True, slots=True)
class Differences:
    """Both texts cut into stretches. `similarity`: twice the shared words over the words of both, 0 to 1.

    `left_out`: words at the ends of the texts that were not compared.
    """

    first: tuple[Stretch, ...]
    second: tuple[Stretch, ...]
    similarity: float
    left_out: int


def differences(first: str, second: str) -> Differences:
    """Two empty texts are alike."""
    words, others = _WORD.findall(first), _WORD.findall(second)
    left_out = max(0, len(words) - MOST_WORDS) + max(0, len(others) - MOST_WORDS)
    words, others = words[:MOST_WORDS], others[:MOST_WORDS]
    bare, other_bare = [word.strip() for word in words], [word.strip() for word in others]
    here: list[Stretch] = []
    there: list[Stretch] = []
    for step in Indel.opcodes(bare, other_bare):
        shared = step.tag == "equal"
        for told, text in (
            (here, "".join(words[step.src_start : step.src_end])),
            (there, "".join(others[step.dest_start : step.dest_end])),
        ):
            if text:
                told.append(Stretch(text, shared))
    return Differences(tuple(here), tuple(there), Indel.normalized_similarity(bare, other_bare), left_out)
