"""Share a GPU's memory among the servers that use it.

In: a profile and the hardware. Out: for each vLLM server its context length and its fraction of the GPU, or
MemoryTooSmall with the figures. A server needs its weights, the KV cache of one prompt of full length, and
working memory. When the sum is too much, the contexts are shortened together, down to each server's
`min_model_len`; what is left over is shared out in proportion to the KV caches, since there it buys more
prompts at once. Knows nothing of command lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from app.serving.errors import MemoryTooSmall
from app.serving.hardware import GpuDevice, Hardware
from app.serving.profiles import ServerProfile
from app.serving.server_specs import Device, ServerSpec, VllmSpec

USABLE_FRACTION = 0.92  # the rest is the driver's, and vLLM refuses to start when it asks for more than is free
FREE_MARGIN_GB = 0.5
_STEPS = (1.0, 0.75, 0.5, 0.375, 0.25, 0.1875, 0.125, 0.0625)  # of the wanted contexts
_MULTIPLE = 1024


@dataclass(frozen=True, slots=True)
class MemoryShare:
    """What one server gets. GB are 10^9 bytes on each of its GPUs."""

    name: str
    context_tokens: int
    shortened: bool  # less context than the profile asks for
    weights_gb: float
    kv_cache_gb: float
    working_gb: float
    gpu_fraction: float  # --gpu-memory-utilization

    @property
    def need_gb(self) -> float:
        return self.weights_gb + self.kv_cache_gb + self.working_gb

    @property
    def told(self) -> str:
        return (
            f"{self.name}: {self.need_gb:.1f} GB (weights {self.weights_gb:.1f}, KV cache for {self.context_tokens:,} "
            f"tokens {self.kv_cache_gb:.1f}, working memory {self.working_gb:.1f})"
        )


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    shares: tuple[MemoryShare, ...]
    notes: tuple[str, ...]

    def share(self, spec: ServerSpec) -> MemoryShare | None:
        return next((share for share in self.shares if share.name == spec.name), None)


def plan_memory(profile: ServerProfile, hardware: Hardware) -> MemoryPlan:
    """Servers without a GPU get no share. Raises MemoryTooSmall; GPUs that are absent are preflight's to tell."""
    groups: dict[tuple[int, ...], list[VllmSpec]] = {}
    for spec in profile.servers:
        if isinstance(spec, VllmSpec) and spec.device is Device.GPU:
            groups.setdefault(spec.gpus, []).append(spec)
    shares: list[MemoryShare] = []
    notes = [hardware.assumed] if hardware.assumed else []
    for indexes, specs in groups.items():
        gpus = [gpu for index in indexes if (gpu := hardware.gpu(index)) is not None]
        if not gpus:
            continue
        smallest = min(gpus, key=usable_gb)
        planned = _plan_group(profile, specs, smallest, len(indexes))
        shares += planned
        notes += [_note(share, spec, smallest) for share, spec in zip(planned, specs, strict=True) if share.shortened]
    return MemoryPlan(tuple(shares), tuple(notes))


def usable_gb(gpu: GpuDevice) -> float:
    return min(gpu.memory_gb * USABLE_FRACTION, gpu.memory_gb - gpu.used_gb - FREE_MARGIN_GB)


def _plan_group(profile: ServerProfile, specs: list[VllmSpec], gpu: GpuDevice, gpu_count: int) -> list[MemoryShare]:
    usable = usable_gb(gpu)
    for step in _STEPS:
        needs = [_need(spec, _context(spec, step), gpu_count) for spec in specs]
        if sum(need.need_gb for need in needs) <= usable:
            return _share_out(needs, usable, gpu)
    raise MemoryTooSmall(_refusal(profile, needs, gpu, usable))


def _context(spec: VllmSpec, step: float) -> int:
    shortened = math.floor(spec.wanted_context * step / _MULTIPLE) * _MULTIPLE
    return min(spec.wanted_context, max(shortened, spec.min_model_len))


def _need(spec: VllmSpec, context_tokens: int, gpu_count: int) -> MemoryShare:
    model = spec.model
    return MemoryShare(
        spec.name,
        context_tokens,
        context_tokens < spec.wanted_context,
        model.weights_gb / gpu_count,
        context_tokens * model.kv_bytes_per_token / 1e9 / gpu_count,
        model.working_gb,
        0.0,
    )


def _share_out(needs: list[MemoryShare], usable: float, gpu: GpuDevice) -> list[MemoryShare]:
    spare = usable - sum(need.need_gb for need in needs)
    kv_total = sum(need.kv_cache_gb for need in needs)
    shares = []
    for need in needs:
        gets = need.need_gb + spare * need.kv_cache_gb / kv_total
        fraction = math.floor(gets / gpu.memory_gb * 1000) / 1000
        shares.append(replace(need, gpu_fraction=fraction))
    return shares


def _refusal(profile: ServerProfile, needs: list[MemoryShare], gpu: GpuDevice, usable: float) -> str:
    used = f", {gpu.used_gb:.1f} GB are in use by others" if gpu.used_gb > 1 else ""
    total = sum(need.need_gb for need in needs)
    return (
        f"Profile '{profile.name}' does not fit on GPU {gpu.index} ({gpu.name}, {gpu.memory_gb:.1f} GB{used}; "
        f"{usable:.1f} GB usable): even with the shortest contexts it needs {total:.1f} GB. "
        f"{'; '.join(need.told for need in needs)}. Choose a profile with smaller models (small, smallest), free "
        "the GPU, or lower max_model_len and min_model_len in configs/servers.toml."
    )


def _note(share: MemoryShare, spec: VllmSpec, gpu: GpuDevice) -> str:
    return (
        f"{spec.name} takes {share.context_tokens:,} tokens instead of {spec.wanted_context:,}: more does not fit on "
        f"{gpu.name} beside the rest."
    )
