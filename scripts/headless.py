"""The app on a free port, and a headless Chromium to look at it with: what the benches in a browser and the screenshots share."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY_WITHIN_S = 90
END_WITHIN_S = 25
WAIT_MS = 120_000


@contextmanager
def headless_chromium() -> Iterator:
    """A Playwright browser. Ends the program with status 2 where there is no Chromium."""
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        print("error: no chromium on this machine; install it with: apt-get install chromium", file=sys.stderr)
        raise SystemExit(2)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser, width: int = 1500, height: int = 1000, scheme: str | None = None) -> Iterator:
    """A page in a context of its own: nothing is stored from another."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    try:
        yield page
    finally:
        context.close()


@contextmanager
def app_running(script: Path, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """The address of `script` under Streamlit, started in `folder`."""
    port = free_port()
    options = {"server.port": str(port), "server.address": "127.0.0.1", "server.headless": "true"}
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [part for name, value in options.items() for part in (f"--{name}", value)]
    # What a script asks is nobody's history, unless it says so itself.
    with running(command, port, {"GLYPH_RECORDINGS": "off", **environment}, folder) as url:
        yield url


@contextmanager
def running(
    command: list[str],
    port: int,
    environment: dict[str, str],
    folder: Path | None = None,
    within_s: float = READY_WITHIN_S,
) -> Iterator[str]:
    """The address of what `command` serves on `port`, once it answers. Raises SystemExit where it does not in time."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_ready(process, port, within_s)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_ready(process: subprocess.Popen, port: int, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"error: the app did not answer on port {port} (exit status {process.poll()}).")
