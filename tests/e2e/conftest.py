"""The app as a user starts it, and a real headless Chromium: skipped, with the reason, where there is no browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.headless import CHROMIUM, CHROMIUM_FLAGS
from tests.e2e.driver import SEEN_WITHIN_S, start_app, stop_app


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.e2e)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no chromium on this machine: apt-get install chromium"))


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """One app for all journeys, its simulator 40 times faster than the projected GPU."""
    running = start_app(tmp_path_factory.mktemp("elsewhere"), GLYPH_SIMULATOR="always", GLYPH_SIMULATOR_SPEEDUP="40")
    yield running
    stop_app(running)


@pytest.fixture(scope="session")
def slow_app(tmp_path_factory):
    """An app whose simulator takes the projected time: slow enough to be stopped or disturbed in mid-stream."""
    running = start_app(tmp_path_factory.mktemp("slow"), GLYPH_SIMULATOR="always", GLYPH_SIMULATOR_SPEEDUP="1")
    yield running
    stop_app(running)


@pytest.fixture(scope="session")
def crawling_app(tmp_path_factory):
    """Ten times slower than projected: half a minute for one answer, whatever else this machine does."""
    running = start_app(tmp_path_factory.mktemp("crawling"), GLYPH_SIMULATOR="always", GLYPH_SIMULATOR_SPEEDUP="0.1")
    yield running
    stop_app(running)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=1_000 * SEEN_WITHIN_S)
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
