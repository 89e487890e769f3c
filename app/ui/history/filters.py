"""Which of the kept runs are shown. In: entries, what was chosen. Out: entries. Imports no streamlit."""

from __future__ import annotations

from dataclasses import dataclass

from app.clients import Role
from app.recordings import Entry
from app.verdict import Verdict

STARRED, MEASURED, SIMULATED, RIGHT, WRONG, BROKEN, IMPORTED = (
    "Starred",
    "Measured",
    "Simulated",
    "Glyph right",
    "Glyph not right",
    "Not whole",
    "Imported",
)
MARKS = (STARRED, MEASURED, SIMULATED, RIGHT, WRONG, BROKEN, IMPORTED)


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty: everything. Of `marks` all must hold; of books and models one must."""

    books: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


def shown(entries: list[Entry], filters: Filters) -> list[Entry]:
    return [entry for entry in entries if _is_shown(entry, filters)]


def _is_shown(entry: Entry, filters: Filters) -> bool:
    if filters.books and entry.title not in filters.books:
        return False
    if filters.models and not set(filters.models) & set(models_of(entry)):
        return False
    return all(_has(entry, mark) for mark in filters.marks)


def _has(entry: Entry, mark: str) -> bool:
    verdict = verdict_of(entry, Role.PAGES)
    return {
        STARRED: entry.starred,
        MEASURED: not entry.simulated,
        SIMULATED: entry.simulated,
        RIGHT: verdict is Verdict.RIGHT,
        WRONG: verdict in (Verdict.WRONG, Verdict.ABSTAINED, Verdict.NO_ANSWER),
        BROKEN: not entry.ended,
        IMPORTED: entry.imported,
    }[mark]


def verdict_of(entry: Entry, role: Role) -> Verdict | None:
    side = entry.summary.side(role) if entry.summary is not None else None
    return side.verdict if side is not None else None


def models_of(entry: Entry) -> tuple[str, ...]:
    return tuple(side.model for side in entry.summary.sides) if entry.summary is not None else (entry.models,)
