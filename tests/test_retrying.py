"""Tests that bound a duration get a second try; no other test does, and no browser test for a wrong word."""

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
    if tries < {passes_at}:
        raise {error}
"""
RAN_OUT = '__import__("playwright._impl._errors")._impl._errors.TimeoutError("Timeout 45000ms exceeded.")'


@pytest.mark.parametrize(
    ("mark", "error", "passes_at", "status", "tries"),
    [
        ("@pytest.mark.timed", "AssertionError", 1, 0, 1),
        ("@pytest.mark.timed", "AssertionError", 2, 0, 2),
        ("@pytest.mark.timed", "AssertionError", 3, 1, 2),
        ("@pytest.mark.e2e", RAN_OUT, 2, 0, 2),
        ("@pytest.mark.e2e", RAN_OUT, 3, 1, 2),
        ("@pytest.mark.e2e", "AssertionError", 2, 1, 1),
        ("", RAN_OUT, 2, 1, 1),
    ],
)
def test_what_bounds_a_duration_is_tried_twice_and_the_rest_once(tmp_path, mark, error, passes_at, status, tries):
    (tmp_path / "test_it.py").write_text(TEST.format(mark=mark, error=error, passes_at=passes_at))
    markers = "markers=timed\n    e2e"
    command = [sys.executable, "-m", "pytest", "-p", "tests.retrying", "-o", markers, "-q", "--strict-markers"]
    done = subprocess.run(
        [*command, "-c", "/dev/null", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert len((tmp_path / "tries").read_text()) == tries
    if status == 0:
        assert ("SECOND TRY" in done.stdout) == (tries == 2), "a pass at the second try is told"


def test_scripts_test_runs_them_alone_and_last():
    script = (ROOT / "scripts" / "test").read_text(encoding="utf-8")
    runs = re.findall(r'pytest -m "([^"]*)"', script)
    assert runs[0] == "not vllm and not trainers and not timed"
    assert runs[1] == "timed and not vllm and not trainers"
