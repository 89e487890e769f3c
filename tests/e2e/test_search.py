"""A search in a real browser: begun, watched, stopped; the app ends and starts again; it goes on, and its result is used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.legibility import why_not
from app.search.desk import SearchDesk
from app.search.values import Arm
from tests.e2e.driver import start_app, stop_app

SETTINGS = 24  # more than are scored before Stop, on any machine
TO_THE_END_MS = 150_000
ENVIRONMENT = {"GLYPH_SIMULATOR": "always", "GLYPH_SIMULATOR_SPEEDUP": "100"}


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "it is there")
def test_a_search_is_stopped_goes_on_after_a_restart_and_its_result_is_used(page, tmp_path):
    environment = {**ENVIRONMENT, "GLYPH_DATA": str(tmp_path / "data")}
    app = start_app(tmp_path, **environment)
    try:
        page.goto(f"{app.url}/search")
        for label, value in (("Settings scored, each arm", str(SETTINGS)), ("A generation", "8")):
            box = page.get_by_label(label, exact=True)
            box.fill(value)
            box.press("Enter")
        page.get_by_text(f"{SETTINGS} settings in 3 generations").wait_for()
        page.get_by_role("button", name="Start the search").click()
        page.get_by_text(f"of {SETTINGS} settings scored").wait_for()
        page.locator(".js-plotly-plot").first.wait_for()
        page.get_by_role("button", name="Stop", exact=True).click()
        page.get_by_role("button", name="Go on with it").wait_for()
    finally:
        stop_app(app)
    desk = SearchDesk(tmp_path / "data" / "searches")
    [kept] = desk.kept()
    before = [one.proposal for one in desk.open(kept.id).candidates(Arm.SEARCH)]

    app = start_app(tmp_path, **environment)
    try:
        page.goto(f"{app.url}/search")
        page.get_by_role("button", name="Go on with it").click()
        page.get_by_text("Done.").wait_for(timeout=TO_THE_END_MS)
        page.get_by_text("Where it comes from").wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="Settings file").click()
        page.get_by_role("button", name="Use on Pages and Compare").click()
        page.get_by_text("These settings are in use now").first.wait_for()
    finally:
        stop_app(app)
    after = [one.proposal for one in desk.open(kept.id).candidates(Arm.SEARCH)]
    assert len(after) == SETTINGS
    assert after[: len(before)] == before
    told = json.loads(Path(download.value.path()).read_text())
    assert told["_search"]["search"] == kept.id
    assert told["dpi"] in [one.genome.get("dpi") for one in after]
