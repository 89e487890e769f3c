"""An evaluation in a real browser: started, stopped, gone on with after the app's restart, and taken away with its own digits."""

from __future__ import annotations

import json
from pathlib import Path

from app.evaluation import read_journal, summary_value
from tests.e2e.driver import start_app, stop_app

ENVIRONMENT = {"GLYPH_SIMULATOR": "always", "GLYPH_SIMULATOR_SPEEDUP": "1"}
CALLS = 11 * 3  # the paper's tasks, one item each; text, pages at two DPI


def test_an_evaluation_survives_the_restart_of_the_app_and_the_file_has_the_digits_of_the_journal(page, tmp_path):
    environment = {**ENVIRONMENT, "GLYPH_DATA": str(tmp_path / "data")}
    app = start_app(tmp_path, **environment)
    try:
        page.goto(f"{app.url}/evaluate")
        items = page.get_by_label("Items a task")
        items.fill("1")
        items.press("Enter")
        page.get_by_text(f"Up to {CALLS} calls").wait_for()
        page.get_by_text(f"{CALLS} calls about 11 items").wait_for()  # reckoned beside the screen
        page.get_by_role("button", name="Start the evaluation").click()
        page.get_by_text("Asking:").wait_for()
        page.get_by_role("button", name="Stop", exact=True).click()
        page.get_by_text("Stopped.").wait_for()
    finally:
        stop_app(app)
    journal = next((tmp_path / "data" / "evaluations").glob("*.jsonl"))
    before = journal.read_bytes()
    assert before.count(b"\n") <= CALLS

    app = start_app(tmp_path, **{**environment, "GLYPH_SIMULATOR_SPEEDUP": "2000"})
    try:
        page.goto(f"{app.url}/evaluate")
        page.get_by_role("button", name="Go on with it").click()
        page.get_by_text("Done.").wait_for(timeout=150_000)
        page.get_by_text("The passage and its").wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="JSON", exact=True).click()
    finally:
        stop_app(app)
    assert journal.read_bytes().startswith(before)
    assert journal.read_bytes().count(b"\n") == 1 + CALLS
    taken = json.loads(Path(download.value.path()).read_text())
    assert taken["report"] == json.loads(json.dumps(summary_value(*read_journal(journal))))
    assert len(taken["results"]) == CALLS
