"""Every screen on a phone: it is as wide as the window, what is pressed takes a finger, and a finger gets past what it meets."""

from __future__ import annotations

import pytest

from tests.e2e.driver import until
from tests.e2e.screen_measures import TOO_SMALL_FOR_A_FINGER
from tests.e2e.screen_walk import CUT_OFF, SCREENS, SETTLED, lasting
from tests.e2e.test_journey import SIDES, wait_answer

MAIN = '[data-testid="stMain"]'


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    opened = context.new_page()
    opened.set_default_timeout(45_000)
    yield opened
    context.close()


def choose_screen(page, name: str) -> None:
    """In the sidebar, which then is out of the way."""
    wanted, unfold = page.get_by_role("link", name=name, exact=True), page.get_by_test_id("stExpandSidebarButton")

    def is_open() -> bool:  # a press that falls into a redraw is made again; a folded sidebar lies left of the window
        if unfold.is_visible():
            unfold.click()
            page.wait_for_timeout(500)
        box = wanted.bounding_box()
        return box is not None and box["x"] >= 0

    until(is_open)
    wanted.click()
    page.get_by_text(SCREENS[name]).first.wait_for()
    page.get_by_test_id("stExpandSidebarButton").wait_for()  # which is there while the sidebar is not
    page.evaluate(SETTLED)


def look(page, screen: str) -> list[str]:
    wrong = lasting(page, lambda: page.evaluate(CUT_OFF)) + lasting(page, lambda: page.evaluate(TOO_SMALL_FOR_A_FINGER))
    return [f"{screen}: {one}" for one in wrong]


def swipe_up(page, x: float, y: float) -> float:
    """How far the screen went, in px, when a finger went 200 px up from there."""
    before = page.locator(MAIN).evaluate("main => main.scrollTop")
    finger = page.context.new_cdp_session(page)
    points = [{"x": x, "y": y - step} for step in range(0, 201, 20)]
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(20)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(500)
    return page.locator(MAIN).evaluate("main => main.scrollTop") - before


def test_every_screen_fits_a_phone_and_a_finger(app, phone):
    phone.goto(app.url)
    phone.get_by_role("button", name="Open the sample story").wait_for()
    wrong = look(phone, "the welcome")
    phone.get_by_role("button", name="Open the sample story").click()
    phone.get_by_role("button", name="Page 1, open large").wait_for()
    wrong += look(phone, "Compare with a book")
    phone.locator('[data-testid="stBottom"] button', has_text="Beginning").first.click()
    for role in SIDES:
        wait_answer(phone, role)
    wrong += look(phone, "Compare after an answer")
    for name in SCREENS:
        choose_screen(phone, name)
        wrong += look(phone, name)
        if name == "Prefill":
            chart = phone.locator(".js-plotly-plot").first
            chart.evaluate("one => one.scrollIntoView({ block: 'center', behavior: 'instant' })")
            box = chart.bounding_box()
            assert swipe_up(phone, box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.6) > 100
    assert wrong == []
