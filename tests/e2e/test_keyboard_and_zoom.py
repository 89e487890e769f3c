"""Every screen by keyboard alone, with less motion asked for, and in a window at 200 % zoom: once over all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from tests.e2e.screen_measures import MOVING, OUT_OF_REACH, UNSEEN_FOCUS
from tests.e2e.screen_walk import CUT_OFF, SCREENS, SETTLED, lasting
from tests.e2e.test_journey import SIDES, open_story, wait_answer

SIZE = {"width": 1280, "height": 720}
# 1280 x 720 and 1280 x 1024 at 200 % zoom: half as many of CSS's pixels (WCAG 2.2, 1.4.4).
ZOOMED = ((640, 360), (640, 512))
# Between them they have every kind of thing that is focused: a theme changes its colours, not where it stands.
BOTH_THEMES = ("the welcome", "Pages", "Compare after an answer")


@dataclass
class Found:
    """With the screen at which it was found."""

    focused: int = 0
    unseen_focus: list[str] = field(default_factory=list)
    moving: list[str] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)
    out_of_reach: list[str] = field(default_factory=list)

    def look(self, page, screen: str) -> None:
        self.moving += [f"{screen}: {one}" for one in lasting(page, lambda: page.evaluate(MOVING))]
        for theme in ("light", "dark") if screen in BOTH_THEMES else ("light",):
            page.emulate_media(color_scheme=theme)
            page.evaluate(SETTLED)
            page.keyboard.press("Tab")  # from now on focus is the keyboard's
            self.unseen_focus += [f"{screen}, {theme}: {one}" for one in lasting(page, lambda: self._unseen(page))]
        page.emulate_media(color_scheme="light")
        for width, height in ZOOMED:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(SETTLED)
            at_twice = f"{screen}, {width} x {height}"
            self.cut_off += [f"{at_twice}: {one}" for one in lasting(page, lambda: page.evaluate(CUT_OFF))]
            self.out_of_reach += [f"{at_twice}: {one}" for one in lasting(page, lambda: page.evaluate(OUT_OF_REACH))]
        page.set_viewport_size(SIZE)
        page.evaluate(SETTLED)

    def _unseen(self, page) -> list[str]:
        told = page.evaluate(UNSEEN_FOCUS)
        self.focused += told["seen"]
        return told["found"]


@pytest.fixture(scope="module")
def found(app, browser):
    context = browser.new_context(viewport=SIZE, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(60_000)
    found = Found()
    page.goto(app.url)
    page.get_by_role("button", name="Generate and open").wait_for()
    found.look(page, "the welcome")
    open_story(page, app.url)
    page.get_by_role("button", name="Page 1, open large").wait_for()
    page.locator('[data-testid="stBottom"] button', has_text="Beginning").first.click()
    for role in SIDES:
        wait_answer(page, role)
    for screen, ready in SCREENS.items():
        page.get_by_role("link", name=screen, exact=True).first.click()
        page.get_by_text(ready).first.wait_for()
        found.look(page, screen)
    page.get_by_role("link", name="Compare", exact=True).first.click()
    wait_answer(page, "text")
    found.look(page, "Compare after an answer")
    context.close()
    return found


def test_focus_by_the_keyboard_is_seen_wherever_tab_stops_in_both_themes(found):
    assert found.focused > 500
    assert found.unseen_focus == []


def test_nothing_moves_where_one_asked_for_less_motion(found):
    assert found.moving == []


def test_at_twice_the_size_nothing_is_cut_off_and_all_that_can_be_pressed_is_reached(found):
    assert found.cut_off == []
    assert found.out_of_reach == []


def test_a_figure_is_explained_by_keyboard_and_by_finger_and_escape_takes_it_away(app, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{app.url}/pages")
    page.get_by_role("button", name="Begin with the sample story").click()
    sign, bubble = page.get_by_role("button", name="About Compression ratio"), page.locator(".bubble:popover-open")
    sign.focus()
    expect(bubble).to_have_text("Text tokens / visual tokens, over the whole book.")
    page.keyboard.press("Escape")
    expect(bubble).to_have_count(0)
    page.get_by_role("button", name="About Visual tokens").tap()
    expect(bubble).to_contain_text("28 × 28 px")
    box = bubble.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    context.close()
