"""How long a user waits: start to first paint, upload to counts and to pages, a token's way to the screen.

    python scripts/bench_app.py [--runs 5] [--text BOOK.txt] [--tokens 200] [--skip start,upload,ask,token]

Everything is seen in a real headless Chromium. Prints a table for people, and JSON as its last line; figures are medians
over the runs unless they say p95.

start   `scripts/start.py --profile simulator` on a free port, from the spawn of the process: until it says it is ready,
        until Chromium's first contentful paint, until the welcome page's heading stands there. The environment is set up
        already, so this is the second start; Chromium runs before the clock does.
upload  from the moment the file is given to the page's file input until the text tokens are painted, and until the first
        page's picture is decoded, both seen in the page. Every run uploads another text: nothing is served from a cache.
ask     from the press of Enter on a 1 MB novel: until the question and both panes are painted (drawn in the browser), and
        until Python has drawn the question's own turn. Ten questions a run.
token   two servers of our own (in this process, both sides at once, 50 tokens a second each) write the wall clock into
        every token just before it goes into the socket. A MutationObserver in the page reads the clock (timeOrigin + now)
        when the token's text is in the DOM. Both clocks are this machine's. The difference holds the loopback and the
        client's parsing besides the app's own way, so it is an upper bound of the time from a token's arrival.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import argparse  # noqa: E402
import json  # noqa: E402
import math  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import statistics  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

from app.books.samples import synthetic_novel  # noqa: E402
from app.serving.ports import free_port  # noqa: E402
from renderer.fast.engine import warm_up  # noqa: E402
from scripts.app_process import start  # noqa: E402
from scripts.headless import app_running, headless_chromium, opened, serving  # noqa: E402
from scripts.option_types import existing_file, positive  # noqa: E402
from scripts.stamping_server import Stamping  # noqa: E402

MAIN = """
import sys
import streamlit as st
sys.path.insert(0, {root!r})
from app.clients import Endpoint, Role
from app.endpoints import finding
ENDPOINTS = tuple(Endpoint(Role(role), "stamping " + role, url, "stamp") for role, url in {urls!r}.items())
finding.server_watch()._find = lambda: (ENDPOINTS, "The servers of scripts/bench_app.py answer.")
from app.web.server import SCRIPT, lifespan, routes
app = st.App(SCRIPT, routes=routes(), lifespan=lifespan)
"""
# The wall clock when a frame was painted with the text tokens' tile, and when the first page's picture was decoded. Looked at in every
# frame: Playwright's own waiting looks every half second once it has waited for a quarter of one.
WATCH_UPLOAD = """
() => {
  const seen = (window.__uploaded = {}), now = () => performance.timeOrigin + performance.now();
  const tile = () =>
    [...document.querySelectorAll("[data-testid=stMetric]")].some(
      (one) => one.checkVisibility() && /Text tokens\\D*[\\d,]+/.test(one.textContent),
    );
  const first = () => {
    const roots = [...document.querySelectorAll(".st-key-gallery, .st-key-gallery *")].map((one) => one.shadowRoot ?? one);
    return roots.map((one) => one.querySelector('[aria-label="Page 1, open large"] img')).find(Boolean);
  };
  let picture;
  const look = () => {
    if (!seen.counts && tile()) setTimeout(() => (seen.counts ??= now()));
    if (!picture && (picture = first())) picture.decode().then(() => (seen.pages = now()), () => (picture = undefined));
    if (!seen.pages) requestAnimationFrame(look);
  };
  look();
}
"""
# When Enter went down, when the frame after the pending turn was painted, and when the question's own turn stood there.
WATCH_ENTER = """
() => {
  window.__asked = [];
  addEventListener("keydown", (key) => {
    if (key.key === "Enter") window.__asked.push({ at: performance.now() });
  }, true);
  document.addEventListener("glyph-pending", () => {
    const now = window.__asked.at(-1);
    requestAnimationFrame(() => setTimeout(() => { now.painted = performance.now() - now.at; }));
  });
  const count = (root) => {
    let found = 0;
    for (const node of root.querySelectorAll("*")) {
      if (node.matches("article.turn:not(.pending)")) found += 1;
      if (node.shadowRoot) found += count(node.shadowRoot);
    }
    return found;
  };
  const look = () => {
    const now = window.__asked.at(-1);
    if (now && !now.drawn) {
      const there = count(document);
      now.before ??= there;
      if (there > now.before) now.drawn = performance.now() - now.at;
    }
    requestAnimationFrame(look);
  };
  look();
}
"""
OBSERVE = """
() => {
  const find = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.classList.contains("panes") && !node.closest(".pending")) return node;
      const found = node.shadowRoot && find(node.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const panes = find(document);
  window.__seen = {text: [], pages: []};
  const read = () => {
    const now = performance.timeOrigin + performance.now();
    for (const role of ["text", "pages"]) {
      const words = panes.querySelector(`.side.${role} .answer`).textContent.match(/\\d+@\\d+\\.\\d+;/g) || [];
      const seen = window.__seen[role];
      for (const word of words.slice(seen.length)) seen.push(now - parseFloat(word.split("@")[1]));
    }
  };
  new MutationObserver(read).observe(panes, {subtree: true, childList: true, characterData: true});
}
"""


def main() -> int:
    args = parse()
    result: dict[str, float] = {}
    with headless_chromium() as browser:
        warm_up()  # as set-up does: compiling the engine is no part of a second start
        for name, measure in (("start", starts), ("upload", uploads), ("ask", asks), ("token", tokens)):
            if name not in args.skip:
                result |= measure(browser, args)
    for name, value in result.items():
        print(f"{name:<34} {value:>10,.3f}" if name.endswith("_s") else f"{name:<34} {value:>10,.1f}")
    print(json.dumps({"runs": args.runs, **{name: round(value, 4) for name, value in result.items()}}))
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=positive, default=5)
    parser.add_argument("--text", type=existing_file, help="a text file to upload (default: a synthetic novel of 1 MB)")
    parser.add_argument("--tokens", type=positive, default=200, help="tokens a side and a run for the token's way")
    parser.add_argument("--skip", default="", type=lambda value: set(filter(None, value.split(","))))
    return parser.parse_args()


# --- the four measurements ------------------------------------------------------------------------------------------


def starts(browser, args: argparse.Namespace) -> dict[str, float]:
    rows = []
    for _ in range(args.runs):
        port = free_port()
        command = [
            sys.executable,
            str(ROOT / "scripts" / "start.py"),
            "--port",
            str(port),
            "--profile",
            "simulator",
            "--no-browser",
        ]
        began = time.time()
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(start(command, port, Path(folder), dict(os.environ))) as url,
        ):
            ready = time.time()
            with opened(browser) as page:
                page.goto(url)
                page.get_by_text("One book, two readers").first.wait_for()
                heading = time.time()
                paint_ms = page.evaluate(
                    "performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime"
                )
        rows.append({"ready_s": ready - began, "first_paint_s": paint_ms / 1000 - began, "welcome_s": heading - began})
    return {f"start_to_{name}": statistics.median(row[name] for row in rows) for name in rows[0]}


def uploads(browser, args: argparse.Namespace) -> dict[str, float]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        env = {"GLYPH_SIMULATOR": "always", "GLYPH_SIMULATOR_SPEEDUP": "100"}
        with app_running(ROOT / "app" / "main.py", Path(folder), env) as url:
            for run in range(args.runs):
                path = book_file(Path(folder), args.text, run)
                with opened(browser) as page:
                    page.goto(url)
                    chooser = page.locator('[data-testid="stFileUploader"] input[type=file]')
                    chooser.wait_for(state="attached")
                    page.wait_for_timeout(500)  # the page behind the chooser has settled
                    rows.append({"upload_bytes": path.stat().st_size, **one_upload(page, chooser, path)})
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def one_upload(page, chooser, path: Path) -> dict[str, float]:
    page.evaluate(WATCH_UPLOAD)
    began = time.time()
    chooser.set_input_files(str(path))
    page.wait_for_function("window.__uploaded.pages")
    seen = page.evaluate("window.__uploaded")
    return {f"upload_to_{name}_s": seen[name] / 1000 - began for name in ("counts", "pages")}


def asks(browser, args: argparse.Namespace) -> dict[str, float]:
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        env = {"GLYPH_SIMULATOR": "always", "GLYPH_SIMULATOR_SPEEDUP": "1000"}
        env["GLYPH_SIMULATOR_READER"] = "manifest"
        with app_running(ROOT / "app" / "main.py", Path(folder), env) as url, opened(browser) as page:
            page.goto(url)
            page.get_by_role("button", name="Generate and open").click()
            page.get_by_role("button", name="Page 1, open large").wait_for()
            page.evaluate(WATCH_ENTER)
            for number in range(10 * args.runs):
                box = page.locator('[data-testid="stChatInput"] textarea')
                box.fill(f"What happened to the {number}. traveller?")
                box.press("Enter")
                page.wait_for_function("n => window.__asked.length > n && window.__asked[n].drawn", arg=number)
                page.locator(".turn.newest:not(.pending) section.side.text dt", has_text="Total").wait_for()
                page.locator(".turn.newest:not(.pending) section.side.pages dt", has_text="Total").wait_for()
                page.wait_for_timeout(1500)  # the rerun at the end of an answer is over: one asks after reading
            rows = page.evaluate("window.__asked")
    panes, drawn = [row["painted"] for row in rows], [row["drawn"] for row in rows]
    return {
        "enter_to_panes_p50_ms": statistics.median(panes),
        "enter_to_panes_p95_ms": percentile(panes, 0.95),
        "enter_to_own_turn_p50_ms": statistics.median(drawn),
        "enter_to_own_turn_p95_ms": percentile(drawn, 0.95),
    }


def tokens(browser, args: argparse.Namespace) -> dict[str, float]:
    found: list[float] = []
    stamping = {role: Stamping(args.tokens) for role in ("text", "pages")}
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "main.py"
        urls = {role: server.url for role, server in stamping.items()}
        script.write_text(MAIN.format(root=str(ROOT), urls=urls), encoding="utf-8")
        shutil.copytree(ROOT / "app" / ".streamlit", Path(folder) / ".streamlit")
        with app_running(script, Path(folder), {}) as url:
            for _ in range(args.runs):
                with opened(browser) as page:
                    found += one_answer(page, url, args.tokens)
    for server in stamping.values():
        server.shutdown()
    return {
        "token_to_screen_p50_ms": statistics.median(found),
        "token_to_screen_p95_ms": percentile(found, 0.95),
        "token_to_screen_max_ms": max(found),
        "tokens_seen": len(found),
    }


def one_answer(page, url: str, wanted: int) -> list[float]:
    page.goto(url)
    page.get_by_role("button", name="Open the sample story").click()
    page.get_by_role("button", name="Page 1, open large").wait_for()
    box = page.locator('[data-testid="stChatInput"] textarea')
    box.fill("What time is it?")
    box.press("Enter")
    page.locator(".turn:not(.pending) section.side.pages").wait_for()
    page.evaluate(OBSERVE)
    page.wait_for_function("n => window.__seen.text.length >= n && window.__seen.pages.length >= n", arg=wanted)
    seen = page.evaluate("window.__seen")
    return seen["text"] + seen["pages"]


# --- what they need -------------------------------------------------------------------------------------------------


def book_file(folder: Path, text: Path | None, run: int) -> Path:
    """Another text each run: given ones get a line of their own, so that no cache knows them."""
    content = text.read_text(encoding="utf-8") if text else synthetic_novel(characters=1_000_000, seed=run).book.text
    path = folder / f"book-{run}.txt"
    path.write_text(f"{content}\n\n[run {run}, {time.time()}]\n", encoding="utf-8")
    return path


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


if __name__ == "__main__":
    raise SystemExit(main())
