"""What the answer settings may be: the widgets' own bounds, and settings of a recording brought within them.

A run's file may come from anybody, and a widget that is given more than its most takes its whole panel with it. Imports no streamlit.
"""

from __future__ import annotations

from dataclasses import replace

from app.clients import SamplingSettings
from app.comparisons import Options, Order

MAX_TOKENS = (16, 32_768)
TEMPERATURE = (0.0, 1.5)
TOP_P = (0.05, 1.0)
TOP_K = (0, 1000)
PENALTY = (0.5, 2.0)
SEED = (0, 2**31 - 1)
MAX_PROMPT_CHARACTERS = 8000
ORDERS = {Order.TOGETHER: "both at once", Order.RANDOM: "in turn"}


def bounded_sampling(asked: SamplingSettings) -> SamplingSettings:
    return replace(
        asked,
        max_tokens=int(_within(asked.max_tokens, MAX_TOKENS)),
        temperature=_within(asked.temperature, TEMPERATURE),
        top_p=_within(asked.top_p, TOP_P),
        top_k=int(_within(asked.top_k, TOP_K)),
        repetition_penalty=_within(asked.repetition_penalty, PENALTY),
        seed=int(_within(asked.seed, SEED)) if asked.seed is not None else None,
        system_prompt=asked.system_prompt[:MAX_PROMPT_CHARACTERS],
    )


def bounded_options(asked: Options) -> Options:
    return replace(asked, order=asked.order if asked.order in ORDERS else Order.RANDOM)


def _within(value: float, bounds: tuple[float, float]) -> float:
    return min(max(value, bounds[0]), bounds[1])
