"""Start the app for a trial, with a data folder of its own, and find every process that came of it.

Each start carries a mark in its environment, which children inherit whatever session or group they make for themselves.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
MARK = "GLYPH_TRIAL"
READY_WITHIN_S = 120
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Started:
    process: subprocess.Popen
    url: str
    mark: str
    output: Path

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

    def ready(self, within_s: float = READY_WITHIN_S) -> bool:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with _DIRECT.open(f"{self.url}/_stcore/health", timeout=1) as answer:
                    if answer.status == 200:
                        return True
            except OSError:
                time.sleep(0.02)
        return False

    def end(self, within_s: float = 30) -> list[psutil.Process]:
        """As Ctrl-C does; whatever is left after that is killed, and returned."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(within_s)
            except subprocess.TimeoutExpired:
                pass
        left = self.wait_gone(10)
        for process in left:
            process.kill()
        self.process.wait()
        return left


def start_app(folder: Path, **environment: str) -> Started:
    """`streamlit run app/main.py`, its simulator its own."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py"), "--server.port", str(port)]
    return _start(command, port, folder, {"GLYPH_SIMULATOR": "always", **environment})


def start_all(folder: Path, *options: str, **environment: str) -> Started:
    """What scripts/run runs once everything is installed."""
    port = free_port()
    command = [sys.executable, str(ROOT / "scripts" / "start.py"), "--port", str(port), "--no-browser", *options]
    return _start(command, port, folder, environment)


def _start(command: list[str], port: int, folder: Path, environment: dict[str, str]) -> Started:
    mark, output = secrets.token_hex(8), folder / f"output-{port}.txt"
    with output.open("wb") as out:
        process = subprocess.Popen(
            command,
            env={
                **os.environ,
                "GLYPH_DATA": str(folder / "data"),
                "GLYPH_SIMULATOR_READER": "manifest",
                **environment,
                MARK: mark,
            },
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Started(process, f"http://127.0.0.1:{port}", mark, output)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
