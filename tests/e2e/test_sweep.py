"""A sweep in a real browser: started, paused, stopped; the app ends and starts again; the sweep goes on to its end."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from PIL import Image

from tests.e2e.driver import start_app, stop_app, until

MEASUREMENTS = 12  # six lengths, two sides, prefill alone, once each
SPEEDUP = 5  # the twelve waits then come to six seconds: Stop is pressed before the end on a fast machine too
ENVIRONMENT = {"GLYPH_SIMULATOR": "always", "GLYPH_SIMULATOR_SPEEDUP": str(SPEEDUP)}


def test_a_sweep_survives_the_restart_of_the_app_and_its_table_can_be_taken_away(page, tmp_path):
    environment = {**ENVIRONMENT, "GLYPH_DATA": str(tmp_path / "data")}
    app = start_app(tmp_path, **environment)
    try:
        page.goto(f"{app.url}/prefill")
        repeats = page.get_by_label("Repeats")
        repeats.fill("1")
        repeats.press("Enter")
        page.get_by_text("Also answers of 256 tokens").click()
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
            page.locator('[data-testid="stDownloadButton"]', has_text="CSV").click()
        look_at_saved_charts(page)
        calibrate_and_use_it(page)
    finally:
        stop_app(app)
    assert journal.read_bytes().startswith(before)
    assert journal.read_bytes().count(b"\n") == 1 + MEASUREMENTS
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert len(rows) == MEASUREMENTS
    assert {row["provenance"] for row in rows} == {"simulated"}


def look_at_saved_charts(page) -> None:
    """Every kind of file of the first chart, whole, with the word that tells what its points are."""
    saved = {}
    for kind in ("PNG", "SVG", "HTML", "CSV", "JSON"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"{kind} of the chart: Time to first token against length:").click()
        assert download.value.suggested_filename == f"sweep-prefill.{kind.lower()}"
        saved[kind] = Path(download.value.path()).read_bytes()
    picture = Image.open(io.BytesIO(saved["PNG"]))
    assert picture.width > 2000
    assert len(picture.convert("L").resize((64, 36)).getcolors()) > 20  # something is drawn on it
    drawing = saved["SVG"].decode()
    assert drawing.startswith("<svg")
    assert "simulated" in drawing
    alone = saved["HTML"].decode()
    assert "Plotly.newPlot" in alone
    assert "http://127.0.0.1" not in alone.rsplit("<script>", 1)[1]
    assert f"Text model, then made {SPEEDUP}× faster, simulated" in saved["CSV"].decode()
    assert json.loads(saved["JSON"])["data"]


def calibrate_and_use_it(page) -> None:
    """The factors of this sweep are fitted, shown with what they miss, kept, and chosen for the projections above."""
    page.get_by_text("Calibrate the projection with this sweep").click()
    page.get_by_role("button", name="Calibrate", exact=True).click()
    page.get_by_text("The fit is off by at most").wait_for()
    page.get_by_text("A simulator's times are a projection").wait_for()
    choose(page, "Factors of the projections below", "fitted to a simulator")
    page.get_by_text("What follows is projected with the factors of Simulated NVIDIA H100").wait_for()


def choose(page, label: str, option: str) -> None:
    """By keyboard, and again where it was too early: scrolling and redrawing close an open list."""
    box, wanted = page.get_by_role("combobox", name=label), page.get_by_role("option", name=option)
    box.scroll_into_view_if_needed()

    def is_open() -> bool:
        if not wanted.is_visible():
            box.press("ArrowDown")
            page.wait_for_timeout(500)
        return wanted.is_visible()

    until(is_open)
    wanted.click()
