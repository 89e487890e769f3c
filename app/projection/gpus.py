"""GPUs as three datasheet figures each. Knows nothing of models.

Dense figures throughout: NVIDIA's datasheets print most tensor rates "with sparsity", which is twice the dense rate
that a language model's matrices get. Where a datasheet prints only the sparse figure, the dense one here is half of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

from app.projection.errors import ProjectionError

OWN_GPU_ID = "own"
MOST_TFLOPS, MOST_MEMORY_GB, MOST_BANDWIDTH_GBPS = 20_000.0, 2_000.0, 100_000.0


@dataclass(frozen=True, slots=True)
class Gpu:
    """Raises ProjectionError where a figure is none that a GPU has."""

    id: str
    name: str
    bf16_tflops: float  # dense bf16 tensor rate with fp32 accumulation, 10^12 operations a second
    memory_gb: float  # 10^9 bytes
    memory_bandwidth_gbps: float  # 10^9 bytes a second
    source: str

    def __post_init__(self) -> None:
        for name, value, most in (
            ("bf16_tflops", self.bf16_tflops, MOST_TFLOPS),
            ("memory_gb", self.memory_gb, MOST_MEMORY_GB),
            ("memory_bandwidth_gbps", self.memory_bandwidth_gbps, MOST_BANDWIDTH_GBPS),
        ):
            if not (math.isfinite(value) and 0 < value <= most):
                raise ProjectionError(f"{name}={value:g} of {self.name}: give more than 0 and at most {most:,.0f}.")


_ALL = (
    Gpu("h100-80gb", "NVIDIA H100 SXM 80 GB", 989.4, 80, 3350, "NVIDIA H100 datasheet (half of the sparse 1,979)"),
    Gpu("h200", "NVIDIA H200 SXM 141 GB", 989.4, 141, 4800, "NVIDIA H200 datasheet (half of the sparse 1,979)"),
    Gpu("a100-80gb", "NVIDIA A100 SXM 80 GB", 312, 80, 2039, "NVIDIA A100 datasheet"),
    Gpu("l40s", "NVIDIA L40S 48 GB", 362.05, 48, 864, "NVIDIA L40S datasheet"),
    Gpu("rtx4090", "NVIDIA GeForce RTX 4090 24 GB", 165.2, 24, 1008, "NVIDIA Ada architecture whitepaper, appendix A"),
)

GPUS = MappingProxyType({gpu.id: gpu for gpu in _ALL})
DEFAULT_GPU = GPUS["h100-80gb"]


def own_gpu(bf16_tflops: float, memory_gb: float, memory_bandwidth_gbps: float, name: str = "A GPU of your own") -> Gpu:
    """A GPU by its datasheet. Raises ProjectionError, which names the figure and what is allowed."""
    return Gpu(OWN_GPU_ID, name, bf16_tflops, memory_gb, memory_bandwidth_gbps, "as entered")
