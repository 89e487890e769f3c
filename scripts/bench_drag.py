"""How long from a moved DPI slider to the painted page, in a real headless Chromium over a 1 MB novel.

    python scripts/bench_drag.py [--book BOOK.txt] [--steps 60] [--app app/main.py]

Single steps (each waits for its picture and its figures), and a drag with the mouse that waits for nothing. All times
begin at the input event and are the browser's own:

    page on the screen    the compositor has drawn the frame that holds the picture, decoded and scaled (Chromium's trace:
                          the end of that frame's PipelineReporter)
    page handed over      the page's own thread is done with that frame; decoding and drawing follow. A drag tells only this
    ratio                 the whole book's figures are in the page, before their own frame
    floor                 the same to the screen with no app at work: pages of the same sizes, already in the browser

Prints a table for people, and JSON as its last line. Knows the app only through its pages.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import argparse  # noqa: E402
import json  # noqa: E402
import statistics  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

from app.books.samples import synthetic_novel  # noqa: E402
from scripts.headless import app_running, headless_chromium, opened  # noqa: E402
from scripts.option_types import existing_file, positive  # noqa: E402

FIND_VIEWER = """
window.__viewer = (() => {
  const look = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.classList.contains("viewer")) return node;
      const found = node.shadowRoot && look(node.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  return look(document);
})();
window.__painted = []; window.__counted = [];
window.__viewer.addEventListener("glyph-painted", (event) => window.__painted.push(event.detail));
window.__viewer.addEventListener("glyph-counted", (event) => window.__counted.push(event.detail));
"""
STEPS = """
async (values) => {
  const slider = window.__viewer.querySelector('.knob[data-key="d"] input[type=range]');
  const heard = (name, dpi) => new Promise((done) => {
    const hear = (event) => {
      if (new URLSearchParams(event.detail.query).get("d") !== String(dpi)) return;
      window.__viewer.removeEventListener(name, hear); done(performance.now());
    };
    window.__viewer.addEventListener(name, hear);
  });
  const found = [];
  performance.mark("glyph-clock");
  for (const dpi of values) {
    const painted = heard("glyph-painted", dpi), counted = heard("glyph-counted", dpi);
    const began = performance.now();
    slider.value = dpi;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    const [picture, figures] = await Promise.all([painted, counted]);
    found.push([began, picture, figures]);
    await new Promise((done) => setTimeout(done, 30));
  }
  return found;
}
"""
# The picture's place is the page's own; each round decodes bytes that were not decoded before.
FLOOR = """
async (rounds) => {
  const place = window.__viewer.querySelector(".sheet"), first = place.querySelector("img"), found = [];
  const address = (dpi) => `${new URL(window.__viewer.querySelector(".downloads a").href).pathname.replace(/[^/]*$/, "")}page.png?page=60&d=${dpi}`;
  const files = await Promise.all([80, 97, 108, 119, 131].map(async (dpi) => (await fetch(address(dpi))).blob()));
  performance.mark("glyph-clock");
  for (let round = 0; round < rounds; round += 1) {
    await new Promise((done) => setTimeout(done, 60 + 7 * (round % 5)));
    const url = URL.createObjectURL(files[round % files.length]), picture = new Image();
    picture.decoding = "sync";
    const began = performance.now();
    await new Promise((done) => { picture.onload = done; picture.src = url; });
    place.querySelector("img").replaceWith(picture);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    found.push([began, performance.now(), 0]);
    URL.revokeObjectURL(url);
  }
  place.querySelector("img").replaceWith(first);
  return found;
}
"""
TRACED = ["blink.user_timing", "cc", "benchmark"]


def main() -> int:
    options = parse()
    with headless_chromium() as browser, tempfile.TemporaryDirectory() as folder:
        book = options.book or write_novel(Path(folder))
        environment = {"GLYPH_SIMULATOR": "always"}
        with app_running(options.app.resolve(), Path(folder), environment) as url:
            found = measure(browser, url, book, options.steps)
    show(found)
    print(json.dumps(found))
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--book", type=existing_file, help="a text; otherwise a synthetic novel of about 1 MB")
    parser.add_argument("--steps", type=positive, default=60)
    parser.add_argument("--app", type=existing_file, default=ROOT / "app" / "main.py")
    return parser.parse_args()


def write_novel(folder: Path) -> Path:
    path = folder / "the-novel.txt"
    path.write_text(synthetic_novel(text_tokens=240_000, seed=7).book.text, encoding="utf-8")
    return path


def open_on_pages(page, url: str, book: Path) -> None:
    """The book on the Pages screen, its curve and advice done: they are no part of what a moved knob costs."""
    page.goto(f"{url}/pages")
    page.get_by_text("Upload", exact=True).first.click()
    page.locator("[data-testid=stFileUploader]", has_text="A book of").locator("input[type=file]").set_input_files(
        str(book)
    )
    page.locator(".tile.lead .value", has_text="×").wait_for()
    page.wait_for_timeout(5_000)
    page.evaluate(FIND_VIEWER)


def measure(browser, url: str, book: Path, steps: int) -> dict:
    with opened(browser, width=1600) as page:
        open_on_pages(page, url, book)
        # Every value is new to the server: nothing comes from a cache. The middle of the book is shown, not its first page.
        page.get_by_label("Page number").fill("60")
        page.get_by_label("Page number").press("Enter")
        page.wait_for_timeout(1500)
        values = [73 + (17 * step) % 71 for step in range(min(steps, 70))]
        values = [value for value in values if value not in (72, 96)]
        single, screen = traced(browser, page, STEPS, values)
        page.wait_for_timeout(3000)
        _, floor = traced(browser, page, FLOOR, len(values))
        dragged = drag(page)
    handed, figures = ([row[at] - row[0] for row in single] for at in (1, 2))
    return {
        "book": book.name,
        "book_bytes": book.stat().st_size,
        "steps": len(single),
        "screen_ms": spread(screen),
        "picture_ms": spread(handed),
        "figures_ms": spread(figures),
        "floor_ms": spread(floor),
        "drag": dragged,
    }


def traced(browser, page, script: str, argument) -> tuple[list[list[float]], list[float]]:
    """What the script found, rows of (began, handed over, …), and for each row the time to the screen."""
    browser.start_tracing(page=page, categories=TRACED)
    found = page.evaluate(script, argument)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    clock = next(event for event in events if event["name"] == "glyph-clock")
    zero = clock["ts"] - 1000 * clock["args"]["data"]["startTime"]
    frames = drawn_frames(events)
    on_screen = []
    for began, handed, *_ in found:
        # The page hands a frame over, then tells of it: its frame is the last one committed until then.
        ends = [end for commit, end in frames if commit <= zero + 1000 * handed]
        if ends:
            on_screen.append((ends[-1] - zero) / 1000 - began)
    return found, on_screen


def drawn_frames(events: list[dict]) -> list[tuple[float, float]]:
    """(commit began, drawn) in the trace's microseconds of every frame of the page, in the order of their commits."""
    began: dict[tuple, dict] = {}
    commits: dict[tuple, float] = {}
    frames = []
    for event in sorted(events, key=lambda event: event.get("ts", 0)):
        key, name = (event.get("pid"), event.get("id2", {}).get("local")), (event["name"], event["ph"])
        if name == ("PipelineReporter", "b"):
            began[key] = event
        elif name == ("Commit", "b") and key in began:
            commits[key] = event["ts"]
        elif name == ("PipelineReporter", "e") and began.pop(key, {}) and key in commits:
            frames.append((commits.pop(key), event["ts"]))
    return sorted(frames)


