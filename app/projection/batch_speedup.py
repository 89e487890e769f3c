"""Pages against text at the largest batch that fits, as the paper compares; and how far each assumption moves it.

In: a length and a compression. Out: a BatchSpeedup; for the tornado chart, a Swing a factor. All of it on paper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.projection.errors import ProjectionError
from app.projection.gpus import DEFAULT_GPU, Gpu
from app.projection.prompts import pages_prompt, text_prompt
from app.projection.published import PUBLISHED_OUTPUT_TOKENS
from app.projection.serving import ASSUMED_SERVING, FACTORS, BatchProjection, Serving, most_users, project_batch
from app.projection.shapes import GLYPH, QWEN3_8B, ModelShape


@dataclass(frozen=True, slots=True)
class BatchSpeedup:
    """Both sides, each at the largest batch that its own caches leave room for."""

    text: BatchProjection
    pages: BatchProjection

    @property
    def per_sample(self) -> float:
        """The paper's decoding figure: per-sample inference time of text over that of pages. Above 1: pages win."""
        return self.text.seconds_per_sample / self.pages.seconds_per_sample


def batch_speedup(
    text_tokens: int,
    compression: float,
    *,
    output_tokens: int = PUBLISHED_OUTPUT_TOKENS,
    gpu: Gpu = DEFAULT_GPU,
    text_shape: ModelShape = QWEN3_8B,
    page_shape: ModelShape = GLYPH,
    serving: Serving = ASSUMED_SERVING,
) -> BatchSpeedup:
    """The default compares the application's two models; the paper compares Glyph with its own backbone.

    Raises ProjectionError where not even one request fits the GPU.
    """
    sides = []
    prompts = ((text_shape, text_prompt(text_tokens)), (page_shape, pages_prompt(text_tokens, compression)))
    for shape, prompt in prompts:
        users = most_users(shape, gpu, prompt, output_tokens, serving)
        if users == 0:
            raise ProjectionError(
                f"{prompt.tokens:,} prompt tokens of {shape.name} do not fit {gpu.name}; choose a shorter text."
            )
        sides.append(project_batch(shape, gpu, prompt, output_tokens, users, serving))
    return BatchSpeedup(*sides)


@dataclass(frozen=True, slots=True)
class Swing:
    """What a result becomes at both ends of one factor's range, everything else as assumed."""

    factor: str  # a key of FACTORS
    label: str
    low: float
    assumed: float
    high: float
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        return abs(self.at_high - self.at_low)


def tornado(result: Callable[[Serving], float], serving: Serving = ASSUMED_SERVING) -> tuple[Swing, ...]:
    """Every factor moved alone over its range, the one that moves `result` furthest first."""
    swings = [
        Swing(
            name,
            factor.label,
            factor.low,
            getattr(serving, name),
            factor.high,
            at_low=result(replace(serving, **{name: factor.low})),
            at_high=result(replace(serving, **{name: factor.high})),
        )
        for name, factor in FACTORS.items()
    ]
    return tuple(sorted(swings, key=lambda swing: swing.width, reverse=True))
