"""The text model's own server asked how many tokens a book has, in the background: `/tokenize` confirms or corrects our count.

In: an endpoint, a book's text and its hash. Out: what is known now, at once: a ServerCount, or None while it is asked for.
One worker thread, a bounded queue and a bounded memory. Imports no streamlit: a rerun must never wait for a server.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache

from app.clients import ClientError, Endpoint, count_tokens_on_server
from app.tokens import CountSource, TokenCount

MAX_KEPT = 64
MAX_QUEUED = 4
ASK_AGAIN_AFTER_S = 60.0
IDLE_S = 5.0
TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class ServerCount:
    """What one server said of one text. `tokens` is None when it could not or would not count; `detail` says why."""

    tokens: int | None
    simulated: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Job:
    key: tuple[str, str, str]
    endpoint: Endpoint
    text: str


class ServerCounts:
    """Thread-safe. `look` never blocks: the first look at a text begins the asking, later ones find the answer."""

    def __init__(self, ask: Callable[[Endpoint, str], int] | None = None) -> None:
        self._ask = ask or (lambda endpoint, text: count_tokens_on_server(endpoint, text, TIMEOUT_S))
        self._changed = threading.Condition()
        self._known: LRUCache[tuple[str, str, str], tuple[ServerCount, float]] = LRUCache(MAX_KEPT)
        self._queue: OrderedDict[tuple[str, str, str], _Job] = OrderedDict()
        self._asking: tuple[str, str, str] | None = None
        self._thread: threading.Thread | None = None

    def look(self, endpoint: Endpoint, content_hash: str, text: str, simulated: bool = False) -> ServerCount | None:
        """What is known; None: it is being asked for. A failure is asked again a minute later."""
        key = (endpoint.base_url, endpoint.model, content_hash)
        with self._changed:
            found, known_at = self._known.get(key, (None, 0.0))
            stands = found is not None and (found.tokens is not None or time.monotonic() - known_at < ASK_AGAIN_AFTER_S)
            if found is not None and stands:
                return ServerCount(found.tokens, simulated or found.simulated, found.detail)
            if key != self._asking and key not in self._queue:
                self._queue[key] = _Job(key, endpoint, text)
                while len(self._queue) > MAX_QUEUED:
                    self._queue.popitem(last=False)  # the newest book is the one on somebody's screen
                self._begin()
                self._changed.notify_all()
            return found

    def wait_idle(self, timeout_s: float) -> bool:
        """Until nothing is asked for any more; for tests."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and self._asking is None, timeout_s)

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="server-counts", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: bool(self._queue), IDLE_S):
                    self._thread = None
                    return
                _, job = self._queue.popitem(last=True)
                self._asking = job.key
            count = self._asked(job)
            with self._changed:
                self._known[job.key] = (count, time.monotonic())
                self._asking = None
                self._changed.notify_all()

    def _asked(self, job: _Job) -> ServerCount:
        try:
            return ServerCount(self._ask(job.endpoint, job.text), job.endpoint.simulated)
        except ClientError as error:
            return ServerCount(None, job.endpoint.simulated, error.what_happened)
        except Exception as error:  # the worker outlives whatever one server answered
            return ServerCount(None, job.endpoint.simulated, f"The server could not be asked: {type(error).__name__}.")


def shown_count(offline: TokenCount, server: ServerCount | None) -> TokenCount:
    """The count to show: a real server's where it differs, else ours. A simulator's word never replaces an exact count."""
    if server is None or server.tokens is None or server.simulated or server.tokens == offline.value:
        return offline
    return TokenCount(server.tokens, CountSource.SERVER)


def source_words(offline: TokenCount, server: ServerCount | None, model: str) -> str:
    """Where the shown count comes from, in sentences for people."""
    ours = f"Counted with the Qwen tokenizer on this machine: {offline.value:,}, exactly."
    if server is None:
        return ours
    if server.tokens is None:
        return f"{ours} The server could not confirm it: {server.detail}" if server.detail else ours
    if server.simulated:
        same = "gives the same figure" if server.tokens == offline.value else f"gives {server.tokens:,}"
        return f"{ours} The simulator's /tokenize {same}; that confirms nothing about a real server."
    if server.tokens == offline.value:
        return f"{ours} The /tokenize of {model}'s server gives the same figure."
    return (
        f"Counted by the /tokenize of {model}'s server, whose tokenizer is not the Qwen tokenizer used offline "
        f"({offline.value:,})."
    )


_shared = ServerCounts()


def server_counts() -> ServerCounts:
    """The one of this process."""
    return _shared
