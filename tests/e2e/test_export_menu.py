"""Nothing is locked in: every screen hands out what it shows, and a link that opens it again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.test_journey import SIDES, ask, open_story, wait_answer


def open_menu(page) -> None:
    page.locator('[data-testid="stSidebar"]').get_by_role("button", name="Export").click()


def taken(page, label: str) -> str:
    with page.expect_download() as coming:
        page.get_by_role("button", name=label).click()
    return Path(coming.value.path()).read_text(encoding="utf-8-sig")


def test_compare_hands_out_conversation_figures_and_a_link_that_opens_the_same(app, page, browser):
    open_story(page, app.url)
    ask(page, "Who kept the light at Corrin Point?")
    for role in SIDES:
        wait_answer(page, role)
    page.get_by_text("Time to first token").first.wait_for()
    open_menu(page)
    assert taken(page, "The conversation as Markdown").count("Who kept the light at Corrin Point?") == 1
    rows = json.loads(taken(page, "The conversation as JSON"))
    assert [(row["side"], row["times_are"]) for row in rows] == [("text", "simulated"), ("pages", "simulated")]
    assert taken(page, "Times and tokens as CSV").startswith("question_number,")
    [figures] = json.loads(taken(page, "The book's figures as JSON"))
    shown = page.locator(".st-key-book-line").inner_text()
    assert f"{figures['text_tokens']:,} text tokens" in shown
    link = page.locator('[data-testid="stPopoverBody"] code').inner_text()
    named = parse_qs(urlsplit(link).query)
    assert (named["sample"], named["ask"]) == (["story"], ["Who kept the light at Corrin Point?"])
    assert not {"book", "talk", "run"} & set(named)
    other = browser.new_context().new_page()
    other.goto(link)
    other.locator('[data-testid="stMetricValue"]', has_text=f"{figures['visual_tokens']:,}").wait_for(state="attached")
    other.get_by_role("button", name="Ask: Who kept the light").click()
    for role in SIDES:
        wait_answer(other, role)
    other.context.close()


@pytest.mark.parametrize(
    ("screen", "label"),
    [("Pages", "The book's figures as CSV"), ("Prefill", "The curves as CSV"), ("Servers", "The servers as CSV")],
)
def test_every_screen_hands_out_what_it_shows(app, page, screen, label):
    open_story(page, app.url)
    page.get_by_role("link", name=screen, exact=True).first.click()
    open_menu(page)
    assert len(taken(page, label).splitlines()) > 1


def saved(page, button: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).first.click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def test_charts_are_saved_as_drawings_that_say_what_they_show(app, page):
    open_story(page, app.url)
    ask(page, "Who is the keeper?")
    for role in SIDES:
        wait_answer(page, role)
    times = saved(page, "SVG of the chart: Time to first token, simulated")
    assert times.startswith("<svg")
    assert "Text model, simulated" in times
    page.get_by_role("link", name="Pages", exact=True).first.click()
    page.get_by_text("Ratio against DPI").wait_for()
    curve = saved(page, "Save this chart as SVG")
    assert "Compression ratio against DPI" in curve
    assert re.search(r'<polyline[^>]* stroke="rgb', curve)  # what the style sheet gave it went with it
