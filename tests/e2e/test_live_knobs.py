"""While a slider is dragged: picture and figures follow on Compare too, no caption tells another page's size, nothing moves."""

from __future__ import annotations

import pytest

from tests.e2e.test_journey import open_story

# Notes, at every frame: where the slider stands, which figures are shown, and captions whose size is not the picture's.
WATCH = """
([knobs, pane, caption, figure]) => {
  const deep = (root, selector) => {
    const found = root.querySelector(selector);
    if (found) return found;
    for (const one of root.querySelectorAll('*')) {
      const inner = one.shadowRoot && deep(one.shadowRoot, selector);
      if (inner) return inner;
    }
    return null;
  };
  const slider = deep(document, `${knobs} input[type=range]`);
  window.__seen = { tops: new Set(), figures: new Set(), wrong: [], sizes: new Set() };
  const look = () => {
    const picture = deep(document, `${pane} img`), said = deep(document, caption)?.textContent ?? '';
    window.__seen.tops.add(Math.round(slider.getBoundingClientRect().top));
    window.__seen.figures.add(deep(document, figure).textContent);
    const size = picture?.complete ? `${picture.naturalWidth} × ${picture.naturalHeight}\\u00a0px` : '';
    window.__seen.sizes.add(size);
    if (size && said && !said.includes(size)) window.__seen.wrong.push([said, size]);
    requestAnimationFrame(look);
  };
  look();
}
"""
SEEN = "(() => { const { tops, figures, wrong, sizes } = window.__seen; return { tops: [...tops], figures: [...figures], wrong, sizes: [...sizes] }; })()"
COMPARE = [".knobs", ".corner", ".live .where", ".live .ratio"]
PAGES = [".panel", ".sheet", "figcaption", ".tile.lead .value"]


def drag_over_the_whole_range(page, slider) -> dict:
    """From one end to the other and, while the mouse is still down, what was seen."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    at = float(slider.input_value())
    low, high = (float(slider.get_attribute(name)) for name in ("min", "max"))
    page.mouse.move(box["x"] + 8 + (box["width"] - 16) * (at - low) / (high - low), y)
    page.mouse.down()
    for step in range(24):
        page.mouse.move(box["x"] + 8 + (box["width"] - 16) * step / 23, y)
        page.wait_for_timeout(25)
    page.wait_for_function("window.__seen.figures.size > 3")
    seen = page.evaluate(SEEN)
    page.mouse.up()
    return seen


@pytest.mark.parametrize("screen", ["Compare", "Pages"])
@pytest.mark.parametrize("size", [(1280, 720), (390, 844)], ids=["1280x720", "390x844"])
def test_a_drag_shows_pictures_and_figures_and_moves_nothing(app, browser, screen, size):
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.set_default_timeout(45_000)
    try:
        open_story(page, app.url)
        if screen == "Pages":
            page.wait_for_url("**/?*")  # the address follows the figures
            page.goto(page.url.replace("/?", "/pages?"))
            page.locator(".thumb").first.wait_for()
        elif size[0] < 500:
            page.get_by_test_id("stExpandSidebarButton").click()
        page.locator((PAGES if screen == "Pages" else COMPARE)[1]).locator("img").first.wait_for()
        slider = page.get_by_role("slider", name="DPI")
        slider.scroll_into_view_if_needed()
        page.evaluate(WATCH, PAGES if screen == "Pages" else COMPARE)
        seen = drag_over_the_whole_range(page, slider)
        assert len(seen["tops"]) == 1, seen["tops"]
        assert len(seen["figures"]) > 3
        assert len(seen["sizes"]) > 3
        assert seen["wrong"] == []
    finally:
        context.close()
