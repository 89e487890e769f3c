"""scripts/sweep.py as people run it: killed in the middle and resumed, nothing is lost and nothing measured twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from app.paths import ROOT

PLAN = ["--lengths", "256,1K", "--repeats", "3", "--answer-tokens", "32", "--at-once", "1,2"]
TASKS = 2 * 2 * (3 + 3 + 2)
WITHIN_S = 150


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "scripts" / "sweep.py"), *arguments]


def at(servers) -> list[str]:
    text, pages = servers
    return ["--text-url", text.endpoint.base_url, "--pages-url", pages.endpoint.base_url]


def sweep(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=WITHIN_S)


def whole_lines(path) -> list[bytes]:
    data = path.read_bytes() if path.exists() else b""
    return data[: data.rfind(b"\n") + 1].splitlines()


def test_killed_twice_and_resumed_it_has_every_measurement_exactly_once(servers, tmp_path):
    path = tmp_path / "sweep.jsonl"
    kept: list[bytes] = []
    how = [*PLAN, "--journal", str(path)]
    for kill_after in (4, 11):
        process = subprocess.Popen(command(*how, *at(servers)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + WITHIN_S
        while len(whole_lines(path)) <= kill_after and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        lines = whole_lines(path)
        assert lines[: len(kept)] == kept
        assert kill_after < len(lines) < TASKS
        kept = lines
        how = ["--resume", str(path)]
    done = sweep("--resume", str(path), *at(servers))
    assert done.returncode == 0, done.stderr
    lines = whole_lines(path)
    assert lines[: len(kept)] == kept
    keys = Counter(tuple(json.loads(line)[name] for name in KEY) for line in lines[1:])
    assert len(keys) == TASKS
    assert set(keys.values()) == {1}
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(printed) - 1 == TASKS - (len(kept) - 1)
    assert (printed[-1]["type"], printed[-1]["done"]) == ("summary", TASKS)


KEY = ("kind", "side", "dpi", "aimed_tokens", "at_once", "repeat")


def test_ctrl_c_ends_it_with_the_command_that_goes_on(servers, tmp_path):
    path = tmp_path / "sweep.jsonl"
    process = subprocess.Popen(
        command(*PLAN, "--journal", str(path), *at(servers)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 130
    assert f"--resume {path}" in told


def test_a_dry_run_tells_the_plan_and_asks_nobody(tmp_path):
    told = sweep("--dry-run", *PLAN, "--text-url", "http://127.0.0.1:9", "--pages-url", "http://127.0.0.1:9")
    assert told.returncode == 0, told.stderr
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert [line["type"] for line in lines] == ["task"] * TASKS + ["plan"]
    assert lines[-1]["projected_seconds"] > 0


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        (["--lengths", "5"], 2, "from 64"),
        (["--resume", "nowhere.jsonl"], 2, "There is no journal nowhere.jsonl; check its path"),
        (["--book", "nowhere.txt"], 2, "'nowhere.txt' cannot be opened"),
        (["--text-url", "http://127.0.0.1:9", "--pages-url", "http://127.0.0.1:9"], 3, "cannot be asked"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments, status, word):
    refused = subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=WITHIN_S, env=dict(os.environ)
    )
    assert refused.returncode == status, refused.stderr
    assert word in refused.stderr
    assert "Traceback" not in refused.stderr
