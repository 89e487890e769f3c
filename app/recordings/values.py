"""Name what a recording holds: its header, its steps, its line in the index.

In: nothing. Out: frozen values. Seconds count from the comparison's start; `began_at` is Unix time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.clients import Dialect, Role, SamplingSettings, Turn
from app.comparisons import CutNote, KnownAnswer, Options, Order, Projected, Stamp, Step

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class RecordedSide:
    """Who was asked, and how. `gpu`: whose times a simulator played; None: the server told no hardware."""

    role: Role
    server: str
    address: str
    model: str
    dialect: Dialect
    simulated: bool
    sampling: SamplingSettings
    version: str | None = None
    gpu: str | None = None
    speedup: float | None = None
    projected: Projected | None = None
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedBook:
    """Which book, and what the text side read of it: `cut` of the run's header says what was taken out."""

    sha256: str
    characters: int
    kept: bool
    """Whether its text and pages are stored; a private book's are not."""


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What is known of a run when it begins."""

    format: int
    run_id: str
    began_at: float
    title: str
    question: str
    order: Order
    machine: str
    """Where the app ran: system and processor."""
    sides: tuple[RecordedSide, ...]
    conversation: str = ""
    book: RecordedBook | None = None
    cut: CutNote | None = None
    known: KnownAnswer | None = None
    stamp: Stamp | None = None
    options: Options = field(default_factory=Options)
    parse_ms: float | None = None

    @property
    def simulated(self) -> bool:
        """Whether any side was."""
        return any(side.simulated for side in self.sides)


@dataclass(frozen=True, slots=True)
class TimedStep:
    """One step of one side's try. Its own `at` is in seconds from the run's start."""

    role: Role
    attempt: int
    step: Step


@dataclass(frozen=True, slots=True)
class Recording:
    """A run as it was. `broken_off`: it ended before its sides did; `note` says what else is missing, "" for nothing."""

    header: RunHeader
    steps: tuple[TimedStep, ...]
    broken_off: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A run's line in the index. `ended` False: it is running, or was broken off."""

    run_id: str
    conversation: str
    began_at: float
    title: str
    question: str
    models: str
    simulated: bool
    ended: bool
    starred: bool
    stream_bytes: int
