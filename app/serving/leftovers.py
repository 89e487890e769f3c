"""End what a launcher that was killed left behind, and nothing else.

In: identities written down by the launcher that started them. Out: the processes ended. A process is ended
only on proof: it is the very process written down (same number, same start), or its session is that process's
and it carries the launch's own mark in its environment, or (where a renamed process hides its environment) it
is one of vLLM's workers of that session.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable

import psutil

from app.process_marks import start_mark
from app.serving.process import LAUNCH_ID_VARIABLE, ProcessIdentity, session_members


def is_alive(identity: ProcessIdentity) -> bool:
    """Whether the very process written down still runs."""
    return bool(identity.start_mark) and start_mark(identity.pid) == identity.start_mark


def is_same(one: ProcessIdentity, other: ProcessIdentity) -> bool:
    """Whether both name one start of one process, whoever wrote them down."""
    return (one.pid, one.start_mark) == (other.pid, other.start_mark)


def find_leftovers(identity: ProcessIdentity) -> tuple[int, ...]:
    """The living processes proven to come from `identity`'s start."""
    mark_now = start_mark(identity.pid)
    if not identity.start_mark or identity.session_id != identity.pid:
        return ()
    if mark_now == identity.start_mark:
        return session_members(identity.session_id)
    if mark_now is not None:
        return ()  # the number was given to another process: the session of that number is not ours
    return tuple(pid for pid in session_members(identity.session_id) if _is_proven(pid, identity))


def _is_proven(pid: int, identity: ProcessIdentity) -> bool:
    mark = start_mark(pid)
    if mark is None or not _began_later(mark, identity.start_mark):
        return False
    try:
        process = psutil.Process(pid)
        if process.environ().get(LAUNCH_ID_VARIABLE) == identity.launch_id:
            return True
        return any(part.startswith("VLLM::") for part in process.cmdline())
    except (psutil.Error, OSError):
        return False


def _began_later(mark: str, than: str) -> bool:
    """Same boot, and a tick not before."""
    boot, _, tick = mark.rpartition(":")
    boot_then, _, tick_then = than.rpartition(":")
    return boot == boot_then and float(tick) >= float(tick_then)


def end_leftovers(identities: Iterable[ProcessIdentity], grace_s: float = 5.0) -> tuple[int, ...]:
    """SIGTERM, wait, SIGKILL. Returns the numbers of the processes that were ended."""
    identities = tuple(identities)
    found = {pid: identity for identity in identities for pid in find_leftovers(identity)}
    _signal(found, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline and any(start_mark(pid) for pid in found):
        time.sleep(0.1)
    remaining = {pid: identity for identity in identities for pid in find_leftovers(identity)}
    _signal(remaining, signal.SIGKILL)
    deadline = time.monotonic() + 2.0
    while time.monotonic() < deadline and any(start_mark(pid) for pid in remaining):
        time.sleep(0.05)
    return tuple(sorted({*found, *remaining}))


def _signal(processes: Iterable[int], number: signal.Signals) -> None:
    for pid in processes:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue
