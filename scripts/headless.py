"""The app on a free port, and a headless Chromium to look at it with: what the benches in a browser and the screenshots share."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.app_process import READY_WITHIN_S, AppProcess, start_streamlit

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
WAIT_MS = 120_000


@contextmanager
def headless_chromium() -> Iterator:
    """A Playwright browser: enter it before anything is measured or started. Ends the program with status 2 where there is no
    Chromium or no Playwright."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("error: playwright is not installed; pip install -r requirements-dev.txt", file=sys.stderr)
        raise SystemExit(2) from None
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
    """The address of `script` under Streamlit, started in `folder` with this process's environment and these variables."""
    with serving(start_streamlit(script, folder, environment)) as url:
        yield url


@contextmanager
def serving(app: AppProcess, within_s: float = READY_WITHIN_S) -> Iterator[str]:
    """Its address, once it answers; it is ended afterwards. Raises SystemExit where it does not in time."""
    try:
        app.require_ready(within_s)
    except RuntimeError as error:
        raise SystemExit(f"error: {error}") from None
    try:
        yield app.url
    finally:
        app.end()
