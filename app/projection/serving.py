"""Many requests at once: seconds a sample, tokens a second, cache memory, most users, longest text. On paper.

In: a model shape, a GPU, a prompt's size, a batch. Out: a BatchProjection, labelled as a projection. Builds on the
roofline of one request; knows nothing of arrival times, of preemption or of several GPUs.

How good it is: at compression 3 on one H100, the speedups of per-sample inference time at the largest batch come out
within 13 % of the six that the Glyph paper measured (2.3 to 4.4; tests/projection/test_paper_batches.py prints the
table). `vision`, `cache_bandwidth` and `step_ms` were chosen with that table in sight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

from app.projection.errors import ProjectionError
from app.projection.gpus import Gpu
from app.projection.prompts import PromptSize
from app.projection.roofline import ASSUMED, LABEL, Efficiency, project
from app.projection.shapes import ModelShape

BLOCK_TOKENS = 16  # vLLM keeps keys and values in whole blocks of so many tokens


@dataclass(frozen=True, slots=True)
class Serving:
    """What a serving engine reaches with many requests at once: assumptions, each explained in FACTORS."""

    linear: float = ASSUMED.linear
    attention: float = ASSUMED.attention
    vision: float = 0.40
    bandwidth: float = ASSUMED.bandwidth
    cache_bandwidth: float = 0.50
    step_ms: float = 3.0
    memory_share: float = 0.90
    working_gb: float = 4.0
    request_ms: float = 0.0
    page_ms: float = 0.0

    def __post_init__(self) -> None:
        for name in ("linear", "attention", "vision", "bandwidth", "cache_bandwidth", "memory_share"):
            value = getattr(self, name)
            if not 0 < value <= 1:
                raise ProjectionError(f"serving {name}={value} must be above 0 and at most 1.")
        for name in ("step_ms", "working_gb", "request_ms", "page_ms"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ProjectionError(f"serving {name}={value} must not be negative.")

    @property
    def efficiency(self) -> Efficiency:
        return Efficiency(self.linear, self.attention, self.vision, self.bandwidth)


ASSUMED_SERVING = Serving()
# One request alone, as the roofline has it: pages go through the encoder one by one, nothing waits for a scheduler.
ALONE = Serving(vision=ASSUMED.vision, cache_bandwidth=ASSUMED.bandwidth, step_ms=0.0)


@dataclass(frozen=True, slots=True)
class Factor:
    """One assumption: how far it may sensibly lie from what is assumed, and where that comes from."""

    label: str
    low: float
    high: float
    source: str


FACTORS = MappingProxyType(
    {
        "linear": Factor(
            "Matrix products, share of the dense bf16 peak",
            0.40,
            0.70,
            "Assumed between a plain engine and the best matrix products of a datasheet peak at its nominal clock.",
        ),
        "attention": Factor(
            "Attention of the prefill, share of the dense bf16 peak",
            0.35,
            0.62,
            "FlashAttention-2 reaches 35 % of an H100 (abstract of FlashAttention-3, arXiv 2407.08608); "
            "FlashAttention-3 614 to 621 TFLOPS at 8K to 16K tokens (pytorch/benchmark, pull request 2391).",
        ),
        "vision": Factor(
            "Vision encoder, share of the dense bf16 peak",
            0.30,
            0.45,
            "Assumed: 0.30 page by page as for one request alone; pages of many requests together fill the GPU better. "
            "Chosen with the paper's decoding figure in sight.",
        ),
        "bandwidth": Factor(
            "Reading the weights, share of the memory bandwidth", 0.60, 0.85, "Assumed, as for one request alone."
        ),
        "cache_bandwidth": Factor(
            "Reading keys and values in blocks, share of the memory bandwidth",
            0.35,
            0.70,
            "Assumed: scattered blocks of 16 tokens and two key-value heads are read less evenly than weights. "
            "Chosen with the paper's decoding figure in sight.",
        ),
        "step_ms": Factor(
            "Scheduling and sampling of one decoding step (ms)",
            0.0,
            8.0,
            "Assumed: what an engine does between two steps. Chosen with the paper's decoding figure in sight.",
        ),
        "memory_share": Factor(
            "Share of the GPU's memory that the engine takes", 0.85, 0.95, "vLLM's --gpu-memory-utilization of 0.9."
        ),
        "working_gb": Factor(
            "Memory for activations and captured graphs (GB)",
            2.0,
            8.0,
            "Assumed: what vLLM's profiling run sets aside.",
        ),
        "request_ms": Factor(
            "Around each request: connection, tokenising, scheduling (ms)",
            0.0,
            100.0,
            "Left out, as far as can be told in the paper's figures too. A sweep of one's own tells it. Of one request alone: "
            "many at once hide it behind each other.",
        ),
        "page_ms": Factor(
            "Fetching, decoding and resizing a page before the GPU sees it (ms)",
            0.0,
            10.0,
            "Left out, as far as can be told in the paper's figures too. vLLM's CPU build took 8.5 ms a page (100 pages of "
            "590 x 842 px in 0.85 s). Of one request alone, as above.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class BatchProjection:
    """`batch` equal requests served together: prefilled one after the other, then decoded in step. On paper."""

    batch: int
    prompt_tokens: int
    output_tokens: int
    prefill_seconds: float  # of one request, vision encoder included
    step_seconds: float  # one token for every request of the batch, the cache at its mean length
    kv_bytes_per_request: int  # whole blocks, prompt and output
    label: str = LABEL

    @property
    def seconds_per_sample(self) -> float:
        """Per-sample inference time: all of the batch's work divided by its requests."""
        return self.prefill_seconds + self.output_tokens * self.step_seconds / self.batch

    @property
    def decode_tokens_per_second(self) -> float:
        """All requests together, while nothing is prefilled."""
        return self.batch / self.step_seconds

    @property
    def output_tokens_per_second(self) -> float:
        """All requests together, prefill included."""
        return self.output_tokens / self.seconds_per_sample


