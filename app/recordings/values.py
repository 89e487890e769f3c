"""Name what a recording holds: its header, its steps, its line in the index.

In: nothing. Out: frozen values. Seconds count from the comparison's start; `began_at` is Unix time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.clients import Dialect, Role, SamplingSettings, Turn
from app.comparisons import BookCost, CutNote, KnownAnswer, Options, Order, Phase, Projected, Stamp, Step
from app.verdict import Verdict

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
    cost: BookCost | None = None
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedBook:
    """Which book, and what the text side read of it: `cut` of the run's header says what was taken out."""

    sha256: str
    characters: int
    kept: bool
    """Whether its text and pages are stored; a private book's are not."""
    card: str = ""
    """sha256 of what is stored of its title, chapters and questions; "": nothing."""


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
    settings: str = ""
    """The rendering settings as a link's query spells them."""
    page_starts: tuple[int, ...] = ()
    """Character of the book at which each page begins."""

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
class SideSummary:
    """One side's figures as a list of runs shows them; None where there is none."""

    role: Role
    model: str
    simulated: bool
    phase: Phase
    ttft_ms: float | None = None
    prompt_tokens: int | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run's figures, worked out once from its steps."""

    sides: tuple[SideSummary, ...]
    speedup: float | None = None
    stamp: Stamp | None = None

    def side(self, role: Role) -> SideSummary | None:
        return next((side for side in self.sides if side.role is role), None)


class RunState(StrEnum):
    """`BROKEN_OFF`: whoever wrote it is gone, and no side's end was told."""

    RUNNING = "running"
    ENDED = "ended"
    BROKEN_OFF = "broken off"


class Vote(StrEnum):
    """Which answer a person liked better without knowing whose it was."""

    TEXT = "text"
    PAGES = "pages"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Entry:
    """A run's line in the index. `name`: what a person called it, "" for nothing. `imported`: another installation's."""

    run_id: str
    conversation: str
    began_at: float
    title: str
    question: str
    models: str
    simulated: bool
    state: RunState
    starred: bool
    stream_bytes: int
    name: str = ""
    imported: bool = False
    book_sha256: str = ""
    summary: RunSummary | None = None
    vote: Vote | None = None

    @property
    def shown_name(self) -> str:
        return self.name or self.question

    @property
    def ended(self) -> bool:
        return self.state is RunState.ENDED
