"""GPUs as three datasheet figures each. Knows nothing of models.

Dense figures throughout: NVIDIA's datasheets print most tensor rates "with sparsity", which is twice the dense rate
that a language model's matrices get. Where a datasheet prints only the sparse figure, the dense one here is half of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Gpu:
    id: str
    name: str
    bf16_tflops: float  # dense bf16 tensor rate with fp32 accumulation, 10^12 operations a second
    memory_gb: float  # 10^9 bytes
    memory_bandwidth_gbps: float  # 10^9 bytes a second
    source: str


_ALL = (
    Gpu("h100-80gb", "NVIDIA H100 SXM 80 GB", 989.4, 80, 3350, "NVIDIA H100 datasheet (half of the sparse 1,979)"),
    Gpu("h200", "NVIDIA H200 SXM 141 GB", 989.4, 141, 4800, "NVIDIA H200 datasheet (half of the sparse 1,979)"),
    Gpu("a100-80gb", "NVIDIA A100 SXM 80 GB", 312, 80, 2039, "NVIDIA A100 datasheet"),
    Gpu("l40s", "NVIDIA L40S 48 GB", 362.05, 48, 864, "NVIDIA L40S datasheet"),
    Gpu("rtx4090", "NVIDIA GeForce RTX 4090 24 GB", 165.2, 24, 1008, "NVIDIA Ada architecture whitepaper, appendix A"),
)

GPUS = MappingProxyType({gpu.id: gpu for gpu in _ALL})
DEFAULT_GPU = GPUS["h100-80gb"]
