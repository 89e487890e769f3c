"""Open HTTP clients to a server, and hang up on it from another thread.

In: an address. Out: an httpx client that follows no redirect; a Hangup that closes the socket when asked to stop, or
when the time for the whole is over. Knows nothing of what is asked.
"""

from __future__ import annotations

import functools
import os
import socket
import ssl
import threading
import time
from typing import Any

import httpx

from app.outbound.addresses import is_this_machine
from app.outbound.trouble import Fault, Trouble

_WATCH_INTERVAL_S = 0.2


@functools.cache
def _tls() -> ssl.SSLContext:
    # Loading the certificates takes tens of milliseconds: once, and never within a measured request.
    return httpx.create_ssl_context()


def open_client(url: str, timeout: httpx.Timeout | float) -> httpx.Client:
    """A client for one exchange. A proxy from the environment serves for other machines, never for this one.

    Redirects are not followed: the next host would get the key and the book. Raises Trouble (CERTIFICATES_UNREADABLE).
    """
    try:
        context = _tls()
    except (OSError, ssl.SSLError) as error:
        named = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)]
        raise Trouble(Fault.CERTIFICATES_UNREADABLE, " and ".join(named)) from error
    return httpx.Client(timeout=timeout, verify=context, trust_env=not is_this_machine(url), follow_redirects=False)


class Hangup:
    """Close the socket of a running request as soon as `cancel` is set or the deadline is past (a watchdog).

    Whatever the reading thread waits for then ends: timeouts of sockets begin anew with each byte, so a server that
    drips one byte a second would be listened to for ever. Use as a context manager around the request; give `trace` to
    httpx as the request's "trace" extension. The reading thread gets a transport error, or an end of the body, and
    finds `cancel` set or `expired` true.
    """

    def __init__(self, cancel: threading.Event | None = None, deadline: float | None = None) -> None:
        """`deadline` in seconds of time.monotonic(); None: no end but `cancel`."""
        self.connected = False
        self.expired = False
        self._cancel = cancel
        self._deadline = deadline
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

    def end_by(self, deadline: float) -> None:
        """Set the deadline while the exchange runs; seen within the watch's interval when there is a `cancel`."""
        self._deadline = deadline

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """httpx's trace hook: learn the socket when the connection stands (again, when TLS wraps it)."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                self.connected = True
            if self.expired or (self._cancel is not None and self._cancel.is_set()):
                self._close()

    def _watch(self) -> None:
        while not self._over.is_set():
            left = None if self._deadline is None else self._deadline - time.monotonic()
            if left is not None and left <= 0:
                self.expired = True
                self._close()
                return
            if self._cancel is None:
                self._over.wait(left)
            elif self._cancel.wait(_WATCH_INTERVAL_S if left is None else min(left, _WATCH_INTERVAL_S)):
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
