"""Name what the checker finds. Spans are (start, end) in characters, end exclusive."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Span = tuple[int, int]


class ClaimKind(StrEnum):
    NAME = "name"
    NUMBER = "number"
    QUOTATION = "quotation"


class Found(StrEnum):
    """How the book has it. None of these says whether it is true."""

    AS_WRITTEN = "found"
    """The same words or digits, whatever the case, the kind of quotation marks, the line breaks and thousand separators."""
    OTHERWISE = "found differently"
    """Another spelling or another number by the same words; `Claim.note` says which."""
    NOT = "not found"

    @property
    def sign(self) -> str:
        return {Found.AS_WRITTEN: "✓", Found.OTHERWISE: "≈"}.get(self, "–")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the book has something. `read` False: only in the part that was cut from what this side read."""

    found: Found
    span: Span
    read: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something of an answer that can be looked up. `place` None: the book does not have it."""

    kind: ClaimKind
    text: str
    place: Place | None

    @property
    def found(self) -> Found:
        return self.place.found if self.place else Found.NOT


@dataclass(frozen=True, slots=True)
class Checked:
    """`left_out`: claims beyond the bound, not looked up. `cut_short`: the answer's end beyond the bound was not looked at."""

    claims: tuple[Claim, ...]
    left_out: int = 0
    cut_short: bool = False

    def count(self, found: Found) -> int:
        return sum(claim.found is found for claim in self.claims)
