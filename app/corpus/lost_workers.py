"""A watchdog over the worker processes of this process: multiprocessing's pool replaces one that was killed and waits for its
task for ever, and the kernel kills a worker whenever memory runs out. Knows nothing of jobs.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from .errors import WorkerLost

_LOOK_S = 0.1  # a worker takes longer than this to be ready for its first task, so none is missed
_WAKE = signal.SIGUSR1  # not SIGINT: a shell's background jobs ignore it


@contextmanager
def watched_workers() -> Iterator[None]:
    """Inside, a worker that dies of a signal ends what the main thread does with WorkerLost; does nothing in other threads.

    SIGTERM is not told: with that a pool ends its own workers when all is done.
    """
    from multiprocess import active_children

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    over, lost = threading.Event(), ""

    def watch() -> None:
        nonlocal lost
        seen = set()
        while not over.wait(_LOOK_S):
            seen.update(active_children())
            deaths = [-child.exitcode for child in seen if (child.exitcode or 0) < 0]
            if killed := [number for number in deaths if number != signal.SIGTERM]:
                lost = signal.Signals(killed[0]).name
                signal.pthread_kill(threading.main_thread().ident or 0, _WAKE)
                return
            seen = {child for child in seen if child.exitcode is None}

    def wake(_number: int, _frame: FrameType | None) -> NoReturn:
        raise WorkerLost(lost)

    before = signal.signal(_WAKE, wake)
    watcher = threading.Thread(target=watch, name="lost-workers", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        signal.signal(_WAKE, before)
