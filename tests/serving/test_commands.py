"""The command lines: what today's vLLM takes, argument by argument, on machines without a GPU too."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.paths import ROOT
from app.serving import GpuDevice, Hardware, Places, build_commands, load_profile, load_profiles, plan_memory

TWO = Hardware((GpuDevice(0, "A", 80), GpuDevice(1, "B", 80)), 64.0, (0, 1, 2, 3))
PLACES = Places(root=ROOT, data=Path("/data"), pages=Path("/data/pages"), vllm_venv=Path("/venv"))


def commands(name, hardware=TWO, **changes):
    profile = load_profile(name, environment={})
    if changes:
        profile = replace(profile, servers=tuple(replace(spec, **changes) for spec in profile.servers))
    return build_commands(profile, plan_memory(profile, hardware), hardware, PLACES)


def value(argv, flag):
    return argv[argv.index(flag) + 1]


def launch(*arguments):
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "launch.py"), *arguments], capture_output=True, text=True, timeout=60
    )


def test_qwen_gets_yarn_by_overrides_that_name_rope_theta():
    argv = commands("two-gpus")[0].argv
    overrides = json.loads(value(argv, "--hf-overrides"))
    assert overrides == {
        "max_position_embeddings": 131072,
        "rope_parameters": {
            "rope_type": "yarn",
            "rope_theta": 1000000,
            "factor": 4.0,
            "original_max_position_embeddings": 32768,
        },
    }
    assert value(argv, "--max-model-len") == "131072"
    assert "--rope-scaling" not in argv


def test_a_context_within_the_models_own_gets_no_yarn():
    assert "--hf-overrides" not in commands("two-gpus", max_model_len=32768)[0].argv


def test_each_side_has_its_reasoning_parser():
    text, pages = commands("two-gpus")
    assert value(text.argv, "--reasoning-parser") == "qwen3"
    assert value(pages.argv, "--reasoning-parser") == "glm45"


def test_only_the_pages_side_reads_files_and_only_from_the_pages_folder():
    text, pages = commands("two-gpus")
    assert value(pages.argv, "--allowed-local-media-path") == "/data/pages"
    assert "--allowed-local-media-path" not in text.argv
    assert json.loads(value(pages.argv, "--limit-mm-per-prompt")) == {"image": 999, "video": 0}


@pytest.mark.parametrize("name", ["two-gpus", "one-gpu", "small", "cpu", "glyph-only"])
def test_every_vllm_server_tells_counts_and_times_under_its_name(name):
    for command in commands(name):
        assert value(command.argv, "--served-model-name") == command.spec.served_name
        assert value(command.argv, "--host") == "127.0.0.1"
        assert "--enable-prompt-tokens-details" in command.argv
        assert "--enable-per-request-metrics" in command.argv
        assert value(command.argv, "--sse-keep-alive-interval") == "10"


def test_development_mode_is_on_for_loopback_only():
    assert commands("two-gpus")[0].env["VLLM_SERVER_DEV_MODE"] == "1"
    assert "VLLM_SERVER_DEV_MODE" not in commands("two-gpus", host="0.0.0.0")[0].env
    assert "VLLM_SERVER_DEV_MODE" not in commands("two-gpus", dev_mode=False)[0].env


def test_servers_with_a_gpu_each_start_together_and_those_that_share_one_after_the_other():
    assert [command.start_after for command in commands("two-gpus")] == [None, None]
    assert [command.start_after for command in commands("one-gpu")] == [None, "text"]
    assert [command.env["CUDA_VISIBLE_DEVICES"] for command in commands("two-gpus")] == ["0", "1"]


def test_copies_and_splits_are_told_to_vllm():
    text, pages = commands("four-gpus", Hardware(tuple(GpuDevice(i, "A", 80) for i in range(4)), 64.0, (0,)))
    for command, gpus in ((text, "0,1"), (pages, "2,3")):
        assert value(command.argv, "--data-parallel-size") == "2"
        assert "--tensor-parallel-size" not in command.argv
        assert command.env["CUDA_VISIBLE_DEVICES"] == gpus
    text, pages = commands("two-gpus", gpus=(0, 1), tensor_parallel_size=2)
    assert value(text.argv, "--tensor-parallel-size") == "2"
    assert "--data-parallel-size" not in text.argv


def test_servers_that_share_only_some_of_their_gpus_start_one_after_the_other():
    profile = load_profile("two-gpus")
    text, pages = profile.servers
    profile = replace(profile, servers=(replace(text, gpus=(0, 1)), pages))
    built = build_commands(profile, plan_memory(profile, TWO), TWO, PLACES)
    assert [command.start_after for command in built] == [None, "text"]


def test_gpus_are_numbered_among_the_visible_ones():
    hardware = Hardware((GpuDevice(2, "A", 80), GpuDevice(5, "B", 80)), 64.0, (0,))
    assert [command.env["CUDA_VISIBLE_DEVICES"] for command in commands("two-gpus", hardware)] == ["2", "5"]


@pytest.mark.parametrize(
    ("cores", "expected"), [((0, 1, 2, 3), ["0,1", "2,3"]), ((0, 1, 2), ["0", "1"]), ((7,), ["7", "7"])]
)
def test_cpu_servers_get_cores_of_their_own(cores, expected):
    built = commands("cpu", Hardware((), 64.0, cores))
    assert [command.env["VLLM_CPU_OMP_THREADS_BIND"] for command in built] == expected
    assert [command.env["VLLM_CPU_KVCACHE_SPACE"] for command in built] == ["2", "1"]
    assert "CUDA_VISIBLE_DEVICES" not in built[0].env


def test_a_local_folder_is_served_under_the_models_name(tmp_path):
    profile = load_profile("glyph-only")
    spec = replace(profile.servers[0], model=replace(profile.servers[0].model, id=str(tmp_path)))
    profile = replace(profile, servers=(spec,))
    (command,) = build_commands(profile, plan_memory(profile, TWO), TWO, PLACES)
    assert command.argv[2] == str(tmp_path)
    assert value(command.argv, "--served-model-name") == "zai-org/Glyph"


@pytest.mark.parametrize("name", list(load_profiles(environment={})))
def test_dry_run_prints_json_for_every_profile_on_any_machine(name):
    done = launch("--profile", name, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    servers = json.loads(done.stdout)
    assert servers
    for server in servers:
        assert set(server) >= {"name", "role", "argv", "env", "url"}
        assert all(isinstance(word, str) for word in [*server["argv"], *server["env"].values()])


def test_dry_run_for_people_can_be_pasted_and_says_what_it_assumes():
    done = launch("--profile", "one-gpu", "--dry-run", "--gpu-memory-gb", "96")
    assert done.returncode == 0, done.stderr
    assert "1 GPU of 96 GB (stated" in done.stdout
    assert "VLLM_SERVER_DEV_MODE=1" in done.stdout
    assert "vllm serve Qwen/Qwen3-8B" in done.stdout


def test_dry_run_refuses_what_does_not_fit_with_figures():
    done = launch("--profile", "one-gpu", "--dry-run", "--gpu-memory-gb", "24")
    assert done.returncode == 3
    assert "does not fit" in done.stderr
    assert "weights 20.6" in done.stderr


def test_an_unknown_profile_ends_with_status_2_and_the_names():
    done = launch("--profile", "none")
    assert done.returncode == 2
    assert "two-gpus" in done.stderr


def test_list_names_profiles_and_marks_the_default():
    done = launch("--list")
    assert done.returncode == 0
    assert "\n* " in done.stdout
    assert "simulator" in done.stdout
