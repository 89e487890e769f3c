"""MRCR's measure: how like the answer is to the message that was asked for. Source: the data card of openai/mrcr (MIT).

0 unless the answer begins with the random string that was asked for; then difflib's ratio of what follows it. Difflib's
"autojunk" makes characters that are common in texts of 200 characters and more count for nothing, so a few misread characters
cost far more than their share; the Levenshtein share beside it says how many characters really differ.
"""

from __future__ import annotations

from difflib import SequenceMatcher

from rapidfuzz.distance import Levenshtein


def mrcr_score(answer: str, reference: str, prefix: str) -> float:
    if not answer.startswith(prefix):
        return 0.0
    said, meant = answer.removeprefix(prefix), reference.removeprefix(prefix)
    return float(SequenceMatcher(None, said, meant).ratio())


def character_error_share(answer: str, reference: str) -> float:
    """Edits from the one to the other, of the reference's characters; at most 1."""
    return min(1.0, Levenshtein.distance(reference, answer) / max(1, len(reference)))
