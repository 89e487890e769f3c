"""Measure this project on this machine. One subcommand a subject; each prints a table and, as its last line, JSON.

    python scripts/bench.py render [--text FILE] [--config FILE] [--runs N] [--reference-runs N] [--json]
    python scripts/bench.py app    the wait for the app, for a book, and a token's way to the screen (bench_app.py)
    python scripts/bench.py drag   from a moved slider to the painted page (bench_drag.py)
    python scripts/bench.py controls   from any knob's change to its figures; Stop; the chapters dialog (bench_controls.py)
    python scripts/bench.py setup  from a fresh clone to a page that can be used (bench_setup.py)
    python scripts/bench.py checking   an answer's names, numbers and quotations looked up in a book (bench_checking.py)
    python scripts/bench.py corpus   a folder of texts to shards of pages: a core, all cores, memory (bench_corpus.py)

`render`: the fast engine and the reference engine by turns on the same text; medians, code already compiled.
`app`, `drag`, `controls` and `setup` need chromium; what follows the subject goes to their own scripts (`--help` there).
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.paths import CONFIGS, ROOT
from app.tokens import visual_tokens
from renderer import RenderConfig, RenderError, choose_engine
from renderer.command_line import Refused, ask_text
from renderer.fast import engine as fast
from renderer.fast.document import Document
from renderer.pages import EngineUsed
from renderer.reference import engine as reference
from renderer.settings.newline_markup import BREAK, RED_MARK
from scripts.option_types import existing_file, positive
from scripts.stopping import ended

NOVEL = ROOT.parent / "shared" / "data" / "jane_eyre_flow.txt"  # present where the project is developed
SYNTHETIC_CHARACTERS = 1_000_000
PAGES_TIMED = 20
HARDER: dict[str, dict[str, Any]] = {
    "under a horizontal scale of 0.9": {"horizontal_scale": 0.9},
    "with borders": {"border_width_pt": 1.0, "border_color": "#888888"},
    "with both": {"horizontal_scale": 0.9, "border_width_pt": 1.0, "border_color": "#888888"},
    "on coloured paper": {"page_background": "#F6F8FA", "paragraph_background": "#F6F8FA", "font_color": "#1F2328"},
    "with text to the last row at 96 dpi": {"dpi": 96, "margin_y_pt": 0.0},
}
IN_OWN_SCRIPTS = {
    "app": "how long a user waits, in a real browser",
    "drag": "from a moved slider to the painted page",
    "controls": "from any knob's change to its figures, Stop, the chapters dialog",
    "setup": "from a fresh clone to a page that can be used",
    "checking": "an answer's names, numbers and quotations looked up in a book",
    "corpus": "a folder of texts to shards of pages, against Glyph's script",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing. Medians in milliseconds; None where the reference has no such step."""

    name: str
    fast_ms: float
    reference_ms: float | None

    @property
    def speedup(self) -> float | None:
        return self.reference_ms / self.fast_ms if self.reference_ms else None


def times_ms(action: Callable[[], object], runs: int, before: Callable[[], object] | None = None) -> list[float]:
    """Wall times of `action`; `before` runs ahead of each, unmeasured."""
    times = []
    for _ in range(runs):
        if before:
            before()
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def median_ms(action: Callable[[], object], runs: int) -> float:
    return statistics.median(times_ms(action, runs))


def bench_render(options: argparse.Namespace) -> dict:
    """Time the renderer; returns what is printed as JSON."""
    text, source = read_text(options.text)
    config = RenderConfig.load(options.config)
    choose_engine(text, config, "reference")  # refuses a text that no engine draws
    fast.warm_up()
    to_png: list[float] = []
    to_pixels: list[float] = []
    reference_png_ms: list[float] = []
    reference_count_ms: list[float] = []
    # By turns, so that a machine's slow minutes meet both engines.
    for _ in range(options.reference_runs):
        reference_png_ms += times_ms(lambda: exhaust(reference_pages(text, config)), 1)
        reference_count_ms += times_ms(lambda: reference.count(text, config, never, silent, EngineUsed("reference")), 1)
        to_png += times_ms(
            lambda: exhaust(fast.render(fast.prepare(text).layout(config), never, silent)), options.runs, fast.forget
        )
        to_pixels += times_ms(lambda: draw_all(text, config), options.runs, fast.forget)
    reference_png, reference_count = statistics.median(reference_png_ms), statistics.median(reference_count_ms)
    rows = [
        Row("text -> PNG bytes", statistics.median(to_png), reference_png),
        Row("text -> pixels", statistics.median(to_pixels), reference_count),
    ]
    document = fast.prepare(text)
    layout = document.layout(config)
    settings = iter(changed_settings(config))
    rows.append(
        Row(
            "recount of the whole book, new setting",
            median_ms(lambda: count_tokens(document.layout(next(settings))), options.runs),
            reference_count,
        )
    )
    for name, changes in HARDER.items():
        harder = (replace(one, **changes) for one in settings)
        recount_ms = median_ms(partial(count_next, document, harder), options.runs)
        rows.append(Row(f"recount {name}", recount_ms, None))
    rows.append(
        Row(
            "first page after a change of setting",
            median_ms(lambda: document.page_png(next(settings)), options.runs),
            reference_png,
        )
    )
    middle = len(text) // 2
    rows.append(
        Row(
            "page in the middle after a change",
            median_ms(lambda: document.page_png(next(settings), character=middle), options.runs),
            reference_png,
        )
    )
    # With line breaks for newlines a page is grey, with coloured marks it is not: three times the bytes.
    for name, markup in (("line breaks", BREAK), ("red newline marks", RED_MARK)):
        laid_out = document.layout(replace(config, newline_markup=markup))
        rows.append(Row(f"a page already laid out -> PNG, {name}", page_ms(laid_out, options.runs), None))
    return report(rows, text, source, options.config, layout.page_count)


