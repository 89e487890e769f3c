"""How long a user waits: start to first paint, upload to counts and to pages, a token's way to the screen.

    python scripts/bench_app.py [--runs 5] [--text BOOK.txt] [--tokens 200] [--skip start,upload,ask,token]

Everything is seen in a real headless Chromium. Prints a table for people, and JSON as its last line; figures are medians
over the runs unless they say p95.

start   `scripts/start.py --profile simulator` on a free port, from the spawn of the process: until it says it is ready,
        until Chromium's first contentful paint, until the welcome page's heading stands there. The environment is set up
        already, so this is the second start; Chromium runs before the clock does.
upload  from the moment the file is given to the page's file input until the text tokens are on screen, and until the first
        page's picture is decoded. Every run uploads another text: nothing is served from a cache.
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
import signal  # noqa: E402
import socket  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
import urllib.request  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer  # noqa: E402

from app.books.samples import synthetic_novel  # noqa: E402
from renderer.fast.engine import warm_up  # noqa: E402

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TOKEN_EVERY_S = 0.02
FIRST_TOKEN_AFTER_S = 2.0  # the page's observer is in place by then
READY_WITHIN_S = 90
WAIT_MS = 120_000
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
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("error: no chromium on this machine; install it with: apt-get install chromium", file=sys.stderr)
        return 2
    warm_up()  # as set-up does: compiling the engine is no part of a second start
    result: dict[str, float] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        for name, measure in (("start", starts), ("upload", uploads), ("ask", asks), ("token", tokens)):
            if name not in args.skip:
                result |= measure(browser, args)
        browser.close()
    for name, value in result.items():
        print(f"{name:<34} {value:>10,.3f}" if name.endswith("_s") else f"{name:<34} {value:>10,.1f}")
    print(json.dumps({"runs": args.runs, **{name: round(value, 4) for name, value in result.items()}}))
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--text", type=Path, help="a text file to upload (default: a synthetic novel of 1 MB)")
    parser.add_argument("--tokens", type=int, default=200, help="tokens a side and a run for the token's way")
    parser.add_argument("--skip", default="", type=lambda value: set(filter(None, value.split(","))))
    args = parser.parse_args()
    if args.runs < 1 or args.tokens < 1:
        parser.error("--runs and --tokens must be at least 1")
    return args


# --- the three measurements -----------------------------------------------------------------------------------------


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
        with running(command, port, dict(os.environ)) as url:
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
        env = {**os.environ, "GLYPH_SIMULATOR": "always", "GLYPH_SIMULATOR_SPEEDUP": "100"}
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
    began = time.perf_counter()
    chooser.set_input_files(str(path))
    page.locator('[data-testid="stMetric"]', has_text="Text tokens").wait_for()
    counts = time.perf_counter() - began
    first = page.get_by_role("button", name="Page 1, open large")
    first.wait_for()
    first.locator("img").evaluate("image => image.decode()")
    return {"upload_to_counts_s": counts, "upload_to_pages_s": time.perf_counter() - began}


def asks(browser, args: argparse.Namespace) -> dict[str, float]:
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "GLYPH_SIMULATOR": "always", "GLYPH_SIMULATOR_SPEEDUP": "1000"}
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
        with app_running(script, Path(folder), dict(os.environ)) as url:
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


class Stamping(ThreadingHTTPServer):
    """Answers chats with tokens that carry the instant at which they were written to the socket."""

    daemon_threads = True

    def __init__(self, count: int) -> None:
        super().__init__(("127.0.0.1", 0), _Stamps)
        self.count = count
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Stamps(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        known = {
            "/v1/models": {"object": "list", "data": [{"id": "stamp", "object": "model", "max_model_len": 131072}]}
        }
        self._json(200 if self.path in known else 404, known.get(self.path, {"detail": "Not Found"}))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.path.endswith("/chat/completions"):
            self._json(404, {"detail": "Not Found"})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        time.sleep(FIRST_TOKEN_AFTER_S)
        for number in range(self.server.count):
            due = time.perf_counter() + TOKEN_EVERY_S
            self._event({"content": f"{number}@{time.time() * 1000:.2f}; "}, None)
            time.sleep(max(0.0, due - time.perf_counter()))
        self._event({}, "stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, delta: dict, finish: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self.wfile.write(
            b"data: " + json.dumps({"id": "stamp", "model": "stamp", "choices": [choice]}).encode() + b"\n\n"
        )

    def _json(self, status: int, value: dict) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args) -> None:
        pass


def book_file(folder: Path, text: Path | None, run: int) -> Path:
    """Another text each run: given ones get a line of their own, so that no cache knows them."""
    content = text.read_text(encoding="utf-8") if text else synthetic_novel(characters=1_000_000, seed=run).book.text
    path = folder / f"book-{run}.txt"
    path.write_text(f"{content}\n\n[run {run}, {time.time()}]\n", encoding="utf-8")
    return path


@contextmanager
def opened(browser):
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    try:
        yield page
    finally:
        context.close()


@contextmanager
def app_running(script: Path, folder: Path, environment: dict[str, str]):
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(script),
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
        "--server.headless",
        "true",
    ]
    with running(command, port, environment, folder) as url:
        yield url


@contextmanager
def running(
    command: list[str],
    port: int,
    environment: dict[str, str],
    folder: Path | None = None,
    within_s: float = READY_WITHIN_S,
):
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_ready(process, port, within_s)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(25)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def wait_ready(process: subprocess.Popen, port: int, within_s: float = READY_WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"error: the app did not answer on port {port} (exit status {process.poll()}).")


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    raise SystemExit(main())
