"""The app as a user starts it, and a real headless Chromium: skipped, with the reason, where there is no browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
READY_WITHIN_S = 90


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.e2e)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no chromium on this machine: apt-get install chromium"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True, slots=True)
class RunningApp:
    url: str
    process: subprocess.Popen
    log: Path


def start_app(working_directory: Path, **environment: str) -> RunningApp:
    """`streamlit run app/main.py`, from a directory that is not the repository's."""
    port, log = free_port(), working_directory / "app.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py"), "--server.port", str(port)],
            cwd=working_directory, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return RunningApp(f"http://127.0.0.1:{port}", process, log)
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


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """One app for all journeys, its simulator 40 times faster than the projected GPU."""
    running = start_app(tmp_path_factory.mktemp("elsewhere"), GLYPH_SIMULATOR="always", GLYPH_SIMULATOR_SPEEDUP="40")
    yield running
    stop_app(running)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(45_000)
    yield opened
    context.close()
