"""Start and stop the app as a user does, for the browser tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 90


@dataclass(frozen=True, slots=True)
class RunningApp:
    url: str
    process: subprocess.Popen
    log: Path


def start_app(working_directory: Path, **environment: str) -> RunningApp:
    """`streamlit run app/main.py`, from a directory that is not the repository's.

    With STREAMLIT_SERVER_BASE_URL_PATH among the variables it answers below that path.
    """
    base = environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    below = f"/{base}" if base else ""
    port, log = free_port(), working_directory / "app.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py"), "--server.port", str(port)],
            cwd=working_directory,
            # No OCR program: these journeys are about the screens, and short. Nor are they anybody's history.
            env={**os.environ, "GLYPH_SIMULATOR_READER": "manifest", "GLYPH_RECORDINGS": "off", **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{below}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return RunningApp(f"http://127.0.0.1:{port}{below}", process, log)
        except OSError:
            assert process.poll() is None, f"the app ended while starting:\n{log.read_text()}"
            time.sleep(0.1)
    raise AssertionError(f"the app did not start:\n{log.read_text()}")


def stop_app(app: RunningApp) -> None:
    app.process.send_signal(signal.SIGTERM)
    try:
        app.process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(app.process.pid, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
