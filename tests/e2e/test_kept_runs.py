"""What outlives the tab and the process: a conversation after a reload, after a kill in mid-answer, and what History does with it."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import psutil
import pytest

from tests.e2e.driver import comes_to, start_app, stop_app, until
from tests.e2e.screen_walk import Walk
from tests.e2e.test_export_menu import taken
from tests.e2e.test_journey import SIDES, ask, open_story, side, wait_answer

QUESTION = "At what time had the clock stopped?"


def kept_app(folder, speedup: str):
    return start_app(
        folder,
        GLYPH_DATA=str(folder / "data"),
        GLYPH_RECORDINGS="whole",
        GLYPH_SIMULATOR="always",
        GLYPH_SIMULATOR_SPEEDUP=speedup,
    )


@pytest.fixture
def folder(tmp_path):
    """A second try begins with nothing kept."""
    return tmp_path


@pytest.mark.timeout(500)  # three apps, one after the other
def test_a_conversation_outlives_a_reload_and_a_kill_in_mid_answer(folder, page):
    app = kept_app(folder, "0.5")  # slow enough to be killed in mid-answer, and paused in mid-replay
    try:
        open_story(page, app.url)
        page.get_by_role("slider").first.press("ArrowRight")
        ask(page, "Who drew the island?")
        answers = {role: wait_answer(page, role) for role in SIDES}
        page.wait_for_url("**talk=*")
        page.reload()
        assert {role: wait_answer(page, role) for role in SIDES} == answers
        ask(page, QUESTION)
        address = page.url
        until(lambda: is_answering(folder, QUESTION))  # on the disk: the screen shows it when it may be over
    finally:
        os.killpg(app.process.pid, signal.SIGKILL)
    app = kept_app(folder, "40")
    try:
        page.goto(app.url + address[address.index("/?") :])
        broken = side(page, "text")
        broken.locator(".error", has_text="ended in the middle of this answer").wait_for()
        assert broken.locator(".answer").inner_text()
        page.get_by_role("button", name="Question 1: show or hide its answers").click()
        assert {role: side(page, role, turn=0).locator(".answer").inner_text() for role in SIDES} == answers
        assert "recording of" in side(page, "text", turn=0).locator(".badge").inner_text()
        page.get_by_text("Back to Glyph's settings").wait_for()
        ask(page, "Who kept the light?")
        assert all(wait_answer(page, role) for role in SIDES)
        comes_to(page.locator("article.turn:not(.pending)").count, 3)
        history(page)
        replay(page, answers)
    finally:
        stop_app(app)
    only_a_file(folder, page, answers)


def row(page, words: str):
    return page.locator(
        '[class*="st-key-run-"]', has_text=words
    ).first  # while a rerun draws, what it replaces is there too


def history(page) -> None:
    """Find, star, rename, delete, take that back, compare two."""
    page.get_by_role("link", name="History").click()
    row(page, "Who kept the light?").get_by_role("button", name="Star: Who kept the light?").click()
    row(page, "Who kept the light?").get_by_role("button", name="Take the star away: Who kept the light?").wait_for()
    row(page, "Who drew the island?").get_by_role("button", name="More").click()
    page.get_by_label("Name").fill("The island, first take")
    page.get_by_label("Name").press("Enter")
    row(page, "The island, first take").wait_for()
    page.keyboard.press("Escape")
    row(page, QUESTION).get_by_text("broken off").wait_for()
    row(page, QUESTION).get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("1 run deleted.").wait_for()
    row(page, QUESTION).wait_for(state="detached")
    page.get_by_role("button", name="Undo").click()
    row(page, QUESTION).wait_for()
    for words in ("The island, first take", "Who kept the light?"):
        row(page, words).locator('[data-testid="stCheckbox"] label').click()
        row(page, words).locator("input:checked").wait_for(state="attached")
    page.get_by_text("alike").first.wait_for()
    walk = Walk()
    walk.look(page, "History with three runs, two picked", widths=((1024, 768), (390, 844)))
    assert (walk.grave, walk.cut_off, walk.same_names) == ([], [], [])
    until(lambda: each_says_of_which_run(page))
    page.locator('[data-testid="stSidebar"]').get_by_role("button", name="Export").click()
    listed = taken(page, "The list of runs as CSV")
    assert "The island, first take" in listed
    whole = json.loads(taken(page, "2 picked runs: JSON"))
    assert [(one["question"], one["side"]) for one in whole][::2] == [
        ("Who drew the island?", "text"),
        ("Who kept the light?", "text"),
    ]
    page.keyboard.press("Escape")
    comes_to(page.locator(".glyph-diff").count, 2)
    until(page.locator(".glyph-diff mark").count)
    page.locator(".js-plotly-plot").first.wait_for()


def each_says_of_which_run(page) -> bool:
    controls = page.locator('[class*="st-key-run-"] :is(button:visible, input[type=checkbox])')
    names = controls.evaluate_all("(all) => all.map((one) => one.getAttribute('aria-label'))")
    return len(set(names)) == len(names) >= 8 and not any("*" in (name or "") for name in names)


def replay(page, answers: dict[str, str]) -> None:
    """From History: played with its own timing, stopped, moved by hand, played to its end."""
    row(page, "The island, first take").locator('[class*="st-key-open-"] button').first.click()
    page.wait_for_url("**run=*")
    assert {role: wait_answer(page, role) for role in SIDES} == answers
    play_and_scrub(page, answers)


def play_and_scrub(page, answers: dict[str, str]) -> None:
    from playwright.sync_api import expect

    assert "Recorded 20" in page.locator(".turn.newest .recorded").inner_text()
    length = float(page.locator(".player .time").inner_text().split("/")[1].removesuffix("s"))
    page.get_by_role("button", name="Replay: the recording").click()
    page.get_by_role("button", name="Pause: the recording").click()
    page.get_by_role("button", name="Go on: the recording").wait_for()
    place = page.get_by_role("slider", name="Place in the recording, in seconds")
    place.press("Home")
    expect(side(page, "text").locator(".answer")).to_have_text("")
    page.locator(".player .time", has_text=re.compile(r"^0\.0 /")).wait_for()
    place.press("End")
    page.get_by_role("button", name="Replay: the recording").wait_for()
    expect(side(page, "text").locator(".answer")).not_to_have_text("")
    page.get_by_label("Speed of the replay").select_option("5")
    page.get_by_role("button", name="To the first token").click()
    page.get_by_role("button", name="Replay: the recording").wait_for()
    comes_to(lambda: {role: side(page, role).locator(".answer").inner_text() for role in SIDES}, answers)
    assert length > 0.5
    for role in SIDES:
        assert "recording of" in side(page, role).locator(".badge").inner_text()
        assert not side(page, role).get_by_role("button", name="Ask again: ").is_visible()


def streams(folder) -> list[Path]:
    return sorted((folder / "data" / "recordings" / "streams").glob("*.ndjson"))


def is_answering(folder, question: str) -> bool:
    """Whether words of the text model's answer are kept by now."""
    begun = [one for one in streams(folder) if '"t", {"step": "AnswerDelta"' in one.read_text(errors="replace")]
    return question in [asked_in(one) for one in begun]


def asked_in(path) -> str:
    """A run's own question; earlier turns stand in its first line too."""

    def questions(value):
        if isinstance(value, dict):
            return [value["question"]] if "sides" in value else [q for one in value.values() for q in questions(one)]
        return []

    return questions(json.loads(path.read_text().splitlines()[0]))[0]


def only_a_file(folder, page, answers: dict[str, str]) -> None:
    """Another installation: no server, no book, nothing kept; the file alone."""
    path = next(one for one in streams(folder) if asked_in(one) == "Who drew the island?")
    app = start_app(folder, GLYPH_DATA=str(folder / "other"), GLYPH_REPLAY=str(path))
    try:
        page.goto(app.url)
        assert {role: wait_answer(page, role) for role in SIDES} == answers
        play_and_scrub(page, answers)
        assert psutil.Process(app.process.pid).children(recursive=True) == []
        page.get_by_text("no server is asked").wait_for()
    finally:
        stop_app(app)
