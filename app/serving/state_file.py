"""The launcher's state as a file, so that other processes (the app, the next launcher) can read how the
servers are.

In and out: frozen values and DATA/serving/state.json, replaced as a whole so that no reader sees half of it.
Knows nothing of how the values come about. No keys are in it, only the names of the variables that hold them; nor a login of an
address, only that it has one.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from app.outbound import kept_address, login_in
from app.paths import DATA
from app.serving.leftovers import is_alive
from app.serving.phases import Phase
from app.serving.process import ProcessIdentity
from app.serving.server_specs import VLLM_MAX_IMAGES, ServerKind, ServerRole

STATE_DIR = DATA / "serving"
STATE_FILE = "state.json"
LAUNCHER_LOG = STATE_DIR / "launcher.log"  # all that the launcher prints, where scripts/start.py started it
STATE_VERSION = 1
_ERROR = "error: "  # how scripts/launch.py begins what ends it
_LOG_END_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """One server as the launcher last saw it. Times are seconds since the epoch: they cross processes."""

    name: str
    role: ServerRole
    kind: ServerKind
    url: str
    model: str
    phase: Phase
    detail: str = ""  # "40 %" while loading
    adopted: bool = False  # it ran already: we ask it, and never end it
    simulated: bool = False
    started_at: float = 0.0
    phase_since: float = 0.0
    ready_after_s: float | None = None
    restarts: int = 0
    cause: str = ""  # why it crashed or cannot start, in plain words
    what_to_do: str = ""
    log_path: str = ""
    log_tail: tuple[str, ...] = ()
    api_key_env: str | None = None
    dialect: str = "vllm"
    media_path: str = ""  # the folder it may open by file://; empty: none
    max_images: int = VLLM_MAX_IMAGES
    max_model_len: int | None = None
    behind_router: bool = False
    data_parallel_size: int = 1
    has_login: bool = False  # the address has a user and password, which the file leaves out
    process: ProcessIdentity | None = None

    @property
    def is_serving(self) -> bool:
        return self.phase is Phase.SERVING

    @property
    def phase_label(self) -> str:
        label = "serving (it ran already)" if self.adopted and self.is_serving else self.phase.label
        return f"{label}, {self.detail}" if self.detail else label

    @property
    def elapsed_s(self) -> float | None:
        """Since its start while it loads; how long loading took once it serves."""
        if self.ready_after_s is not None:
            return self.ready_after_s
        return time.time() - self.started_at if self.started_at else None

    @property
    def error(self) -> str:
        """One sentence for people; empty when nothing is wrong."""
        return f"{self.cause} {self.what_to_do}".strip()


@dataclass(frozen=True, slots=True)
class LauncherState:
    profile: str
    reason: str  # why this profile
    servers: tuple[ServerStatus, ...]
    launcher: ProcessIdentity
    started_at: float
    updated_at: float
    message: str = ""  # what the launcher as a whole has to say: "stopped", what preflight found
    title: str = ""

    @property
    def launcher_alive(self) -> bool:
        return is_alive(self.launcher)

    def server(self, role: ServerRole | str) -> ServerStatus | None:
        return next((server for server in self.servers if server.role == role), None)


def write_state(state: LauncherState, directory: Path = STATE_DIR) -> None:
    """Raises OSError; the state that was there stays then."""
    directory.mkdir(parents=True, exist_ok=True)
    temporary = directory / f"{STATE_FILE}.{os.getpid()}"
    kept = replace(state, servers=tuple(_without_login(server) for server in state.servers))
    text = json.dumps({"version": STATE_VERSION, **asdict(kept)}, ensure_ascii=False)
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, directory / STATE_FILE)
    except OSError:
        temporary.unlink(missing_ok=True)  # half a file on a full disk helps nobody
        raise


def _without_login(server: ServerStatus) -> ServerStatus:
    has_login = server.has_login or login_in(server.url) is not None
    return replace(server, url=kept_address(server.url), has_login=has_login)


def read_state(directory: Path = STATE_DIR) -> LauncherState | None:
    """None when no launcher ever ran, or the file is of another version or damaged. Check `launcher_alive` before
    trusting phases: a killed launcher leaves its last words."""
    try:
        data = json.loads((directory / STATE_FILE).read_text(encoding="utf-8"))
        if data.pop("version") != STATE_VERSION:
            return None
        data["servers"] = tuple(_server(item) for item in data["servers"])
        data["launcher"] = ProcessIdentity(**data["launcher"])
        return LauncherState(**data)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def last_errors(log: Path = LAUNCHER_LOG) -> tuple[str, ...]:
    """The errors that the last start wrote into a launcher's log; its last lines where it named none, at most three."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LOG_END_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ()
    lines = [line.strip() for line in text[text.rfind("\n--- ") + 1 :].splitlines() if line.strip()]
    errors = [line.removeprefix(_ERROR) for line in lines if line.startswith(_ERROR)]
    return tuple((errors or [line for line in lines if not line.startswith("--- ")])[-3:])


def _server(data: dict) -> ServerStatus:
    known = {field.name for field in fields(ServerStatus)}
    values = {key: value for key, value in data.items() if key in known}
    values["role"], values["kind"] = ServerRole(data["role"]), ServerKind(data["kind"])
    values["phase"] = Phase(data["phase"])
    values["log_tail"] = tuple(data.get("log_tail", ()))
    values["process"] = ProcessIdentity(**data["process"]) if data.get("process") else None
    return ServerStatus(**values)
