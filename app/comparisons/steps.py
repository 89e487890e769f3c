"""Name what happens to one side's one try, in order: what its worker tells besides the client's events.

In: nothing. Out: frozen values. `at` is a `time.perf_counter()` of this process (in a recording: seconds from its start).
A try is the sum of its steps: applied again in their order, they give the same try (event sourcing).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.clients import Event, PageFile, Role
from app.comparisons.values import ComparisonSpec, Drawn, Order, Phase, SideError
from app.measurement import Preparation


@dataclass(frozen=True, slots=True)
class Entered:
    """A phase began."""

    phase: Phase
    at: float


@dataclass(frozen=True, slots=True)
class PagesDone:
    """So many pages are rendered; a total of None: not known yet."""

    done: int
    total: int | None
    at: float


@dataclass(frozen=True, slots=True)
class PagesTaken:
    """The pages that are sent, in reading order; `drawn`: what they tell, where that was not known when the question was asked."""

    pages: tuple[PageFile, ...]
    at: float
    drawn: Drawn | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What our own side has done so far, with its times."""

    preparation: Preparation
    at: float


@dataclass(frozen=True, slots=True)
class MadeCold:
    """What was done against the server's caches: whether all were emptied, a sentence on it, and whether the request carries a
    salt that none before it had. The last one of a try holds: a server may refuse the salt."""

    complete: bool
    note: str
    at: float
    new_salt: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """The try ended with an error."""

    error: SideError
    at: float


Step = Entered | PagesDone | PagesTaken | Prepared | MadeCold | Failed | Event


class Observer(Protocol):
    """Told of every comparison as it runs, in the threads that run it and under their lock: it may only take note.

    What it raises is logged and changes nothing for the answer.
    """

    def began(self, comparison_id: str, spec: ComparisonSpec, order: Order, at: float) -> None: ...

    def stepped(self, comparison_id: str, role: Role, attempt: int, step: Step) -> None: ...
