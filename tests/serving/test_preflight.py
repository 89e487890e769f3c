"""What is missing is told in plain words before anything is started."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from app.paths import ROOT
from app.serving import (
    GpuDevice,
    Hardware,
    MemoryPlan,
    Places,
    RemoteSpec,
    Severity,
    build_commands,
    load_profile,
    plan_memory,
)
from app.serving import preflight as check
from app.serving.installation import find_installation
from app.serving.ports import free_port, listener

BIG = Hardware((GpuDevice(0, "A", 80), GpuDevice(1, "B", 80)), 256.0, tuple(range(16)))
NONE = Hardware((), 64.0, (0, 1))


@pytest.fixture
def places(tmp_path):
    return Places(root=ROOT, data=tmp_path, pages=tmp_path / "pages", vllm_venv=tmp_path / "venv")


def install(places, version="0.32.0", source='"--max-model-len"', cpu=False):
    """A folder that looks like an environment with vLLM: enough for a preflight that never imports it."""
    site = places.vllm_venv / "lib" / "python3.11" / "site-packages"
    (site / "vllm" / "engine").mkdir(parents=True)
    (site / "vllm" / "engine" / "arg_utils.py").write_text(source)
    (site / f"vllm-{version}{'+cpu' if cpu else ''}.dist-info").mkdir()
    (places.vllm_venv / "bin").mkdir()
    (places.vllm_venv / "bin" / "vllm").write_text("")


def findings(name, hardware, places, environment=None, free_disk_bytes=lambda folder: 10**12, **changes):
    """What preflight says of a profile on free ports."""
    profile = load_profile(name, environment=environment or {})
    specs = tuple(
        replace(spec, **changes) if isinstance(spec, RemoteSpec) else replace(spec, port=free_port(), **changes)
        for spec in profile.servers
    )
    profile = replace(profile, servers=specs)
    plan = plan_memory(profile, hardware) if hardware.gpus else MemoryPlan((), ())
    commands = build_commands(profile, plan, hardware, places)
    environment = {"HF_HOME": str(places.data), **(environment or {})}
    return check(profile, commands, hardware, places, environment, free_disk_bytes)


def problems(found):
    return " | ".join(f"{item.severity}: {item.sentence}" for item in found)


def test_no_gpu_is_told_with_the_way_out(places):
    found = problems(findings("one-gpu", NONE, places))
    assert "error: text: profile 'one-gpu' wants GPU 0, but no NVIDIA GPU was found" in found
    assert "cpu, remote and simulator need no GPU" in found


def test_one_gpu_too_few_is_told(places):
    one = Hardware(BIG.gpus[:1], 256.0, (0,))
    found = problems(findings("two-gpus", one, places))
    assert "pages: profile 'two-gpus' wants GPU 1, but 1 visible" in found


def test_a_taken_port_is_told_with_its_holder(places):
    profile = load_profile("simulator")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        profile = replace(profile, servers=(replace(profile.servers[0], port=port),))
        commands = build_commands(profile, MemoryPlan((), ()), NONE, places)
        (found,) = check(profile, commands, NONE, places, environment={})
        assert f"port {port} on 127.0.0.1 is taken by" in found.sentence
        assert listener(port).startswith(("python", "pytest"))


def test_a_model_folder_that_is_absent_is_told(places):
    model = replace(load_profile("glyph-only").servers[0].model, id="/nowhere/glyph")
    found = problems(findings("glyph-only", BIG, places, model=model))
    assert "error: pages: the model folder /nowhere/glyph does not exist" in found


def test_a_model_folder_without_a_config_is_told(places, tmp_path):
    model = replace(load_profile("glyph-only").servers[0].model, id=str(tmp_path))
    assert "has no config.json" in problems(findings("glyph-only", BIG, places, model=model))


def test_a_download_is_announced_and_refused_when_offline(places):
    assert "warning: download: about 37 GB" in problems(findings("two-gpus", BIG, places))
    offline = problems(findings("two-gpus", BIG, places, {"HF_HUB_OFFLINE": "1"}))
    assert "error: text: Qwen/Qwen3-8B is not in" in offline


def test_a_disk_too_small_for_the_download_is_told_with_figures(places):
    found = problems(findings("two-gpus", BIG, places, free_disk_bytes=lambda folder: 10_000_000_000))
    assert "error: disk: about 37 GB are to be downloaded" in found
    assert "10 GB are free" in found


def test_a_downloaded_model_is_not_downloaded_again(places):
    model = replace(load_profile("glyph-only").servers[0].model, weights_gb=0.001)
    blobs = places.data / "hub" / "models--zai-org--Glyph" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "weights").write_bytes(b"0" * 1_000_000)
    assert "are downloaded" not in problems(findings("glyph-only", BIG, places, model=model))


def test_too_little_memory_for_the_cpu_is_told_with_figures(places):
    found = problems(findings("cpu", Hardware((), 8.0, (0, 1)), places))
    assert "error: memory: the servers need about 14.1 GB and the machine has 8.6 GB" in found


def test_vllm_that_is_not_there_is_installed_first(places):
    found = findings("glyph-only", BIG, places)
    assert not [item for item in found if item.severity is Severity.ERROR]
    assert "is installed first, about 14 GB" in problems(found)


def test_vllm_too_old_for_a_flag_is_told_with_the_flag(places):
    install(places, "0.11.0", '"--max-model-len" "--host"')
    found = problems(findings("glyph-only", BIG, places))
    assert "error: vLLM: version 0.11.0 is too old for" in found
    assert "--enable-per-request-metrics" in found
    assert "--host" not in found


def test_a_cpu_build_is_replaced_for_a_gpu_profile(places):
    install(places, cpu=True)
    assert "holds the CPU build" in problems(findings("glyph-only", BIG, places))


def test_a_remote_without_address_is_told_with_its_variable(places):
    found = problems(findings("remote", NONE, places))
    assert "Set GLYPH_TEXT_URL" in found
    assert "Set GLYPH_PAGES_URL" in found


def test_a_remote_with_a_login_in_its_address_needs_no_key(places):
    environment = {f"GLYPH_{side}_URL": "https://user:word@host.example/v1" for side in ("TEXT", "PAGES")}
    assert findings("remote", NONE, places, environment) == ()


def test_a_remote_without_key_is_only_warned_of(places):
    environment = {"GLYPH_TEXT_URL": "https://a/v1", "GLYPH_PAGES_URL": "https://b/v1", "GLYPH_TEXT_KEY": "k"}
    found = findings("remote", NONE, places, environment)
    assert [item.severity for item in found] == [Severity.WARNING]
    assert "GLYPH_PAGES_KEY is not set" in problems(found)


def test_every_flag_of_every_profile_is_known_to_the_installed_vllm():
    installed = find_installation(ROOT / ".venv-vllm")
    if installed is None:
        pytest.skip("needs .venv-vllm: bash scripts/setup-vllm --cpu")
    for name in ("two-gpus", "one-gpu", "small", "smallest", "cpu", "glyph-only"):
        profile = load_profile(name)
        for command in build_commands(profile, plan_memory(profile, BIG), BIG, Places(data=Path("/d"))):
            assert installed.unknown_flags(command.argv) == ()
    assert installed.unknown_flags(["--rope-scaling", "{}"]) == ("--rope-scaling",)
