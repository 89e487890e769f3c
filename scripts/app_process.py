"""The app as a process of its own on a free port, for whatever looks at it from outside: benches, screenshots, trials, browser tests."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.serving.ports import free_port

READY_WITHIN_S = 120
END_WITHIN_S = 25
# Children inherit their environment, whatever session or group they make for themselves: by this they are found.
MARK = "GLYPH_STARTED_AS"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class AppProcess:
    """A start of the app: its address, which may have a path, and everything that came of it."""

    process: subprocess.Popen
    url: str
    mark: str
    output: Path  # what it and its children printed

    def ready(self, within_s: float = READY_WITHIN_S) -> bool:
        """Whether it answers before the time is over or the process has ended."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with _DIRECT.open(f"{self.url}/_stcore/health", timeout=1) as answer:
                    if answer.status == 200:
                        return True
            except OSError:
                time.sleep(0.02)
        return False

    def require_ready(self, within_s: float = READY_WITHIN_S) -> AppProcess:
        """Itself, once it answers. Raises RuntimeError with what it printed where it does not; nothing of it is left then."""
        if not self.ready(within_s):
            status = self.process.poll()
            self.end()
            printed = self.output.read_text(encoding="utf-8", errors="replace")[-4000:]
            raise RuntimeError(f"the app did not answer at {self.url} (exit status {status}):\n{printed}")
        return self

    def living(self) -> list[psutil.Process]:
        """Every process with this start's mark; zombies are dead."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def wait_gone(self, within_s: float) -> list[psutil.Process]:
        """What still lives when the time is over."""
        deadline = time.monotonic() + within_s
        while (left := self.living()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return left

    def end(self, within_s: float = END_WITHIN_S, how: signal.Signals = signal.SIGINT) -> list[psutil.Process]:
        """As Ctrl-C does; whatever is left after that is killed, and returned."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(within_s)
            except subprocess.TimeoutExpired:
                pass
        left = self.wait_gone(10)
        for process in left:
            process.kill()
        self.process.wait()
        return left


def start(command: list[str], port: int, folder: Path, environment: dict[str, str], path: str = "") -> AppProcess:
    """Start `command`, which will serve on `port` of 127.0.0.1 (below `path`), in `folder`; it need not answer yet."""
    mark, output = secrets.token_hex(8), folder / f"output-{port}.txt"
    with output.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return AppProcess(process, f"http://127.0.0.1:{port}{path}", mark, output)


def start_streamlit(script: Path, folder: Path, environment: dict[str, str]) -> AppProcess:
    """`streamlit run SCRIPT` from another directory than the repository's.

    With STREAMLIT_SERVER_BASE_URL_PATH in the environment it answers below that path.
    """
    port, base = free_port(), environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    options = {"server.port": str(port), "server.address": "127.0.0.1", "server.headless": "true"}
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [part for name, value in options.items() for part in (f"--{name}", value)]
    # What a trial asks is nobody's history, unless it says so itself.
    return start(
        command, port, folder, {**os.environ, "GLYPH_RECORDINGS": "off", **environment}, f"/{base}" if base else ""
    )
