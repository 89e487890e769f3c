"""Which two servers the app talks to, and how they are: looked at every two seconds in the background, read by every page.

In: a function that finds the endpoints (finding.py). Out: ServerPair values. Imports no streamlit: a rerun must never wait for a server.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.clients import Endpoint, Role, ServerState, probe
from app.endpoints.pair import Server, ServerPair

PROBE_EVERY_S = 2.0
PROBE_TIMEOUT_S = 1.0
LATE_AFTER_S = 5.0  # a look that hangs (in finding the host's name: all else has a deadline) counts as no answer

Found = tuple[tuple[Endpoint, ...], str]


@dataclass(slots=True)
class _Seen:
    """What is known of one endpoint. `looking_since` is None while no look is under way."""

    state: ServerState | None = None
    looking_since: float | None = None


class ServerWatch:
    """Looks at endpoints, each in a thread of its own, so that one that hangs or floods holds up no other.

    `find` gives the endpoints anew at each round: a launcher may come up, or change its mind, while the app runs. At
    most one look at an endpoint is under way at any time.
    """

    def __init__(self, find: Callable[[], Found]) -> None:
        self._find = find
        self._changed = threading.Condition()
        self._seen: dict[Endpoint, _Seen] = {}
        self._endpoints: Found = ((), "No server was looked for yet.")
        self._rounds = 0
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="server-watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def pair(self, wait_s: float = 0.0) -> ServerPair:
        """Both sides as last seen. Waits only for the first look of all, and at most `wait_s`."""
        with self._changed:
            if wait_s and self._thread is not None:
                self._changed.wait_for(self._looked_once, wait_s)
            endpoints, origin = self._endpoints
            servers = {endpoint.role: Server(endpoint, self._state(endpoint)) for endpoint in endpoints}
        return ServerPair(servers.get(Role.TEXT), servers.get(Role.PAGES), origin)

    def look(self) -> None:
        """Begin one round: find the endpoints, and look at each that is not being looked at. Waits for none of them."""
        endpoints, origin = self._find()
        with self._changed:
            self._endpoints = (tuple(endpoints), origin)
            kept = {endpoint: self._seen.get(endpoint, _Seen()) for endpoint in endpoints}
            self._seen = kept
            due = [(endpoint, seen) for endpoint, seen in kept.items() if seen.looking_since is None]
            for _, seen in due:
                seen.looking_since = time.monotonic()
            self._rounds += 1
            self._changed.notify_all()
        for endpoint, seen in due:
            threading.Thread(target=self._look_at, args=(endpoint, seen), name="server-look", daemon=True).start()

    def wait_looked(self, timeout_s: float) -> bool:
        """Until no look is under way; for tests."""
        with self._changed:
            return self._changed.wait_for(
                lambda: all(seen.looking_since is None for seen in self._seen.values()), timeout_s
            )

    def _look_at(self, endpoint: Endpoint, seen: _Seen) -> None:
        try:
            state = probe(endpoint, PROBE_TIMEOUT_S, seen.state)
        except Exception as error:  # a bug met in one server's answer must not end the looking
            state = ServerState(False, f"{endpoint.name} could not be looked at: {type(error).__name__}.")
        with self._changed:
            seen.state, seen.looking_since = state, None
            self._changed.notify_all()

    def _state(self, endpoint: Endpoint) -> ServerState | None:
        seen = self._seen[endpoint]
        if _is_late(seen):
            return ServerState(
                False, f"{endpoint.name} ({endpoint.shown_address}): its host's name is not found in time."
            )
        return seen.state

    def _looked_once(self) -> bool:
        return self._rounds > 0 and all(seen.state is not None or _is_late(seen) for seen in self._seen.values())

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self.look()
            except Exception as error:  # the watch outlives whatever one round met
                with self._changed:
                    self._endpoints, self._seen = ((), f"The servers could not be looked at: {error}"), {}
                    self._rounds += 1
                    self._changed.notify_all()
            self._stop.wait(max(0.1, PROBE_EVERY_S - (time.monotonic() - began)))


def _is_late(seen: _Seen) -> bool:
    return seen.looking_since is not None and time.monotonic() - seen.looking_since > LATE_AFTER_S
