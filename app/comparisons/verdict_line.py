"""One comparison in one sentence: who spoke first, by how much, and how much of the book each had read.

In: a snapshot. Out: words, or "" while a first token is missing. The figures are those of the clocks beside it.
"""

from __future__ import annotations

from app.clients import Role
from app.comparisons.values import ComparisonSnapshot
from app.measurement import CacheState
from app.tokens import share_of_book


def verdict_line(snapshot: ComparisonSnapshot) -> str:
    if snapshot.speedup is None:
        return ""
    return " ".join(filter(None, (snapshot.speedup.sentence, reading_line(snapshot), _caches(snapshot))))


def reading_line(snapshot: ComparisonSnapshot) -> str:
    """What each side read."""
    cut = snapshot.spec.cut
    if snapshot.text is None or snapshot.pages is None:
        return ""
    if cut is None:
        return "Both read the whole book."
    return f"Glyph read the whole book, the text model {share_of_book(cut.read_share)} of it."


def _caches(snapshot: ComparisonSnapshot) -> str:
    """Warm figures do not compare with cold ones, so a difference is told."""
    if snapshot.text is None or snapshot.pages is None:
        return ""
    warm = [side.cache is CacheState.WARM for side in (snapshot.text, snapshot.pages)]
    if all(warm):
        return "Both servers had read it before (warm)."
    if any(warm):
        return f"{(Role.TEXT if warm[0] else Role.PAGES).opening} had read it before (warm), the other had not."
    return ""
