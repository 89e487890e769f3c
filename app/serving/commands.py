"""Turn a profile into the commands that start its servers.

In: a profile, its memory plan, the hardware, and where things lie. Out: one ServerCommand a server: argv,
environment, address. Flags are those of vLLM 0.32. Starts nothing and checks nothing: preflight does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.outbound import shown_address
from app.paths import DATA, PAGES_OUT, ROOT, VLLM_VENV
from app.serving.gpu_memory import MemoryPlan, MemoryShare, sharing_gpus
from app.serving.hardware import Hardware
from app.serving.profiles import ServerProfile
from app.serving.server_specs import (
    AUTO_CONTEXT,
    VLLM_MAX_IMAGES,
    Device,
    RemoteSpec,
    ServerRole,
    ServerSpec,
    SimulatorSpec,
    VllmSpec,
    Yarn,
)

QUIET_ROUTES = "/health,/metrics,/v1/models"  # the watch asks these every second: keep them out of the log


@dataclass(frozen=True, slots=True)
class Places:
    """Folders and programs the commands name; tests give their own."""

    root: Path = ROOT
    data: Path = DATA
    pages: Path = PAGES_OUT
    vllm_venv: Path = VLLM_VENV
    python: str = sys.executable

    @property
    def state_dir(self) -> Path:
        return self.data / "serving"

    @property
    def vllm_program(self) -> Path:
        return self.vllm_venv / "bin" / "vllm"


@dataclass(frozen=True, slots=True)
class ServerCommand:
    """How one server is started (argv is empty for one that runs elsewhere) and where it answers."""

    spec: ServerSpec
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)  # added to the launcher's own environment
    log_path: Path | None = None
    media_path: Path | None = None  # the only folder whose files it may open by file://
    start_after: str | None = None  # the server that must be up (or given up) before this one starts
    context_tokens: int | None = None  # what was asked for; None: the model decides

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def url(self) -> str:
        return self.spec.url

    def to_mapping(self) -> dict[str, object]:
        """For `--dry-run --json`."""
        return {
            "name": self.name,
            "role": self.spec.role.value,
            "kind": self.spec.kind.value,
            "model": self.spec.served_name,
            "argv": list(self.argv),
            "env": dict(self.env),
            "url": shown_address(self.url) if self.url else "",
        }


def build_commands(
    profile: ServerProfile,
    plan: MemoryPlan,
    hardware: Hardware,
    places: Places | None = None,
    parent_pid: int | None = None,
) -> tuple[ServerCommand, ...]:
    """In the order of the profile. Servers that share a GPU start one after the other: vLLM measures free memory as it
    starts, and would count its neighbour's growth as its own. `parent_pid`: the process that will start them, where
    they are to end with it; None for a command line to be shown."""
    places = places or Places()
    commands: list[ServerCommand] = []
    shared = sharing_gpus(profile)
    for spec in profile.servers:
        if isinstance(spec, RemoteSpec):
            commands.append(ServerCommand(spec, ()))
            continue
        log_path = places.state_dir / f"{spec.name}.log"
        media_path = places.pages if spec.role is ServerRole.PAGES else None
        if isinstance(spec, SimulatorSpec):
            argv = simulator_argv(spec, places, parent_pid)
            commands.append(ServerCommand(spec, argv, {}, log_path, media_path, context_tokens=spec.wanted_context))
        else:
            share = plan.share(spec)
            context = _context(spec, share)
            argv = vllm_argv(spec, share, context, places)
            env = vllm_env(spec, profile, hardware)
            after = _before(spec, shared)
            commands.append(ServerCommand(spec, argv, env, log_path, media_path, after, context))
    return tuple(commands)


def _before(spec: VllmSpec, shared: list[list[VllmSpec]]) -> str | None:
    """The one that starts before `spec` among those on the same GPUs."""
    group = next((group for group in shared if spec in group), [spec])
    position = group.index(spec)
    return group[position - 1].name if position else None


def _context(spec: VllmSpec, share: MemoryShare | None) -> int | None:
    if spec.max_model_len == AUTO_CONTEXT:
        return None
    return share.context_tokens if share else spec.wanted_context


def vllm_argv(spec: VllmSpec, share: MemoryShare | None, context: int | None, places: Places) -> tuple[str, ...]:
    model = spec.model
    argv = [str(places.vllm_program), "serve", str(model.local_path or model.id)]
    argv += ["--served-model-name", spec.served_name, "--host", spec.host, "--port", str(spec.port)]
    argv += ["--dtype", spec.dtype, "--max-model-len", AUTO_CONTEXT if context is None else str(context)]
    if model.yarn and context is not None and context > model.native_context:
        argv += ["--hf-overrides", json.dumps(_yarn_overrides(model.yarn, context), separators=(",", ":"))]
    if model.reasoning_parser:
        argv += ["--reasoning-parser", model.reasoning_parser]
    if spec.role is ServerRole.PAGES:
        argv += ["--limit-mm-per-prompt", json.dumps({"image": VLLM_MAX_IMAGES, "video": 0}, separators=(",", ":"))]
        argv += ["--allowed-local-media-path", str(places.pages)]
        if spec.mm_cache_gb is not None:
            argv += ["--mm-processor-cache-gb", f"{spec.mm_cache_gb:g}"]
    if share is not None:
        argv += ["--gpu-memory-utilization", f"{share.gpu_fraction:g}"]
    if spec.gpus_a_copy > 1:
        argv += ["--tensor-parallel-size", str(spec.gpus_a_copy)]
    if spec.data_parallel_size > 1:
        argv += ["--data-parallel-size", str(spec.data_parallel_size)]
    argv += ["--enable-prompt-tokens-details", "--enable-per-request-metrics"]
    argv += ["--sse-keep-alive-interval", str(spec.keep_alive_s)]
    argv += ["--disable-access-log-for-endpoints", QUIET_ROUTES]
    return (*argv, *spec.extra_args)


def _yarn_overrides(yarn: Yarn, context: int) -> dict[str, object]:
    """The override REPLACES the model's rope_parameters, so rope_theta is named again. The factor is no larger than
    the context needs: YaRN is static in vLLM and costs a little quality on short texts."""
    return {
        "max_position_embeddings": context,
        "rope_parameters": {
            "rope_type": "yarn",
            "rope_theta": yarn.rope_theta,
            "factor": context / yarn.original_context,
            "original_max_position_embeddings": yarn.original_context,
        },
    }


def vllm_env(spec: VllmSpec, profile: ServerProfile, hardware: Hardware) -> dict[str, str]:
    env = {"VLLM_NO_USAGE_STATS": "1", "PYTHONUNBUFFERED": "1"}
    if spec.dev_mode and spec.on_loopback:
        env["VLLM_SERVER_DEV_MODE"] = "1"  # opens the cache resets, and more that must never leave this machine
    if spec.device is Device.CPU:
        env["VLLM_CPU_KVCACHE_SPACE"] = f"{spec.kv_cache_gb or 1:g}"
        env["VLLM_CPU_OMP_THREADS_BIND"] = _cores(spec, profile, hardware)
    else:
        gpus = (hardware.gpu(position) for position in spec.gpus)
        numbers = (gpu.index if gpu else position for gpu, position in zip(gpus, spec.gpus, strict=True))
        env["CUDA_VISIBLE_DEVICES"] = ",".join(str(number) for number in numbers)
        env["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # number GPUs as nvidia-smi does
    return env


def _cores(spec: VllmSpec, profile: ServerProfile, hardware: Hardware) -> str:
    """An even part of the cores for each CPU server, as vLLM writes ranges; they overlap when there are too few."""
    vllm = (server for server in profile.servers if isinstance(server, VllmSpec))
    sharing = [server.name for server in vllm if server.device is Device.CPU]
    cores = hardware.cpu_cores or (0,)
    each = max(1, len(cores) // len(sharing))
    first = (sharing.index(spec.name) * each) % len(cores)
    mine = cores[first : first + each]
    return ",".join(str(core) for core in mine)


def simulator_argv(spec: SimulatorSpec, places: Places, parent_pid: int | None) -> tuple[str, ...]:
    argv = [places.python, str(places.root / "scripts" / "simulate.py"), "--role", spec.role.value]
    argv += ["--port", str(spec.port), "--model", spec.served_name, "--pages-dir", str(places.pages)]
    if isinstance(spec.max_model_len, int):
        argv += ["--max-model-len", str(spec.max_model_len)]
    if parent_pid is not None:
        argv += ["--exit-with-parent", str(parent_pid)]
    return (*argv, *spec.extra_args)
