"""Every screen and dialog, looked at once in both themes and at four widths (screen_walk.py): for those who see little, use no
mouse, or hold a phone."""

from __future__ import annotations

import pytest

from tests.e2e.driver import unfold
from tests.e2e.screen_walk import Walk
from tests.e2e.test_journey import SIDES, wait_answer

TABLET = ((1024, 768),)
NARROW = ((1024, 768), (390, 844))


def close(page) -> None:
    page.keyboard.press("Escape")
    page.locator('[role="dialog"], dialog[open]').first.wait_for(state="detached")


def walk_dialogs(walk: Walk, page) -> None:
    for name, ready in (("Chapters", "visual tokens are each chapter"), ("Text", "Line breaks")):
        page.get_by_role("button", name=name, exact=True).first.click()
        page.get_by_role("dialog").get_by_text(ready).first.wait_for()
        walk.look(page, f"the {name} dialog", widths=TABLET)
        close(page)
    page.get_by_role("button", name="Page 1, open large").click()
    page.locator("dialog img").wait_for()
    walk.look(page, "a page, large", widths=TABLET)
    page.get_by_role("button", name="Close (Esc)").click()


def walk_compare(walk: Walk, page) -> None:
    page.get_by_role("button", name="Generate and open").click()
    page.get_by_text("does not fit the text model's window").first.wait_for()
    page.get_by_role("button", name="Page 1, open large").wait_for()
    walk.look_for_cuts(page, "Compare with a novel", widths=NARROW)  # whose figures have the most digits
    page.get_by_role("button", name="Open the sample story").click()
    page.get_by_role("heading", name="The Island on Sheet 114").first.wait_for()
    page.get_by_role("button", name="Page 1, open large").wait_for()
    unfold(page.get_by_text("Answers and measuring"), page.get_by_text("Cold questions"))
    walk.look(page, "Compare with a book")
    walk_dialogs(walk, page)
    page.locator('[data-testid="stBottom"] button', has_text="Beginning").first.click()
    for role in SIDES:
        wait_answer(page, role)
    unfold(page.get_by_text("Where the time went"), page.get_by_text("As the servers tell it"))
    walk.look(page, "Compare after an answer")
    page.locator(".checked summary").first.click()
    page.locator(".checked button").first.click()
    page.locator("dialog.page .sheet > div").first.wait_for(state="attached")
    walk.look(page, "a quotation's page", widths=())
    page.keyboard.press("Escape")


def walk_others(walk: Walk, page) -> None:
    page.get_by_role("link", name="Pages", exact=True).first.click()
    page.get_by_text("Ratio against DPI").wait_for()
    for group in page.locator("details.group > summary").all():
        group.click()
    page.get_by_role("button", name="Grid").click()
    walk.look(page, "Pages with a book")
    page.get_by_role("link", name="Prefill", exact=True).first.click()
    page.get_by_text("Start the sweep").wait_for()
    walk.look(page, "Prefill with a book")
    page.get_by_role("link", name="Servers", exact=True).first.click()
    page.get_by_text("Use real servers").wait_for()
    walk.look(page, "Servers")
    page.get_by_role("link", name="Evaluate", exact=True).first.click()
    page.get_by_role("button", name="Start the evaluation").wait_for()
    walk.look(page, "Evaluate")
    page.get_by_role("link", name="Search", exact=True).first.click()
    page.get_by_role("button", name="Start the search").wait_for()
    walk.look(page, "Search")
    page.get_by_role("link", name="History", exact=True).first.click()
    page.get_by_text("Import a run").first.wait_for()
    walk.look(page, "History")


@pytest.fixture(scope="module")
def walk(app, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 720}, color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(60_000)
    walk = Walk()
    page.goto(f"{app.url}/pages")
    page.get_by_role("button", name="Begin with the sample story").wait_for()
    walk.look(page, "Pages without a book")
    page.goto(app.url)
    page.get_by_role("button", name="Generate and open").wait_for()
    walk.look(page, "the welcome")
    walk_compare(walk, page)
    walk_others(walk, page)
    context.close()
    return walk


def test_axe_finds_nothing_critical_or_serious_on_any_screen_or_dialog_in_both_themes(walk):
    assert len(walk.stops) >= 11
    assert walk.grave == []


def test_no_text_is_cut_off_and_no_button_breaks_its_words_at_any_width(walk):
    assert walk.cut_off == []


def test_no_two_buttons_of_a_screen_have_one_name(walk):
    assert walk.same_names == []
