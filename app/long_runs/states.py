"""How a long run stands, and its thread."""

from __future__ import annotations

import threading
from enum import StrEnum


class RunState(StrEnum):
    """Not every kind of run knows all of them: an evaluation is not paused and has no budget."""

    RUNNING = "running"
    PAUSED = "paused"
    """Nothing is asked until it goes on; a request that was under way when it was paused is finished first."""
    STOPPED = "stopped"
    BUDGET_SPENT = "budget spent"
    DONE = "done"
    BROKEN = "broken"

    @property
    def is_over(self) -> bool:
        return self not in (RunState.RUNNING, RunState.PAUSED)


class BackgroundRun:
    """`run` in the thread that calls it, or `start` in one of its own. A subclass says in `run` what is done, and changes
    `_state` under `_changed`, telling all who wait."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        self._cancel = threading.Event()
        self._state, self._detail = RunState.RUNNING, ""
        self._thread: threading.Thread | None = None

    def run(self) -> object:
        raise NotImplementedError

    def start(self) -> None:
        self._thread = threading.Thread(target=self.run, name=self._name, daemon=True)
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Until it is over; False when the time was up first."""
        with self._changed:
            over = self._changed.wait_for(lambda: self._state.is_over, timeout_s)
        if over and self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        return over
