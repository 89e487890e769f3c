"""One walk through every screen and dialog, and what is measured at each stop: axe-core's findings in both themes, and what a
narrow window cuts off. Taken once; the tests read what it found.

axe-core (MPL-2.0) is a development tool of scripts/js/package.json; it is put into the page here and is no part of the app.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.paths import ROOT
from tests.proofs import cannot_prove

AXE = ROOT / ".data" / "js-tools" / "node_modules" / "axe-core" / "axe.min.js"
# A desktop at the size of most laptops, a projector, a tablet, and a phone.
WIDTHS = ((1440, 900), (1280, 720), (1024, 768), (390, 844))
# What each screen shows when it is whole.
SCREENS = {
    "Pages": "Ratio against DPI",
    "Prefill": "Start the sweep",
    "Evaluate": "Start the evaluation",
    "Search": "Start the search",
    "History": "Import a run",
    "Servers": "Use real servers",
}
_AT_REST_WITHIN_S = 5.0
_GRAVE = ("critical", "serious")
# Rules that are not on by default, and matter here: a finger needs 24 px (WCAG 2.2, 2.5.8); what one sees is what one says (2.5.3).
_RUN_AXE = """
async (rules) => {
  const options = rules ? { runOnly: rules } : { rules: { "target-size": { enabled: true }, "label-content-name-mismatch": { enabled: true } } };
  const found = await axe.run(document, { ...options, resultTypes: ["violations"] });
  return found.violations.flatMap(({ id, impact, nodes }) => nodes.map((node) => [impact, id, node.html.slice(0, 200)]));
}
"""
# Text whose end is hidden, words of a button on two lines, and a page wider than its window. Ours and Streamlit's, through shadow roots.
CUT_OFF = r"""
() => {
  const found = new Set();
  const said = (node) => `${node.tagName.toLowerCase()} "${(node.textContent || "").trim().slice(0, 60)}"`;
  const clipped = (node) => ["hidden", "clip"].includes(getComputedStyle(node).overflowX);
  const walk = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) walk(node.shadowRoot);
      const box = node.getBoundingClientRect();
      const own = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent.trim());
      if (box.width < 2 || box.height < 2 || box.right <= 1 || box.left >= innerWidth || getComputedStyle(node).visibility === "hidden" || node.closest('[aria-hidden="true"], svg')) continue;
      if (node.matches("input")) continue; // one line, whatever is in it; its end says that it goes on (page.css), and the list has the whole
      const holder = own && getComputedStyle(node).display === "inline" ? node.parentElement : node;
      if ((own || getComputedStyle(node).textOverflow === "ellipsis") && clipped(holder) && holder.scrollWidth > holder.clientWidth + 1 && holder.clientWidth > 1)
        found.add(`cut off: ${said(node)} ${holder.scrollWidth} px in ${holder.clientWidth}`);
      if (own && node.closest("button") && !node.closest(".stExpander, [data-testid=stBottom]")) {
        const range = document.createRange();
        range.selectNodeContents(node);
        const lines = new Set([...range.getClientRects()].filter((line) => line.width > 1).map((line) => Math.round(line.top / 4)));
        if (lines.size > 1) found.add(`a button's words on ${lines.size} lines: ${said(node)}`);
      }
    }
  };
  walk(document);
  const main = document.querySelector('[data-testid="stMain"]');
  for (const [name, node] of [["the page", document.documentElement], ["its main part", main]])
    if (node.scrollWidth > node.clientWidth + 1) found.add(`${name} is wider than the window: ${node.scrollWidth} px in ${node.clientWidth}`);
  return [...found];
}
"""
# Two frames, and the end of what slides in or out; what pulses for ever is no transition.
SETTLED = """
async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)));
  await frame();
  await frame();
  for (let tries = 0; tries < 60; tries += 1) {
    if (!document.getAnimations().some((one) => one instanceof CSSTransition && one.playState === "running")) return;
    await frame();
  }
}
"""


@dataclass
class Walk:
    """What was found, each with the stop at which it was."""

    stops: list[str] = field(default_factory=list)
    grave: list[str] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)
    same_names: list[str] = field(default_factory=list)

    def look(self, page, stop: str, widths=WIDTHS) -> None:
        """Look at what is on the screen now. The theme follows the system's while the page is open."""
        self.stops.append(stop)
        self._axe(page, f"{stop}, light", None)
        with _dark(page):
            self._axe(page, f"{stop}, dark", ["color-contrast"])  # the only rule that a theme can change
        self.look_for_cuts(page, stop, widths)

    def look_for_cuts(self, page, stop: str, widths=WIDTHS) -> None:
        at = page.viewport_size
        for width, height in widths:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(SETTLED)
            self.cut_off += [f"{stop}, {width} px: {one}" for one in lasting(page, lambda: page.evaluate(CUT_OFF))]
        page.set_viewport_size(at)
        page.evaluate(SETTLED)
        self.same_names += [f"{stop}: {name}" for name in lasting(page, lambda: _same_names(page))]

    def _axe(self, page, stop: str, rules: list[str] | None) -> None:
        if not AXE.exists():
            cannot_prove("axe-core is not installed here (bash scripts/check-js --tools)")
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE.read_text(encoding="utf-8"))
        found = lasting(page, lambda: [one for one in page.evaluate(_RUN_AXE, rules) if one[0] in _GRAVE])
        self.grave += [f"{stop}: {impact} {rule}: {html}" for impact, rule, html in found]


def lasting(page, look: Callable[[], list]) -> list:
    """What is found and still found when the screen has come to rest: in the middle of a redraw the old and the new stand together."""
    deadline = time.monotonic() + _AT_REST_WITHIN_S
    while (found := look()) and time.monotonic() < deadline:
        page.wait_for_timeout(500)
    return found


def _same_names(page) -> list[str]:
    """By what a screen reader says: the name that a button was given, else its words."""
    buttons = page.locator(':is([data-testid="stButton"], [data-testid="stPopover"]) button:visible')
    names = buttons.evaluate_all("(all) => all.map((one) => one.getAttribute('aria-label') || one.innerText)")
    return [name for name in set(names) if names.count(name) > 1]


@contextmanager
def _dark(page) -> Iterator[None]:
    page.emulate_media(color_scheme="dark")
    page.evaluate(SETTLED)
    try:
        yield
    finally:
        page.emulate_media(color_scheme="light")
        page.evaluate(SETTLED)
