"""The process that reads one untrusted file: started anew, or a spare one that was started ahead (pattern: warm standby).

Starting Python with the readers' modules takes a tenth of a second of the half second that opening a novel takes. Whoever
keeps a spare has at most one; it has read nothing, is given one file and ends with it, as any other. It ends, too, when
whoever started it does: its order's socket is closed then.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
NEXT_AFTER_S = 2.0  # who waits for a book needs the processor more than the next book does


@dataclass(frozen=True, slots=True)
class Worker:
    """One such process, and where it waits for its order."""

    process: subprocess.Popen[bytes]
    orders: socket.socket

    def obey(self, order: str, file: int) -> None:
        """Hand over what is to be done with which open file (a descriptor, at its beginning). Done once, never blocks for long."""
        try:
            socket.send_fds(self.orders, [order.encode() + b"\n"], [file])
        except OSError:  # it is gone: its end is told where its answer is awaited
            pass
        finally:
            self.orders.close()

    def end(self) -> None:
        self.orders.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def start_worker() -> Worker:
    ours, its = socket.socketpair()
    try:
        process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-B", "-m", "app.books.worker"],
            stdin=its.fileno(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            start_new_session=True,  # a Ctrl-C in the terminal is the caller's to handle
        )
    except BaseException:
        ours.close()
        raise
    finally:
        its.close()
    return Worker(process, ours)


class SpareWorker:
    """At most one process started ahead, while it is wanted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spare: Worker | None = None
        self._wanted = False
        self._next: threading.Timer | None = None

    def keep(self) -> None:
        """From now on have one ready."""
        with self._lock:
            self._wanted = True
        self._start_one()

    def take(self) -> Worker:
        """The spare, else a new one."""
        with self._lock:
            found, self._spare = self._spare, None
            if self._wanted and self._next is None:
                self._next = threading.Timer(NEXT_AFTER_S, self._start_one)
                self._next.daemon = True
                self._next.start()
        if found is not None and found.process.poll() is not None:
            found.end()
            found = None
        return found or start_worker()

    def close(self) -> None:
        """Have none any more."""
        with self._lock:
            self._wanted = False
            found, self._spare = self._spare, None
            if self._next is not None:
                self._next.cancel()
                self._next = None
        if found is not None:
            found.end()

    def _start_one(self) -> None:
        with self._lock:
            self._next = None
            if self._wanted and self._spare is None:
                self._spare = start_worker()


_spare = SpareWorker()


def spare_worker() -> SpareWorker:
    """The process's one."""
    return _spare
