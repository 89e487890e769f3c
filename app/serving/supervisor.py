"""Keep the servers of one profile: start them in order, watch them, tell what happens, end every one of them.

In: commands and a state folder. Out: a state file others read, lines for the terminal, an exit status. One
thread, which must be the main one: signals only set a flag that the loop reads. Knows nothing of profiles'
files or of vLLM's flags.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from app.outbound import shown_address
from app.paths import why_unwritable
from app.process_marks import start_mark
from app.serving.commands import ServerCommand
from app.serving.errors import LauncherRuns, StateUnwritable
from app.serving.kept_server import KeptServer, WatchPolicy
from app.serving.leftovers import end_leftovers
from app.serving.phases import Phase
from app.serving.process import ProcessIdentity, stop_all
from app.serving.state_file import STATE_DIR, LauncherState, read_state, write_state

TICK_S = 0.1
STATE_EVERY_S = 1.0
REMIND_EVERY_S = 15.0
GRACE_S = 10.0  # vLLM needs 1 to 3 s to end its workers
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def take_over(state_dir: Path = STATE_DIR, tell: Callable[[str], None] = print) -> IO[str]:
    """Become the one launcher of a state folder, and end what an earlier one left behind. Raises LauncherRuns, and
    StateUnwritable where neither lock nor state can be written.

    Comes before memory and ports are looked at, since leftovers hold both. The system frees the lock when its holder
    dies, however it dies.
    """
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        lock = (state_dir / "launcher.lock").open("w")
    except OSError as error:
        raise StateUnwritable(why_unwritable(state_dir, error)) from error
    previous = read_state(state_dir)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        who = f" (process {previous.launcher.pid}, profile {previous.profile})" if previous else ""
        raise LauncherRuns(
            f"Another launcher already keeps the servers{who}. Use it, or end it with Ctrl-C first."
        ) from None
    identities = [server.process for server in previous.servers if server.process] if previous else []
    if ended := end_leftovers(identities):
        told = ", ".join(map(str, ended))
        tell(f"Ended {len(ended)} processes that an earlier launcher left behind: {told}.")
    return lock


class Supervisor:
    def __init__(
        self,
        profile: str,
        reason: str,
        commands: Sequence[ServerCommand],
        *,
        title: str = "",
        state_dir: Path = STATE_DIR,
        tell: Callable[[str], None] = print,
        cwd: Path | None = None,
        policy: WatchPolicy | None = None,
        parent_pid: int | None = None,
        lock: IO[str] | None = None,
    ) -> None:
        self._profile, self._reason, self._title = profile, reason, title
        self._state_dir = state_dir
        self._tell = tell
        self._parent = parent_pid  # given by it: one that is asked for here is another's when it died meanwhile
        self._launch_id = secrets.token_hex(8)
        self._identity = ProcessIdentity(os.getpid(), start_mark(os.getpid()) or "", os.getsid(0), self._launch_id)
        self._started_at = time.time()
        self._servers = [KeptServer(command, self._launch_id, cwd, policy) for command in commands]
        self._told: dict[str, tuple[Phase, float]] = {}
        self._signals: list[int] = []
        self._lock = lock
        self._write_trouble = ""

    def announce(self, message: str) -> None:
        """Write the state before anything is started: readers see that a launcher is at work, and on what."""
        self._write(message)

    def run(self) -> int:
        """Until a signal, or until no server is left to keep. 0 when asked to end, 1 when every server failed."""
        self._lock = self._lock or take_over(self._state_dir, self._tell)
        before = {number: signal.signal(number, lambda number, _: self._signals.append(number)) for number in _SIGNALS}
        try:
            return self._loop()
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)
            self._lock.close()

    def _loop(self) -> int:
        next_write = 0.0
        while not self._asked_to_end():
            self._begin_due()
            before = [server.status for server in self._servers]
            for server in self._servers:
                server.step()
            changed = self._tell_changes()
            now = time.monotonic()
            if changed or now >= next_write or before != [server.status for server in self._servers]:
                self._write()
                next_write = now + STATE_EVERY_S
            if all(server.status.phase is Phase.FAILED for server in self._servers):
                self._tell("No server is left; the launcher ends.")
                return 1
            time.sleep(TICK_S)
        return 0

    def _asked_to_end(self) -> bool:
        return bool(self._signals) or (self._parent is not None and os.getppid() != self._parent)

    def _begin_due(self) -> None:
        """Start what waits for nothing any more."""
        settled = {server.command.name for server in self._servers if server.settled}
        for server in self._servers:
            after = server.command.start_after
            if server.status.phase is Phase.WAITING and (after is None or after in settled):
                server.begin()

    def _tell_changes(self) -> bool:
        changed = False
        for server in self._servers:
            status = server.status
            phase, told_at = self._told.get(status.name, (None, 0.0))
            remind = status.phase.is_loading and time.monotonic() - told_at > REMIND_EVERY_S
            if status.phase is phase and not remind:
                continue
            changed = changed or status.phase is not phase
            self._told[status.name] = (status.phase, time.monotonic())
            self._tell(self._line(server))
        return changed

    def _line(self, server: KeptServer) -> str:
        status = server.status
        line = f"[{status.elapsed_s or 0:5.0f} s] {status.name} ({status.model}): {status.phase_label}"
        if status.is_serving:
            window = f", {status.max_model_len:,} tokens" if status.max_model_len else ""
            line += f" at {shown_address(status.url)}{window}"
        if status.phase in (Phase.FAILED, Phase.RESTARTING, Phase.LOST) and status.error:
            line += f". {status.error}"
            if status.log_tail:
                line += (
                    "\n"
                    + "\n".join(f"    | {text}" for text in status.log_tail[-12:])
                    + f"\n    Whole log: {status.log_path}"
                )
        return line

    def _write(self, message: str = "") -> None:
        for server in self._servers:
            server.refresh_tail()
        servers = tuple(server.status for server in self._servers)
        state = LauncherState(
            self._profile, self._reason, servers, self._identity, self._started_at, time.time(), message, self._title
        )
        try:
            write_state(state, self._state_dir)
        except OSError as error:  # a full disk must not end servers that run
            if str(error) != self._write_trouble:  # once, not every second
                self._tell(f"The app sees old states: {why_unwritable(self._state_dir, error)}")
            self._write_trouble = str(error)
        else:
            self._write_trouble = ""

    def _stop(self) -> None:
        """Signals that come meanwhile do not interrupt it; a second one takes patience away."""
        running = [server for server in self._servers if server.process is not None]
        for server in running:
            server.stopping()
        if running:
            self._tell(f"Ending {', '.join(server.status.name for server in running)} ...")
            self._write("The launcher is ending its servers.")
        processes = [server.process for server in running if server.process is not None]
        stop_all(processes, GRACE_S, impatient=lambda: len(self._signals) > 1)
        for server in self._servers:
            server.stopped()
        self._write("The launcher has ended.")
        if running:
            self._tell("All servers have ended.")
