"""Our own two tasks: the planted facts of generated novels, and a needle in the user's own book.

Nobody has read these novels, so what is right was read here. A book that a model may know by heart gets a needle that it cannot know.
"""

from __future__ import annotations

import re

from app.books.samples import synthetic_novel
from app.evaluation.errors import PlanError
from app.evaluation.tasks.dice import Dice
from app.evaluation.tasks.haystacks import random_word
from app.evaluation.tasks.needles import Kind, needle_question, needle_sentence
from app.evaluation.tasks.sizing import Draft
from app.tokens import encode_spans

_NOVEL_MARGIN = 0.93  # a novel's size is met within some 5 %
_SHORTEST_NOVEL = 200  # tokens
_SENTENCE_END = re.compile(r"[.!?。！？][\"'”’」』)]*\s*")
_NEEDLE_TOKENS = 60  # the needle and the seams


def novel_draft(seed: int, index: int, budget: int) -> Draft:
    """A novel of its own for every item, and one of its questions. Raises PlanError."""
    tokens = round(_NOVEL_MARGIN * budget) - 64
    if tokens < _SHORTEST_NOVEL:
        raise PlanError(f"A novel of {tokens} tokens holds no facts; choose a greater length.")
    novel = synthetic_novel(text_tokens=tokens, seed=1_000_000 * (seed + 1) + index)
    question = Dice("fact", seed, index).pick(novel.questions)
    evidence = (question.fact_span,) if question.fact_span else ()
    return Draft(novel.book.text, question.question, (question.key,), evidence)


def book_needle_draft(title: str, text: str, seed: int, index: int, count: int, budget: int) -> Draft:
    """A stretch of the book that fits, a needle at one of `count` evenly spaced depths. Raises PlanError."""
    if not text.strip():
        raise PlanError("A needle in your own book needs a book: name one.")
    ends = encode_spans(text)
    dice = Dice("book needle", seed, index)
    room = max(1, budget - _NEEDLE_TOKENS)
    first = dice.below(max(1, len(ends) - room))  # another stretch of a long book for every item
    begin = int(ends[first - 1]) if first else 0
    stretch = text[begin : int(ends[min(len(ends), first + room) - 1])]
    depth = (index + 0.5) / max(1, count)
    key, value = random_word(dice), str(dice.between(1_000_000, 9_999_999))
    needle = needle_sentence(Kind.NUMBERS, key, value)
    at = _sentence_end_near(stretch, round(depth * len(stretch)))
    context = f"{stretch[:at].rstrip()} {needle} {stretch[at:].lstrip()}".strip()
    start = context.index(needle)
    return Draft(context, needle_question(Kind.NUMBERS, [key], 1), (value,), ((start, start + len(needle)),))


def _sentence_end_near(text: str, place: int) -> int:
    found = _SENTENCE_END.search(text, place)
    return found.end() if found else place
