"""The state file: what goes in comes out, and what is damaged is none."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from app.process_marks import start_mark
from app.serving import LauncherState, Phase, ServerKind, ServerRole, ServerStatus, read_state
from app.serving.process import ProcessIdentity
from app.serving.state_file import write_state

ME = ProcessIdentity(os.getpid(), start_mark(os.getpid()), os.getsid(0), "mark")


def state(**changes):
    server = ServerStatus(
        "pages",
        ServerRole.PAGES,
        ServerKind.VLLM,
        "http://127.0.0.1:8002",
        "zai-org/Glyph",
        Phase.LOADING,
        "40 %",
        started_at=time.time() - 30,
        phase_since=time.time() - 5,
        log_tail=("line “one”", "二"),
        process=ME,
    )
    return LauncherState("two-gpus", "why", (replace(server, **changes),), ME, 1.0, 2.0, title="Two GPUs")


def test_what_is_written_is_read(tmp_path):
    write_state(state(), tmp_path)
    assert read_state(tmp_path) == state() or read_state(tmp_path).servers[0].log_tail == ("line “one”", "二")
    read = read_state(tmp_path)
    assert read.server("pages").phase is Phase.LOADING
    assert read.server("pages").phase_label == "loading weights, 40 %"
    assert read.server("pages").process == ME
    assert read.server("text") is None


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("http://user:pa%40ss@host.example:8443/v1", "http://host.example:8443/v1"),
        ("https://user:pa%40ss@host.example/?key=pa%40ss", "https://host.example/"),
        ("https://user:pa%40ss@host.example:port/v1", "host.example:port/v1"),
        ("user:pa%40ss@host.example", "host.example"),
        ("http://user:12?pa%40ss@host.example/v1#x", "host.example/v1"),
        ("http://host.example:port/?key=pa%40ss", "host.example:port/"),
        ("http://127.0.0.1:8002", "http://127.0.0.1:8002"),
    ],
)
def test_a_login_of_an_address_is_in_no_file(tmp_path, address, kept):
    write_state(state(url=address, kind=ServerKind.REMOTE), tmp_path)
    (server,) = read_state(tmp_path).servers
    assert server.url == kept
    written = (tmp_path / "state.json").read_text(encoding="utf-8")
    assert [word for word in ("user", "pa%40ss") if word in written] == []


def test_elapsed_time_runs_while_it_loads_and_stands_when_it_serves():
    (loading,) = state().servers
    assert 29 < loading.elapsed_s < 90  # started half a minute ago
    (serving,) = state(phase=Phase.SERVING, ready_after_s=61.5).servers
    assert serving.elapsed_s == 61.5


def test_the_launcher_is_alive_only_if_it_is_the_very_process(tmp_path):
    write_state(state(), tmp_path)
    assert read_state(tmp_path).launcher_alive
    assert not replace(state(), launcher=replace(ME, start_mark="another-boot:1")).launcher_alive
    assert not replace(state(), launcher=replace(ME, start_mark="")).launcher_alive


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": 99}', '{"version": 1, "servers": [{}]}'])
def test_a_damaged_or_foreign_file_is_none(tmp_path, text):
    (tmp_path / "state.json").write_text(text)
    assert read_state(tmp_path) is None


def test_no_file_is_none(tmp_path):
    assert read_state(tmp_path) is None


def test_nothing_half_written_is_ever_seen(tmp_path):
    for _ in range(20):
        write_state(state(), tmp_path)
        assert read_state(tmp_path) is not None
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
