"""Which recordings a tidy-up removes: said before it is done, so that a person can star what is to stay.

In: entries newest first, bytes by run, what is wished for. Out: a plan. Removes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.recordings.values import Entry


@dataclass(frozen=True, slots=True)
class Wish:
    """What may stay: so many runs, so many bytes, and none that began before `began_after` (Unix time). Starred ones always do."""

    max_runs: int
    max_bytes: int
    began_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Tidying:
    """What a tidy-up will remove, before it does: the runs, oldest first, and the bytes that this frees.

    `enough`: the wish is met by it; it is not where too many are starred.
    """

    runs: tuple[Entry, ...]
    freed_bytes: int
    enough: bool = True

    @property
    def sentence(self) -> str:
        if not self.runs:
            return "Nothing needs to be removed."
        number = f"the {len(self.runs):,} oldest recordings" if len(self.runs) > 1 else "the oldest recording"
        return f"Removes {number} not starred, {self.freed_bytes / 1e6:,.1f} MB."


def planned(entries: list[Entry], sizes: dict[str, int], wish: Wish) -> Tidying:
    """The newest run stays whatever its size: it is the one that somebody looks at."""
    going: list[Entry] = []
    freed, total = 0, sum(sizes.values())

    def met(entry: Entry) -> bool:
        few = len(entries) - len(going) <= wish.max_runs and total - freed <= wish.max_bytes
        return few and entry.began_at >= wish.began_after

    for entry in reversed(entries):
        if not met(entry) and not entry.starred and (entry.run_id != entries[0].run_id):
            going.append(entry)
            freed += sizes[entry.run_id]
    enough = len(entries) - len(going) <= wish.max_runs and total - freed <= wish.max_bytes
    return Tidying(tuple(going), freed, enough)
