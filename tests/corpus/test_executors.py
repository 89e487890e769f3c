"""datatrove's executors as ours picks them. Slurm is stood in for by an sbatch and an srun that run what they are given here."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import command, results, run, told

pytest.importorskip(
    "datatrove", reason="needs datatrove (bash scripts/test --corpus, or pip install -r requirements-corpus.txt)"
)
pytest.importorskip(
    "webdataset", reason="needs webdataset (bash scripts/test --corpus, or pip install -r requirements-corpus.txt)"
)

ASKED = ("--tasks", "2", "--shards", "tar")


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """Texts, and what a job of one process makes of them."""
    folder = tmp_path_factory.mktemp("texts")
    for number in range(5):
        (folder / f"t{number}.txt").write_text(f"Text {number}. " * 200)
    out = tmp_path_factory.mktemp("here") / "out"
    told(run(folder, out, *ASKED, "--workers", "1"))
    return folder, results(out)


@pytest.fixture
def slurm(tmp_path) -> dict[str, str]:
    """sbatch keeps the script; srun drops its own options and runs the rest, with this Python; scontrol knows one host."""
    programs = tmp_path / "bin"
    programs.mkdir()
    kept = tmp_path / "submitted"
    kept.mkdir()
    (programs / "sbatch").write_text(
        f'#!/bin/sh\nfor last; do :; done\ncp "$last" "{kept}/$(ls {kept} | wc -l).sh"\necho Submitted batch job 7\n'
    )
    (programs / "srun").write_text(
        f'#!/bin/sh\nwhile [ "$1" != launch_pickled_pipeline ]; do shift; done\nshift\n'
        f'exec "{sys.executable}" -m datatrove.tools.launch_pickled_pipeline "$@"\n'
    )
    (programs / "scontrol").write_text("#!/bin/sh\necho localhost\n")
    for program in programs.iterdir():
        program.chmod(0o755)
    return {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "KEPT": str(kept)}


def test_slurm_gets_a_job_array_whose_tasks_give_the_same_bytes(here, slurm, tmp_path):
    folder, expected = here
    more = ("--where", "slurm", "--partition", "cpu", "--workers", "2", "--sbatch", "account=mine")
    done = subprocess.run(
        command(folder, tmp_path / "out", *ASKED, *more), env=slurm, capture_output=True, text=True, timeout=170
    )
    assert done.returncode == 0, done.stderr
    script = Path(slurm["KEPT"]) / "0.sh"
    asked = dict(re.findall(r"^#SBATCH --([\w-]+)=(.*)$", script.read_text(), re.MULTILINE))
    assert (asked["partition"], asked["array"], asked["account"]) == ("cpu", "0-1%2", "mine")
    assert asked["mem-per-cpu"] == "2G"
    assert "qos" not in asked
    for rank in range(2):
        node = {**slurm, "SLURM_ARRAY_TASK_ID": str(rank), "SLURM_NODELIST": "localhost"}
        ran = subprocess.run(["bash", str(script)], env=node, cwd=tmp_path, capture_output=True, text=True, timeout=170)
        assert ran.returncode == 0, ran.stderr
    assert results(tmp_path / "out") == expected
    status = subprocess.run(
        [*command(folder, tmp_path), "--status", str(tmp_path / "out")], capture_output=True, text=True
    )
    assert json.loads(status.stdout)["done"] == 2


def test_slurm_without_a_partition_is_refused_before_anything_is_made(here, tmp_path):
    folder, _ = here
    refused = run(folder, tmp_path / "out", "--where", "slurm")
    assert refused.returncode == 2
    assert "--partition" in refused.stderr
    assert not (tmp_path / "out").exists()


def test_ray_gives_the_same_bytes(here, tmp_path, monkeypatch):
    pytest.importorskip("ray", reason="needs Ray (bash scripts/setup-corpus)")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    folder, expected = here
    summary = told(run(folder, tmp_path / "out", *ASKED, "--where", "ray", "--workers", "2"))
    assert summary["done"] == 2
    assert results(tmp_path / "out") == expected


@pytest.mark.timeout(600)  # its own machine code is made first
def test_the_installed_command_gives_the_same_bytes_from_another_folder(here, tmp_path):
    """.venv-corpus holds the package as pip installs it: few packages, no checkout beside it."""
    installed = Path(sys.executable).with_name("glyph-corpus")
    if not installed.is_file():
        pytest.skip("needs the package installed (bash scripts/setup-corpus)")
    folder, expected = here
    asked = [str(installed), str(folder), "--out", str(tmp_path / "out"), *ASKED, "--workers", "2"]
    fresh = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(asked, cwd=tmp_path, env=fresh, capture_output=True, text=True, timeout=600)
    assert told(done)["documents"] == 5
    assert results(tmp_path / "out") == expected
