"""The fast engine made ready beside the app: compiled in a process of its own where its machine code is not there yet.

Meanwhile the renderer holds it back (renderer/readiness.py), so pages come from the reference engine and say why. Knows
nothing of screens; app/ui asks `progress()`.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from dataclasses import dataclass

from renderer import readiness
from renderer.fast import machine_code

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Compiling:
    """How far it is: functions compiled, of so many. Some take much longer than others."""

    done: int
    total: int

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 0.0


class EngineWarmUp:
    """Makes the engine ready, once a process. `run` is for a thread of its own."""

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-m", "renderer.fast.warm_up")) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._closed = False
        self._progress: Compiling | None = None

    def hold(self) -> None:
        """Before anyone can ask for a page: what is not compiled yet is not chosen."""
        if not machine_code.is_whole():
            self._progress = Compiling(0, 0)
            readiness.hold_fast_engine()

    def run(self) -> None:
        """Compile where needed, then load. Whatever goes wrong, the engine is released: it compiles as it goes then."""
        try:
            if self._progress is not None:
                self._compile()
            if not self._closed:
                from renderer.fast.engine import warm_up

                warm_up()
        finally:
            self._progress = None
            readiness.release_fast_engine()

    def progress(self) -> Compiling | None:
        """None where nothing is being compiled."""
        return self._progress

    def close(self) -> None:
        """End the compiling process, if there is one."""
        with self._lock:
            self._closed = True
            if self._child is not None:
                self._child.kill()

    def _compile(self) -> None:
        with self._lock:
            if self._closed:
                return
            # It ends by itself when its output finds no reader: it cannot outlive us by more than a function.
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                text=True,
                cwd=machine_code.PACKAGE.parent,
            )
        with self._child as child:
            for line in child.stdout or ():
                done, _, total = line.strip().partition(" ")
                if done.isdigit() and total.isdigit():
                    self._progress = Compiling(int(done), int(total))
        if child.returncode and not self._closed:
            _log.error("The fast engine could not be compiled beforehand (exit %d).", child.returncode)


_warm_up = EngineWarmUp()


def engine_warm_up() -> EngineWarmUp:
    """The process's one."""
    return _warm_up
