"""Where the app's two endpoints come from: a launcher's state, servers that answer already, or a simulator of our own.

GLYPH_SIMULATOR=always takes the simulator also where other servers answer; GLYPH_SIMULATOR_SPEEDUP=N divides its waits.
Out: the process's ServerWatch. The simulator is started only when nothing else answers and no launcher is at work, and it
ends with this process.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

from app.clients import Dialect, Endpoint, EndpointLimits, Role, probe
from app.endpoints.watch import PROBE_TIMEOUT_S, ServerWatch
from app.serving import (
    LauncherState,
    ServerKind,
    ServerRole,
    ServerSpec,
    ServerStatus,
    SimulatorHandle,
    load_profile,
    load_profiles,
    read_state,
    start_simulator,
)

LAUNCHER_LEAD_S = 10.0  # scripts/start.py starts the launcher a moment before the app
LAUNCHER_ENDED = (
    "The servers' launcher has ended; its messages are in the terminal. Stop the app and run bash scripts/run again."
)
ALREADY_RUNNING_PROFILE = "two-gpus"  # whose ports are looked at for servers that somebody else started


class EndpointSource:
    """Gives the endpoints anew at each look; remembers only its own simulator."""

    def __init__(self, speedup: float) -> None:
        self._speedup = speedup
        self._simulators: dict[ServerRole, SimulatorHandle] = {}  # one a side: one that dies takes no other along
        self._closed = False
        self._began = time.time() - LAUNCHER_LEAD_S
        self._lock = threading.Lock()

    def find(self) -> tuple[tuple[Endpoint, ...], str]:
        state = read_state()
        if state is not None and state.launcher_alive:
            return from_launcher(state), f"Profile {state.profile}: {state.reason}"
        if os.environ.get("GLYPH_LAUNCHER") == "1":  # its ports must stay free, so nothing is started here
            ended = state is not None and state.started_at >= self._began
            return (), LAUNCHER_ENDED if ended else "The launcher is starting."
        found = () if os.environ.get("GLYPH_SIMULATOR") == "always" else already_running()
        if found:
            return found, "Servers that were already running answer."
        servers = self._running_simulators()
        if not servers:
            return (), "The app is ending."
        return tuple(
            _from_status(server) for server in servers
        ), "No server answered, so the app started the simulator."

    def _running_simulators(self) -> tuple[ServerStatus, ...]:
        """Both of this process, each started when it does not run; none once the process is ending."""
        profile = load_profile("simulator")
        with self._lock:
            for spec in profile.servers:
                handle = self._simulators.get(spec.role)
                if not self._closed and (handle is None or not handle.is_running):
                    extra = ("--speedup", f"{self._speedup:g}")
                    self._simulators[spec.role] = start_simulator(replace(profile, servers=(spec,)), extra_args=extra)
            return () if self._closed else tuple(self._simulators[spec.role].servers[0] for spec in profile.servers)

    def stop(self) -> None:
        with self._lock:
            self._closed = True
            for handle in self._simulators.values():
                handle.stop()


def from_launcher(state: LauncherState) -> tuple[Endpoint, ...]:
    """The launcher's servers, whether they serve yet or still load."""
    return tuple(_from_status(server) for server in state.servers)


def already_running() -> tuple[Endpoint, ...]:
    """Both servers of the standard profile, if both answer with the models it names; else none."""
    specs = load_profiles()[ALREADY_RUNNING_PROFILE].servers
    endpoints = tuple(_from_spec(spec) for spec in specs)
    for endpoint in endpoints:
        state = probe(endpoint, PROBE_TIMEOUT_S)
        if not (state.reachable and state.asked_model_served):
            return ()
    return endpoints


def _from_status(server: ServerStatus) -> Endpoint:
    return Endpoint(
        Role(server.role.value),
        server.name,
        server.url,
        server.model,
        api_key_env=server.api_key_env,
        simulated=server.simulated,
        dialect=Dialect(server.dialect),
        media_path=Path(server.media_path) if server.media_path else None,
        limits=EndpointLimits(max_images=server.max_images),
    )


def _from_spec(spec: ServerSpec) -> Endpoint:
    # What another person's launcher allows its server to read is not known: pages go as data.
    return Endpoint(
        Role(spec.role.value),
        spec.name or spec.role.value,
        spec.url,
        spec.served_name,
        api_key_env=spec.api_key_env if spec.kind is ServerKind.REMOTE else None,
    )


_source = EndpointSource(speedup=float(os.environ.get("GLYPH_SIMULATOR_SPEEDUP", "1")))
_watch = ServerWatch(_source.find)


def server_watch() -> ServerWatch:
    """The process's one watch."""
    return _watch


def stop_own_simulator() -> None:
    _source.stop()