def drag(page) -> dict:
    """Two seconds with the mouse on the font-size slider, there and back; what was painted meanwhile."""
    slider = page.get_by_role("slider", name="Font size")
    box = slider.bounding_box()
    y, left, width = box["y"] + box["height"] / 2, box["x"], box["width"]
    page.evaluate("() => { window.__painted.length = 0; window.__counted.length = 0; }")
    page.mouse.move(left + width * 0.3, y)
    page.mouse.down()
    began, moves = time.monotonic(), 0
    while (passed := time.monotonic() - began) < 2.0:
        page.mouse.move(left + width * (0.3 + 0.4 * abs(1 - passed)), y)
        moves += 1
        page.wait_for_timeout(12)
    painted, counted = page.evaluate(
        "() => [window.__painted.map((one) => one.ms), window.__counted.map((one) => one.ms)]"
    )
    page.mouse.up()
    return {
        "seconds": 2.0,
        "moves": moves,
        "pictures": len(painted),
        "ratios": len(counted),
        "picture_ms": spread(painted),
        "figures_ms": spread(counted),
    }


def spread(values: list[float]) -> dict | None:
    if not values:
        return None
    ordered = sorted(values)
    return {
        "p50": round(statistics.median(ordered), 1),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
        "max": round(ordered[-1], 1),
    }


def show(found: dict) -> None:
    print(f"{found['book']}: {found['book_bytes'] / 1e6:.2f} MB, {found['steps']} single steps of the DPI slider")
    print(f"{'from the input to':34}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}")
    rows = [
        ("page on the screen", found["screen_ms"]),
        ("page handed over", found["picture_ms"]),
        ("the whole book's ratio", found["figures_ms"]),
        ("floor: on the screen without app", found["floor_ms"]),
        ("page handed over, while dragging", found["drag"]["picture_ms"]),
        ("ratio, while dragging", found["drag"]["figures_ms"]),
    ]
    for name, values in rows:
        print(
            f"{name:34}"
            + ("".join(f"{values[key]:9.0f}" for key in ("p50", "p95", "max")) if values else "  nothing was shown")
        )
    drag_found = found["drag"]
    print(
        f"In a drag of {drag_found['seconds']:.0f} s: {drag_found['pictures']} pictures and {drag_found['ratios']} ratios were shown."
    )


if __name__ == "__main__":
    raise SystemExit(main())
