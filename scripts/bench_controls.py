"""How long from a control's change to what it promises, in a real headless Chromium over a 1 MB novel.

    python scripts/bench_controls.py [--book BOOK.txt] [--rounds 3]

knob      on Pages, every knob of the settings panel but the fonts, one after the other from Glyph's own settings: from its
          change until the whole book's figures at the new setting stand on the screen. Sliders and colours take values that
          nobody asked for before; switches and choices come again from the second round on.
stop      on Compare, from the click on "Stop both" in mid-answer until both sides say that they are being stopped, and
          until they are.
chapters  on Compare, from the click on "Chapters" until the dialog shows its table of chapters with their tokens.

Prints a table for people, and JSON as its last line: milliseconds, medians and the largest. Knows the app only through its
screens.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import argparse  # noqa: E402
import json  # noqa: E402
import statistics  # noqa: E402
import tempfile  # noqa: E402

from renderer.fast.engine import warm_up  # noqa: E402
from scripts.bench_drag import open_on_pages, write_novel  # noqa: E402
from scripts.headless import app_running, headless_chromium, opened  # noqa: E402
from scripts.option_types import existing_file, positive  # noqa: E402

KNOB_GOAL_MS = 300
OTHERS = {
    "stopping": "Stop, until both say that they stop",
    "stopped": "Stop, until both have stopped",
    "chapters": "Chapters, until the table stands there",
}
SETTLED_MS = 400  # after a change: the debounced rest (curve, advice, the address) is over before the next one
# Changes a knob as a user does, and tells when the figures of the changed settings stood there, or why they never did.
CHANGE = """
async ([key, round]) => {
  const row = window.__viewer.querySelector(`.knob[data-key="${key}"]`);
  const range = row.querySelector("input[type=range]"), color = row.querySelector("input[type=color]");
  const box = row.querySelector("input[type=checkbox]"), segments = [...row.querySelectorAll("[role=radio]")];
  const other = segments.find((one) => one.getAttribute("aria-checked") !== "true" && one.dataset.value !== "");
  if (!range && !color && !box && !other) return undefined;
  for (let group = row.closest("details"); group; group = group.parentElement.closest("details")) group.open = true;
  const shown = new Promise((done) => {
    const stop = setTimeout(() => end(null), 30000);
    const end = (at) => {
      clearTimeout(stop);
      window.__viewer.removeEventListener("glyph-counted", hear);
      done(at);
    };
    const hear = (event) => {
      if (event.detail.query === window.__lastQuery) return;
      window.__lastQuery = event.detail.query;
      requestAnimationFrame(() => setTimeout(() => end(performance.now())));
    };
    window.__viewer.addEventListener("glyph-counted", hear);
  });
  const say = (node, ...names) => names.forEach((name) => node.dispatchEvent(new Event(name, { bubbles: true })));
  const began = performance.now();
  if (range) {
    const step = (Number(range.step) || 1) * (1 + round), at = Number(range.value);
    range.value = at + step <= Number(range.max) ? at + step : at - step;
    say(range, "input", "change");
  } else if (color) {
    color.value = ["#203040", "#0a1428", "#303030", "#402010"][round % 4];
    say(color, "input", "change");
  } else (box ?? other).click();
  const ended = await shown;
  return ended && ended - began;
}
"""


def main() -> int:
    options = parse()
    with headless_chromium() as browser, tempfile.TemporaryDirectory() as folder:
        warm_up()
        book = options.book or write_novel(Path(folder))
        environment = {"GLYPH_SIMULATOR": "always", "GLYPH_SIMULATOR_READER": "manifest"}
        with app_running(ROOT / "app" / "main.py", Path(folder), environment) as url:
            found = {"knobs": knobs(browser, url, book, options.rounds), **compare(browser, url, book, options.rounds)}
    show(found)
    print(json.dumps(found))
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--book", type=existing_file, help="a text; otherwise a synthetic novel of about 1 MB")
    parser.add_argument("--rounds", type=positive, default=3)
    return parser.parse_args()


def knobs(browser, url: str, book: Path, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every round by the knob's name."""
    found: dict[str, list[float]] = {}
    with opened(browser, width=1600) as page:
        open_on_pages(page, url, book)
        names = page.locator(".knob[data-key]").evaluate_all(
            "rows => rows.map((row) => [row.dataset.key, row.querySelector('.label')?.textContent.trim() ?? row.dataset.key])"
        )
        for turn in range(rounds):
            for key, name in names:
                ms = page.evaluate(CHANGE, [key, turn])
                if ms is not None:
                    found.setdefault(f"{name} ({key})", []).append(round(ms, 1))
                page.wait_for_timeout(SETTLED_MS)
                page.get_by_role("button", name="Back to Glyph's own settings").click()
                page.wait_for_timeout(SETTLED_MS)
                page.evaluate("window.__lastQuery = ''")
    return found


