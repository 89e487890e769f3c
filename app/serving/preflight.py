"""Find what is missing before minutes are spent on loading: GPU, memory, ports, models, disk, vLLM itself.

In: a profile, its commands and the hardware. Out: findings in plain words, errors before warnings. Starts and
changes nothing. vLLM itself tells a taken port after 24 s and a wrong path after 30 s.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.outbound import address_problem, login_in, shown_address
from app.serving.commands import Places, ServerCommand
from app.serving.hardware import Hardware
from app.serving.health import adoptable, served_models
from app.serving.installation import TESTED_VERSION, Installation, find_installation
from app.serving.ports import is_taken, listener
from app.serving.profiles import ServerProfile
from app.serving.server_specs import Device, LocalSpec, RemoteSpec, VllmSpec

CPU_WORKING_GB = 2.5  # PyTorch, vLLM and activations of one server on the CPU
INSTALL_GB = {Device.GPU: 14, Device.CPU: 4}


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    severity: Severity
    about: str  # the server's name, or the machine
    problem: str
    what_to_do: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.about}: {self.problem} {self.what_to_do}".strip()


def preflight(
    profile: ServerProfile,
    commands: Sequence[ServerCommand],
    hardware: Hardware,
    places: Places | None = None,
    environment: Mapping[str, str] | None = None,
    free_disk_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
) -> tuple[Finding, ...]:
    """Servers that answer already are adopted, so nothing is asked of the machine for them."""
    places = places or Places()
    environment = os.environ if environment is None else environment
    findings: list[Finding] = []
    to_start = [command for command in commands if not _answers(command)]
    vllm: list[VllmSpec] = []
    for command in to_start:
        spec = command.spec
        findings += _remote(spec, environment) if isinstance(spec, RemoteSpec) else _port(spec)
        if isinstance(spec, VllmSpec):
            vllm.append(spec)
    if vllm:
        findings += _gpus(profile, vllm, hardware)
        findings += _processor_memory(vllm, hardware)
        findings += _models(vllm, environment, free_disk_bytes)
        findings += _vllm(vllm, [command.argv for command in to_start if isinstance(command.spec, VllmSpec)], places)
    return tuple(sorted(findings, key=lambda finding: list(Severity).index(finding.severity)))


def _error(about: str, problem: str, what_to_do: str = "") -> Finding:
    return Finding(Severity.ERROR, about, problem, what_to_do)


def _warning(about: str, problem: str, what_to_do: str = "") -> Finding:
    return Finding(Severity.WARNING, about, problem, what_to_do)


def _answers(command: ServerCommand) -> bool:
    return not isinstance(command.spec, RemoteSpec) and adoptable(command.spec, timeout_s=0.5) is not None


def _remote(spec: RemoteSpec, environment: Mapping[str, str]) -> list[Finding]:
    variable = f"GLYPH_{spec.role.value.upper()}_URL"
    if not spec.base_url:
        return [
            _error(
                spec.name,
                "no address is given.",
                f"Set {variable}, as in {variable}=https://host/v1, or write base_url in configs/servers.toml.",
            )
        ]
    problem = address_problem(spec.base_url)
    if problem:
        return [_error(spec.name, f"the address {shown_address(spec.base_url)!r} {problem}.", "Correct base_url.")]
    goes_without = login_in(spec.base_url) is None and not environment.get(spec.api_key_env or "")
    if spec.api_key_env and goes_without:
        return [
            _warning(
                spec.name,
                f"{spec.api_key_env} is not set: requests go without a key.",
                "Fine for a server that asks for none.",
            )
        ]
    return []


def _port(spec: LocalSpec) -> list[Finding]:
    if not is_taken(spec.host, spec.port):
        return []
    models = served_models(spec.url, timeout_s=0.5)
    serving = ", ".join(f"simulated {model.name}" if model.simulated else model.name for model in models)
    serves = f", which serves {serving} instead of {spec.served_name}" if serving else ""
    return [
        _error(
            spec.name,
            f"port {spec.port} on {spec.host} is taken by {listener(spec.port)}{serves}.",
            "End that program, or give this server another port in configs/servers.toml.",
        )
    ]


def _gpus(profile: ServerProfile, specs: Sequence[VllmSpec], hardware: Hardware) -> list[Finding]:
    findings = []
    for spec in specs:
        missing = [str(position) for position in spec.gpus if hardware.gpu(position) is None]
        if spec.device is Device.GPU and missing:
            have = f"{len(hardware.gpus)} visible" if hardware.gpus else "no NVIDIA GPU was found (nvidia-smi)"
            findings.append(
                _error(
                    spec.name,
                    f"profile '{profile.name}' wants GPU {', '.join(missing)}, but {have}.",
                    "Choose another profile: cpu, remote and simulator need no GPU.",
                )
            )
    return findings


def _processor_memory(specs: Sequence[VllmSpec], hardware: Hardware) -> list[Finding]:
    on_cpu = [spec for spec in specs if spec.device is Device.CPU]
    need_gb = sum(spec.model.weights_gb + spec.kv_cache_gb * 2**30 / 1e9 + CPU_WORKING_GB for spec in on_cpu)
    have_gb = hardware.memory_gib * 2**30 / 1e9
    if not on_cpu or need_gb <= have_gb:
        return []
    return [
        _error(
            "memory",
            f"the servers need about {need_gb:.1f} GB and the machine has {have_gb:.1f} GB.",
            "Choose the simulator, or smaller models in configs/servers.toml.",
        )
    ]


def _models(
    specs: Sequence[VllmSpec], environment: Mapping[str, str], free_disk_bytes: Callable[[Path], int]
) -> list[Finding]:
    findings, to_download = [], 0.0
    cache = hub_cache(environment)
    offline = environment.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")
    for spec in specs:
        folder = spec.model.local_path
        if folder is not None:
            if not (folder / "config.json").is_file():
                findings.append(
                    _error(
                        spec.name,
                        f"the model folder {folder} {_missing(folder)}.",
                        "Correct the model's id in configs/servers.toml.",
                    )
                )
            continue
        missing_gb = max(0.0, spec.model.weights_gb - _cached_gb(cache, spec.model.id))
        if missing_gb > 0.05 * spec.model.weights_gb:
            to_download += missing_gb
            if offline:
                findings.append(
                    _error(
                        spec.name,
                        f"{spec.model.id} is not in {cache}, and HF_HUB_OFFLINE forbids the download.",
                        "Unset it, or give a local folder as the model's id.",
                    )
                )
    if to_download and not offline:
        findings += _disk(cache, to_download, free_disk_bytes)
    return findings


def _missing(folder: Path) -> str:
    return "has no config.json" if folder.is_dir() else "does not exist"


def _disk(cache: Path, download_gb: float, free_disk_bytes: Callable[[Path], int]) -> list[Finding]:
    existing = next(parent for parent in (cache, *cache.parents) if parent.exists())
    free_gb = free_disk_bytes(existing) / 1e9
    if free_gb < download_gb * 1.02 + 1:
        return [
            _error(
                "disk",
                f"about {download_gb:.0f} GB are to be downloaded to {cache}, and {free_gb:.0f} GB are free there.",
                "Make room, or point HF_HOME to a larger disk.",
            )
        ]
    return [_warning("download", f"about {download_gb:.0f} GB of models are downloaded to {cache} first.")]


def hub_cache(environment: Mapping[str, str]) -> Path:
    """Where Hugging Face keeps models."""
    if named := environment.get("HF_HUB_CACHE"):
        return Path(named).expanduser()
    home = environment.get("HF_HOME") or Path(environment.get("XDG_CACHE_HOME", "~/.cache")) / "huggingface"
    return Path(home).expanduser() / "hub"


def _cached_gb(cache: Path, model_id: str) -> float:
    blobs = cache / f"models--{model_id.replace('/', '--')}" / "blobs"
    try:
        return sum(blob.stat().st_size for blob in blobs.iterdir()) / 1e9
    except OSError:
        return 0.0


def _vllm(specs: Sequence[VllmSpec], command_lines: Sequence[Sequence[str]], places: Places) -> list[Finding]:
    devices = {spec.device for spec in specs}
    device = Device.GPU if Device.GPU in devices else Device.CPU
    found = find_installation(places.vllm_venv)
    if found is None:
        return [
            _warning(
                "vLLM",
                f"it is not in {places.vllm_venv} yet and is installed first, about {INSTALL_GB[device]} GB.",
                f"(bash scripts/setup-vllm --{device.value})",
            )
        ]
    return [*_build(found, device, places), *_flags(found, command_lines)]


def _build(found: Installation, device: Device, places: Places) -> list[Finding]:
    if found.is_cpu_build != (device is Device.CPU):
        has = "CPU" if found.is_cpu_build else "GPU"
        return [
            _warning(
                "vLLM",
                f"{places.vllm_venv} holds the {has} build and is made again for this profile.",
                f"(bash scripts/setup-vllm --{device.value})",
            )
        ]
    return []


def _flags(found: Installation, command_lines: Sequence[Sequence[str]]) -> list[Finding]:
    unknown = dict.fromkeys(flag for argv in command_lines for flag in found.unknown_flags(argv))
    if not unknown:
        return []
    age = "is too old for" if found.is_older_than_tested else "does not know"
    return [
        _error(
            "vLLM",
            f"version {found.version} {age} {', '.join(unknown)}.",
            f"Install {TESTED_VERSION} (bash scripts/setup-vllm), or drop the flag from extra_args.",
        )
    ]
