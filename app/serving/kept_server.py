"""One server under supervision: started or adopted, watched, started once more after a crash, ended.

In: a ServerCommand and the time. Out: a ServerStatus that changes as `step` is called. Never blocks for
longer than one health question. Knows nothing of the other servers, of the state file or of the terminal: the
supervisor does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from app.outbound import key_is_set, shown_address
from app.serving.commands import ServerCommand
from app.serving.diagnosis import Diagnosis, diagnose
from app.serving.errors import LogUnwritable
from app.serving.health import Health, adoptable, check_health, check_remote, served_models
from app.serving.phases import Phase, PhaseReader
from app.serving.ports import is_taken, listener
from app.serving.process import Process
from app.serving.server_specs import RemoteSpec, SimulatorSpec, VllmSpec
from app.serving.state_file import ServerStatus

TAIL_LINES = 40
_TAIL_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """How patient the watch is. Tests make it quick."""

    restarts: int = 1
    restart_delay_s: float = 2.0
    restarts_forgiven_after_s: float = 1800.0  # a server that served this long may crash again
    health_every_s: float = 1.0
    health_every_loading_s: float = 0.25
    remote_every_s: float = 15.0
    lost_after_s: float = 10.0  # this long without a good answer


def _key_trouble(spec: RemoteSpec, health: Health) -> Diagnosis:
    """Only the server knows whether it needs a key: an unset variable sends none, and a 401 tells."""
    where, variable = shown_address(spec.url), spec.api_key_env
    if health is Health.NO_KEY:
        return Diagnosis(
            f"{variable} holds characters no HTTP header may carry.",
            f"Set {variable} again, without quotation marks or line breaks, before starting.",
            False,
        )
    if key_is_set(variable):
        return Diagnosis(
            f"{where} refuses the key in {variable}.", f"Set {variable} to a valid key before starting.", False
        )
    if variable:
        return Diagnosis(f"{where} needs a key, and {variable} is not set.", f"Set {variable} before starting.", False)
    return Diagnosis(f"{where} needs a key.", "Name its variable as api_key_env in configs/servers.toml.", False)


class KeptServer:
    """One server of a profile, from its start to its end."""

    def __init__(
        self, command: ServerCommand, launch_id: str, cwd: Path | None = None, policy: WatchPolicy | None = None
    ) -> None:
        spec = command.spec
        self.command = command
        self.policy = policy or WatchPolicy()
        self.process: Process | None = None
        self._launch_id = launch_id
        self._cwd = cwd
        self._reader = PhaseReader()
        self._next_health = 0.0
        self._last_up = 0.0
        self._restart_at = 0.0
        self.status = ServerStatus(
            spec.name,
            spec.role,
            spec.kind,
            spec.url,
            spec.served_name,
            Phase.WAITING,
            simulated=isinstance(spec, SimulatorSpec),
            log_path=str(command.log_path or ""),
            api_key_env=spec.api_key_env,
            dialect=spec.dialect,
            media_path=str(command.media_path or ""),
            max_model_len=command.context_tokens,
            behind_router=isinstance(spec, RemoteSpec) and spec.behind_router,
            data_parallel_size=spec.data_parallel_size if isinstance(spec, VllmSpec) else 1,
        )

    @property
    def settled(self) -> bool:
        """Up, or given up: whoever waits for it may go on."""
        return self.status.phase in (Phase.SERVING, Phase.LOST, Phase.FAILED, Phase.STOPPED)

    def begin(self) -> None:
        """Adopt what answers already, else start. A port taken by anything else is told at once."""
        spec = self.command.spec
        self._change(started_at=time.time())
        if isinstance(spec, RemoteSpec):
            self._enter(Phase.STARTING, "asking the endpoint")
            return
        model = adoptable(spec)
        if model is not None:
            # What another program started may open another folder, or none: pages travel inside requests then. Nor is
            # it known how many copies of the model it holds.
            self._change(
                adopted=True,
                simulated=model.simulated,
                max_model_len=model.max_model_len,
                log_path="",
                media_path="",
                data_parallel_size=1,
            )
            self._last_up = time.monotonic()
            self._enter(Phase.SERVING)
            return
        if is_taken(spec.host, spec.port):
            running = [f"{'simulated ' if m.simulated else ''}{m.name}" for m in served_models(spec.url)]
            serves = f", which serves {', '.join(running)}" if running else ""
            self.fail(
                Diagnosis(
                    f"Port {spec.port} is taken by {listener(spec.port)}{serves}.",
                    "End that program, or change the port in configs/servers.toml.",
                    False,
                )
            )
            return
        self._start(Phase.STARTING)

    def _start(self, phase: Phase) -> None:
        self.process = Process(self.command.argv, self.command.env, self.command.log_path, self._launch_id, self._cwd)
        self._reader = PhaseReader()
        try:
            identity = self.process.start()
        except LogUnwritable as error:
            self.process = None
            self.fail(Diagnosis(str(error), "", False))
            return
        except OSError as error:
            self.process = None
            self.fail(
                Diagnosis(
                    f"{self.command.argv[0]} cannot be started: {error.strerror}.",
                    "bash scripts/setup-vllm makes vLLM's environment.",
                    False,
                )
            )
            return
        self._change(process=identity, ready_after_s=None)
        self._enter(phase)

    def step(self) -> None:
        """Look once: exit, log, health."""
        if self.status.phase is Phase.RESTARTING and self.process is None:
            if time.monotonic() >= self._restart_at:
                self._change(started_at=time.time())
                self._start(Phase.STARTING)
            return
        if self.process is not None:
            self._read_log()
            status = self.process.exit_status()
            if status is not None:
                self._crashed(self.process, status)
                return
        if self.status.phase in (Phase.WAITING, Phase.FAILED, Phase.STOPPED, Phase.STOPPING):
            return
        if time.monotonic() >= self._next_health:
            self._look_at_health()

    def _read_log(self) -> None:
        if self.process is not None and (data := self.process.new_output()):
            self._reader.feed(data)
            if self.status.phase.is_loading and self._reader.phase.is_loading:
                self._enter(self._reader.phase, self._reader.detail)

    def _look_at_health(self) -> None:
        spec = self.command.spec
        if isinstance(spec, RemoteSpec):
            model = spec.served_name if spec.behind_router else None
            health, every_s = check_remote(spec.url, spec.api_key_env, model=model), self.policy.remote_every_s
        else:
            loading = self.status.phase.is_loading
            health = check_health(spec.url)
            every_s = self.policy.health_every_loading_s if loading else self.policy.health_every_s
        now = time.monotonic()
        self._next_health = now + every_s
        if health is Health.UP:
            self._last_up = now
            self._came_up()
        elif isinstance(spec, RemoteSpec) and health in (Health.DENIED, Health.NO_KEY):
            self.fail(_key_trouble(spec, health))
        elif isinstance(spec, RemoteSpec) or self._is_missed(now):
            self._enter(Phase.LOST, health.value)

    def _is_missed(self, now: float) -> bool:
        """It served, and has given no good answer for too long."""
        return self.status.phase is Phase.SERVING and now - self._last_up >= self.policy.lost_after_s

    def _came_up(self) -> None:
        if self.status.phase is Phase.SERVING:
            served_for = time.time() - self.status.phase_since
            if self.status.restarts and served_for > self.policy.restarts_forgiven_after_s:
                self._change(restarts=0, cause="", what_to_do="")
            return
        if self.status.ready_after_s is None:
            self._change(ready_after_s=time.time() - self.status.started_at)
        spec = self.command.spec
        models = served_models(spec.url, api_key_env=spec.api_key_env)
        told = next((model for model in models if model.name == spec.served_name), None)
        if told:
            self._change(
                max_model_len=told.max_model_len or self.status.max_model_len,
                simulated=self.status.simulated or told.simulated,
            )
        self._enter(Phase.SERVING)

    def _crashed(self, process: Process, exit_status: int) -> None:
        """Any exit nobody asked for, status 0 included: vLLM's parent ends with 0 when its engine died."""
        process.kill_group()  # workers outlive a parent that was killed
        self._read_log()
        self._change(log_tail=self.tail())
        diagnosis = diagnose("\n".join(self.tail(400)), exit_status)
        self.process = None
        if diagnosis.worth_retrying and self.status.restarts < self.policy.restarts:
            self._restart_at = time.monotonic() + self.policy.restart_delay_s
            self._change(
                restarts=self.status.restarts + 1,
                cause=diagnosis.cause,
                what_to_do="It is started once more.",
                process=None,
            )
            self._enter(Phase.RESTARTING)
        else:
            self._change(process=None)
            self.fail(diagnosis)

    def fail(self, diagnosis: Diagnosis) -> None:
        again = " It was started again once already." if self.status.restarts else ""
        self._change(cause=diagnosis.cause + again, what_to_do=diagnosis.what_to_do)
        self._enter(Phase.FAILED)

    def stopping(self) -> None:
        if self.process is not None:
            self._enter(Phase.STOPPING)

    def stopped(self) -> None:
        self.process = None
        self._change(process=None)
        if self.status.phase is not Phase.FAILED:
            self._enter(Phase.STOPPED)

    def refresh_tail(self) -> None:
        """Before the state is written: what the Servers screen shows of the log."""
        if self.process is not None:
            self._change(log_tail=self.tail())

    def tail(self, lines: int = TAIL_LINES) -> tuple[str, ...]:
        """The end of the current start's log, progress bars reduced to their last state."""
        path = self.command.log_path
        if path is None:
            return ()
        try:
            with path.open("rb") as log:
                log.seek(0, 2)
                log.seek(max(0, log.tell() - _TAIL_BYTES))
                text = log.read().decode("utf-8", "replace")
        except OSError:
            return ()
        text = text[text.rfind("\n--- ") + 1 :]
        kept = [line.rpartition("\r")[2].rstrip() for line in text.replace("\r\n", "\n").split("\n")]
        return tuple([line for line in kept if line][-lines:])

    def _enter(self, phase: Phase, detail: str = "") -> None:
        if phase is not self.status.phase:
            self._change(phase=phase, detail=detail, phase_since=time.time())
        elif detail != self.status.detail:
            self._change(detail=detail)

    def _change(self, **values) -> None:
        self.status = replace(self.status, **values)
