"""The rewards as trainers want them. ms-swift: `--external_plugins scripts/training_rewards.py --reward_funcs glyph_judge
glyph_format glyph_ocr`. TRL: `from scripts.training_rewards import REWARDS` and `reward_funcs=REWARDS`.

The judge's server comes from the environment: GLYPH_JUDGE_URL, GLYPH_JUDGE_MODEL; its key from GLYPH_JUDGE_KEY; at most
GLYPH_JUDGE_MOST_CALLS (100,000) calls of a process. A judge that cannot be reached ends the run: a wrong reward would teach.
A reward that is not about a row gives None there (TRL leaves it out); for ms-swift 0.0. Needs requirements-rewards.txt only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.training.errors import JudgeError
from app.training.judge import EndpointJudge, JudgeSettings
from app.training.kinds import Task
from app.training.rewards import format_reward, judge_reward, ocr_reward

Completion = str | list[dict[str, Any]]


JUDGED_AT_ONCE = 16  # a step has hundreds of answers; one after the other they would take longer than the step itself


@cache
def _judge() -> EndpointJudge:
    said = os.environ.get("GLYPH_JUDGE_MOST_CALLS", "100000")
    if not said.isdecimal():
        raise JudgeError(f"GLYPH_JUDGE_MOST_CALLS is {said!r}; give a whole number of calls.")
    url, model = os.environ.get("GLYPH_JUDGE_URL", ""), os.environ.get("GLYPH_JUDGE_MODEL", "")
    return EndpointJudge(JudgeSettings(url, model, "GLYPH_JUDGE_KEY", most_calls=int(said)))


def _text(completion: Completion) -> str:
    """TRL hands over a text, or messages whose content is a text or parts."""
    if isinstance(completion, str):
        return completion
    content = completion[-1]["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def glyph_format(completions: Sequence[Completion], **_: Any) -> list[float | None]:
    return [format_reward(_text(completion)) for completion in completions]


def glyph_ocr(
    completions: Sequence[Completion], solution: Sequence[str], task: Sequence[str], **_: Any
) -> list[float | None]:
    return [
        ocr_reward(_text(completion), meant) if kind == Task.GRPO_OCR else None
        for completion, meant, kind in zip(completions, solution, task, strict=True)
    ]


def _judged(one: tuple[str, str, str]) -> float:
    said, question, reference = one
    return judge_reward(said, question, reference, _judge())


def glyph_judge(
    completions: Sequence[Completion], solution: Sequence[str], task: Sequence[str], question: Sequence[str], **_: Any
) -> list[float | None]:
    asked = [
        (_text(completion), put, meant) if kind == Task.GRPO_QA else None
        for completion, meant, kind, put in zip(completions, solution, task, question, strict=True)
    ]
    different = list(dict.fromkeys(one for one in asked if one))  # a group's samples are often the same
    with ThreadPoolExecutor(JUDGED_AT_ONCE) as pool:
        rewards = dict(zip(different, pool.map(_judged, different), strict=True))
    return [rewards[one] if one else None for one in asked]


REWARDS: list[Callable[..., list[float | None]]] = [glyph_judge, glyph_format, glyph_ocr]


def _register() -> None:
    """Tell ms-swift of the rewards; does nothing where it is not installed."""
    try:
        from swift.rewards import ORM, orms
    except ImportError:
        try:
            from swift.plugin import ORM, orms
        except ImportError:
            return

    def wrapped(reward: Any) -> type:
        def call(self: Any, completions: Sequence[Completion], **columns: Any) -> list[float]:
            return [0.0 if value is None else value for value in reward(completions, **columns)]

        return type(reward.__name__, (ORM,), {"__call__": call})

    for reward in REWARDS:
        orms[reward.__name__] = wrapped(reward)


_register()
