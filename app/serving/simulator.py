"""Start the simulator from inside the app when no server answers, and stop it again.

In: nothing, or a profile of simulator servers. Out: a handle with the servers' addresses. Uses the default
ports when they are free, others when not. The simulators end with the process that started them (--exit-with-
parent): no death signal here, since it would follow the thread that called, and the app calls from threads
that come and go.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from app.paths import make_private
from app.serving.commands import Places, simulator_argv
from app.serving.errors import SimulatorFailed
from app.serving.health import Health, check_health
from app.serving.phases import Phase
from app.serving.ports import free_port, is_taken
from app.serving.process import LAUNCH_ID_VARIABLE
from app.serving.profiles import ServerProfile, load_profile
from app.serving.server_specs import SimulatorSpec
from app.serving.state_file import ServerStatus

READY_WITHIN_S = 20.0


@dataclass(slots=True)
class SimulatorHandle:
    """The running simulator. `stop` may be called twice, and from any thread."""

    servers: tuple[ServerStatus, ...]
    _children: tuple[subprocess.Popen, ...]
    _lock: threading.Lock

    @property
    def is_running(self) -> bool:
        return bool(self._children) and all(child.poll() is None for child in self._children)

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(child.pid for child in self._children)

    def stop(self, grace_s: float = 3.0) -> None:
        with self._lock:
            _end(self._children, grace_s)

    def __enter__(self) -> SimulatorHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_simulator(
    profile: ServerProfile | None = None,
    places: Places | None = None,
    ready_within_s: float = READY_WITHIN_S,
    extra_args: tuple[str, ...] = (),
    given_up: Callable[[], bool] = lambda: False,
) -> SimulatorHandle:
    """Both servers, ready to be asked. Raises SimulatorFailed with the end of the log when one does not come up, or when
    nobody wants them any more."""
    profile = profile or load_profile("simulator")
    places = places or Places()
    with suppress(OSError):  # it needs neither to answer: pages travel inside requests, and messages go nowhere
        make_private(places.pages)
        make_private(places.state_dir)
    specs = [spec for spec in profile.servers if isinstance(spec, SimulatorSpec)]
    children, servers, began = [], [], time.time()
    try:
        for spec in specs:
            port = free_port() if is_taken(spec.host, spec.port) else spec.port
            spec = replace(spec, port=port, extra_args=(*spec.extra_args, *extra_args))
            log_path = places.state_dir / f"simulator-{spec.name}.log"
            children.append(_spawn(simulator_argv(spec, places, os.getpid()), log_path))
            servers.append(
                ServerStatus(
                    spec.name,
                    spec.role,
                    spec.kind,
                    spec.url,
                    spec.served_name,
                    Phase.STARTING,
                    simulated=True,
                    started_at=began,
                    phase_since=began,
                    log_path=str(log_path),
                    media_path=str(places.pages),
                    max_model_len=spec.wanted_context,
                )
            )
        _wait(servers, children, ready_within_s, given_up)
    except BaseException:
        _end(children, 1.0)
        raise
    ready = tuple(replace(server, phase=Phase.SERVING, ready_after_s=time.time() - began) for server in servers)
    return SimulatorHandle(ready, tuple(children), threading.Lock())


def _spawn(argv: tuple[str, ...], log_path: Path) -> subprocess.Popen:
    with _log(log_path) as log:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, LAUNCH_ID_VARIABLE: secrets.token_hex(8)},
        )


def _log(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError:
        return open(os.devnull, "wb")


def _wait(
    servers: list[ServerStatus], children: list[subprocess.Popen], within_s: float, given_up: Callable[[], bool]
) -> None:
    deadline = time.monotonic() + within_s
    waiting = list(zip(servers, children, strict=True))
    while waiting:
        if given_up():
            raise SimulatorFailed("The simulator is not wanted any more: the app is ending.")
        for server, child in list(waiting):
            if child.poll() is not None:
                raise SimulatorFailed(
                    f"The simulator for {server.name} ended with status {child.returncode}: "
                    f"{_last_lines(server.log_path)}"
                )
            if check_health(server.url, timeout_s=0.5) is Health.UP:
                waiting.remove((server, child))
        if waiting and time.monotonic() > deadline:
            names = ", ".join(server.name for server, _ in waiting)
            raise SimulatorFailed(
                f"The simulator for {names} did not answer within {within_s:.0f} s: "
                f"{_last_lines(waiting[0][0].log_path)}"
            )
        time.sleep(0.03)


def _last_lines(log_path: str, count: int = 6) -> str:
    try:
        return (
            " / ".join(Path(log_path).read_text("utf-8", "replace").strip().splitlines()[-count:]) or "its log is empty"
        )
    except OSError:
        return "it has no log"


def _end(children, grace_s: float) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + grace_s
    for child in children:
        try:
            child.wait(timeout=max(0.05, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
