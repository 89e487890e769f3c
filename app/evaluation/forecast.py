"""What an evaluation will cost before it is run: calls, tokens, time and price. Asks nobody; draws nothing.

Document and visual tokens are exact. Answers are reckoned with the tokens that the tasks' authors allow (a thinking model takes more),
time by the projection of one H100, the price by what the user says a million tokens cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.evaluation.plan import EvaluationPlan, plan_items
from app.evaluation.tasks import Sources, source_note
from app.evaluation.values import Arm, Given, Item
from app.factsheet import make_factsheet
from app.measurement import duration_words
from app.projection import DEFAULT_GPU, GLYPH, PATCHES_PER_TOKEN, QWEN3_8B, project
from app.tokens import VISUAL_OVERHEAD_PER_PAGE, count_text_tokens, visual_tokens
from renderer import RenderConfig, count

_DECODE_TOKENS_A_SECOND = 80.0  # one reader alone on an H100, both models, by the projection's order of magnitude


@dataclass(frozen=True, slots=True)
class Price:
    """Of a million tokens, in any money."""

    prompt: float = 0.0
    answer: float = 0.0


@dataclass(frozen=True, slots=True)
class ArmCost:
    """One arm's calls. `seconds`: on one H100, one call after the other."""

    arm: Arm
    calls: int
    prompt_tokens: int
    answer_tokens: int
    seconds: float

    def price(self, price: Price) -> float:
        return (self.prompt_tokens * price.prompt + self.answer_tokens * price.answer) / 1e6

    def __add__(self, other: ArmCost) -> ArmCost:
        """Of the same arm: more items."""
        return ArmCost(
            self.arm,
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.answer_tokens + other.answer_tokens,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """A plan before it is run. `notes`: what stands in for sources that are not there."""

    items: int
    arms: tuple[ArmCost, ...]
    notes: tuple[str, ...]

    @property
    def calls(self) -> int:
        return sum(one.calls for one in self.arms)

    @property
    def prompt_tokens(self) -> int:
        return sum(one.prompt_tokens for one in self.arms)

    @property
    def answer_tokens(self) -> int:
        return sum(one.answer_tokens for one in self.arms)

    @property
    def seconds(self) -> float:
        return sum(one.seconds for one in self.arms)

    def price(self, price: Price) -> float:
        return sum(one.price(price) for one in self.arms)

    def words(self, price: Price = Price()) -> str:
        """For people, on the command line and on the screen."""
        money = f"; {self.price(price):,.2f} by the prices given" if price != Price() else ""
        return (
            f"{self.calls:,} calls about {self.items:,} items, {self.prompt_tokens:,} prompt tokens, some {self.answer_tokens:,} of "
            f"answers; {duration_words(1000 * self.seconds)} on one H100, one call after the other, projected{money}."
        )


class NotWanted(Exception):
    """Nobody wants the forecast any more that is being made."""


def forecast(plan: EvaluationPlan, sources: Sources, is_wanted: Callable[[], bool] = lambda: True) -> Forecast:
    """Task by task, so that the items of one are in memory at a time. `is_wanted` is asked before each item on each arm.

    Raises PlanError, SourceError; RenderError where pages cannot be laid out; NotWanted.
    """
    costs = {arm.key: ArmCost(arm, 0, 0, 0, 0.0) for arm in plan.arms}
    count_of_items = 0
    for name in plan.tasks:
        items = plan_items(replace(plan, tasks=(name,)), sources)
        count_of_items += len(items)
        for item in items:
            for arm in plan.arms:
                if not is_wanted():
                    raise NotWanted
                costs[arm.key] += _cost(plan, arm, item)
    notes = tuple(f"{name}: {words}" for name in plan.tasks if (words := source_note(name, sources)))
    return Forecast(count_of_items, tuple(costs.values()), notes)


def _cost(plan: EvaluationPlan, arm: Arm, item: Item) -> ArmCost:
    question = count_text_tokens(item.question).value
    if arm.config is not None:
        tokens, pages = _pages(item.context, arm.config)
        prompt = tokens + VISUAL_OVERHEAD_PER_PAGE * pages + question
        if arm.factsheet:
            prompt += make_factsheet(item.context, plan.factsheet_tokens).tokens
        shape = [tokens // max(1, pages) * PATCHES_PER_TOKEN] * pages
        seconds = project(GLYPH, DEFAULT_GPU, prompt, shape).time_to_first_token_seconds
    else:
        prompt = question + (count_text_tokens(item.context).value if arm.given is Given.TEXT else 0)
        seconds = project(QWEN3_8B, DEFAULT_GPU, prompt).time_to_first_token_seconds
    answer = min(item.answer_tokens, plan.answer_tokens)
    return ArmCost(arm, 1, prompt, answer, seconds + answer / _DECODE_TOKENS_A_SECOND)


def _pages(text: str, config: RenderConfig) -> tuple[int, int]:
    counts = count(text, config)
    return sum(visual_tokens(page.width_px, page.height_px) for page in counts.pages), len(counts.pages)
