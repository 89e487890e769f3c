"""Supervision with real children: start, watch, crash, restart, end; and nothing left running, however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from app.serving import Phase, read_state
from app.serving.ports import free_port
from app.serving.process import session_members

HERE = Path(__file__).resolve().parent


def wait_for(condition, within_s=20.0, what="the expected state"):
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"{what} was not reached within {within_s} s")


class Keeper:
    """The launcher in a process of its own, and what it writes."""

    def __init__(self, tmp_path, servers):
        self.state_dir = tmp_path / "serving"
        self.output = tmp_path / "terminal.txt"
        self.servers = servers
        self.process = None
        self.sessions = set()

    def start(self):
        with self.output.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(HERE / "keep_servers.py"), str(self.state_dir), json.dumps(self.servers)],
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def status(self, name="text"):
        state = read_state(self.state_dir)
        status = state.server(name) if state else None
        if status and status.process:
            self.sessions.add(status.process.session_id)
        return status

    def reach(self, phase, name="text", within_s=20.0):
        def there():
            status = self.status(name)
            return status if status and status.phase is phase else None

        try:
            return wait_for(there, within_s, f"{name} {phase}")
        except AssertionError as error:
            raise AssertionError(f"{error}; the terminal says:\n{self.terminal}") from None

    @property
    def terminal(self):
        return self.output.read_text()

    def left_running(self):
        return [pid for session in self.sessions for pid in session_members(session)]

    def end(self, number=signal.SIGTERM, within_s=15.0):
        self.process.send_signal(number)
        return self.process.wait(timeout=within_s)


@pytest.fixture
def keeper(tmp_path):
    started = []

    def start(*behaviours, names=("text", "pages"), **extra):
        servers = [
            {"name": name, "port": free_port(), "arguments": list(arguments), **extra.get(name, {})}
            for name, arguments in zip(names, behaviours, strict=False)
        ]
        started.append(Keeper(tmp_path, servers).start())
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        one.status("text"), one.status("pages")
        for pid in one.left_running():
            os.kill(pid, signal.SIGKILL)


def test_both_servers_come_up_and_the_state_says_where(keeper):
    kept = keeper([], [])
    text, pages = kept.reach(Phase.SERVING), kept.reach(Phase.SERVING, "pages")
    assert text.url.endswith(str(kept.servers[0]["port"]))
    assert text.max_model_len == 4096
    assert text.ready_after_s > 0
    assert pages.error == ""
    assert read_state(kept.state_dir).launcher_alive
    assert len(session_members(text.process.session_id)) == 2  # the server and its worker


def test_loading_phases_and_elapsed_time_are_shown(keeper):
    kept = keeper(["--load-s", "3"])
    loading = kept.reach(Phase.LOADING)
    assert loading.elapsed_s >= 0
    assert loading.phase_since >= loading.started_at
    assert any("Starting to load model" in line for line in loading.log_tail)
    kept.reach(Phase.SERVING)
    assert "loading weights" in kept.terminal
    assert "serving at http://127.0.0.1" in kept.terminal


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.timed
def test_a_signal_ends_every_server_in_seconds(keeper, number):
    kept = keeper([], [])
    kept.reach(Phase.SERVING), kept.reach(Phase.SERVING, "pages")
    began = time.monotonic()
    assert kept.end(number) == 0
    assert time.monotonic() - began < 5
    assert kept.left_running() == []
    assert kept.status().phase is Phase.STOPPED
    assert not read_state(kept.state_dir).launcher_alive


def test_ctrl_c_during_loading_leaves_nothing(keeper):
    kept = keeper(["--behave", "slow"])
    kept.reach(Phase.PROFILING)
    assert kept.end(signal.SIGINT) == 0
    assert kept.left_running() == []


def test_a_server_that_ignores_sigterm_is_killed(keeper):
    kept = keeper(["--behave", "stubborn"])
    kept.reach(Phase.SERVING)
    assert kept.end(within_s=20) == 0
    assert kept.left_running() == []


@pytest.mark.timed
def test_a_second_ctrl_c_does_not_wait(keeper):
    kept = keeper(["--behave", "stubborn"])
    kept.reach(Phase.SERVING)
    kept.process.send_signal(signal.SIGINT)
    wait_for(lambda: "Ending text" in kept.terminal)
    began = time.monotonic()
    assert kept.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 4
    assert kept.left_running() == []


def test_running_out_of_memory_is_named_tried_once_more_and_then_given_up(keeper):
    kept = keeper(["--behave", "oom"], [])
    failed = kept.reach(Phase.FAILED)
    assert "Out of memory" in failed.error
    assert failed.restarts == 1
    assert "started again once already" in failed.error
    assert kept.terminal.count("starting again after a crash") == 1
    assert "CUDA out of memory" in kept.terminal  # the tail of its log
    assert kept.reach(Phase.SERVING, "pages")  # the other side is left alone
    assert failed.process is None
    assert len(kept.left_running()) == 2


def test_a_context_that_cannot_fit_is_not_tried_again(keeper):
    kept = keeper(["--behave", "refused"])
    failed = kept.reach(Phase.FAILED)
    assert failed.restarts == 0
    assert "too long for the KV cache" in failed.cause
    assert "66240" in failed.what_to_do
    assert kept.process.wait(timeout=5) == 1  # no server is left to keep


def test_exit_0_that_nobody_asked_for_is_a_crash_and_the_worker_goes_too(keeper):
    kept = keeper([])
    serving = kept.reach(Phase.SERVING)
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        urllib.request.urlopen(f"{serving.url}/die", data=b"", timeout=5)
    again = wait_for(lambda: (status := kept.status()) and status.restarts == 1 and status.is_serving and status)
    assert "status 0" in again.cause
    assert session_members(serving.process.session_id) == ()


def test_one_crash_is_healed_by_one_restart(keeper, tmp_path):
    kept = keeper(["--behave", "flaky", "--once", str(tmp_path / "once")])
    serving = kept.reach(Phase.SERVING)
    assert serving.restarts == 1
    assert "engine process died" in serving.cause


def test_a_killed_launcher_takes_its_servers_along(keeper):
    kept = keeper([], [])
    kept.reach(Phase.SERVING), kept.reach(Phase.SERVING, "pages")
    kept.process.kill()
    kept.process.wait()
    wait_for(lambda: not kept.left_running(), 10, "the end of both servers")


def test_what_survives_a_killed_launcher_is_ended_by_the_next(keeper):
    kept = keeper(["--behave", "stubborn"])
    first = kept.reach(Phase.SERVING)
    kept.process.kill()
    kept.process.wait()
    assert session_members(first.process.session_id) != ()  # it ignores the kernel's SIGTERM
    assert not read_state(kept.state_dir).launcher_alive
    kept.start()
    wait_for(lambda: "Ended 2 processes that an earlier launcher left behind" in kept.terminal)
    assert session_members(first.process.session_id) == ()
    wait_for(lambda: read_state(kept.state_dir).launcher_alive)
    second = kept.reach(Phase.SERVING)
    assert second.process.pid != first.process.pid
    assert kept.end(within_s=20) == 0


def test_orphaned_workers_of_a_killed_server_are_found_without_their_parent(keeper):
    kept = keeper(["--behave", "slow"])
    first = kept.reach(Phase.PROFILING)
    kept.process.send_signal(signal.SIGSTOP)  # the launcher must not tidy up
    os.kill(first.process.pid, signal.SIGKILL)
    kept.process.kill()
    kept.process.wait()
    wait_for(lambda: first.process.pid not in session_members(first.process.session_id))
    assert len(session_members(first.process.session_id)) == 1
    kept.start()
    wait_for(lambda: "Ended 1 processes that an earlier launcher left behind" in kept.terminal)
    assert session_members(first.process.session_id) == ()


def test_a_second_launcher_is_refused_and_changes_nothing(keeper):
    kept = keeper([])
    serving = kept.reach(Phase.SERVING)
    other = subprocess.run(
        [sys.executable, str(HERE / "keep_servers.py"), str(kept.state_dir), json.dumps(kept.servers)],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert other.returncode == 4
    assert "already keeps the servers" in other.stdout
    assert kept.status().process == serving.process


def test_a_server_that_answers_already_is_adopted_and_never_ended(keeper):
    port = free_port()
    own = subprocess.Popen(
        [sys.executable, str(HERE / "fake_server.py"), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(lambda: answers(port))
        kept = keeper([], text={"port": port})
        adopted = kept.reach(Phase.SERVING)
        assert adopted.adopted
        assert adopted.process is None
        assert "it ran already" in adopted.phase_label
        assert kept.end() == 0
        assert own.poll() is None
        assert answers(port)
        kept.start()
        kept.reach(Phase.SERVING)
        os.killpg(own.pid, signal.SIGKILL)
        own.wait()
        assert kept.reach(Phase.LOST)
    finally:
        if own.poll() is None:
            os.killpg(own.pid, signal.SIGKILL)
            own.wait()


def test_a_port_taken_by_a_stranger_is_told_at_once(keeper):
    port = free_port()
    own = subprocess.Popen(
        [sys.executable, str(HERE / "fake_server.py"), "--port", str(port), "--model", "other"],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(lambda: answers(port))
        failed = keeper([], text={"port": port}).reach(Phase.FAILED)
        assert f"Port {port} is taken" in failed.cause
        assert "which serves other" in failed.cause
    finally:
        os.killpg(own.pid, signal.SIGKILL)
        own.wait()


def test_a_simulator_is_never_adopted_in_place_of_vllm(keeper):
    port = free_port()
    own = subprocess.Popen(
        [sys.executable, str(HERE / "fake_server.py"), "--port", str(port), "--owner", "simulator"],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(lambda: answers(port))
        failed = keeper([], text={"port": port}).reach(Phase.FAILED)
        assert "which serves simulated fake" in failed.cause
    finally:
        os.killpg(own.pid, signal.SIGKILL)
        own.wait()


def test_a_server_waits_for_the_one_it_shares_a_gpu_with(keeper):
    kept = keeper(["--load-s", "2"], [], pages={"after": "text"})
    kept.reach(Phase.LOADING)
    assert kept.status("pages").phase is Phase.WAITING
    kept.reach(Phase.SERVING, "pages")
    assert kept.status("text").is_serving


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False
