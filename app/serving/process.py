"""Hold one child process: its own session and process group, its log in a file, ended for certain.

In: argv, environment, log path. Out: identity, exit status, the log's growth; the log stays bounded. Knows nothing of
servers, health or policy: that is the supervisor's. The session is what later proves a process ours: every grandchild
keeps it, even after its parent died.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil

from app.paths import why_unwritable
from app.process_marks import start_mark
from app.serving.errors import LogUnwritable

LAUNCH_ID_VARIABLE = "GLYPH_LAUNCH_ID"  # carried by every child, so that a leftover can be told from a stranger
LAUNCHER_VARIABLE = "GLYPH_LAUNCHER"  # tells the app which process is the launcher that was started beside it
MAX_LOG_BYTES = 16 * 1024 * 1024  # a log that grows larger becomes NAME.1, and a new one is begun
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """What tells a process from any other that gets the same number later."""

    pid: int
    start_mark: str  # boot and clock tick of its start
    session_id: int
    launch_id: str

    def as_text(self) -> str:
        """For an environment variable; `from_text` reads it."""
        return " ".join((str(self.pid), self.start_mark or "-", str(self.session_id), self.launch_id))

    @classmethod
    def from_text(cls, text: str) -> ProcessIdentity | None:
        """None where `text` is not one."""
        parts = text.split(" ")
        if len(parts) != 4 or not (parts[0].isdecimal() and parts[2].isdecimal()):
            return None
        return cls(int(parts[0]), parts[1], int(parts[2]), parts[3])


def session_members(session_id: int) -> tuple[int, ...]:
    """Every living process of a session that a process of ours leads."""
    if session_id <= 1:  # the system's own
        return ()
    members = []
    for pid in psutil.pids():
        try:
            if os.getsid(pid) == session_id and start_mark(pid) is not None:
                members.append(pid)
        except (ProcessLookupError, PermissionError):
            continue
    return tuple(members)


class Process:
    """One start of one program. Start it from the main thread: the death signal follows the thread that started it."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        log_path: Path | None,
        launch_id: str,
        cwd: Path | None = None,
    ) -> None:
        """`log_path`: where its output goes; None: where ours goes."""
        self.argv = tuple(argv)
        self.env = dict(env)
        self.log_path = log_path
        self.launch_id = launch_id
        self.cwd = cwd
        self.identity: ProcessIdentity | None = None
        self._child: subprocess.Popen | None = None
        self._log_position = 0

    def start(self) -> ProcessIdentity:
        """Raises LogUnwritable when there is no place for its log, OSError when the program is not there."""
        log = self._open_log()
        try:
            self._child = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT if log else None,
                cwd=self.cwd,
                env={**os.environ, **self.env, LAUNCH_ID_VARIABLE: self.launch_id},
                start_new_session=True,
                preexec_fn=_die_with_parent(),
            )
        finally:
            if log:
                log.close()
        pid = self._child.pid
        self.identity = ProcessIdentity(pid, start_mark(pid) or "", pid, self.launch_id)
        return self.identity

    def _open_log(self) -> BinaryIO | None:
        """Opened for appending: what is cut off by `_bound_log` must not leave a hole before the next line."""
        if self.log_path is None:
            return None
        try:
            self.log_path.parent.mkdir(parents=True, exist_ok=True)
            self._bound_log(self.log_path)
            log = self.log_path.open("ab")
            log.write(f"\n--- {time.strftime('%Y-%m-%d %H:%M:%S')} {' '.join(self.argv)}\n".encode())
            log.flush()
        except OSError as error:
            raise LogUnwritable(why_unwritable(self.log_path, error)) from error
        self._log_position = log.tell()
        return log

    def _bound_log(self, path: Path) -> None:
        """Copy and truncate, as logrotate does for programs that keep their log open."""
        if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
            shutil.copyfile(path, path.with_name(f"{path.name}.1"))
            os.truncate(path, 0)
            self._log_position = 0

    def exit_status(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._child.poll() if self._child else None

    def new_output(self) -> bytes:
        """What was written to the log since the last call, at most a megabyte at a time."""
        if self.log_path is None:
            return b""
        try:
            with self.log_path.open("rb") as log:
                log.seek(self._log_position)
                data = log.read(1 << 20)
            self._log_position += len(data)
            if not data:  # all is read: nothing is lost to the reader
                self._bound_log(self.log_path)
        except OSError:
            return b""
        return data

    def ask_to_stop(self) -> None:
        """SIGTERM to the parent alone: it ends its own children in order."""
        if self._child and self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)

    def is_gone(self) -> bool:
        """The parent was reaped and nothing of its session lives."""
        return self.identity is None or (
            self.exit_status() is not None and not session_members(self.identity.session_id)
        )

    def kill_group(self) -> None:
        """SIGKILL to all that is left of the session, and reap the parent."""
        if self.identity is None or self._child is None:
            return
        try:
            os.killpg(self.identity.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        for pid in session_members(self.identity.session_id):  # one that made a process group of its own
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            self._child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            pass


def stop_all(processes: Sequence[Process], grace_s: float, impatient: Callable[[], bool] = lambda: False) -> None:
    """End several at once: ask, wait (not when `impatient`), kill what is left. Returns when nothing of them lives."""
    for process in processes:
        process.ask_to_stop()
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline and not impatient():
        if all(process.exit_status() is not None for process in processes):
            break
        time.sleep(0.05)
    # Children of a parent that just ended get a moment to follow by themselves.
    deadline = min(deadline, time.monotonic() + 2.0)
    while time.monotonic() < deadline and not impatient() and not all(process.is_gone() for process in processes):
        time.sleep(0.1)
    for process in processes:
        if not process.is_gone():
            process.kill_group()


def _die_with_parent():
    """A function for the child's side of fork: the kernel sends SIGTERM when the launcher dies, however it dies."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)  # loaded before fork: nothing may be loaded after
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel was told
            os._exit(1)

    return arrange
