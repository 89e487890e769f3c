"""Where the app's two endpoints come from: a launcher's state, servers that answer already, or a simulator of our own.

GLYPH_SIMULATOR=always takes a simulator of our own also where other servers answer; GLYPH_SIMULATOR=adopt takes one that
somebody else runs on the standard ports, which is else passed over: it is of another checkout, or of another user, and
cannot read our pages. GLYPH_SIMULATOR_SPEEDUP=N divides our own one's waits.
Out: the process's ServerWatch. The simulator is started only when nothing else answers and no launcher is at work, and it
ends with this process.
"""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

from app.clients import Dialect, Endpoint, EndpointLimits, Role, probe
from app.endpoints.watch import PROBE_TIMEOUT_S, ServerWatch
from app.outbound import kept_address, login_in
from app.serving import (
    LAUNCHER_LOG,
    LAUNCHER_VARIABLE,
    LauncherState,
    ProcessIdentity,
    ProfileError,
    RemoteSpec,
    ServerRole,
    ServerSpec,
    ServerStatus,
    SimulatorHandle,
    is_alive,
    is_same,
    last_errors,
    load_profile,
    load_profiles,
    read_state,
    start_simulator,
)

LAUNCHER_ENDED = "The servers' launcher has ended."
WHAT_TO_DO = (
    f"All it said is in the terminal and in {LAUNCHER_LOG}. Stop the app, mend it, and run bash scripts/run again."
)
LOGIN_LACKS = (
    "The address of {} has a user and password, which are kept in no file: start the app with the variable that had them "
    "(GLYPH_TEXT_URL, GLYPH_PAGES_URL), or with the configs/servers.toml that has them."
)
ALREADY_RUNNING_PROFILE = "two-gpus"  # whose ports are looked at for servers that somebody else started


class EndpointSource:
    """Gives the endpoints anew at each look; remembers only its own simulator."""

    def __init__(self, speedup: float) -> None:
        self._speedup = speedup
        self._simulators: dict[ServerRole, SimulatorHandle] = {}  # one a side: one that dies takes no other along
        self._closed = threading.Event()
        self._lock = threading.Lock()

    def find(self) -> tuple[tuple[Endpoint, ...], str]:
        state = read_state()
        if state is not None and state.launcher_alive:
            return from_launcher(state), _told(state)
        launcher = ProcessIdentity.from_text(os.environ.get(LAUNCHER_VARIABLE, ""))
        if launcher is not None:  # its ports must stay free, so nothing is started here
            return (), why_ended(launcher, state) if not is_alive(launcher) else "The launcher is starting."
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
                if not self._closed.is_set() and (handle is None or not handle.is_running):
                    extra = ("--speedup", f"{self._speedup:g}")
                    self._simulators[spec.role] = start_simulator(
                        replace(profile, servers=(spec,)), extra_args=extra, given_up=self._closed.is_set
                    )
            return (
                ()
                if self._closed.is_set()
                else tuple(self._simulators[spec.role].servers[0] for spec in profile.servers)
            )

    def stop(self) -> None:
        self._closed.set()  # before the lock: one that is just coming up is not waited for
        with self._lock:
            for handle in self._simulators.values():
                handle.stop()


def from_launcher(state: LauncherState) -> tuple[Endpoint, ...]:
    """The launcher's servers, whether they serve yet or still load; a login of an address is had from where the launcher had it."""
    return tuple(_from_status(replace(server, url=_whole_address(server))) for server in state.servers)


def _told(state: LauncherState) -> str:
    """The profile and why, and whose login this process was not given."""
    lacking = [one.name for one in state.servers if one.has_login and login_in(_whole_address(one)) is None]
    told = f"Profile {state.profile}: {state.reason}"
    return f"{told} {LOGIN_LACKS.format(' and '.join(lacking))}" if lacking else told


def _whole_address(server: ServerStatus) -> str:
    """A login is in no file of ours: it stands in configs/servers.toml, or in the variable that this names."""
    if not server.has_login:
        return server.url
    try:
        specs = [spec for profile in load_profiles().values() for spec in profile.servers]
    except ProfileError:
        return server.url
    whole = (spec.url for spec in specs if isinstance(spec, RemoteSpec) and spec.role is server.role)
    return next((url for url in whole if login_in(url) is not None and kept_address(url) == server.url), server.url)


def why_ended(launcher: ProcessIdentity, state: LauncherState | None) -> str:
    """What a launcher that is gone said last, and what to do: its servers' faults, else the errors it printed."""
    told: list[str] = []
    if state is not None and is_same(state.launcher, launcher):
        told = [f"{server.name}: {server.error}" for server in state.servers if server.error]
    return " ".join([LAUNCHER_ENDED, *(told or last_errors(LAUNCHER_LOG)), WHAT_TO_DO])


def already_running() -> tuple[Endpoint, ...]:
    """Both servers of the standard profile, if both answer with the models it names; else none.

    One that says it is simulated is a stranger's: it is taken only where GLYPH_SIMULATOR=adopt asks for it.
    """
    adopt_simulated = os.environ.get("GLYPH_SIMULATOR") == "adopt"
    specs = load_profiles()[ALREADY_RUNNING_PROFILE].servers
    endpoints = tuple(_from_spec(spec) for spec in specs)
    for endpoint in endpoints:
        state = probe(endpoint, PROBE_TIMEOUT_S)
        if not (state.reachable and state.asked_model_served) or (state.simulated and not adopt_simulated):
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
        behind_router=server.behind_router,
        data_parallel_size=server.data_parallel_size,
    )


def _from_spec(spec: ServerSpec) -> Endpoint:
    # What another person's launcher allows its server to read is not known: pages go as data.
    return Endpoint(
        Role(spec.role.value),
        spec.name or spec.role.value,
        spec.url,
        spec.served_name,
        api_key_env=spec.api_key_env if isinstance(spec, RemoteSpec) else None,
    )


_source = EndpointSource(speedup=float(os.environ.get("GLYPH_SIMULATOR_SPEEDUP", "1")))
_watch = ServerWatch(_source.find)


def server_watch() -> ServerWatch:
    """The process's one watch."""
    return _watch


def stop_own_simulator() -> None:
    _source.stop()
