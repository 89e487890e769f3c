"""What this machine has: GPUs, memory, processors. Asked of nvidia-smi and the system, once, at the launcher's
start.

Out: a Hardware value, which tests and dry runs make by hand. Knows nothing of models or profiles.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass

import psutil

ASSUMED_GPU_GIB = 80.0
_QUERY = "index,name,memory.total,memory.used"


@dataclass(frozen=True, slots=True)
class GpuDevice:
    """One GPU as nvidia-smi numbers it. Memory in GiB, as vendors name cards ("80 GB")."""

    index: int
    name: str
    memory_gib: float
    used_gib: float = 0.0

    @property
    def memory_gb(self) -> float:
        """In 10^9 bytes, the unit of weights and KV caches here."""
        return self.memory_gib * 2**30 / 1e9

    @property
    def used_gb(self) -> float:
        return self.used_gib * 2**30 / 1e9


@dataclass(frozen=True, slots=True)
class Hardware:
    gpus: tuple[GpuDevice, ...]
    memory_gib: float  # of the machine
    cpu_cores: tuple[int, ...]  # numbers of the cores this process may use
    assumed: str = ""  # a sentence when the GPUs are not really there, for dry runs

    def gpu(self, position: int) -> GpuDevice | None:
        """The GPU a profile calls `position`: profiles count among the visible ones, as CUDA does."""
        return self.gpus[position] if 0 <= position < len(self.gpus) else None

    @property
    def summary(self) -> str:
        gpus = ", ".join(f"{gpu.name} ({gpu.memory_gib:.0f} GB)" for gpu in self.gpus) or "no NVIDIA GPU"
        return f"{gpus}; {len(self.cpu_cores)} processor cores; {self.memory_gib:.0f} GB of memory"


def detect(nvidia_smi: str | None = None) -> Hardware:
    """This machine. No nvidia-smi, or one that fails, means no GPU."""
    program = nvidia_smi or shutil.which("nvidia-smi")
    gpus = _ask_nvidia_smi(program) if program else ()
    cores = (
        tuple(sorted(os.sched_getaffinity(0)))
        if hasattr(os, "sched_getaffinity")
        else tuple(range(os.cpu_count() or 1))
    )
    return Hardware(_visible(gpus), psutil.virtual_memory().total / 2**30, cores)


def assume_gpus(hardware: Hardware, count: int, memory_gib: float | None) -> Hardware:
    """The same machine with `count` GPUs of a stated size, so that commands can be printed where there is none."""
    size = memory_gib or ASSUMED_GPU_GIB
    why = "stated with --gpu-memory-gb" if memory_gib else "assumed; state yours with --gpu-memory-gb"
    gpus = tuple(GpuDevice(index, f"{size:.0f} GB GPU", size) for index in range(count))
    sentence = f"Reckoned for {count} GPU{'s' if count != 1 else ''} of {size:.0f} GB ({why})."
    return Hardware(gpus, hardware.memory_gib, hardware.cpu_cores, sentence)


def _ask_nvidia_smi(program: str) -> tuple[GpuDevice, ...]:
    try:
        answer = subprocess.run(
            [program, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return parse_gpus(answer)


def parse_gpus(answer: str) -> tuple[GpuDevice, ...]:
    """nvidia-smi's lines `0, NVIDIA H100 80GB HBM3, 81559, 4` (MiB); a line that tells no size is left out."""
    gpus = []
    for line in answer.splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) == 4 and parts[0].isdigit() and parts[2].replace(".", "").isdigit():
            used = float(parts[3]) if parts[3].replace(".", "").isdigit() else 0.0
            gpus.append(GpuDevice(int(parts[0]), parts[1], float(parts[2]) / 1024, used / 1024))
    return tuple(gpus)


def _visible(gpus: tuple[GpuDevice, ...]) -> tuple[GpuDevice, ...]:
    """Only the GPUs that CUDA_VISIBLE_DEVICES leaves, when it names them by number."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is None:
        return gpus
    numbers = [part.strip() for part in allowed.split(",") if part.strip()]
    if any(not number.isdigit() for number in numbers):
        return gpus
    return tuple(gpu for gpu in gpus if str(gpu.index) in numbers)
