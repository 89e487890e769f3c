"""Share a GPU's memory among the servers that use it.

In: a profile and the hardware. Out: for each vLLM server its context length and its fraction of the GPU, or
MemoryTooSmall with the figures. A server needs its weights, the KV cache of one prompt of full length, and
working memory. When the sum is too much, the contexts are shortened together, down to each server's
`min_model_len`; what is left over is shared out in proportion to the KV caches, since there it buys more
prompts at once. Tensor parallelism splits weights over its GPUs, and the KV cache by whole heads; each copy of data
parallelism holds all of them on GPUs of its own, so copies make no GPU's need smaller. Servers that have any GPU in
common are planned together, GPU by GPU. Knows nothing of command lines.
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
    """What one server gets. GB are 10^9 bytes on each of its GPUs, `copies` and `split` how many copies of the model there
    are and over how many GPUs each is split."""

    name: str
    context_tokens: int
    shortened: bool  # less context than the profile asks for
    weights_gb: float
    kv_cache_gb: float
    working_gb: float
    gpu_fraction: float  # --gpu-memory-utilization
    copies: int = 1
    split: int = 1

    @property
    def need_gb(self) -> float:
        return self.weights_gb + self.kv_cache_gb + self.working_gb

    @property
    def told(self) -> str:
        gpus = self.copies * self.split
        each = f" on each of {gpus} GPUs" if gpus > 1 else ""
        copies = f"; {self.copies} copies of the model" if self.copies > 1 else ""
        return (
            f"{self.name}: {self.need_gb:.1f} GB{each} (weights {self.weights_gb:.1f}, KV cache for {self.context_tokens:,} "
            f"tokens {self.kv_cache_gb:.1f}, working memory {self.working_gb:.1f}{copies})"
        )


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    shares: tuple[MemoryShare, ...]
    notes: tuple[str, ...]

    def share(self, spec: ServerSpec) -> MemoryShare | None:
        return next((share for share in self.shares if share.name == spec.name), None)


def plan_memory(profile: ServerProfile, hardware: Hardware) -> MemoryPlan:
    """Servers without a GPU get no share. Raises MemoryTooSmall; GPUs that are absent are preflight's to tell."""
    shares: list[MemoryShare] = []
    notes = [hardware.assumed] if hardware.assumed else []
    for specs in sharing_gpus(profile):
        loads = [_Load(gpu, [index in spec.gpus for spec in specs]) for index, gpu in _present(specs, hardware)]
        if not loads:
            continue
        planned = _plan_group(profile, specs, loads)
        shares += planned
        for share, spec in zip(planned, specs, strict=True):
            if share.shortened:
                notes.append(_note(share, spec, min((load.gpu for load in loads), key=usable_gb)))
    return MemoryPlan(tuple(shares), tuple(notes))


def sharing_gpus(profile: ServerProfile) -> list[list[VllmSpec]]:
    """The servers on GPUs, those together that have one in common, be it by way of a third (connected components)."""
    groups: list[list[VllmSpec]] = []
    for spec in profile.servers:
        if not isinstance(spec, VllmSpec) or spec.device is not Device.GPU:
            continue
        meets = [group for group in groups if any(set(one.gpus) & set(spec.gpus) for one in group)]
        groups = [group for group in groups if group not in meets]
        groups.append([*(one for group in meets for one in group), spec])
    return groups


@dataclass(frozen=True, slots=True)
class _Load:
    """One GPU, and which servers of a group use it."""

    gpu: GpuDevice
    used_by: list[bool]

    def need_gb(self, needs: list[MemoryShare]) -> float:
        return sum(need.need_gb for need, used in zip(needs, self.used_by, strict=True) if used)

    def kv_cache_gb(self, needs: list[MemoryShare]) -> float:
        return sum(need.kv_cache_gb for need, used in zip(needs, self.used_by, strict=True) if used)


def _present(specs: list[VllmSpec], hardware: Hardware) -> list[tuple[int, GpuDevice]]:
    indexes = dict.fromkeys(index for spec in specs for index in spec.gpus)
    return [(index, gpu) for index in indexes if (gpu := hardware.gpu(index)) is not None]


def usable_gb(gpu: GpuDevice) -> float:
    return min(gpu.memory_gb * USABLE_FRACTION, gpu.memory_gb - gpu.used_gb - FREE_MARGIN_GB)


def _plan_group(profile: ServerProfile, specs: list[VllmSpec], loads: list[_Load]) -> list[MemoryShare]:
    for step in _STEPS:
        needs = [_need(spec, _context(spec, step)) for spec in specs]
        if all(load.need_gb(needs) <= usable_gb(load.gpu) for load in loads):
            return _share_out(needs, loads)
    worst = min(loads, key=lambda load: usable_gb(load.gpu) - load.need_gb(needs))
    on_it = [need for need, used in zip(needs, worst.used_by, strict=True) if used]
    raise MemoryTooSmall(_refusal(profile, on_it, worst.gpu, usable_gb(worst.gpu)))


def _context(spec: VllmSpec, step: float) -> int:
    shortened = math.floor(spec.wanted_context * step / _MULTIPLE) * _MULTIPLE
    return min(spec.wanted_context, max(shortened, spec.min_model_len))


def _need(spec: VllmSpec, context_tokens: int) -> MemoryShare:
    model, split = spec.model, spec.gpus_a_copy
    return MemoryShare(
        spec.name,
        context_tokens,
        context_tokens < spec.wanted_context,
        model.weights_gb / split,
        context_tokens * model.kv_bytes_per_gpu(split) / 1e9,
        model.working_gb,
        0.0,
        spec.data_parallel_size,
        split,
    )


def _share_out(needs: list[MemoryShare], loads: list[_Load]) -> list[MemoryShare]:
    """vLLM takes one fraction for all its GPUs: the least that any of them can give."""
    shares = []
    for i, need in enumerate(needs):
        fraction = min(_fraction(need, needs, load) for load in loads if load.used_by[i])
        shares.append(replace(need, gpu_fraction=math.floor(fraction * 1000) / 1000))
    return shares


def _fraction(need: MemoryShare, needs: list[MemoryShare], load: _Load) -> float:
    spare = usable_gb(load.gpu) - load.need_gb(needs)
    gets = need.need_gb + spare * need.kv_cache_gb / load.kv_cache_gb(needs)
    return gets / load.gpu.memory_gb


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
