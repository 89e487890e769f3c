"""Name what a sweep measures: tasks, their order, and one record a task. In: nothing. Out: frozen values, units in names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from app.clients import Role
from app.measurement import CacheState, Provenance
from app.sweep.errors import SweepPlanError

SHORTEST, LONGEST = 64, 4_000_000  # tokens of text
MOST_REPEATS = 100
MOST_AT_ONCE = 256
UNTIL_FULL = (1, 2, 4, 8, 16, 32, 64, 128, MOST_AT_ONCE)  # it ends where the server is full, long before the last
MOST_TASKS = 20_000
DPI_RANGE = (30, 300)


class Kind(StrEnum):
    PREFILL = "prefill"
    """One request alone, a few tokens of answer: its TTFT."""
    DECODE = "decode"
    """One request alone, a longer answer: tokens a second after the first."""
    LOAD = "load"
    """Several requests at once, sent together: every TTFT, and all their tokens a second."""


class Outcome(StrEnum):
    MEASURED = "measured"
    LEFT_OUT = "left out"
    """It cannot be measured: longer than the window or the book, or the server is full already. Final."""
    FAILED = "failed"
    """The server or the connection failed; tried again when the sweep is resumed."""


@dataclass(frozen=True, slots=True, order=True)
class Arm:
    """One side of the comparison: the text, or its pages at one DPI."""

    role: Role
    dpi: int | None = None

    @property
    def label(self) -> str:
        """As people see it; a journal does not depend on it."""
        return self.role.called if self.dpi is None else f"{self.role.called} at {self.dpi} dpi"

    @property
    def key(self) -> str:
        """In journals and ids: never changes."""
        return "text" if self.dpi is None else f"pages at {self.dpi} dpi"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to measure. `text_tokens` is the length aimed at; the record tells the exact one."""

    kind: Kind
    arm: Arm
    text_tokens: int
    at_once: int = 1
    repeat: int = 1

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.arm.key}/{self.text_tokens}/x{self.at_once}/{self.repeat}"


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What to measure. Raises SweepPlanError. `at_once` empty: no requests at the same time."""

    lengths: tuple[int, ...] = (4_096, 8_192, 16_384, 32_768, 65_536, 131_072)
    dpis: tuple[int, ...] = (72,)
    repeats: int = 3
    decode: bool = True
    at_once: tuple[int, ...] = ()
    prefill_answer_tokens: int = 16
    answer_tokens: int = 256
    seed: int = 0

    def __post_init__(self) -> None:
        _check_list("lengths", self.lengths, SHORTEST, LONGEST, "tokens")
        _check_list("dpis", self.dpis, *DPI_RANGE, "dpi")
        if self.at_once:
            _check_list("at_once", self.at_once, 1, MOST_AT_ONCE, "requests at once")
        for name, value, most in (
            ("repeats", self.repeats, MOST_REPEATS),
            ("prefill_answer_tokens", self.prefill_answer_tokens, 1024),
            ("answer_tokens", self.answer_tokens, 8192),
        ):
            if not 1 <= value <= most:
                raise SweepPlanError(f"{name} is {value}; choose from 1 to {most:,}.")
        if self.task_count > MOST_TASKS:
            raise SweepPlanError(
                f"This plan has {self.task_count:,} measurements; {MOST_TASKS:,} are allowed. Choose fewer lengths, DPIs or "
                "repeats."
            )

    @property
    def arms(self) -> tuple[Arm, ...]:
        return (Arm(Role.TEXT), *(Arm(Role.PAGES, dpi) for dpi in self.dpis))

    @property
    def task_count(self) -> int:
        each = self.repeats * (2 if self.decode else 1) + len(self.at_once)
        return each * len(self.lengths) * (1 + len(self.dpis))

    def tasks(self) -> tuple[Task, ...]:
        """In the order they are measured, the same for the same seed.

        Single requests in random order, so that a machine that grows warm or busy disturbs no one length or side more.
        Then several at once: lengths and sides in random order, each from few to many, because it ends where the server
        is full.
        """
        order = Random(self.seed)
        kinds = (Kind.PREFILL, Kind.DECODE) if self.decode else (Kind.PREFILL,)
        places = [(arm, length) for arm in self.arms for length in self.lengths]
        alone = [
            Task(kind, arm, length, 1, repeat)
            for kind in kinds
            for arm, length in places
            for repeat in range(1, self.repeats + 1)
        ]
        order.shuffle(alone)
        order.shuffle(places)
        together = [Task(Kind.LOAD, arm, length, users) for arm, length in places for users in sorted(self.at_once)]
        return (*alone, *together)


def _check_list(name: str, values: tuple[int, ...], least: int, most: int, unit: str) -> None:
    if not values:
        raise SweepPlanError(f"{name} is empty; name at least one.")
    if len(set(values)) != len(values):
        raise SweepPlanError(f"{name} names a value twice: {', '.join(map(str, values))}.")
    for value in values:
        if not least <= value <= most:
            raise SweepPlanError(f"{name} holds {value:,}; choose from {least:,} to {most:,} {unit}.")


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one task. None: not known, or not of this kind."""

    task: Task
    outcome: Outcome
    provenance: Provenance
    at: str = ""
    """When it ended: UTC, ISO 8601."""
    text_tokens: int | None = None
    """Exact, by the tokenizer."""
    visual_tokens: int | None = None
    pages: int | None = None
    render_ms: float | None = None
    """What drawing and writing the pages took, once for all repeats."""
    prompt_tokens: int | None = None
    """Of one request, by the server's own count."""
    cache: CacheState = CacheState.UNKNOWN
    ttft_ms: tuple[float, ...] = ()
    """One a request that answered."""
    tokens_per_second: float | None = None
    """DECODE: after the first token. LOAD: of all requests together, from the first sent to the last token."""
    answer_tokens: int | None = None
    """Of all the task's requests."""
    headers_ms: tuple[float, ...] = ()
    """From the body's last byte to HTTP's headers, one a request: vLLM sends them when it has fetched and resized the pages."""
    kv_cache_peak: float | None = None
    """LOAD: the largest share of the server's memory for keys and values that was seen held, by its own gauge."""
    waiting_peak: int | None = None
    """LOAD: the most requests that were seen queued, by the server's own gauge."""
    seconds: float = 0.0
    """From the first byte sent to the last token."""
    detail: str = ""
    """Why it was left out or failed, in words for people; a failed request among several too."""
