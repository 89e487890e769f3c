"""Compare on one screen: what is seen without scrolling after the first question, and what can be done to a turn."""

from __future__ import annotations

import operator
import re
from functools import partial

import pytest

from tests.e2e.driver import comes_to, until
from tests.e2e.test_journey import SIDES, ask, open_story, side, wait_answer

SIZES = [(1280, 720), (1440, 900), (1920, 1080), (390, 844)]
LEAST_LINES = 8
VISIBLE = """
(node) => {
  const box = node.getBoundingClientRect();
  const bottom = document.querySelector('[data-testid="stBottom"]').getBoundingClientRect().top;
  return box.width > 0 && box.top >= 0 && box.bottom <= Math.min(innerHeight, bottom) + 1 && box.left >= 0 && box.right <= innerWidth + 1;
}
"""
# Lines of text that one sees of an answer: its pane's height over the height of a line, or what it has.
LINES_SEEN = """
(node) => {
  const pane = node.closest('.body'), line = parseFloat(getComputedStyle(node).lineHeight);
  return Math.floor(Math.min(pane.clientHeight, pane.scrollHeight) / line);
}
"""
TO_TWO_LINES = """
(node) => {
  const lines = () => Math.round(node.getBoundingClientRect().height / parseFloat(getComputedStyle(node).lineHeight));
  while (lines() < 2) node.textContent += ' word';
  return lines();
}
"""
CLICKED = "([button, ...phases]) => { button.click(); return phases.map((phase) => phase.textContent); }"


@pytest.fixture
def novel_page(app, browser, request):
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(app.url)
    page.get_by_role("button", name="Generate and open").click()
    page.get_by_text("Compression ratio").first.wait_for()
    page.get_by_role("button", name="Page 1, open large").wait_for()
    yield page
    context.close()


def of_both(page, part: str, script: str) -> list:
    return [side(page, role).locator(part).evaluate(script) for role in SIDES]


def suggested(page, place: str):
    return page.locator('[data-testid="stBottom"] button', has_text=place).first


@pytest.mark.parametrize("novel_page", SIZES, indirect=True, ids=lambda size: "x".join(map(str, size)))
def test_the_first_question_tells_the_whole_story_without_scrolling(novel_page):
    page = novel_page
    wide = page.viewport_size["width"] > 800
    suggested(page, "cut from the text model").click()
    for role in SIDES:
        wait_answer(page, role)
    sentence = page.locator(".turn.newest .sentence")
    sentence.filter(has_text=re.compile("^Simulated at 40×: .*Glyph read the whole book, the text model")).wait_for()
    until(lambda: sentence.evaluate(VISIBLE))
    assert "✓ right" in side(page, "pages").locator(".verdict").inner_text()
    assert "✗ wrong" in side(page, "text").locator(".verdict").inner_text()
    until(lambda: side(page, "text").locator(".big").evaluate(VISIBLE))
    if wide:
        for part in (".big", ".verdict"):
            comes_to(partial(of_both, page, part, VISIBLE), [True, True])
        until(lambda: min(of_both(page, ".answer", LINES_SEEN)) >= LEAST_LINES)
        assert (
            sentence.evaluate(TO_TWO_LINES) == 2
        )  # as where a wait has more digits, or a server had read the book before
        until(lambda: min(of_both(page, ".answer", LINES_SEEN)) >= LEAST_LINES)
    comes_to(lambda: page.evaluate("document.documentElement.scrollWidth - innerWidth"), 1, operator.le)


def test_the_largest_figures_of_a_turn_are_its_two_clocks(app, page):
    open_story(page, app.url)
    ask(page, "Who kept the light at Corrin Point?")
    for role in SIDES:
        wait_answer(page, role)
    sizes = page.locator(".turn.newest").evaluate(
        "node => [...node.querySelectorAll('*')].map((one) => [one.className, parseFloat(getComputedStyle(one).fontSize)])"
    )
    largest = max(size for _, size in sizes)
    assert {name for name, size in sizes if size == largest} == {"big"}


def test_a_question_is_on_the_screen_before_python_has_drawn_it(slow_app, page):
    open_story(page, slow_app.url)
    page.evaluate("document.addEventListener('glyph-pending', () => { window.__pending = true; })")
    box = page.locator('[data-testid="stChatInput"] textarea')
    box.fill("Who drew the island?")
    box.press("Enter")
    page.wait_for_function("window.__pending === true")
    page.locator(".turn:not(.pending) .question", has_text="Who drew the island?").wait_for()
    page.locator(".turn.pending").wait_for(state="detached")
    comes_to(page.locator(".question", has_text="Who drew the island?").count, 1)


def test_one_side_is_stopped_and_asked_again_alone(crawling_app, page):
    open_story(page, crawling_app.url)
    ask(page, "At what time had the clock stopped?")
    side(page, "text").get_by_role("button", name="Stop the text model only").click()
    side(page, "text").locator(".phase", has_text="Stopped").wait_for()
    side(page, "pages").get_by_role("button", name="Stop Glyph only").wait_for()
    side(page, "text").get_by_role("button", name="Ask again: ").click()
    side(page, "text").get_by_role("button", name="Stop the text model only").wait_for()
    shown = [page.get_by_role("button", name="Stop both"), *(side(page, role).locator(".phase") for role in SIDES)]
    said = page.evaluate(CLICKED, [one.element_handle() for one in shown])
    assert said == ["Stopping …", "Stopping …"]  # before Python has heard of it
    for role in SIDES:
        side(page, role).locator(".phase", has_text="Stopped").wait_for()


