"""Between the screens: the address keeps the book, Back needs one press, and nothing jumps."""

from __future__ import annotations

import pytest

from tests.e2e.test_journey import open_story

SCREENS = ("Compare", "Pages", "Prefill", "Evaluate", "Servers")


def go(page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def left_of_navigation(page) -> float:
    return page.get_by_role("link", name="Compare", exact=True).first.bounding_box()["x"]


@pytest.mark.parametrize("name", ["Prefill", "Servers"])
def test_a_reload_finds_the_book_on_every_screen(app, page, name):
    open_story(page, app.url)
    go(page, name)
    page.wait_for_url(f"**/{name.lower()}?*book=*")
    page.reload()
    page.locator('[data-testid="stSidebar"]').get_by_text("The Island on Sheet 114").first.wait_for()


def test_back_leaves_the_pages_screen_with_one_press(app, page):
    open_story(page, app.url)
    page.wait_for_url("**/*book=*")
    go(page, "Pages")
    page.locator(".viewer").first.wait_for()
    page.wait_for_url("**/pages?*book=*")
    knob = page.get_by_role("slider").first
    for _ in range(3):
        knob.press("ArrowRight")
    page.wait_for_url("**/pages?*d=*")
    page.go_back()
    page.wait_for_url(lambda url: "/pages" not in url)  # one press, and no step of the slider in between
    page.get_by_text("Compression ratio").first.wait_for()


def test_the_navigation_stands_at_one_place_on_every_screen(app, page):
    open_story(page, app.url)
    places = []
    for name in SCREENS:
        go(page, name)
        page.locator('[data-testid="stSidebar"]').get_by_text("The Island on Sheet 114").first.wait_for()
        places.append(round(left_of_navigation(page)))
    assert max(places) - min(places) <= 1
