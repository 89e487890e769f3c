"""One run at a time in this process, as a screen's buttons need it: pause, go on, stop, wait. Knows nothing of what runs."""

from __future__ import annotations

import threading
from typing import Generic, Protocol, TypeVar

from app.long_runs.states import RunState


class _Look(Protocol):
    @property
    def state(self) -> RunState: ...


class _Run(Protocol):
    def pause(self) -> None: ...

    def go_on(self) -> None: ...

    def stop(self) -> None: ...

    def wait(self, timeout_s: float, /) -> bool: ...

    def look(self) -> _Look: ...


R = TypeVar("R", bound=_Run)


class OneAtATime(Generic[R]):
    """`_run`: the one that was begun or resumed last, changed under `_lock`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._run: R | None = None

    def pause(self) -> None:
        if self._run is not None:
            self._run.pause()

    def go_on(self) -> None:
        if self._run is not None:
            self._run.go_on()

    def stop(self) -> None:
        if self._run is not None:
            self._run.stop()

    def wait(self, timeout_s: float) -> bool:
        """Until the one under way is over; for tests, and at the end of the process."""
        return self._run is None or self._run.wait(timeout_s)

    @property
    def busy(self) -> bool:
        return self._run is not None and not self._run.look().state.is_over
