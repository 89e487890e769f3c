"""Kill and interrupt the app at random moments, and look whether anything survives.

    python tests/reliability/kills.py                  ten of each way
    python tests/reliability/kills.py --times 3 --seed 7

app      SIGKILL to `streamlit run app/main.py` within two seconds of its being ready: its simulators are young then
start    SIGKILL to scripts/start.py at any moment of its first six seconds
ctrl-c   SIGINT to scripts/start.py at any moment of its first six seconds: also no traceback may be printed

Every process carries a mark in its environment that its children inherit. Prints a line a trial and a JSON line last;
exit status 1 when anything was left or a traceback printed.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.reliability.started import AppProcess, start_all, start_app

YOUNG_S = 2.0
FIRST_S = 6.0
GONE_WITHIN_S = 20.0  # an app that is told to end lets its answers end first; on an idle machine about two seconds


@dataclass(frozen=True, slots=True)
class Trial:
    way: str
    after_s: float
    left: int  # processes that lived on
    gone_after_s: float
    traceback: bool


def kill_app(folder: Path, after_s: float) -> Trial:
    started = start_app(folder)
    if not started.ready():
        raise RuntimeError(f"The app did not start: {started.output.read_text()}")
    return _end("app", started, after_s, signal.SIGKILL)


def kill_start(folder: Path, after_s: float) -> Trial:
    return _end("start", start_all(folder, "--profile", "simulator"), after_s, signal.SIGKILL)


def interrupt_start(folder: Path, after_s: float) -> Trial:
    return _end("ctrl-c", start_all(folder, "--profile", "simulator"), after_s, signal.SIGINT)


WAYS: dict[str, tuple[Callable[[Path, float], Trial], float]] = {
    "app": (kill_app, YOUNG_S),
    "start": (kill_start, FIRST_S),
    "ctrl-c": (interrupt_start, FIRST_S),
}


def _end(way: str, started: AppProcess, after_s: float, number: signal.Signals) -> Trial:
    time.sleep(after_s)
    began = time.monotonic()
    started.process.send_signal(number)
    left = started.wait_gone(GONE_WITHIN_S)
    lasted = time.monotonic() - began
    for process in left:
        process.kill()
    started.process.wait()
    return Trial(way, round(after_s, 3), len(left), round(lasted, 2), "Traceback" in started.output.read_text())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--times", type=int, default=10, help="trials of each way")
    parser.add_argument("--way", choices=list(WAYS), action="append", help="default: all")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    moments, trials = random.Random(options.seed), []
    for way in options.way or WAYS:
        kill, within_s = WAYS[way]
        for _ in range(options.times):
            with tempfile.TemporaryDirectory() as folder:
                trials.append(kill(Path(folder), moments.uniform(0.0, within_s)))
            print(trials[-1], flush=True)
    bad = [trial for trial in trials if trial.left or trial.traceback]
    print(f"{len(trials)} trials, {len(bad)} with a process left or a traceback")
    print(json.dumps([asdict(trial) for trial in trials]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