def project_batch(
    shape: ModelShape, gpu: Gpu, prompt: PromptSize, output_tokens: int, batch: int, serving: Serving = ASSUMED_SERVING
) -> BatchProjection:
    """`batch` is not held against the memory: `most_users` says how many fit."""
    if batch < 1:
        raise ProjectionError(f"batch={batch} must be at least 1.")
    alone = project(shape, gpu, prompt.tokens, prompt.patches_per_page, output_tokens, efficiency=serving.efficiency)
    return BatchProjection(
        batch=batch,
        prompt_tokens=prompt.tokens,
        output_tokens=output_tokens,
        prefill_seconds=alone.prefill_seconds + alone.vision_seconds,
        step_seconds=_step_seconds(shape, gpu, batch, prompt.tokens + output_tokens / 2, serving),
        kv_bytes_per_request=kv_bytes_per_request(shape, prompt.tokens + output_tokens),
    )


def kv_bytes_per_request(shape: ModelShape, tokens: int) -> int:
    """Keys and values of so many tokens, in whole blocks."""
    return math.ceil(tokens / BLOCK_TOKENS) * BLOCK_TOKENS * shape.kv_bytes_per_token


def kv_room_bytes(shape: ModelShape, gpu: Gpu, serving: Serving = ASSUMED_SERVING) -> int:
    """What is left for keys and values beside weights and working memory; 0 where not even those fit."""
    room = 1e9 * (serving.memory_share * gpu.memory_gb - serving.working_gb) - shape.weight_bytes
    return max(0, int(room))


def most_users(
    shape: ModelShape, gpu: Gpu, prompt: PromptSize, output_tokens: int, serving: Serving = ASSUMED_SERVING
) -> int:
    """How many such requests fit at once: the largest feasible batch. 0: not even one."""
    if prompt.tokens + output_tokens < 1:
        raise ProjectionError("prompt.tokens and output_tokens are both 0: such requests need no memory.")
    return kv_room_bytes(shape, gpu, serving) // kv_bytes_per_request(shape, prompt.tokens + output_tokens)


def longest_prompt(
    shape: ModelShape, gpu: Gpu, output_tokens: int, users: int = 1, serving: Serving = ASSUMED_SERVING
) -> int:
    """The most prompt tokens that `users` requests at once may have each; 0 where none fits. Knows of no window."""
    if users < 1:
        raise ProjectionError(f"users={users} must be at least 1.")
    blocks = kv_room_bytes(shape, gpu, serving) // users // (BLOCK_TOKENS * shape.kv_bytes_per_token)
    return max(0, blocks * BLOCK_TOKENS - output_tokens)


def kv_saving(shape_of_text: ModelShape, text: PromptSize, shape_of_pages: ModelShape, pages: PromptSize) -> float:
    """The share of the text's keys and values that the pages do without; below 0 where they need more."""
    needed = kv_bytes_per_request(shape_of_text, text.tokens)
    if needed == 0:
        raise ProjectionError("The text has no tokens: there is nothing to save.")
    return 1 - kv_bytes_per_request(shape_of_pages, pages.tokens) / needed


def _step_seconds(shape: ModelShape, gpu: Gpu, batch: int, context: float, serving: Serving) -> float:
    """One token for every request: weights read or multiplied, whichever is longer; then every cache read."""
    bandwidth = gpu.memory_bandwidth_gbps * 1e9
    reading = shape.bytes_read_per_step / (bandwidth * serving.bandwidth)
    operations = 2 * (shape.linear_params + shape.head_params) * batch
    multiplying = operations / (gpu.bf16_tflops * 1e12 * serving.linear)
    caches = batch * context * shape.kv_bytes_per_token / (bandwidth * serving.cache_bandwidth)
    return max(reading, multiplying) + caches + serving.step_ms / 1000
