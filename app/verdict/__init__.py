"""Is an answer right? Against a known answer, and against the words of the book. Knows nothing of servers or screens.

judge(answer, expected)             right, wrong or abstained, where the answer is known
ground(answer, index_of(book))      names, numbers and quotations of an answer, and where the book has them
"""

from .grounding import BookIndex, Claim, ClaimKind, Found, Grounding, ground, index_of
from .known_answers import Judgement, Verdict, judge

__all__ = [
    "BookIndex",
    "Claim",
    "ClaimKind",
    "Found",
    "Grounding",
    "Judgement",
    "Verdict",
    "ground",
    "index_of",
    "judge",
]
