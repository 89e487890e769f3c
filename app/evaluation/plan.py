"""What is evaluated: tasks, arms, how many items, how long. In: choices. Out: an EvaluationPlan and its items."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from app.evaluation.errors import PlanError
from app.evaluation.tasks import LENGTHS, MAX_ITEMS, TASKS, Sources, make_items
from app.evaluation.values import Arm, Given, Item
from app.factsheet import DEFAULT_TOKENS, MAX_TOKENS

MAX_CALLS = 100_000
MAX_ARMS = 24
MOST_AT_ONCE = 64
ANSWER_TOKENS = (
    8_192  # Glyph's own runs; the tasks' authors let a model answer with 30 to 512, which starves one that thinks
)
MAY_ABSTAIN = "If you cannot tell, answer only: unknown"
MAY_ABSTAIN_ZH = "如果无法得知，只回答：unknown"


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """Raises PlanError. `length`: tokens of document, question and answer together. `may_abstain`: the question ends with an
    invitation to say "unknown", on every arm alike; without it the tasks' own words are asked."""

    tasks: tuple[str, ...]
    arms: tuple[Arm, ...]
    count: int = 20
    length: int = 4_096
    seed: int = 1
    answer_tokens: int = ANSWER_TOKENS
    thinking: bool = True
    may_abstain: bool = True
    factsheet_tokens: int = DEFAULT_TOKENS

    def __post_init__(self) -> None:
        _check_names("tasks", self.tasks)
        _check_names("arms", tuple(arm.key for arm in self.arms))
        if unknown := [name for name in self.tasks if name not in TASKS]:
            raise PlanError(f"There is no task {unknown[0]!r}. Choose from: {', '.join(TASKS)}.")
        if len(self.arms) > MAX_ARMS:
            raise PlanError(f"{len(self.arms)} arms; {MAX_ARMS} are allowed.")
        for arm in self.arms:
            if (arm.given is Given.PAGES) != (arm.config is not None) or (arm.factsheet and arm.config is None):
                raise PlanError(f"The arm {arm.label!r} is none: settings and a factsheet belong to pages.")
        for name, value, least, most in (
            ("count", self.count, 1, MAX_ITEMS),
            ("length", self.length, *LENGTHS),
            ("seed", self.seed, 0, 2**31),
            ("answer_tokens", self.answer_tokens, 1, 131_072),
            ("factsheet_tokens", self.factsheet_tokens, 1, MAX_TOKENS),
        ):
            if not least <= value <= most:
                raise PlanError(f"{name} is {value:,}; choose from {least:,} to {most:,}.")
        if self.calls > MAX_CALLS:
            raise PlanError(
                f"This plan has up to {self.calls:,} calls; {MAX_CALLS:,} are allowed. Choose fewer tasks, arms or items."
            )

    @property
    def calls(self) -> int:
        """At most: a data set may have fewer items than asked for."""
        return len(self.tasks) * len(self.arms) * self.count


def plan_items(plan: EvaluationPlan, sources: Sources) -> tuple[Item, ...]:
    """Every item, the same for the same plan and sources. Raises PlanError, SourceError."""
    found = [item for name in plan.tasks for item in make_items(name, plan.length, plan.count, plan.seed, sources)]
    if not plan.may_abstain:
        return tuple(found)
    return tuple(replace(item, question=f"{item.question}\n{_invitation(item)}") for item in found)


def _invitation(item: Item) -> str:
    # MRCR asks for an exact text, and graded tasks for more than a fact; the words do no harm there.
    chinese = any("\u4e00" <= character <= "\u9fff" for character in item.question)
    return MAY_ABSTAIN_ZH if chinese else MAY_ABSTAIN


def items_hash(items: tuple[Item, ...]) -> str:
    """SHA-256 over everything that is asked and how it is scored, in hex: other items are another evaluation."""
    digest = hashlib.sha256()
    for item in items:
        parts = (item.id, item.context, item.question, item.metric, item.prefix, *item.references, "", *item.classes)
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _check_names(name: str, values: tuple[str, ...]) -> None:
    if not values:
        raise PlanError(f"No {name} are chosen; choose at least one.")
    if len(set(values)) != len(values):
        twice = next(one for one in values if values.count(one) > 1)
        raise PlanError(f"{name} names one twice: {twice}.")
