"""Name what an evaluation asks and what became of it: items, arms, results. In: nothing. Out: frozen values.

An item is made once; each arm gives it to a reader in its own form, so that results are paired by the item's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.clients import Role
from renderer import RenderConfig


class Metric(StrEnum):
    """How an answer is scored, 0 to 1. The formulas are in app/evaluation/scoring."""

    ALL = "all"
    """RULER: the share of the references that the answer holds."""
    PART = "part"
    """RULER: whether the answer holds any of them."""
    MRCR = "mrcr"
    QA_F1 = "qa_f1"
    QA_F1_ZH = "qa_f1_zh"
    ROUGE_L = "rouge_l"
    ROUGE_ZH = "rouge_zh"
    CLASSIFICATION = "classification"
    COUNT = "count"
    RETRIEVAL = "retrieval"
    RETRIEVAL_ZH = "retrieval_zh"
    CODE = "code"
    FACT = "fact"
    """Our planted facts: the known answer's words are all there (app/verdict)."""


class Outcome(StrEnum):
    """What became of one item on one arm. The four always sum to the items asked."""

    CORRECT = "correct"
    ABSTAINED = "abstained"
    """It said "unknown"."""
    WRONG = "silently wrong"
    NO_ANSWER = "no answer"
    """Nothing came, or nothing but reasoning: transport, the window, or max_tokens."""


@dataclass(frozen=True, slots=True)
class Item:
    """One question about one document. `references`: any (or all, by the metric) are right answers."""

    id: str
    task: str
    context: str
    question: str
    references: tuple[str, ...]
    metric: Metric
    answer_tokens: int
    """What the task's authors let a model answer with."""
    evidence: tuple[tuple[int, int], ...] = ()
    """Where the answer stands: characters of `context`, end exclusive. Empty: not known."""
    classes: tuple[str, ...] = ()
    prefix: str = ""
    """What an answer must begin with (MRCR)."""


class Given(StrEnum):
    """In which form a reader gets the document."""

    TEXT = "text"
    PAGES = "pages"
    NOTHING = "no context"
    """The question alone: what is right here was remembered or guessed, not read."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of asking. `config` is the pages' settings, `settings_name` what people call them."""

    given: Given
    config: RenderConfig | None = None
    settings_name: str = ""
    factsheet: bool = False

    @property
    def role(self) -> Role:
        return Role.PAGES if self.given is Given.PAGES else Role.TEXT

    @property
    def dpi(self) -> int | None:
        return self.config.dpi if self.config is not None else None

    @property
    def key(self) -> str:
        """The same for the same settings, whatever they are called."""
        if self.config is None:
            return self.given.value
        return f"pages {self.config.key[:16]}{' + factsheet' if self.factsheet else ''}"

    @property
    def label(self) -> str:
        """As people see it."""
        if self.config is None:
            return self.role.called if self.given is Given.TEXT else self.given.value
        name = f" ({self.settings_name})" if self.settings_name not in ("", "en") else ""
        return f"{self.role.called}, {self.config.dpi} dpi{name}{' + factsheet' if self.factsheet else ''}"


@dataclass(frozen=True, slots=True)
class Result:
    """What one item on one arm came to. None: not known, or not of this arm."""

    item_id: str
    task: str
    arm_key: str
    outcome: Outcome
    score: float
    """0 to 1 by the task's own metric; 0 where no answer came."""
    answer: str = ""
    detail: str = ""
    """Why no answer came, in words for people."""
    retryable: bool = False
    """No answer came, and asking again may help; resuming does."""
    simulated: bool = False
    context_tokens: int | None = None
    """Of the document as text, exact."""
    visual_tokens: int | None = None
    factsheet_tokens: int | None = None
    pages: int | None = None
    prompt_tokens: int | None = None
    """By the server's own count, as are the next."""
    completion_tokens: int | None = None
    ttft_ms: float | None = None
    seconds: float = 0.0
    attempts: int = 1
    at: str = ""
    """When it ended: UTC, ISO 8601."""
    likeness: float | None = None
    """MRCR only: 1 less the share of the reference's characters that differ (Levenshtein); 0 where no answer came."""
    simulated_gpu: str | None = None
    """Whose times a simulator played for this answer, and by what it divided them (1: the projected time): a run that is gone on with
    may meet another one."""
    simulated_speedup: float | None = None

    @property
    def key(self) -> str:
        return f"{self.item_id}|{self.arm_key}"
