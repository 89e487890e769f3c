"""The stage, driven by the keyboard alone: one picture without scrolling, legible from the last row, whatever becomes of the network."""

from __future__ import annotations

import io
import operator

import pytest
from PIL import Image

from tests.e2e.driver import comes_to, start_app, stop_app
from tests.e2e.test_journey import SIDES, open_story

SIZES = [(1280, 720), (1920, 1080)]
FIGURES = (".ratio b", ".side.text .big", ".side.pages .big", ".side.text .tokens", ".side.pages .tokens")
# What must be seen whole, besides the figures.
PARTS = (
    ".question",
    ".sentence",
    *(
        f".side.{role} {part}"
        for role in SIDES
        for part in (".badge", ".race", ".cost .track", ".cost .share", ".body")
    ),
)
# How tall a letter of this element is, as the browser draws its font.
LETTER = """
([selector, letter]) => {
  const node = document.querySelector('html'), found = [];
  const walk = (root) => {
    for (const one of root.querySelectorAll('*')) {
      if (one.shadowRoot) walk(one.shadowRoot);
      if (one.matches('.turn.stage')) found.push(one.querySelector(selector));
    }
  };
  walk(node);
  const style = getComputedStyle(found[0]), pen = document.createElement('canvas').getContext('2d');
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  return pen.measureText(letter).actualBoundingBoxAscent;
}
"""
# The least contrast of any words in the picture with what lies under them (WCAG's relative luminance), and those words.
LEAST_CONTRAST = """
(turn) => {
  const parts = (said) => {
    const numbers = said.match(/[\\d.]+/g).map(Number), whole = said.startsWith('color(') ? 1 : 255;
    return { rgb: numbers.slice(0, 3).map((one) => one / whole), alpha: numbers[3] ?? 1 };
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const under = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const { rgb, alpha } = parts(getComputedStyle(one).backgroundColor);
      if (alpha === 1) return rgb;
    }
  };
  const seen = document.createTreeWalker(turn, NodeFilter.SHOW_TEXT);
  let least = [99, ''];
  while (seen.nextNode()) {
    const node = seen.currentNode.parentElement, words = seen.currentNode.textContent.trim();
    if (!words || !node.checkVisibility({ visibilityProperty: true })) continue;
    const [one, other] = [light(parts(getComputedStyle(node).color).rgb), light(under(node))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < least[0]) least = [contrast, words];
  }
  return least;
}
"""
OVERFLOW = "[document.scrollingElement.scrollHeight - innerHeight, document.scrollingElement.scrollWidth - innerWidth]"


def on_stage(page):
    return page.locator(".turn.stage")


def hints(page, words: str):
    return page.locator(".bar .hints", has_text=words)


def ink_height(picture: bytes) -> int:
    """Rows from the first to the last in which something is drawn."""
    box = Image.open(io.BytesIO(picture)).convert("L").point(lambda value: 255 * (value > 90)).getbbox()
    assert box is not None
    return box[3] - box[1]


def assert_legible(page, height: int) -> None:
    turn = on_stage(page)
    comes_to(lambda: page.evaluate(OVERFLOW), [0, 0])
    for part in (*FIGURES, *PARTS):
        box = turn.locator(part).first.bounding_box()
        assert box, part
        assert box["width"] > 0, part
        assert box["x"] >= 0, part
        assert box["y"] >= 0, part
        assert box["x"] + box["width"] <= page.viewport_size["width"], part
        assert box["y"] + box["height"] <= height, part
    for figure in FIGURES:
        assert page.evaluate(LETTER, [figure, "0"]) >= 0.035 * height, figure
    for role in SIDES:
        assert page.evaluate(LETTER, [f".side.{role} .answer", "H"]) >= 0.025 * height
        # What is really drawn, beside what the font says.
        assert ink_height(turn.locator(f".side.{role} .big").screenshot()) >= 0.035 * height
    contrast, words = turn.evaluate(LEAST_CONTRAST)
    assert contrast >= 7, words
    sizes = turn.evaluate(
        "node => [...node.querySelectorAll('*')].filter((one) => one.checkVisibility())"
        ".map((one) => [one.className, parseFloat(getComputedStyle(one).fontSize)])"
    )
    largest = max(size for _, size in sizes)
    assert {name for name, size in sizes if size == largest} == {"big"}


