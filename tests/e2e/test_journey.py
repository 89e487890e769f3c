"""The whole journey, as a person takes it: upload a novel, see its pages, ask, read both answers, stop a second question."""

from __future__ import annotations

import operator
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest

from app.books.samples import synthetic_novel
from tests.e2e.driver import comes_to, start_app, stop_app, unfold, until

SIDES = ("text", "pages")


@pytest.fixture(scope="module")
def novel(tmp_path_factory):
    """A 1 MB novel with planted facts, as a file."""
    sample = synthetic_novel(text_tokens=240_000, seed=7)
    path = tmp_path_factory.mktemp("novel") / "the-novel.txt"
    path.write_text(sample.book.text, encoding="utf-8")
    assert path.stat().st_size > 900_000
    return path, sample


def side(page, role: str, turn: int = -1):
    panes = page.locator(f"section.side.{role}")
    return panes.nth(turn) if turn >= 0 else panes.last


def upload(page, url: str, path) -> None:
    page.goto(url)
    page.locator('[data-testid="stFileUploader"] input[type=file]').set_input_files(str(path))
    page.get_by_text("Compression ratio").wait_for()


def ask(page, question: str) -> None:
    box = page.locator('[data-testid="stChatInput"] textarea')
    box.fill(question)
    box.press("Enter")
    page.locator(".question", has_text=question).wait_for()


def wait_answer(page, role: str, turn: int = -1) -> str:
    """Until the side is over: the total stands among its figures."""
    side(page, role, turn).locator("dt", has_text="Total").wait_for()
    return side(page, role, turn).locator(".answer").inner_text()


