"""Only what is proven ours is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from app.serving import process as process_module
from app.serving.errors import LogUnwritable
from app.serving.leftovers import end_leftovers, find_leftovers, is_alive
from app.serving.process import Process, ProcessIdentity, session_members, stop_all

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")
WITH_CHILD = (
    sys.executable,
    "-c",
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); time.sleep(600)",
)


@pytest.fixture
def start(tmp_path):
    processes = []

    def begin(argv=SLEEPER, launch_id="ours"):
        process = Process(argv, {}, tmp_path / f"log-{len(processes)}.txt", launch_id)
        process.start()
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill_group()


def until(condition, within_s=5.0):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_the_very_process_written_down_is_ended(start):
    process = start()
    assert is_alive(process.identity)
    assert end_leftovers([process.identity], 2.0) == (process.identity.pid,)
    assert process.exit_status() == -signal.SIGTERM


def test_a_process_with_the_same_number_but_another_start_is_left_alone(start):
    process = start()
    boot, _, tick = process.identity.start_mark.rpartition(":")
    for mark in (f"{boot}:{int(tick) - 1}", f"other-boot:{tick}", ""):
        assert end_leftovers([replace(process.identity, start_mark=mark)], 0.5) == ()
    assert process.exit_status() is None


def test_an_orphan_is_ended_by_its_mark_and_a_strangers_session_is_not(start):
    process = start(WITH_CHILD)
    until(lambda: len(session_members(process.identity.session_id)) == 2)
    os.kill(process.identity.pid, signal.SIGKILL)
    until(lambda: process.exit_status() is not None)
    (orphan,) = session_members(process.identity.session_id)
    assert find_leftovers(replace(process.identity, launch_id="another")) == ()
    assert end_leftovers([process.identity], 2.0) == (orphan,)


def test_our_own_session_is_never_taken_for_a_leftover(start):
    process = start()
    assert find_leftovers(replace(process.identity, session_id=os.getsid(0))) == ()


@pytest.mark.timed
def test_stopping_several_waits_for_the_slowest_only(start):
    processes = [start() for _ in range(3)]
    began = time.monotonic()
    stop_all(processes, 5.0)
    assert time.monotonic() - began < 2
    assert all(process.is_gone() for process in processes)


def test_a_child_that_ignores_sigterm_is_killed_after_the_grace(start):
    stubborn = start(
        (
            sys.executable,
            "-c",
            "import signal, time; signal.signal(15, signal.SIG_IGN); print('x', flush=True); time.sleep(600)",
        )
    )
    until(lambda: b"x" in stubborn.new_output())
    stop_all([stubborn], 0.5)
    assert stubborn.exit_status() == -signal.SIGKILL


IN_A_GROUP_OF_ITS_OWN = (
    sys.executable,
    "-c",
    "import signal, subprocess, sys, time\n"
    "child = 'import os, signal, time; os.setpgid(0, 0); signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(600)'\n"
    "subprocess.Popen([sys.executable, '-c', child]); time.sleep(600)",
)


def test_a_member_of_the_session_that_left_the_process_group_is_killed_too(start):
    process = start(IN_A_GROUP_OF_ITS_OWN)
    until(lambda: b"1" in process.new_output())
    process.kill_group()
    until(process.is_gone)
    assert session_members(process.identity.session_id) == ()


def test_a_log_that_grows_while_its_program_runs_stays_bounded(start, monkeypatch):
    monkeypatch.setattr(process_module, "MAX_LOG_BYTES", 100_000)
    talker = "import time\nfor n in range(60): print(f'{n:03} ' + 'x' * 9995, flush=True); time.sleep(0.01)\n[(print('end', flush=True), time.sleep(0.02)) for _ in range(9)]"
    process = start((sys.executable, "-c", talker))
    heard = b""
    while b"end\n" not in heard:
        heard += process.new_output()
        assert process.log_path.stat().st_size < 400_000  # the bound, and what one look's pause lets through
    assert process.log_path.with_name(f"{process.log_path.name}.1").exists()
    assert b"\0" not in heard


def test_no_place_for_a_log_is_a_sentence_and_starts_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    process = Process(SLEEPER, {}, tmp_path / "file" / "log.txt", "ours")
    with pytest.raises(LogUnwritable, match="cannot be written"):
        process.start()
    assert process.identity is None


def test_an_identity_survives_an_environment_variable(start):
    identity = start().identity
    assert ProcessIdentity.from_text(identity.as_text()) == identity
    for text in ("", "1", "x y z w", "1 mark x launch"):
        assert ProcessIdentity.from_text(text) is None


def test_each_start_reads_only_its_own_log(tmp_path):
    log = tmp_path / "log.txt"
    for word in ("first", "second"):
        process = Process((sys.executable, "-c", f"print('{word}')"), {}, log, "ours")
        process.start()
        until(lambda process=process: process.exit_status() is not None)
        assert process.new_output().decode().strip() == word
    assert "first" in log.read_text()


def test_a_program_that_is_not_there_raises(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        Process(("/nowhere/vllm",), {}, tmp_path / "log.txt", "ours").start()


def test_children_get_no_terminal_and_no_open_files_of_ours(start, tmp_path):
    with (tmp_path / "held").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        process = start()
        fds = subprocess.run(["ls", "-l", f"/proc/{process.identity.pid}/fd"], capture_output=True, text=True).stdout
    assert str(tmp_path / "held") not in fds
    assert "/dev/null" in fds