def test_a_side_is_asked_again_after_both_were_over_and_streams_anew(slow_app, page):
    open_story(page, slow_app.url)
    ask(page, "At what time had the clock stopped?")
    for role in SIDES:
        wait_answer(page, role)
    side(page, "text").get_by_role("button", name="Ask again: ").click()
    side(page, "text").get_by_role("button", name="Stop the text model only").wait_for()
    wait_answer(page, "text")
    side(page, "text").get_by_role("button", name="Ask again: ").wait_for()


def test_a_question_that_is_typed_meanwhile_waits_for_its_turn(slow_app, page):
    open_story(page, slow_app.url)
    ask(page, "Who drew the island?")
    box = page.locator('[data-testid="stChatInput"] textarea')
    box.fill("Who kept the light?")
    box.press("Enter")
    page.locator(".question", has_text="Who kept the light?").wait_for()
    for role in SIDES:
        wait_answer(page, role)
    comes_to(page.locator("article.turn").count, 2)


def test_a_question_is_changed_and_sent_again_as_a_turn_of_its_own(app, page):
    open_story(page, app.url)
    ask(page, "Who drew the island?")
    for role in SIDES:
        wait_answer(page, role)
    page.get_by_role("button", name="Edit").last.click()
    editor = page.get_by_role("textbox", name="The question, to be changed").last
    editor.fill("Who kept the light?")
    editor.press("Enter")
    page.locator(".turn.newest .question", has_text="Who kept the light?").wait_for()
    for role in SIDES:
        wait_answer(page, role)
    old = page.locator(".turn.old")
    old.locator(".panes").wait_for(state="hidden")
    toggle = page.get_by_role("button", name="Question 1: show or hide its answers")
    toggle.focus()
    page.keyboard.press("Enter")
    old.locator(".panes").wait_for()


def test_other_settings_offer_to_ask_again(app, page):
    open_story(page, app.url)
    ask(page, "Who drew the island?")
    for role in SIDES:
        wait_answer(page, role)
    page.get_by_role("slider").first.press("ArrowRight")
    page.get_by_role("button", name="Ask again at the present settings").click()
    comes_to(lambda: len(set(page.locator(".turn .stamp").all_inner_texts())), 2)


def test_a_quotation_opens_its_page_with_the_passage_marked(app, page):
    open_story(page, app.url)
    suggested(page, "Beginning").click()
    for role in SIDES:
        wait_answer(page, role)
    side(page, "pages").locator(".checked summary").click()
    side(page, "pages").locator(".checked button").first.click()
    page.locator("dialog.page img").wait_for()
    page.locator("dialog.page .sheet > div").first.wait_for(state="attached")
    page.keyboard.press("Escape")
    page.locator("dialog.page").wait_for(state="detached")


def test_what_is_typed_while_answers_come_and_go_stays_in_the_box(app, page):
    open_story(page, app.url)
    typed = [f"What happened to the {number}. traveller on the road to the harbour?" for number in range(4)]
    for words in typed:
        box = page.locator('[data-testid="stChatInput"] textarea')
        box.click()
        page.keyboard.type(words, delay=20)  # at the speed of a person, through every rerun of the answer before
        assert box.input_value() == words
        page.keyboard.press("Enter")
    page.locator(".turn.newest:not(.pending) .question", has_text=typed[-1]).wait_for()
    comes_to(page.locator("article.turn:not(.pending) .question").all_inner_texts, typed)


def test_keys_send_and_stop_and_one_side_takes_the_whole_width_by_hand(crawling_app, page):
    open_story(page, crawling_app.url)
    box = page.locator('[data-testid="stChatInput"] textarea')
    box.fill("At what time had the clock stopped?")
    box.press("Control+Enter")
    page.locator(".turn:not(.pending) .question", has_text="At what time had the clock stopped?").wait_for()
    page.get_by_role("button", name="Tell me when done").wait_for()
    page.keyboard.press("Escape")
    for role in SIDES:
        side(page, role).locator(".phase", has_text="Stopped").wait_for()
    comes_to(page.locator(".turn").count, 1)
    side(page, "text").locator(".names h3").dblclick()
    side(page, "pages").wait_for(state="hidden")
    side(page, "text").locator(".names h3").dblclick()
    side(page, "pages").wait_for()
    divider, panes = page.locator(".divider").bounding_box(), page.locator(".panes").bounding_box()
    page.mouse.move(divider["x"] + 5, divider["y"] + 40)
    page.mouse.down()
    page.mouse.move(panes["x"] + 4, divider["y"] + 40, steps=4)
    page.mouse.up()
    side(page, "text").wait_for(state="hidden")
    side(page, "pages").wait_for()
