"""One comparison in a few sentences: who spoke first, by how much, what ended early, what each had been given, whose caches were warm.

In: a snapshot. Out: words, or "" while a first token is missing. The figures are those of the clocks beside it.
"""

from __future__ import annotations

from app.clients import Role
from app.comparisons.values import ComparisonSnapshot, ComparisonSpec, Phase, SideSnapshot
from app.measurement import CacheState, Speedup, speedup
from app.tokens import share_of_book


def speedup_of(spec: ComparisonSpec, text: SideSnapshot | None, pages: SideSnapshot | None) -> Speedup | None:
    """Both sides' waits for the first token, held together; None while one is missing."""
    if text is None or pages is None:
        return None
    paces = (spec.simulated_speedup(Role.TEXT), spec.simulated_speedup(Role.PAGES))
    return speedup(text.latencies, pages.latencies, spec.options.include_preparation, paces)


def verdict_line(snapshot: ComparisonSnapshot) -> str:
    if snapshot.text is None or snapshot.pages is None:
        return ""
    early = _ended_early(snapshot)
    if snapshot.speedup is None:
        return f"{early} So there is nothing to compare." if early else ""
    return " ".join(filter(None, (snapshot.speedup.sentence, early, reading_line(snapshot), _caches(snapshot))))


def reading_line(snapshot: ComparisonSnapshot) -> str:
    """What of the book each side read, or is given where it has not said a word yet."""
    cut = snapshot.spec.cut
    if snapshot.text is None or snapshot.pages is None:
        return ""
    have_read = all(side.marks.first_token is not None for side in snapshot.sides)
    if cut is None:
        return f"Both {'read' if have_read else 'are given'} the whole book."
    verb = "read" if have_read else "is given"
    return f"Glyph {verb} the whole book, the text model {share_of_book(cut.read_share)} of it."


def _ended_early(snapshot: ComparisonSnapshot) -> str:
    """Which side was stopped or failed, and how far it had come: its first token counts, its answer is not whole."""
    ends = {side.role: _early_end(side) for side in snapshot.sides}
    text, pages = ends[Role.TEXT], ends[Role.PAGES]
    if text and text == pages:
        return f"Both sides were {text}."
    return " ".join(f"{role.opening} was {end}." for role, end in ends.items() if end)


def _early_end(side: SideSnapshot) -> str:
    """ "" for a side that goes on or came to its end."""
    what = {Phase.STOPPED: "stopped", Phase.FAILED: "broken off"}.get(side.phase)
    if what is None:
        return ""
    if side.marks.first_token is None:
        return f"{what} before the first token"
    return f"{what} {'amid the answer' if side.answer else 'while thinking'}"


def _caches(snapshot: ComparisonSnapshot) -> str:
    """Warm figures do not compare with cold ones, so a difference is told, and where it is not known, that. A server tells it at
    its answer's end: of a side that goes on nothing is said yet."""
    warm = [side for side in snapshot.sides if side.cache is CacheState.WARM]
    salted = [side for side in snapshot.sides if side.cache is CacheState.SALTED]
    untold = [side for side in snapshot.sides if side.cache is CacheState.UNKNOWN and not side.running]
    if len(warm) == 2:
        return "Both servers had read it before (warm)."
    if len(salted) == 2:
        return "By its new cache salt neither had read it before (cold); the servers did not report it."
    if len(untold) == 2:
        return "Whether the servers had read it before (warm) was not told."
    told = ""
    if warm:
        other = snapshot.pages if warm[0] is snapshot.text else snapshot.text
        not_warm = ", the other had not" if other is not None and other.cache is CacheState.COLD else ""
        told = f"{warm[0].role.opening} had read it before (warm){not_warm}."
    by_salt = ""
    if salted:
        by_salt = (
            f"By its new cache salt {salted[0].role.named} had not read it before (cold); its server did not report it."
        )
    unsure = f"Whether {untold[0].role.named} had read it before (warm) was not told." if untold else ""
    return " ".join(filter(None, (told, by_salt, unsure)))
