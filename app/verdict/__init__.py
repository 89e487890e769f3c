"""Is an answer right? Held against a known answer. Knows nothing of servers or screens.

judge(answer, expected)             right, wrong or abstained, where the answer is known
differences(first, second)          two answers word for word, and how alike they are
"""

from .differences import Differences, Stretch, differences
from .known_answers import RULE, Judgement, Verdict, judge

__all__ = ["RULE", "Differences", "Judgement", "Stretch", "Verdict", "differences", "judge"]
