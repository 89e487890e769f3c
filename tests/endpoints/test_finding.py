"""Where the endpoints come from: a living launcher first; while one is at work nothing is started on its ports."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from app.clients import Role
from app.endpoints import finding
from app.endpoints.finding import LAUNCHER_ENDED, EndpointSource
from app.process_marks import start_mark
from app.serving import (
    LauncherState,
    Phase,
    ProcessIdentity,
    ServerKind,
    ServerRole,
    ServerStatus,
    load_profiles,
    read_state,
    start_simulator,
)
from app.serving.state_file import write_state


def identity(pid: int) -> ProcessIdentity:
    return ProcessIdentity(pid, start_mark(pid), os.getsid(pid), "launch")


@pytest.fixture
def state():
    """A launcher that lives (this process) and has one server that still loads."""
    server = ServerStatus("text", ServerRole.TEXT, ServerKind.VLLM, "http://127.0.0.1:9", "some/model", Phase.STARTING)
    now = time.time()
    return LauncherState("two-gpus", "as asked", (server,), identity(os.getpid()), now, now)


@pytest.fixture
def source(monkeypatch):
    """Nothing answers already, and starting a simulator is a failure of the test."""
    monkeypatch.setattr(finding, "already_running", lambda: ())
    monkeypatch.setattr(finding, "start_simulator", lambda *a, **k: pytest.fail("a simulator was started"))
    return EndpointSource(speedup=1)


def test_a_launchers_servers_are_taken_while_they_load(monkeypatch, source, state):
    monkeypatch.setattr(finding, "read_state", lambda: state)
    found, origin = source.find()
    assert [(one.role, one.base_url) for one in found] == [(Role.TEXT, "http://127.0.0.1:9")]
    assert "two-gpus" in origin


def test_a_login_that_no_file_has_is_had_from_where_the_launcher_had_it_or_asked_for(
    monkeypatch, source, state, tmp_path
):
    remote = replace(state.servers[0], name="Qwen", kind=ServerKind.REMOTE, url="http://user:pass-w0rd@host.example/v1")
    write_state(replace(state, profile="remote", servers=(remote,)), tmp_path)
    monkeypatch.setattr(finding, "read_state", lambda: read_state(tmp_path))
    monkeypatch.setenv("GLYPH_TEXT_URL", "http://user:pass-w0rd@host.example/v1/")
    (endpoint,), origin = source.find()
    assert endpoint.base_url == "http://user:pass-w0rd@host.example/v1"
    assert "password" not in origin
    monkeypatch.setenv("GLYPH_TEXT_URL", "http://user:pass-w0rd@another.example/v1")
    (endpoint,), origin = source.find()
    assert endpoint.base_url == "http://host.example/v1"
    assert "The address of Qwen has a user and password, which are kept in no file: start the app with" in origin


GONE = ProcessIdentity(4194305, "boot:1", 4194305, "launch")  # above the largest number that Linux gives


def a_living_launcher() -> ProcessIdentity:
    return identity(os.getpid())


@pytest.mark.parametrize("left", [None, "another's state"])
def test_no_simulator_is_started_while_a_launcher_comes_up(monkeypatch, source, state, left):
    monkeypatch.setattr(finding, "read_state", lambda: left and replace(state, launcher=GONE))
    monkeypatch.setenv("GLYPH_LAUNCHER", a_living_launcher().as_text())
    assert source.find() == ((), "The launcher is starting.")


def test_a_launcher_that_ends_before_it_writes_a_state_is_said_with_its_errors(monkeypatch, source, tmp_path):
    log = tmp_path / "launcher.log"
    log.write_text("\n--- earlier\nerror: of another day\n\n--- now\nProfile x\nerror: text: no address is given.\n")
    monkeypatch.setattr(finding, "read_state", lambda: None)
    monkeypatch.setattr(finding, "LAUNCHER_LOG", log)
    monkeypatch.setenv("GLYPH_LAUNCHER", GONE.as_text())
    found, origin = source.find()
    assert found == ()
    assert origin.startswith(f"{LAUNCHER_ENDED} text: no address is given.")
    assert "another day" not in origin


def test_a_launcher_whose_servers_failed_is_said_with_their_faults(monkeypatch, source, state):
    failed = replace(state.servers[0], phase=Phase.FAILED, cause="Out of memory.", what_to_do="Take a smaller model.")
    monkeypatch.setattr(finding, "read_state", lambda: replace(state, servers=(failed,), launcher=GONE))
    monkeypatch.setenv("GLYPH_LAUNCHER", GONE.as_text())
    assert "text: Out of memory. Take a smaller model." in source.find()[1]


def test_a_launcher_that_left_no_word_is_said_too(monkeypatch, source, tmp_path):
    monkeypatch.setattr(finding, "read_state", lambda: None)
    monkeypatch.setattr(finding, "LAUNCHER_LOG", tmp_path / "none.log")
    monkeypatch.setenv("GLYPH_LAUNCHER", GONE.as_text())
    assert source.find() == ((), f"{LAUNCHER_ENDED} {finding.WHAT_TO_DO}")


@pytest.fixture
def standard_ports(monkeypatch):
    """Real simulators where the standard profile's servers are looked for, as another checkout's would be."""
    with start_simulator() as handle:
        profile = load_profiles()[finding.ALREADY_RUNNING_PROFILE]
        ports = {server.role: int(server.url.rpartition(":")[2]) for server in handle.servers}
        there = replace(profile, servers=tuple(replace(spec, port=ports[spec.role]) for spec in profile.servers))
        monkeypatch.setattr(finding, "load_profiles", lambda: {finding.ALREADY_RUNNING_PROFILE: there})
        yield handle


def test_a_strangers_simulator_is_adopted_only_where_that_is_asked_for(monkeypatch, standard_ports):
    monkeypatch.delenv("GLYPH_SIMULATOR", raising=False)
    assert finding.already_running() == ()
    monkeypatch.setenv("GLYPH_SIMULATOR", "adopt")
    assert len(finding.already_running()) == 2
