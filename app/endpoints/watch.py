"""Which two servers the app talks to, and how they are: looked at every two seconds by one thread, read by every page.

In: endpoints from app.serving (a running launcher's state, else configs/servers.toml, else the simulator that this process
starts). Out: ServerPair values. Imports no streamlit: a rerun must never wait for a server.
"""

from __future__ import annotations

import threading
import time

from app.clients import Endpoint, Role, ServerState, probe
from app.endpoints.pair import Server, ServerPair

PROBE_EVERY_S = 2.0
PROBE_TIMEOUT_S = 1.0


class ServerWatch:
    """Looks at a pair of endpoints in a thread of its own. `find` gives the endpoints anew at each look: a launcher may
    come up, or change its mind, while the app runs."""

    def __init__(self, find) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._states: dict[Endpoint, ServerState] = {}
        self._endpoints: tuple[tuple[Endpoint, ...], str] = ((), "No server was looked for yet.")
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._first_look = threading.Event()

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="server-watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def pair(self, wait_s: float = 0.0) -> ServerPair:
        if wait_s and self._thread is not None:
            self._first_look.wait(wait_s)
        with self._lock:
            endpoints, origin = self._endpoints
            servers = {endpoint.role: Server(endpoint, self._states.get(endpoint)) for endpoint in endpoints}
        return ServerPair(servers.get(Role.TEXT), servers.get(Role.PAGES), origin)

    def look(self) -> None:
        endpoints, origin = self._find()
        states = {endpoint: probe(endpoint, PROBE_TIMEOUT_S) for endpoint in endpoints}
        with self._lock:
            self._endpoints, self._states = (tuple(endpoints), origin), states
        self._first_look.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self.look()
            except Exception as error:  # the watch outlives whatever one look met
                with self._lock:
                    self._endpoints = ((), f"The servers could not be looked at: {error}")
                self._first_look.set()
            self._stop.wait(max(0.1, PROBE_EVERY_S - (time.monotonic() - began)))
