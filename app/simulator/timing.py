"""What a request waits for in real time, by app.projection: preprocessing, prefill with vision encoder, decoding.

Seconds of the simulated GPU, before --speedup. Knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.projection import Gpu, ModelShape, project

# vLLM's CPU build took 0.85 s to fetch, decode and preprocess 100 pages of 590 x 842 px (8.5 ms a page); how it divides
# between the two is our guess.
FETCH_SECONDS_PER_PAGE = 0.003
PROCESS_SECONDS_PER_PAGE = 0.0055
# 240K tokens of text in about 0.3 s with a fast tokenizer.
TOKENIZE_SECONDS_PER_TOKEN = 1.2e-6


@dataclass(frozen=True, slots=True)
class Timing:
    prefill_seconds: float  # vision encoder included
    seconds_per_token: float


def preprocessing_seconds(fetched_pages: int, processed_pages: int, text_tokens: int) -> float:
    return (
        fetched_pages * FETCH_SECONDS_PER_PAGE
        + processed_pages * PROCESS_SECONDS_PER_PAGE
        + text_tokens * TOKENIZE_SECONDS_PER_TOKEN
    )


def request_timing(
    shape: ModelShape,
    gpu: Gpu,
    prompt_tokens: int,
    cached_tokens: int,
    encoded_patches: Sequence[int],
    output_tokens: int,
) -> Timing:
    projection = project(
        shape, gpu, prompt_tokens, encoded_patches, output_tokens, cached_tokens=min(cached_tokens, prompt_tokens)
    )
    return Timing(
        prefill_seconds=projection.prefill_seconds + projection.vision_seconds,
        seconds_per_token=1 / projection.decode_tokens_per_second,
    )


def kv_capacity_tokens(shape: ModelShape, gpu: Gpu) -> int:
    """Tokens whose keys and values fit beside the weights in 90 % of the memory (vLLM's default share)."""
    free = 0.9e9 * gpu.memory_gb - shape.weight_bytes
    return max(16_384, int(free / shape.kv_bytes_per_token))
