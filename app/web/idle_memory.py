"""When the app rests after work, its freed memory goes back to the system; after a long rest, what can be made again goes too.

In: the process's own processor time. Out: a garbage collection and malloc_trim at each end of work, and after LONG_REST_S
whatever `let_go` lets go of: texts cut up, layouts, drawn pages (tens of milliseconds a book to make again), and sessions of
closed tabs. While somebody works
neither is done: freed memory stays for the next page (renderer/fast/freed_memory.py), and Streamlit's own collection after
every rerun is off (app/.streamlit/config.toml), so that cycles of closed sessions would else wait for chance.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

from renderer.fast.freed_memory import give_back_memory

LOOK_EVERY_S = 10.0
LONG_REST_S = 150.0  # longer than Streamlit keeps the session of a closed tab, in case it comes back
REST_SHARE = 0.05  # of one core: less than this over one look is rest
WORTH_IT_S = 1.0  # of processor time since the last time; less work frees little


def tidy_up() -> None:
    gc.collect()
    give_back_memory()


class IdleMemory:
    """A thread that looks at `busy_s`, the processor time used so far; it calls `tidy` when work has ended, and `let_go`
    (and `tidy` again) once after a long rest."""

    def __init__(
        self,
        busy_s: Callable[[], float] = time.process_time,
        tidy: Callable[[], None] = tidy_up,
        let_go: Callable[[], None] = lambda: None,
    ) -> None:
        self._busy_s, self._tidy, self._let_go = busy_s, tidy, let_go
        self._tidied_at = self._seen = busy_s()
        self._rested_s, self._is_bare = 0.0, True
        self._stop = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="idle-memory", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def look(self, over_s: float = LOOK_EVERY_S) -> None:
        """`over_s`: the time since the last look."""
        before, self._seen = self._seen, self._busy_s()
        if self._seen - before >= REST_SHARE * over_s:
            self._rested_s, self._is_bare = 0.0, False
            return
        self._rested_s += over_s
        if self._rested_s >= LONG_REST_S and not self._is_bare:
            self._let_go()
            self._is_bare = True
        elif self._seen - self._tidied_at <= WORTH_IT_S:
            return
        self._tidy()
        self._tidied_at = self._seen = self._busy_s()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            self.look()
