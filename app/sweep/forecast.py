"""How long the rest of a sweep will take. In: tasks, and how long done ones took. Out: seconds.

By the projection's figures, scaled by what was measured so far: lengths differ a hundredfold, so a mean of the done tasks
would say nothing of those to come. Before anything is done it is the bare projection for the default GPU.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.clients import Role
from app.projection import DEFAULT_GPU, GLYPH, QWEN3_8B, pages_prompt, project_batch, text_prompt
from app.sweep.values import Arm, Kind, SweepPlan, Task

_COMPRESSION_AT_72_DPI = 3.0
AROUND_EACH_S = 0.05  # cutting, resetting caches, connecting


def projected_seconds(task: Task, plan: SweepPlan) -> float:
    answer = plan.prefill_answer_tokens if task.kind is Kind.PREFILL else plan.answer_tokens
    if task.arm.role is Role.TEXT:
        shape, prompt = QWEN3_8B, text_prompt(task.text_tokens)
    else:
        shape, prompt = GLYPH, pages_prompt(task.text_tokens, _compression(task.arm))
    batch = project_batch(shape, DEFAULT_GPU, prompt, answer, task.at_once)
    return AROUND_EACH_S + task.at_once * batch.seconds_per_sample


def _compression(arm: Arm) -> float:
    return _COMPRESSION_AT_72_DPI * (72 / (arm.dpi or 72)) ** 2


class Forecast:
    """One writer. `took` after each task; `seconds` at any time."""

    def __init__(self, plan: SweepPlan) -> None:
        self._plan = plan
        self._took = 0.0
        self._projected = 0.0

    def took(self, task: Task, seconds: float) -> None:
        self._took += seconds
        self._projected += projected_seconds(task, self._plan)

    @property
    def learnt(self) -> bool:
        """Whether anything was measured yet, so that `seconds` speaks of this machine."""
        return self._projected > 0

    def seconds(self, tasks: Iterable[Task]) -> float:
        scale = self._took / self._projected if self.learnt else 1.0
        return scale * sum(projected_seconds(task, self._plan) for task in tasks)
