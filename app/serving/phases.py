"""Read a server's log as it grows and name the phase it is in.

In: log lines of vLLM 0.32 or of the simulator. Out: Phase and a short detail ("40 %"). Milestones were seen
on real runs, those of a GPU read in vLLM's source; unknown lines change nothing, and a phase never goes back,
since several processes of one server write the same log in no fixed order. Knows nothing of processes or
health.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """In the order a server passes through them; the last five can follow any other."""

    WAITING = "waiting"
    STARTING = "starting"
    RESOLVING = "resolving"
    DOWNLOADING = "downloading"
    LOADING = "loading"
    PROFILING = "profiling"
    CAPTURING = "capturing"
    FINISHING = "finishing"
    SERVING = "serving"
    RESTARTING = "restarting"
    LOST = "lost"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def is_loading(self) -> bool:
        return Phase.STARTING.rank <= self.rank < Phase.SERVING.rank or self in (Phase.WAITING, Phase.RESTARTING)

    @property
    def rank(self) -> int:
        return list(Phase).index(self)


_LABELS = {
    Phase.WAITING: "waiting for the other server",
    Phase.STARTING: "starting",
    Phase.RESOLVING: "resolving the model",
    Phase.DOWNLOADING: "downloading the model",
    Phase.LOADING: "loading weights",
    Phase.PROFILING: "profiling memory",
    Phase.CAPTURING: "capturing graphs and warming up",
    Phase.FINISHING: "opening the port",
    Phase.SERVING: "serving",
    Phase.RESTARTING: "starting again after a crash",
    Phase.LOST: "not answering any more",
    Phase.STOPPING: "stopping",
    Phase.STOPPED: "stopped",
    Phase.FAILED: "failed",
}

_MILESTONES: tuple[tuple[re.Pattern[str], Phase], ...] = tuple(
    (re.compile(pattern), phase)
    for pattern, phase in (
        (r"non-default args", Phase.RESOLVING),
        (r"Resolved architecture|Using max model len|Initializing a V1 LLM engine", Phase.RESOLVING),
        (r"Fetching \d+ files|\.(?:safetensors|bin): +\d+%|Downloading .*safetensors", Phase.DOWNLOADING),
        (r"Starting to load model|Time spent downloading weights|Loading safetensors checkpoint", Phase.LOADING),
        (r"Loading weights took|Model loading took|Warming up model for the compilation", Phase.PROFILING),
        (r"Encoder cache will be initialized|Dynamo bytecode transform|Memory profiling takes", Phase.PROFILING),
        (r"Available KV cache memory|KV cache size|Capturing CUDA graphs|Profiling CUDA graph memory", Phase.CAPTURING),
        (r"Graph capturing finished|init engine .* took", Phase.FINISHING),
        (r"Starting vLLM server|Started server process|Waiting for application startup", Phase.FINISHING),
        (r"Application startup complete", Phase.FINISHING),
    )
)

_PERCENT = re.compile(r"(?<!\d)(\d{1,3})%")
_PERCENT_PHASES = (Phase.DOWNLOADING, Phase.LOADING, Phase.CAPTURING)


@dataclass(slots=True)
class PhaseReader:
    """Fed bytes of the log as they come; keeps the phase. A progress bar's carriage returns end lines too."""

    phase: Phase = Phase.STARTING
    detail: str = ""
    _rest: bytes = b""

    def feed(self, data: bytes) -> None:
        *lines, self._rest = re.split(rb"[\r\n]", (self._rest + data)[-1_000_000:])
        for line in lines:
            self._line(line.decode("utf-8", "replace"))

    def _line(self, line: str) -> None:
        for pattern, phase in _MILESTONES:
            if pattern.search(line):
                if phase.rank > self.phase.rank:
                    self.phase, self.detail = phase, ""
                if phase is self.phase and phase in _PERCENT_PHASES and (percent := _PERCENT.search(line)):
                    self.detail = f"{percent[1]} %"
                return