def compare(browser, url: str, book: Path, rounds: int) -> dict[str, list[float]]:
    said: list[float] = []
    stopped: list[float] = []
    dialogs: list[float] = []
    with opened(browser) as page:
        page.goto(url)
        page.locator('[data-testid="stFileUploader"] input[type=file]').set_input_files(str(book))
        page.get_by_role("button", name="Page 1, open large").wait_for()
        page.wait_for_timeout(3_000)
        for turn in range(rounds):
            dialogs.append(page.evaluate(CHAPTERS))
            page.get_by_role("dialog").press("Escape")
            page.get_by_role("dialog").wait_for(state="detached")
            box = page.locator('[data-testid="stChatInput"] textarea')
            box.fill(f"What happened to the {turn}. traveller?")
            box.press("Enter")
            page.get_by_role("button", name="Stop both").wait_for()
            page.locator(".turn.newest:not(.pending) .side .phase", has_text="Read").first.wait_for()
            page.wait_for_timeout(500)
            for times, ms in zip((said, stopped), page.evaluate(STOP), strict=True):
                times.append(ms)
            page.wait_for_timeout(1_000)
    return {
        name: [round(one, 1) for one in times]
        for name, times in (("stopping", said), ("stopped", stopped), ("chapters", dialogs))
    }


# From the click until a frame with the table in the dialog was painted.
CHAPTERS = """
() => new Promise((done) => {
  const button = document.querySelector(".st-key-open_chapters button"), began = performance.now();
  button.click();
  const look = () => {
    const table = document.querySelector("[role=dialog] [data-testid=stDataFrame] canvas");
    if (table?.checkVisibility() && table.width) setTimeout(() => done(performance.now() - began));
    else requestAnimationFrame(look);
  };
  look();
})
"""
STOP = """
() => new Promise((done) => {
  const all = (root, selector, found = []) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.matches(selector)) found.push(node);
      if (node.shadowRoot) all(node.shadowRoot, selector, found);
    }
    return found;
  };
  const button = all(document, "button").find((one) => one.textContent.includes("Stop both") && one.checkVisibility());
  const phases = all(document, ".turn.newest .side .phase"), began = performance.now();
  let said = null;
  button.click();
  const look = () => {
    const now = performance.now() - began;
    if (phases.every((one) => one.textContent.includes("Stop"))) said ??= now;
    if (phases.every((one) => one.textContent.includes("Stopped"))) done([said, now]);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})
"""


def show(found: dict) -> None:
    print(f"{'from the change to the figures':44}{'p50 ms':>9}{'max ms':>9}")
    for name, values in sorted(found["knobs"].items(), key=lambda one: -statistics.median(one[1])):
        print(f"{name:44}{statistics.median(values):9.0f}{max(values):9.0f}")
    for name, label in OTHERS.items():
        print(f"{label:44}{statistics.median(found[name]):9.0f}{max(found[name]):9.0f}")
    every = [one for values in found["knobs"].values() for one in values]
    late = sum(one > KNOB_GOAL_MS for one in every)
    print(f"{len(every)} changes of {len(found['knobs'])} knobs: {late} took more than {KNOB_GOAL_MS} ms.")


if __name__ == "__main__":
    raise SystemExit(main())
