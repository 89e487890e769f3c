"""Settings in, a running server out: socket, signals, and the life of the process. Knows nothing of the routes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.request_deadlines import RequestDeadlines
from app.simulator.server import SimulatedServer
from app.simulator.settings import SimulatorSettings
from app.simulator.tokenizer import ranks_file

_GRACE_SECONDS = 1
_HARD_END_SECONDS = 1.8
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Protocol(RequestDeadlines, H11Protocol):
    """Lets the application reach the transport, to drop a connection on order."""

    def connection_made(self, transport) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        simulated: SimulatedServer,
        on_ready: Callable[[], None],
        status: Callable[[], int],
    ) -> None:
        super().__init__(config)
        self._simulated = simulated
        self._on_ready = on_ready
        self._status = status

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets=None) -> None:
        self._simulated.closing.set()  # open streams end now rather than after the grace
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises a caught signal again after its end, and so ends with a signal's status; an asked-for stop is
        # a success here.
        def stop(number, frame) -> None:
            if self.should_exit:
                self.force_exit = True
            self.should_exit = True

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, stop) for number in _STOP_SIGNALS}
        try:
            with _hard_end(self._status):
                yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def _hard_end(status: Callable[[], int]) -> Iterator[None]:
    """A watchdog: the process ends soon after a signal to stop, whatever still works on somebody's novel in it.

    Python runs signal handlers in the main thread, between two of its instructions: while that is busy in compiled code
    none runs. The wake-up descriptor is written to by the system's own handler at once, and read by a thread.
    """
    heard, told = socket.socketpair()
    told.setblocking(False)

    def watch() -> None:
        while number := heard.recv(1):
            if number[0] in _STOP_SIGNALS:
                time.sleep(_HARD_END_SECONDS)
                os._exit(status())

    threading.Thread(target=watch, name="hard-end", daemon=True).start()
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        told.close()  # the thread hears the end of it, unless a signal came: then it goes with the process


def listen(host: str, port: int) -> socket.socket:
    """Raises OSError when the port is taken. Port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def serve(
    settings: SimulatorSettings,
    listener: socket.socket,
    on_ready: Callable[[], None],
    status: Callable[[], int] = lambda: 0,
) -> None:
    """Serve until SIGINT or SIGTERM; `on_ready` is called once requests are answered. `status`: the process's own, for an
    end that could not wait for this to return."""
    asyncio.run(_serve(settings, listener, on_ready, status))


async def _serve(
    settings: SimulatorSettings, listener: socket.socket, on_ready: Callable[[], None], status: Callable[[], int]
) -> None:
    ranks_file()  # fails now rather than at the first question
    simulated = SimulatedServer(settings)
    config = uvicorn.Config(
        simulated.app,
        http=_Protocol,
        ws="none",
        lifespan="on",
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=5,
        backlog=128,
    )
    await _Server(config, simulated, on_ready, status).serve(sockets=[listener])


def note(line: str) -> None:
    """To the terminal, at once; a closed pipe is no reason to stop."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except (OSError, ValueError):
        pass
