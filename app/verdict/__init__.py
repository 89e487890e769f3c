"""Is an answer right? Against a known answer, and against the words of the book. Knows nothing of servers or screens.

judge(answer, expected)             right, wrong or abstained, where the answer is known
ground(answer, index_of(book))      names, numbers and quotations of an answer, and where the book has them
differences(first, second)          two answers word for word, and how alike they are
"""

from .differences import Differences, Stretch, differences
from .grounding import BookIndex, Claim, ClaimKind, Found, Grounding, ground, index_of
from .known_answers import Judgement, Verdict, judge

__all__ = [
    "BookIndex",
    "Claim",
    "ClaimKind",
    "Differences",
    "Found",
    "Grounding",
    "Judgement",
    "Stretch",
    "Verdict",
    "differences",
    "ground",
    "index_of",
    "judge",
]
