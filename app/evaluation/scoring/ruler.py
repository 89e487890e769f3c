"""RULER's two measures of an answer. Source: NVIDIA/RULER, scripts/eval/synthetic/constants.py (Apache-2.0), one sample at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CONTROL = re.compile(r"[\x00-\x1f]")


def match_all(answer: str, references: Sequence[str]) -> float:
    """The share of the references that stand in the answer, in any case of letters."""
    said = _plain(answer)
    return sum(one.lower() in said for one in references) / len(references) if references else 0.0


def match_part(answer: str, references: Sequence[str]) -> float:
    """1 where any reference stands in the answer, else 0."""
    said = _plain(answer)
    return float(any(one.lower() in said for one in references))


def _plain(answer: str) -> str:
    """As RULER does before it scores: control characters become line ends, the ends are trimmed."""
    return _CONTROL.sub("\n", answer.strip()).strip().lower()
