"""Where the endpoints come from: a living launcher first; while one is at work nothing is started on its ports."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from app.clients import Role
from app.endpoints import finding
from app.endpoints.finding import LAUNCHER_ENDED, EndpointSource
from app.serving import LauncherState, Phase, ServerKind, ServerRole, ServerStatus
from app.serving.process import ProcessIdentity, start_mark


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


@pytest.mark.parametrize("older_s", [None, 3600])
def test_no_simulator_is_started_while_a_launcher_comes_up(monkeypatch, source, state, older_s):
    left = (
        None
        if older_s is None
        else replace(state, launcher=replace(state.launcher, pid=4194305), started_at=time.time() - older_s)
    )
    monkeypatch.setattr(finding, "read_state", lambda: left)
    monkeypatch.setenv("GLYPH_LAUNCHER", "1")
    assert source.find() == ((), "The launcher is starting.")


def test_a_launcher_that_ended_is_said(monkeypatch, source, state):
    monkeypatch.setattr(finding, "read_state", lambda: replace(state, launcher=replace(state.launcher, pid=4194305)))
    monkeypatch.setenv("GLYPH_LAUNCHER", "1")
    assert source.find() == ((), LAUNCHER_ENDED)