def page_ms(layout, runs: int) -> float:
    """Median time of one page from layout to PNG, over pages spread through the book."""
    pages = range(0, layout.page_count, max(1, layout.page_count // PAGES_TIMED))
    for i in pages:
        layout.page_png(i)
    return statistics.median(median_ms(partial(layout.page_png, i), max(3, runs // 2)) for i in pages)


def report(rows: Sequence[Row], text: str, source: str, config: Path, pages: int) -> dict:
    return {
        "subject": "render",
        "text": source,
        "characters": len(text),
        "pages": pages,
        "config": str(config),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "rows": [asdict(row) | {"speedup": row.speedup} for row in rows],
    }


def print_table(found: dict) -> None:
    print(f"{found['text']}: {found['characters']:,} characters, {found['pages']} pages, {found['config']}")
    print(f"{found['machine']['cores']} cores, Python {found['machine']['python']}; medians\n")
    print(f"{'':56}{'fast':>12}{'reference':>14}{'faster':>10}")
    for row in found["rows"]:
        slow = f"{row['reference_ms']:,.0f} ms" if row["reference_ms"] else "-"
        times = f"{row['speedup']:,.0f} x" if row["speedup"] else "-"
        print(f"{row['name']:56}{row['fast_ms']:>9,.1f} ms{slow:>14}{times:>10}")
    print()


def changed_settings(config: RenderConfig):
    """Settings that nothing has been laid out for yet, as a slider makes them."""
    step = 0
    while True:
        step += 1
        yield replace(config, leading_pt=config.leading_pt + step / 100)


def count_tokens(layout) -> int:
    return sum(visual_tokens(page.width_px, page.height_px) for page in layout.counts)


def count_next(document: Document, settings: Iterator[RenderConfig]) -> int:
    return count_tokens(document.layout(next(settings)))


def draw_all(text: str, config: RenderConfig) -> None:
    layout = fast.prepare(text).layout(config)
    for i in range(layout.page_count):
        layout.page_array(i)


def reference_pages(text: str, config: RenderConfig):
    return reference.render(text, config, never, silent, EngineUsed("reference"))


def read_text(path: Path | None) -> tuple[str, str]:
    """The text to render and its name: the file asked for, a novel where there is one, else a generated one."""
    if path is None and NOVEL.is_file():
        path = NOVEL
    if path is not None:
        return ask_text(path), path.name
    from app.books.samples import synthetic_novel

    return synthetic_novel(characters=SYNTHETIC_CHARACTERS, seed=1).book.text, "synthetic novel"


def exhaust(pages) -> None:
    for _ in pages:
        pass


def never() -> bool:
    return False


def silent(done: int, total: int | None) -> None:
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    subjects = parser.add_subparsers(dest="subject", required=True)
    render = subjects.add_parser("render", help="the fast engine against the reference engine")
    render.add_argument("--text", type=existing_file, help="a UTF-8 text file (default: a novel)")
    render.add_argument(
        "--config", type=existing_file, default=CONFIGS / "en.json", help="settings (default: configs/en.json)"
    )
    render.add_argument("--runs", type=positive, default=7, help="runs of the fast engine (default 7)")
    render.add_argument(
        "--reference-runs",
        type=positive,
        default=3,
        help="runs of the reference engine, each followed by those of the fast one (default 3)",
    )
    render.add_argument("--json", action="store_true", help="print the JSON line only")
    render.set_defaults(measure=bench_render)
    for subject, about in IN_OWN_SCRIPTS.items():
        subjects.add_parser(subject, help=about, add_help=False)
    options, rest = parser.parse_known_args(arguments)
    if options.subject in IN_OWN_SCRIPTS:
        return subprocess.call([sys.executable, str(Path(__file__).with_name(f"bench_{options.subject}.py")), *rest])
    if rest:
        parser.error(f"unknown arguments: {' '.join(rest)}")
    try:
        found = options.measure(options)
    except (Refused, RenderError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if not options.json:
        print_table(found)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(ended("bench", main))
