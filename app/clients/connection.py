"""Open HTTP clients to a server, and hang up on it from another thread.

In: an endpoint. Out: an httpx client with the right timeouts; a Hangup that closes the socket when asked to stop.
Knows nothing of chats.
"""

from __future__ import annotations

import functools
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Any

import httpx

from app.clients.values import Endpoint

_WATCH_INTERVAL_S = 0.2


@dataclass(frozen=True, slots=True)
class Timeouts:
    """A short wait for the connection, a very long one for words: a prefill may take minutes and must not be killed."""

    connect_s: float = 5.0
    write_s: float = 120.0
    silence_s: float = 1800.0

    def for_httpx(self) -> httpx.Timeout:
        return httpx.Timeout(connect=self.connect_s, write=self.write_s, read=self.silence_s, pool=self.connect_s)


@functools.cache
def _tls() -> ssl.SSLContext:
    # Loading the certificates takes tens of milliseconds: once, and never within a measured request.
    return httpx.create_ssl_context()


def open_client(endpoint: Endpoint, timeout: httpx.Timeout | float) -> httpx.Client:
    """A client for one exchange. A proxy from the environment serves for other machines, never for this one."""
    return httpx.Client(timeout=timeout, verify=_tls(), trust_env=not endpoint.is_local, follow_redirects=False)


class Hangup:
    """Close the socket of a running request as soon as `cancel` is set, whatever the reading thread is waiting for.

    Use as a context manager around the request; give `trace` to httpx as the request's "trace" extension.
    The reading thread then gets a transport error and finds `cancel` set.
    """

    def __init__(self, cancel: threading.Event) -> None:
        self.connected = False
        self._cancel = cancel
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def __enter__(self) -> Hangup:
        threading.Thread(target=self._watch, name="hangup", daemon=True).start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self._socket = None
        self._over.set()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """httpx's trace hook: learn the socket when the connection stands (again, when TLS wraps it)."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                self.connected = True
            if self._cancel.is_set():
                self._close()

    def _watch(self) -> None:
        while not self._over.is_set():
            if self._cancel.wait(_WATCH_INTERVAL_S):
                self._close()
                return

    def _close(self) -> None:
        with self._lock:
            if self._socket is None:
                return
            try:
                # The plain socket's shutdown, also for TLS: SSLSocket's own would pull the session from under a reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                pass  # already closed by the server
