"""RULER's two counting tasks. Source: NVIDIA/RULER, common_words_extraction.py and freq_words_extraction.py (Apache-2.0).

Common words: a numbered list in which ten words stand thirty times and all others three times (below 4,096 tokens six times and
once). Frequent words: made-up words of six letters, the k-th as often as k to the minus 2 (zeta law); the first is "..." and does not
count. RULER's solved example is left out. Where a list needs more words than wonderwords has (beyond some 100,000 tokens), pairs of its
words written as one are added; RULER takes another English word list there.
"""

from __future__ import annotations

import math
import string
from collections.abc import Sequence

from app.evaluation.tasks.dice import Dice
from app.evaluation.tasks.haystacks import all_words, word_list
from app.evaluation.tasks.sizing import Draft, Make

COMMON = 10
FREQUENT = 3
_SHORT_BELOW = 4096
_ZETA_2 = math.pi**2 / 6
_CODED_LETTERS = 6
_TOKENS_A_WORD = 50  # of RULER's vocabulary: one word for every fifty tokens


def common_words_maker(length: int) -> Make:
    often, seldom = (6, 1) if length < _SHORT_BELOW else (30, 3)

    def make(dice: Dice, size: int) -> Draft:
        """`size`: different words, the common ones included."""
        chosen = dice.sample(_words(size), size)
        common, others = chosen[:COMMON], chosen[COMMON:]
        listed = common * often + others * seldom
        dice.shuffle(listed)
        context = " ".join(f"{number}. {word}" for number, word in enumerate(listed, 1))
        question = "Question: What are the 10 most common words in the above list?"
        return Draft(context, question, tuple(common))

    return make


def frequent_words_maker(length: int, answer_tokens: int) -> Make:
    vocabulary = max(FREQUENT + 1, (length - answer_tokens) // _TOKENS_A_WORD)

    def make(dice: Dice, size: int) -> Draft:
        """`size`: what the zeta law shares out."""
        words: list[str] = []
        seen: set[str] = set()
        while len(words) < vocabulary:
            word = dice.letters(string.ascii_lowercase, _CODED_LETTERS)
            if word not in seen:
                seen.add(word)
                words.append(word)
        words[0] = "..."
        told = [word for rank, word in enumerate(words, 1) for _ in range(int(size / (rank * rank * _ZETA_2)))]
        dice.shuffle(told)
        question = (
            "Question: Do not provide any explanation. Please ignore the dots '....'. What are the three most frequently "
            "appeared words in the above coded text?"
        )
        return Draft(" ".join(told), question, tuple(words[1 : FREQUENT + 1]))

    return make


def _words(size: int) -> Sequence[str]:
    words = all_words()
    if size <= len(words):
        return words
    nouns, adjectives = word_list("noun"), word_list("adjective")
    extra = (adjective + noun for adjective in adjectives for noun in nouns)
    known = set(words)
    more: list[str] = []
    for word in extra:
        if len(words) + len(more) >= size:
            break
        if word not in known:
            known.add(word)
            more.append(word)
    return (*words, *more)
