"""Tests that bound a duration get a second try; no other test does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEST = """
import pathlib, pytest
TRIES = pathlib.Path(__file__).with_name("tries")

@pytest.fixture
def tries():
    TRIES.write_text(TRIES.read_text() + "x" if TRIES.exists() else "x")
    yield len(TRIES.read_text())

{mark}
def test_it(tries):
    assert tries >= {passes_at}
"""


@pytest.mark.parametrize(
    ("mark", "passes_at", "status", "tries"),
    [("@pytest.mark.timed", 1, 0, 1), ("@pytest.mark.timed", 2, 0, 2), ("@pytest.mark.timed", 3, 1, 2), ("", 2, 1, 1)],
)
def test_a_timed_test_is_tried_twice_and_others_once(tmp_path, mark, passes_at, status, tries):
    (tmp_path / "test_it.py").write_text(TEST.format(mark=mark, passes_at=passes_at))
    command = [sys.executable, "-m", "pytest", "-p", "tests.retrying", "-o", "markers=timed", "-q", "--strict-markers"]
    done = subprocess.run(
        [*command, "-c", "/dev/null", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert len((tmp_path / "tries").read_text()) == tries


def test_scripts_test_runs_them_alone_and_last():
    script = (ROOT / "scripts" / "test").read_text(encoding="utf-8")
    runs = re.findall(r'pytest -m "([^"]*)"', script)
    assert runs[0] == "not vllm and not timed"
    assert runs[1] == "timed and not vllm"
