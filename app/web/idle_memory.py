"""When the app rests after work, its freed memory goes back to the system.

In: the process's own processor time. Out: a garbage collection and malloc_trim at each end of work. While somebody works
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
REST_SHARE = 0.05  # of one core: less than this over one look is rest
WORTH_IT_S = 1.0  # of processor time since the last time; less work frees little


def tidy_up() -> None:
    gc.collect()
    give_back_memory()


class IdleMemory:
    """A thread that looks at `busy_s`, the processor time used so far, and calls `tidy` when work has ended."""

    def __init__(self, busy_s: Callable[[], float] = time.process_time, tidy: Callable[[], None] = tidy_up) -> None:
        self._busy_s, self._tidy = busy_s, tidy
        self._tidied_at = self._seen = busy_s()
        self._stop = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="idle-memory", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def look(self, over_s: float = LOOK_EVERY_S) -> None:
        """`over_s`: the time since the last look."""
        before, self._seen = self._seen, self._busy_s()
        if self._seen - before < REST_SHARE * over_s and self._seen - self._tidied_at > WORTH_IT_S:
            self._tidy()
            self._tidied_at = self._seen = self._busy_s()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            self.look()
