"""Start and stop the app as a user does, and look at its screen as a user does: until it shows what it is to show."""

from __future__ import annotations

import operator
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from playwright.sync_api import Locator
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from scripts.app_process import AppProcess, start_streamlit

ROOT = Path(__file__).resolve().parents[2]
SEEN_WITHIN_S = 45.0


def start_app(working_directory: Path, **environment: str) -> AppProcess:
    """`streamlit run app/main.py`, from a directory that is not the repository's, answering."""
    # No OCR program: these journeys are about the screens, and short. Nor what somebody has kept in this checkout.
    own = {"GLYPH_SIMULATOR_READER": "manifest", "GLYPH_DATA": str(working_directory / "data")}
    variables = {**own, **environment}
    return start_streamlit(ROOT / "app" / "main.py", working_directory, variables).require_ready()


def stop_app(app: AppProcess) -> list[psutil.Process]:
    """What outlived it by more than some seconds, and was killed then."""
    return app.end(how=signal.SIGTERM)


def comes_to(
    read: Callable[[], object],
    wanted: object,
    holds: Callable[[object, object], bool] = operator.eq,
    within_s: float = SEEN_WITHIN_S,
) -> None:
    """What is read from the screen is, or becomes in time, what is wanted.

    A redraw follows an action after a while that depends on the machine: a figure that is read once may be the one before.
    """
    deadline = time.monotonic() + within_s
    while not holds(seen := read(), wanted):
        assert time.monotonic() < deadline, f"shown to the end: {seen!r}, wanted ({holds.__name__}): {wanted!r}"
        time.sleep(0.05)


def unfold(fold: Locator, inside: Locator, within_s: float = SEEN_WITHIN_S) -> None:
    """Open a fold, and see what is in it. A click that falls into a redraw, which makes the fold anew and closed, is made again."""
    deadline = time.monotonic() + within_s
    while True:
        fold.click()
        try:
            return inside.wait_for(timeout=5_000)
        except PlaywrightTimeout:
            if time.monotonic() > deadline:
                raise


def until(truth: Callable[[], object], within_s: float = SEEN_WITHIN_S) -> None:
    """Until it is true of what is on the screen."""
    comes_to(lambda: bool(truth()), True, within_s=within_s)
