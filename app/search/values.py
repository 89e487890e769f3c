"""What a search is made of. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.search.errors import SearchError
from app.search.genome import Genome

MOST_EVALUATIONS = 5_000


class Arm(StrEnum):
    """Three ways to spend the same budget (the paper's Table 5)."""

    SEARCH = "search"
    RANDOM = "random"
    MANUAL = "manual"
    """Glyph's published settings."""


class ItemSet(StrEnum):
    """Which items a reader is asked. What was chosen on the first is scored again on the second."""

    VALIDATION = "validation"
    HELD_OUT = "held out"


@dataclass(frozen=True, slots=True)
class Misread:
    """What stood on the page, and what was read."""

    text: str
    read: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How well a reader read pages at one setting. `accuracy`: 0 to 1, with its 95 % range, over `n` items."""

    accuracy: float
    low: float
    high: float
    n: int
    misread: tuple[Misread, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """Both objectives. `compression`: text tokens of all documents a visual token."""

    accuracy: float
    compression: float
    low: float
    high: float
    n: int

    @property
    def point(self) -> tuple[float, float]:
        return self.accuracy, self.compression

    def within_noise_of(self, other: Score) -> bool:
        """Whether nothing says that their accuracies differ: each lies in the other's 95 % range."""
        return self.low <= other.accuracy <= self.high and other.low <= self.accuracy <= other.high


@dataclass(frozen=True, slots=True)
class Proposal:
    """A child to be tried: its genome, the trials it comes from, who proposed it, and why."""

    genome: Genome
    parents: tuple[int, ...]
    by: str  # "seed", "operators", "rules" or a model's name
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One trial that was scored. `number`: within its arm. `settings_key`: RenderConfig.key, shortened."""

    number: int
    generation: int
    proposal: Proposal
    score: Score
    settings_key: str
    misread: tuple[Misread, ...] = ()
    held_out: Score | None = None


class ReaderKind(StrEnum):
    NEEDLES = "needles"
    CLARITY = "clarity"
    SERVER = "server"
    """The pages side of the running pair, asked a task of app/evaluation."""


@dataclass(frozen=True, slots=True)
class ReaderChoice:
    """Who reads. `task` and `length` (tokens of text an item) are for a server."""

    kind: ReaderKind = ReaderKind.NEEDLES
    task: str = "niah_multikey_2"
    length: int = 4_096


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """`evaluations`: of each arm; `patience`: generations without gain in hypervolume before it ends (0: never).

    The paper: 5 rounds of 200 steps. Raises SearchError.
    """

    evaluations: int = 80
    population: int = 8
    patience: int = 0
    seed: int = 0
    arms: tuple[Arm, ...] = (Arm.SEARCH,)
    reader: ReaderChoice = field(default=ReaderChoice())
    seed_published: bool = True
    """Whether generation 0 holds Glyph's published page and letters at some resolutions, as far as the space has them."""

    def __post_init__(self) -> None:
        if not 2 <= self.population <= 200:
            raise SearchError(f"A population of {self.population} is not usable: 2 to 200.")
        if not self.population <= self.evaluations <= MOST_EVALUATIONS:
            raise SearchError(
                f"{self.evaluations:,} evaluations are not usable: from the population ({self.population}) to "
                f"{MOST_EVALUATIONS:,}."
            )
        if not self.arms:
            raise SearchError("No arm is named: search, random or manual.")
