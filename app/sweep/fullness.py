"""Watch how full a server is while it answers many. In: an endpoint. Out: the fullest that was seen; None where it does not say.

A thread of its own asks the server's gauges every fifth of a second; they are asked of another connection than the answers come by.
"""

from __future__ import annotations

import threading
from types import TracebackType

from app.clients import Endpoint, server_load

_EVERY_S = 0.2
_ENDS_WITHIN_S = 3.0


class LoadWatch:
    """A context manager: what was seen between its beginning and its end."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.kv_cache_peak: float | None = None
        self.waiting_peak: int | None = None
        self._endpoint = endpoint
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sweep-load", daemon=True)

    def __enter__(self) -> LoadWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(_ENDS_WITHIN_S)

    def _watch(self) -> None:
        while not self._ended.is_set():
            load = server_load(self._endpoint)
            if load is None:  # it has no such gauges, or cannot be asked now: what was seen so far stands
                return
            self.kv_cache_peak = max(self.kv_cache_peak or 0.0, load.kv_cache_share)
            self.waiting_peak = max(self.waiting_peak or 0, load.waiting)
            self._ended.wait(_EVERY_S)
