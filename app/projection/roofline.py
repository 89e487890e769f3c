"""Model shape, GPU and prompt in; seconds, tokens a second and bytes out: a roofline on paper.

Nothing here is measured. Every result carries `label = "projection"`, and whoever shows one says so. It does not know
of batching with other requests, tokenising, image decoding, networks, quantisation or several GPUs.

How good it is: with the efficiencies below, the prefill speedup of page images over text on Glyph's own backbone at
compression 3 comes out within 10 % of the six speedups measured in the Glyph paper on one H100 (1.8 to 4.8 at 4K to
128K tokens; the table is in tests/projection/test_paper_table.py). The efficiencies were chosen with that table in
sight, so the agreement shows that the model has the right shape, not that it predicts absolute seconds on your machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.projection.errors import ProjectionError
from app.projection.gpus import DEFAULT_GPU, Gpu
from app.projection.shapes import GLYPH, QWEN3_8B, ModelShape

LABEL = "projection"
BEGIN_AND_END_OF_IMAGE = 2  # tokens around each page's image tokens


@dataclass(frozen=True, slots=True)
class Efficiency:
    """Shares of the datasheet peaks that real servers reach: assumptions, not measurements.

    linear: large bf16 matrix products in a serving engine.
    attention: flash attention with a causal mask, paged keys and values.
    vision: many small sequences (one a page) of a narrow network, run page by page.
    bandwidth: weights and cache streamed from memory while decoding one sequence.
    """

    linear: float = 0.55
    attention: float = 0.45
    vision: float = 0.30
    bandwidth: float = 0.70

    def __post_init__(self) -> None:
        for name in ("linear", "attention", "vision", "bandwidth"):
            value = getattr(self, name)
            if not 0 < value <= 1:
                raise ProjectionError(f"efficiency {name}={value} must be above 0 and at most 1.")


ASSUMED = Efficiency()


@dataclass(frozen=True, slots=True)
class Projection:
    """Figures on paper for one request alone on one GPU."""

    prefill_seconds: float  # the language model over the prompt, without the vision encoder
    vision_seconds: float  # the vision encoder over all pages; 0 for text
    decode_tokens_per_second: float  # mean over the output, the cache growing meanwhile
    kv_cache_bytes: int  # prompt and output
    weight_bytes: int
    label: str = LABEL

    @property
    def time_to_first_token_seconds(self) -> float:
        """Vision, prefill and one decoding step; no queue, no network, no image decoding."""
        return self.vision_seconds + self.prefill_seconds + 1 / self.decode_tokens_per_second


def project(
    shape: ModelShape,
    gpu: Gpu,
    prompt_tokens: int,
    image_patches_per_page: Sequence[int] = (),
    output_tokens: int = 0,
    *,
    cached_tokens: int = 0,
    efficiency: Efficiency = ASSUMED,
) -> Projection:
    """Project one request. `prompt_tokens` counts everything, image tokens and their begin and end too.

    `image_patches_per_page`: pages that the encoder must still see (leave out those whose encoding is cached).
    `cached_tokens`: the beginning of the prompt whose keys and values are there already.
    """
    if prompt_tokens < 0 or output_tokens < 0:
        raise ProjectionError(f"prompt_tokens={prompt_tokens} and output_tokens={output_tokens} must not be negative.")
    if not 0 <= cached_tokens <= prompt_tokens:
        raise ProjectionError(f"cached_tokens={cached_tokens} must lie between 0 and prompt_tokens={prompt_tokens}.")
    if len(image_patches_per_page) and shape.vision is None:
        raise ProjectionError(f"{shape.name} has no vision encoder; project page images with GLYPH.")

    bandwidth = gpu.memory_bandwidth_gbps * 1e9 * efficiency.bandwidth
    context = prompt_tokens + output_tokens / 2
    step_seconds = (shape.bytes_read_per_step + context * shape.kv_bytes_per_token) / bandwidth
    kv_cache_bytes = (prompt_tokens + output_tokens) * shape.kv_bytes_per_token
    return Projection(
        prefill_seconds=_prefill_seconds(shape, gpu, prompt_tokens, cached_tokens, efficiency, bandwidth),
        vision_seconds=_vision_seconds(shape, gpu, image_patches_per_page, efficiency),
        decode_tokens_per_second=1 / step_seconds,
        kv_cache_bytes=kv_cache_bytes,
        weight_bytes=shape.weight_bytes,
    )


def prefill_speedup(
    text_tokens: int,
    page_patches: Sequence[int],
    *,
    question_tokens: int = 0,
    gpu: Gpu = DEFAULT_GPU,
    text_shape: ModelShape = QWEN3_8B,
    page_shape: ModelShape = GLYPH,
    efficiency: Efficiency = ASSUMED,
) -> float:
    """How many times sooner the pages are read than the text, vision encoder included. Above 1: pages are faster.

    The default compares the two models of this application; the paper compares Glyph with its own backbone
    (`text_shape=GLYPH`), which is the slower reader of short texts and the faster one of long texts.
    """
    vision = page_shape.vision
    if vision is None:
        raise ProjectionError(f"{page_shape.name} has no vision encoder; give a page_shape that has one.")
    page_tokens = sum(patches // vision.patches_per_token + BEGIN_AND_END_OF_IMAGE for patches in page_patches)
    text = project(text_shape, gpu, text_tokens + question_tokens, efficiency=efficiency)
    pages = project(page_shape, gpu, page_tokens + question_tokens, page_patches, efficiency=efficiency)
    pages_seconds = pages.prefill_seconds + pages.vision_seconds
    if pages_seconds == 0:
        raise ProjectionError("page_patches is empty and question_tokens is 0: there is nothing to compare with.")
    return text.prefill_seconds / pages_seconds


def _prefill_seconds(
    shape: ModelShape, gpu: Gpu, tokens: int, cached: int, efficiency: Efficiency, bandwidth: float
) -> float:
    if tokens == cached:
        return 0.0
    peak = gpu.bf16_tflops * 1e12
    linear = shape.linear_operations(tokens - cached) / (peak * efficiency.linear)
    attention = shape.attention_operations(tokens, cached) / (peak * efficiency.attention)
    # However short the prompt, every weight is read once, and so are the cached keys and values.
    floor = (shape.bytes_read_per_step + cached * shape.kv_bytes_per_token) / bandwidth
    return max(linear + attention, floor)


def _vision_seconds(shape: ModelShape, gpu: Gpu, pages: Sequence[int], efficiency: Efficiency) -> float:
    if not len(pages) or shape.vision is None:
        return 0.0
    operations = sum(shape.vision.page_operations(patches) for patches in pages)
    return operations / (gpu.bf16_tflops * 1e12 * efficiency.vision)