@pytest.fixture
def asked(page):
    """The addresses that the page asked."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    return found


def test_the_stage_is_one_legible_picture_driven_by_the_keyboard_and_outlives_the_network(app, page, asked):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app.url}/?stage=1")
    page.get_by_role("button", name="Open the sample story").click()
    on_stage(page).locator(".phase", has_text="Press the space bar to ask").first.wait_for()
    assert not page.locator('[data-testid="stChatInput"]').is_visible()
    first = on_stage(page).locator(".question").inner_text()
    page.keyboard.press("Space")
    hints(page, "Space: next").wait_for()
    assert on_stage(page).locator(".question").inner_text() == first
    for role in SIDES:
        assert "simulated" in on_stage(page).locator(f".side.{role} .badge").inner_text()
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("(height) => parseFloat(glyphStage.sizes['--unit']) === height / 100", arg=height)
        assert_legible(page, height)
    before = page.evaluate(LETTER, [".side.text .answer", "H"])
    page.keyboard.press("+")
    comes_to(lambda: page.evaluate(LETTER, [".side.text .answer", "H"]), before, operator.gt)
    page.keyboard.press("-")

    page.keyboard.press("ArrowRight")
    on_stage(page).locator(".phase", has_text="Press the space bar to ask").first.wait_for()
    second = on_stage(page).locator(".question").inner_text()
    assert second != first
    page.keyboard.press("Space")
    on_stage(page).locator(".question", has_text=second).wait_for()
    hints(page, "Space: next").wait_for()
    page.keyboard.press("ArrowLeft")
    on_stage(page).locator(".question", has_text=first).wait_for()
    assert all(url.startswith((app.url, "data:", "blob:")) for url in asked), asked

    answer = on_stage(page).locator(".side.pages .answer").inner_text()
    page.context.set_offline(True)
    page.locator(".bar .trouble", has_text="does not answer").wait_for()
    assert on_stage(page).locator(".side.pages .answer").inner_text() == answer
    assert on_stage(page).locator(".side.pages .answer").is_visible()
    page.context.set_offline(False)
    page.keyboard.press("Escape")
    on_stage(page).wait_for(state="detached")
    assert "stage" not in page.url


def test_on_stage_both_are_stopped_asked_again_and_left_by_keys(crawling_app, page):
    open_story(page, crawling_app.url)
    page.locator(".entry .enter").wait_for()  # before it is there nobody hears the key
    page.keyboard.press("Alt+s")
    hints(page, "Space: ask").wait_for()
    page.keyboard.press("Space")
    hints(page, "Esc: stop").wait_for()
    page.keyboard.press("Escape")
    for role in SIDES:
        on_stage(page).locator(f".side.{role} .phase", has_text="Stopped").wait_for()
    page.keyboard.press("r")
    hints(page, "Esc: stop").wait_for()
    page.keyboard.press("Escape")
    for role in SIDES:
        on_stage(page).locator(f".side.{role} .phase", has_text="Stopped").wait_for()
    hints(page, "Esc: leave").wait_for()
    page.keyboard.press("Escape")
    on_stage(page).wait_for(state="detached")


def test_on_stage_a_recording_is_played_and_paused_after_a_restart_and_says_what_it_is(page, tmp_path):
    environment = {"GLYPH_SIMULATOR": "always", "GLYPH_SIMULATOR_SPEEDUP": "0.25", "GLYPH_RECORDINGS": "whole"}
    environment["GLYPH_DATA"] = str(tmp_path / "data")
    app = start_app(tmp_path, **environment)
    try:
        page.goto(f"{app.url}/?stage=1")
        page.get_by_role("button", name="Open the sample story").click()
        on_stage(page).locator(".phase", has_text="Press the space bar to ask").first.wait_for()
        page.keyboard.press("Space")
        hints(page, "Space: next").wait_for(timeout=90_000)
        answer = on_stage(page).locator(".side.pages .answer").inner_text()
        query = page.url.partition("?")[2]
    finally:
        stop_app(app)
    app = start_app(tmp_path, **environment)
    try:
        page.goto(f"{app.url}/?{query}")
        hints(page, "Space: play, pause").wait_for()
        shown = on_stage(page).locator(".side.pages .answer")
        comes_to(shown.inner_text, answer)
        assert on_stage(page).locator(".badge", has_text="recording of").first.is_visible()
        page.keyboard.press("Space")
        begun = on_stage(page).locator(".side.text .answer")
        page.wait_for_function(
            "(node) => !node.checkVisibility() || node.innerText.length < 40", arg=begun.element_handle()
        )
        assert on_stage(page).locator(".badge", has_text="recording of").first.is_visible()
        page.keyboard.press("Space")
        page.wait_for_timeout(300)
        paused = on_stage(page).inner_text()
        page.wait_for_timeout(1_500)
        assert on_stage(page).inner_text() == paused
        assert on_stage(page).locator(".badge", has_text="recording of").first.is_visible()
    finally:
        stop_app(app)
