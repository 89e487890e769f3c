"""Results in, figures out: a cell for every task and arm, every arm as a whole, and arms against each other on the same items.

A call that brought no answer counts 0 in every mean, and is told. Nothing here asks or draws anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.evaluation.statistics import PairedDifference, Share, paired_difference, wilson
from app.evaluation.tasks import TASKS
from app.evaluation.values import Arm, Given, Outcome, Result
from app.tokens import compression_ratio


@dataclass(frozen=True, slots=True)
class Cell:
    """One task on one arm. The four outcomes sum to `score.count`. `compression` None: no pages."""

    task: str
    arm: Arm
    score: Share
    right: Share
    correct: int
    abstained: int
    wrong: int
    no_answer: int
    compression: float | None
    simulated: bool
    likeness: Share | None = None
    """MRCR: the mean of 1 less the Levenshtein share; None: another measure, or a journal that does not hold it."""

    @property
    def words(self) -> str:
        return (
            f"{self.correct} correct, {self.abstained} abstained, {self.wrong} silently wrong, {self.no_answer} no answer "
            f"of {self.score.count}"
        )


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """One arm over all tasks: the mean of its tasks' means. `prompt_tokens`: mean of what the server counted."""

    arm: Arm
    score: Share
    tasks: int
    outcomes: dict[Outcome, int]
    compression: float | None
    prompt_tokens: float | None
    simulated: bool


@dataclass(frozen=True, slots=True)
class CategoryMean:
    """One arm on LongBench as its authors sum it up: the mean of the categories' means, a category's being that of its tasks."""

    arm: Arm
    score: Share
    categories: tuple[str, ...]
    """Those that were asked, of the six."""


@dataclass(frozen=True, slots=True)
class Against:
    """`arm` less `reference` on the items that both have, over all tasks or of one."""

    task: str
    arm: Arm
    reference: Arm
    difference: PairedDifference


@dataclass(frozen=True, slots=True)
class Report:
    arms: tuple[Arm, ...]
    tasks: tuple[str, ...]
    cells: tuple[Cell, ...]
    summaries: tuple[ArmSummary, ...]
    against: tuple[Against, ...]
    longbench: tuple[CategoryMean, ...] = ()

    def cell(self, task: str, arm: Arm) -> Cell | None:
        return next((one for one in self.cells if one.task == task and one.arm.key == arm.key), None)

    @property
    def simulated(self) -> bool:
        return any(one.simulated for one in self.summaries)


def report_of(arms: Sequence[Arm], results: Iterable[Result]) -> Report:
    """The reference of the comparisons is the text arm where there is one, else the first."""
    of_arm: dict[str, dict[str, Result]] = {arm.key: {} for arm in arms}
    for result in results:
        if result.arm_key in of_arm:
            of_arm[result.arm_key][result.item_id] = result
    have = {result.task for found in of_arm.values() for result in found.values()}
    tasks = tuple(name for name in TASKS if name in have)
    cells, summaries = [], []
    for arm in arms:
        own = [
            _cell(task, arm, found)
            for task in tasks
            if (found := [result for result in of_arm[arm.key].values() if result.task == task])
        ]
        cells += own
        if own:
            summaries.append(_summary(arm, own, list(of_arm[arm.key].values())))
    reference = next((arm for arm in arms if arm.given is Given.TEXT), arms[0]) if arms else None
    against: list[Against] = []
    for arm in arms:
        if reference is None or arm.key == reference.key:
            continue
        for task in ("", *tasks):
            pair = _against(task, arm, reference, of_arm)
            against += [pair] if pair is not None else []
    means = [mean for arm in arms if (mean := _category_mean(arm, cells)) is not None]
    return Report(tuple(arms), tasks, tuple(cells), tuple(summaries), tuple(against), tuple(means))


def _cell(task: str, arm: Arm, found: Sequence[Result]) -> Cell:
    count = len(found)
    number = {outcome: sum(one.outcome is outcome for one in found) for outcome in Outcome}
    return Cell(
        task,
        arm,
        wilson(_mean(found), count),
        wilson(number[Outcome.CORRECT] / count, count),
        number[Outcome.CORRECT],
        number[Outcome.ABSTAINED],
        number[Outcome.WRONG],
        number[Outcome.NO_ANSWER],
        _compression(found),
        any(one.simulated for one in found),
        _likeness(found),
    )


def _likeness(found: Sequence[Result]) -> Share | None:
    told = [one.likeness for one in found if one.likeness is not None]
    return wilson(min(1.0, sum(told) / len(told)), len(told)) if told else None


def _category_mean(arm: Arm, cells: Sequence[Cell]) -> CategoryMean | None:
    own = [cell for cell in cells if cell.arm.key == arm.key and TASKS[cell.task].category]
    if not own:
        return None
    by_category: dict[str, list[float]] = {}
    for cell in own:
        by_category.setdefault(TASKS[cell.task].category, []).append(cell.score.value)
    means = [sum(values) / len(values) for values in by_category.values()]
    score = wilson(min(1.0, sum(means) / len(means)), sum(cell.score.count for cell in own))
    return CategoryMean(arm, score, tuple(by_category))


def _summary(arm: Arm, cells: Sequence[Cell], found: Sequence[Result]) -> ArmSummary:
    mean = sum(cell.score.value for cell in cells) / len(cells)
    prompts = [one.prompt_tokens for one in found if one.prompt_tokens is not None]
    return ArmSummary(
        arm,
        wilson(min(1.0, mean), len(found)),
        len(cells),
        {outcome: sum(one.outcome is outcome for one in found) for outcome in Outcome},
        _compression(found),
        sum(prompts) / len(prompts) if prompts else None,
        any(one.simulated for one in found),
    )


def _against(task: str, arm: Arm, reference: Arm, of_arm: dict[str, dict[str, Result]]) -> Against | None:
    own, other = of_arm[arm.key], of_arm[reference.key]
    ids = sorted(one for one in own.keys() & other.keys() if not task or own[one].task == task)
    if not ids:
        return None
    difference = paired_difference(
        [own[one].score for one in ids],
        [other[one].score for one in ids],
        [own[one].outcome is Outcome.CORRECT for one in ids],
        [other[one].outcome is Outcome.CORRECT for one in ids],
    )
    return Against(task, arm, reference, difference)


def _mean(found: Sequence[Result]) -> float:
    return min(1.0, sum(one.score for one in found) / len(found))


def _compression(found: Sequence[Result]) -> float | None:
    """Text tokens over visual tokens, of all items that were drawn."""
    drawn = [(one.context_tokens or 0, one.visual_tokens) for one in found if one.visual_tokens]
    return compression_ratio(sum(t for t, _ in drawn), sum(v for _, v in drawn)) if drawn else None
