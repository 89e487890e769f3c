"""What the app's process holds under many sessions with long books, and what it gives back.

    python tests/reliability/memory.py                     25 sessions, each with a 1 MB novel of its own and one question
    python tests/reliability/memory.py --sessions 5

All tabs stay open until the last is there, then all are closed, and the app rests: Streamlit keeps the session of a closed tab
for two minutes, in case it comes back. Prints resident memory at each step, and a JSON line last.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil

from tests.reliability.started import start_app
from tests.reliability.tab import Tab

NOVEL_CHARACTERS = 1_000_000
REST_S = 200
WORDS = Path(__file__).with_name("memory.py").read_text().split()


def novel(number: int) -> bytes:
    """A text of its own for each session, so that nothing is shared."""
    dice = random.Random(number)
    parts, size = [], 0
    while size < NOVEL_CHARACTERS:
        parts.append(" ".join(dice.choices(WORDS, k=dice.randint(30, 120))) + "\n")
        size += len(parts[-1])
    return "".join(parts)[:NOVEL_CHARACTERS].encode()


def measure(sessions: int, rest_s: float) -> list[tuple[str, float, float]]:
    """Steps as (what, seconds since the start, resident MB)."""
    steps: list[tuple[str, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        started = start_app(Path(folder), GLYPH_SIMULATOR_SPEEDUP="1000")
        try:
            if not started.ready():
                raise RuntimeError(started.output.read_text())
            process, began = psutil.Process(started.process.pid), time.monotonic()

            def note(what: str) -> None:
                steps.append((what, round(time.monotonic() - began, 1), round(process.memory_info().rss / 1e6, 1)))
                print(f"{steps[-1][1]:7.1f} s  {steps[-1][2]:8.1f} MB  {what}", flush=True)

            time.sleep(10)
            note("ready")
            with ExitStack() as tabs:
                for number in range(sessions):
                    tab = tabs.enter_context(Tab(started.url))
                    tab.upload(f"novel-{number}.txt", novel(number))
                    tab.ask("Who is it about?")
                    note(f"{number + 1} sessions")
            while (rested := time.monotonic() - began - steps[sessions][1]) < rest_s:
                time.sleep(min(20, max(0.1, rest_s - rested)))
                note("all tabs closed")
        finally:
            started.end()
    return steps


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--sessions", type=int, default=25)
    parser.add_argument("--rest", type=float, default=REST_S, help="seconds to wait after the last tab is closed")
    options = parser.parse_args()
    steps = measure(options.sessions, options.rest)
    print(json.dumps({"start_mb": steps[0][2], "most_mb": max(mb for _, _, mb in steps), "rested_mb": steps[-1][2]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
