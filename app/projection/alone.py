"""One request alone, from its sending to its first token, and what that is made of. On paper.

In: a model shape, a GPU, a prompt's size. Out: an AloneProjection. What stands in `Serving` holds here too, so that a
calibration moves this and the batches alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.projection.gpus import Gpu
from app.projection.prompts import PromptSize
from app.projection.roofline import LABEL, project
from app.projection.serving import ALONE, Serving, project_batch
from app.projection.shapes import ModelShape


@dataclass(frozen=True, slots=True)
class AloneProjection:
    """Seconds, in the order in which they pass. `host`: connection, tokenising, fetching and resizing pages."""

    host_seconds: float
    vision_seconds: float
    prefill_seconds: float
    step_seconds: float  # the first token's own decoding step
    label: str = LABEL

    @property
    def ttft_seconds(self) -> float:
        return self.host_seconds + self.vision_seconds + self.prefill_seconds + self.step_seconds


def project_alone(shape: ModelShape, gpu: Gpu, prompt: PromptSize, serving: Serving = ALONE) -> AloneProjection:
    """Nothing else is asked of the server; nothing of the prompt is in its caches."""
    work = project(shape, gpu, prompt.tokens, prompt.patches_per_page, efficiency=serving.efficiency)
    step = project_batch(shape, gpu, PromptSize(prompt.tokens), 0, 1, serving).step_seconds
    host = (serving.request_ms + serving.page_ms * len(prompt.patches_per_page)) / 1000
    return AloneProjection(host, work.vision_seconds, work.prefill_seconds, step)


def prefill_speedup_alone(
    text_shape: ModelShape,
    text: PromptSize,
    page_shape: ModelShape,
    pages: PromptSize,
    gpu: Gpu,
    serving: Serving = ALONE,
) -> float:
    """How many times sooner the pages' first token comes than the text's. Above 1: pages are sooner."""
    slow = project_alone(text_shape, gpu, text, serving).ttft_seconds
    return slow / project_alone(page_shape, gpu, pages, serving).ttft_seconds
