"""The Observer pattern's subject: a version that grows with every change, and who is told of it.

In: changes made under `_changed`, each followed by `_tell`. Out: waiting for a version, and callbacks. Knows nothing of what changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Watched:
    """Thread-safe. What its subclasses hold is read and written under `_changed`."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._version = 0
        self._watchers: dict[int, Callable[[], object]] = {}
        self._next_watcher = 0

    def wait_changed(self, version: int, timeout_s: float) -> int:
        """Block until the version differs from `version`, or the time is up; give the version there is."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != version, timeout_s)
            return self._version

    def subscribe(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call `callback` after every change, in the thread that made it: it may only wake somebody. Gives the undo."""
        with self._changed:
            self._next_watcher += 1
            key = self._next_watcher
            self._watchers[key] = callback

        def unsubscribe() -> None:
            with self._changed:
                self._watchers.pop(key, None)

        return unsubscribe

    def _tell(self) -> None:
        with self._changed:
            self._version += 1
            self._changed.notify_all()
            watchers = tuple(self._watchers.values())
        for watcher in watchers:  # outside the lock: a watcher may look at the comparison
            watcher()