def open_story(page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Open the sample story").click()
    page.get_by_text("Compression ratio").wait_for()


def test_a_novel_goes_in_and_two_answers_come_out_and_a_second_question_can_be_stopped(slow_app, page, novel):
    path, sample = novel
    upload(page, slow_app.url, path)
    page.get_by_role("button", name="Page 1, open large").wait_for(timeout=120_000)
    page.get_by_text("does not fit the text model's window").first.wait_for()

    question = sample.questions[0]
    ask(page, question.question)
    answers = {role: wait_answer(page, role) for role in SIDES}
    assert "Simulated" in answers["text"]
    assert re.search(r"page \d+", answers["pages"], re.IGNORECASE)
    for role in SIDES:
        assert float(side(page, role).locator(".big").inner_text()) > 0
        assert side(page, role).locator(".badge.simulated").is_visible()
    page.get_by_text("Time to first token", exact=True).first.wait_for()
    page.get_by_text("Hatched bars are simulated").first.wait_for()

    unfold(page.get_by_text("Answers and measuring"), page.get_by_text("Cold questions"))
    page.get_by_role(
        "radio", name="every one"
    ).click()  # else the second question finds the book in the cache and is soon over
    ask(page, sample.questions[1].question)
    side(page, "pages").locator(".unit", has_text="to first token").wait_for()
    page.get_by_role("button", name="Stop both").click()
    for role in SIDES:
        side(page, role).get_by_text("Stopped").wait_for()
    page.get_by_role("button", name="Question 1: show or hide its answers").click()
    comes_to(side(page, "text", turn=0).locator(".answer").inner_text, answers["text"])


def test_pages_open_large_and_zoom(app, page):
    open_story(page, app.url)
    page.get_by_role("button", name="Page 1, open large").click()
    image = page.locator("dialog img")
    image.wait_for()
    page.get_by_role("button", name="One image pixel, one screen pixel").click()
    natural = image.evaluate("one => one.naturalWidth")
    assert natural > 400
    comes_to(lambda: image.bounding_box()["width"], pytest.approx(natural, abs=1))
    page.get_by_role("button", name="Larger").click()
    comes_to(lambda: image.bounding_box()["width"], natural, operator.gt)
    page.keyboard.press("Escape")
    image.wait_for(state="hidden")


def test_a_reload_or_a_link_finds_the_book_again(app, page, tmp_path):
    path = tmp_path / "lantern.txt"
    path.write_text("The lantern of Aldermoor burns green.\n" * 400, encoding="utf-8")
    upload(page, app.url, path)
    page.wait_for_url("**/?book=*")
    page.reload()
    page.get_by_role("heading", name="lantern").first.wait_for()
    page.get_by_role("button", name="Page 1, open large").wait_for()

    page.goto(f"{app.url}/?book=long-gone&d=96")
    page.get_by_text("no longer kept on this server").wait_for()


def test_two_people_at_once_do_not_see_each_other(app, browser):
    contexts = [browser.new_context(viewport={"width": 1400, "height": 900}) for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    questions = ("How many steps does the tower have?", "Who drew the island?")
    for page in pages:
        page.set_default_timeout(45_000)
        open_story(page, app.url)
    for page, question in zip(pages, questions, strict=True):
        ask(page, question)
    for page, own, other in zip(pages, questions, reversed(questions), strict=True):
        for role in SIDES:
            wait_answer(page, role)
        assert page.locator(".question", has_text=own).count() == 1
        assert page.locator(".question", has_text=other).count() == 0
        for role in SIDES:  # whoever asked about this book before: a conversation's first question is cold
            comes_to(side(page, role).locator(".chip.cache").inner_text, "cold")
    ask(pages[0], questions[1])
    for role in SIDES:
        comes_to(side(pages[0], role).locator(".chip.cache").inner_text, "warm")
    for context in contexts:
        context.close()


def test_a_bad_upload_is_refused_in_one_sentence_and_the_open_book_stays(app, page, tmp_path):
    open_story(page, app.url)
    title = page.locator("h1").first.inner_text()
    bad = tmp_path / "novel.txt"
    bad.write_bytes(bytes(range(256)) * 400)
    page.get_by_role("radio", name="Upload").or_(page.get_by_role("button", name="Upload", exact=True)).first.click()
    page.locator('[data-testid="stFileUploader"] input[type=file]').set_input_files(str(bad))
    page.locator('[data-testid="stAlert"]').first.wait_for()
    assert page.locator("h1").first.inner_text() == title


def test_moving_a_slider_in_mid_stream_disturbs_no_answer(crawling_app, page):
    open_story(page, crawling_app.url)
    ask(page, "Who kept the light at Corrin Point?")
    side(page, "text").locator(".unit", has_text="to first token").wait_for()
    page.get_by_role("slider").first.press("ArrowRight")
    page.get_by_text("Back to Glyph's settings").wait_for()
    for role in SIDES:
        assert "Simulated" in wait_answer(page, role)


def test_a_killed_server_fails_one_side_only_and_can_be_asked_again(crawling_app, page):
    open_story(page, crawling_app.url)
    ask(page, "At what time had the clock stopped?")
    side(page, "pages").locator(".unit", has_text="to first token").wait_for()
    with ThreadingHTTPServer(("127.0.0.1", kill_pages_server(crawling_app)), BaseHTTPRequestHandler):
        # Its port is another's now, who answers nothing: the simulator comes back elsewhere, and is asked there.
        side(page, "pages").locator(".error").wait_for()
        assert "Glyph: " in side(page, "pages").locator(".error").inner_text()
        assert "Simulated" in wait_answer(page, "text")
        retry_until_answered(page)


def kill_pages_server(app) -> int:
    """The port that it had."""
    for child in psutil.Process(app.process.pid).children(recursive=True):
        command = child.cmdline()
        if any("simulate.py" in part for part in command) and "pages" in command:
            port = next(one.laddr.port for one in child.net_connections("inet") if one.status == psutil.CONN_LISTEN)
            child.kill()
            child.wait(10)
            return port
    raise AssertionError("the app has no pages simulator to kill")


def retry_until_answered(page) -> None:
    """The app starts the simulator anew within seconds; until then a retry says again that nothing answers."""

    def answered() -> bool:
        button = side(page, "pages").get_by_role("button", name="Try again: ")
        if button.is_visible():
            button.click()
            page.wait_for_timeout(1_500)
        return side(page, "pages").locator("dt", has_text="Total").count() > 0

    until(answered, within_s=120)  # the answer alone takes half a minute of this app


def test_nothing_is_left_running_when_the_app_ends(tmp_path):
    running = start_app(tmp_path, GLYPH_SIMULATOR="always")
    parent = psutil.Process(running.process.pid)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not parent.children(recursive=True):
        time.sleep(0.1)
    assert parent.children(recursive=True), "the simulator never started"
    assert stop_app(running) == []


def test_the_prefill_page_says_how_much_faster_than_projected_its_simulated_bars_are(app, page):
    from playwright.sync_api import expect

    open_story(page, app.url)
    ask(page, "Who drew the island?")
    for role in SIDES:
        wait_answer(page, role)
    page.get_by_role("link", name="Prefill").click()
    page.get_by_text(re.compile(r"^This book: [\d,]+ text tokens")).wait_for()
    said = page.get_by_text("40× faster than projected: the times shown are not the projection's")
    expect(said).to_have_count(1)  # Compare's own has gone with its page
