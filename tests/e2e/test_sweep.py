"""A sweep in a real browser: started, paused, stopped; the app ends and starts again; the sweep goes on to its end."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.e2e.driver import start_app, stop_app

MEASUREMENTS = 24  # six lengths, two sides, prefill and decoding, once each
ENVIRONMENT = {"GLYPH_SIMULATOR": "always", "GLYPH_SIMULATOR_SPEEDUP": "100"}


def test_a_sweep_survives_the_restart_of_the_app_and_its_table_can_be_taken_away(page, tmp_path):
    environment = {**ENVIRONMENT, "GLYPH_DATA": str(tmp_path / "data")}
    app = start_app(tmp_path, **environment)
    try:
        page.goto(f"{app.url}/prefill")
        repeats = page.get_by_label("Repeats")
        repeats.fill("1")
        repeats.press("Enter")
        page.get_by_text(f"{MEASUREMENTS} measurements").wait_for()
        page.get_by_role("button", name="Start the sweep").click()
        page.get_by_text("Measuring:").wait_for()
        page.get_by_role("button", name="Pause", exact=True).click()
        page.get_by_text("Paused:").wait_for()
        page.get_by_role("button", name="Go on", exact=True).click()
        page.get_by_text("Measuring:").wait_for()
        page.get_by_role("button", name="Stop", exact=True).click()
        page.get_by_text("Stopped.").wait_for()
    finally:
        stop_app(app)
    journal = next((tmp_path / "data" / "sweeps").glob("*.jsonl"))
    before = journal.read_bytes()
    assert before.count(b"\n") <= MEASUREMENTS

    app = start_app(tmp_path, **environment)
    try:
        page.goto(f"{app.url}/prefill")
        page.get_by_role("button", name="Go on with it").click()
        page.get_by_text("Done.").wait_for(timeout=150_000)
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").click()
    finally:
        stop_app(app)
    assert journal.read_bytes().startswith(before)
    assert journal.read_bytes().count(b"\n") == 1 + MEASUREMENTS
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert len(rows) == MEASUREMENTS
    assert {row["provenance"] for row in rows} == {"simulated"}
