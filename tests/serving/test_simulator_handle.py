"""The simulator as the app starts it: ready in moments, on free ports, gone when told or when its starter is gone."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from app.paths import ROOT
from app.serving import Health, Places, SimulatorFailed, check_health, load_profile, served_models, start_simulator

STARTER = """
import sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from app.serving import Places, start_simulator
handle = start_simulator(places=Places(data=Path({data!r}), pages=Path({data!r}) / "pages"))
print(*handle.pids, flush=True)
time.sleep(600)
"""


@pytest.fixture
def places(tmp_path):
    return Places(data=tmp_path, pages=tmp_path / "pages")


@pytest.mark.timed
def test_both_sides_answer_within_seconds_and_say_that_they_are_simulated(places):
    began = time.monotonic()
    with start_simulator(places=places) as handle:
        assert time.monotonic() - began < 10  # under 3 s on an idle machine
        assert [server.role for server in handle.servers] == ["text", "pages"]
        for server in handle.servers:
            assert server.is_serving
            (model,) = served_models(server.url)
            assert model.simulated
            assert model.name == server.model
        assert handle.is_running
    assert not handle.is_running
    assert all(check_health(server.url, 0.5) is Health.REFUSED for server in handle.servers)
    handle.stop()  # twice is once


def test_taken_ports_are_avoided(places):
    with start_simulator(places=places) as first, start_simulator(places=places) as second:
        urls = {server.url for handle in (first, second) for server in handle.servers}
        assert len(urls) == 4


def test_it_ends_with_the_process_that_started_it(tmp_path):
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER.format(root=str(ROOT), data=str(tmp_path))], stdout=subprocess.PIPE, text=True
    )
    pids = [int(pid) for pid in starter.stdout.readline().split()]
    assert len(pids) == 2
    starter.kill()
    starter.wait()
    deadline = time.monotonic() + 10
    while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids):
        assert time.monotonic() < deadline, "the simulator outlived its starter"
        time.sleep(0.1)


def test_one_that_cannot_start_says_why(places):
    with pytest.raises(SimulatorFailed, match=r"ended with status 2.*--nonsense"):
        start_simulator(places=places, extra_args=("--nonsense",))


def test_one_that_nobody_wants_any_more_is_not_waited_for(places):
    with pytest.raises(SimulatorFailed, match="not wanted any more"):
        start_simulator(places=places, given_up=lambda: True)


def test_the_default_ports_are_the_profiles(places):
    assert [spec.port for spec in load_profile("simulator").servers] == [8001, 8002]
    assert Path(places.root / "scripts" / "simulate.py").is_file()
