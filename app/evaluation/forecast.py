"""What an evaluation will cost before it is run: calls, tokens, time and price. Asks nobody; draws nothing.

Document and visual tokens are exact. Answers are reckoned with the tokens that the tasks' authors allow (a thinking model takes more),
time by the projection of one H100, the price by what the user says a million tokens cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.evaluation.plan import EvaluationPlan
from app.evaluation.values import Arm, Given, Item
from app.factsheet import make_factsheet
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
    arm: Arm
    calls: int
    prompt_tokens: int
    answer_tokens: int
    seconds: float
    price: float


def forecast(plan: EvaluationPlan, items: Sequence[Item], price: Price) -> tuple[ArmCost, ...]:
    """An entry an arm. Raises RenderError where pages cannot be laid out."""
    return tuple(_cost(plan, arm, items, price) for arm in plan.arms)


def _cost(plan: EvaluationPlan, arm: Arm, items: Sequence[Item], price: Price) -> ArmCost:
    prompts, seconds = 0, 0.0
    for item in items:
        question = count_text_tokens(item.question).value
        if arm.config is not None:
            tokens, pages = _pages(item.context, arm.config)
            own = tokens + VISUAL_OVERHEAD_PER_PAGE * pages + question
            if arm.factsheet:
                own += make_factsheet(item.context, plan.factsheet_tokens).tokens
            shape = [tokens // max(1, pages) * PATCHES_PER_TOKEN] * pages
            seconds += project(GLYPH, DEFAULT_GPU, own, shape).time_to_first_token_seconds
        else:
            own = question + (count_text_tokens(item.context).value if arm.given is Given.TEXT else 0)
            seconds += project(QWEN3_8B, DEFAULT_GPU, own).time_to_first_token_seconds
        prompts += own
    answers = sum(min(item.answer_tokens, plan.answer_tokens) for item in items)
    seconds += answers / _DECODE_TOKENS_A_SECOND
    cost = (prompts * price.prompt + answers * price.answer) / 1e6
    return ArmCost(arm, len(items), prompts, answers, seconds, cost)


def _pages(text: str, config: RenderConfig) -> tuple[int, int]:
    counts = count(text, config)
    return sum(visual_tokens(page.width_px, page.height_px) for page in counts.pages), len(counts.pages)
