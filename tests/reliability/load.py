"""Ask the running app many questions by several workers, and count what a user would call broken.

    python tests/reliability/load.py                        1,000 questions, two workers, a simulator of its own
    python tests/reliability/load.py --questions 40 --workers 4 --url http://127.0.0.1:8501

Each worker is a tab of its own: it opens a sample, asks some questions in one conversation, looks at a page picture, and
begins anew. Each question must end with an answer on both sides, and no run may show an error. Prints a card, the app's
memory over time, and a JSON line last. Exit status 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil

from tests.reliability.started import AppProcess, start_app
from tests.reliability.tab import Tab, TabError

A_CONVERSATION = 10  # questions; then a new tab
MEMORY_EVERY_S = 5.0
SPEEDUP = "1000"


@dataclass(slots=True)
class Tally:
    """What came of the load. Shared by the workers; the lock is held for moments."""

    asked: int = 0
    answered: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    memory_mb: list[tuple[float, float]] = field(default_factory=list)  # since the start, resident size
    lock: threading.Lock = field(default_factory=threading.Lock)


def ask_many(url: str, questions: int, workers: int, app_pid: int | None = None) -> Tally:
    """Ask `questions` in all; returns when the last answer is there, or lost."""
    tally, over = Tally(), threading.Event()
    threads = [threading.Thread(target=_work, args=(url, number, questions, tally)) for number in range(workers)]
    watch = threading.Thread(target=_watch_memory, args=(app_pid, tally, over))
    for thread in (*threads, watch):
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    watch.join()
    return tally


def _work(url: str, worker: int, questions: int, tally: Tally) -> None:
    while _more(tally, questions):
        try:
            with Tab(url) as tab:
                tab.click("Open the sample story" if worker % 2 == 0 else "Generate and open")
                for number in range(A_CONVERSATION):
                    if not _take(tally, questions):
                        return
                    _ask(tab, f"What does worker {worker} read in part {number + 1}?", tally)
        except Exception as error:  # whatever a tab meets is counted, and the next tab is opened
            with tally.lock:
                tally.faults.append(f"{type(error).__name__}: {error}")


def _ask(tab: Tab, question: str, tally: Tally) -> None:
    began = time.perf_counter()
    told = tab.ask(question)
    for side, answer in told["sides"].items():
        if answer["phase"] != "done" or not answer["answer"]:
            raise TabError(f"{side} has no answer to {question!r}: {answer['phase']} {answer.get('error')}")
    turn = tab.page.turns[-1]
    if turn["id"] != told["id"] or any(not side["over"] for side in turn["sides"].values()):
        raise TabError(f"The page lost the answer to {question!r}.")
    with tally.lock:
        tally.answered += 1
        tally.seconds.append(time.perf_counter() - began)


def _more(tally: Tally, questions: int) -> bool:
    with tally.lock:
        return tally.asked < questions


def _take(tally: Tally, questions: int) -> bool:
    with tally.lock:
        if tally.asked >= questions:
            return False
        tally.asked += 1
        return True


def _watch_memory(pid: int | None, tally: Tally, over: threading.Event) -> None:
    if pid is None:
        return
    process, began = psutil.Process(pid), time.monotonic()
    while True:
        tally.memory_mb.append((round(time.monotonic() - began, 1), round(process.memory_info().rss / 1e6, 1)))
        if over.wait(MEMORY_EVERY_S):
            return


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--url", help="an app that runs already; default: one is started, with a simulator of its own")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started: AppProcess | None = None
        if options.url is None:
            started = start_app(Path(folder), GLYPH_SIMULATOR_SPEEDUP=SPEEDUP)
        left: list[psutil.Process] = []
        try:
            if started is not None and not started.ready():
                print(f"The app did not start: {started.output.read_text()[-2000:]}", file=sys.stderr)
                return 1
            began = time.monotonic()
            tally = ask_many(
                options.url or started.url, options.questions, options.workers, started.process.pid if started else None
            )
            lasted = time.monotonic() - began
        finally:
            left = started.end() if started is not None else []
    return report(tally, lasted, len(left))


def report(tally: Tally, lasted_s: float, left: int) -> int:
    seconds = sorted(tally.seconds) or [0.0]
    print(f"questions asked      {tally.asked:,}, answered on both sides {tally.answered:,}, in {lasted_s:.0f} s")
    print(f"a question           p50 {seconds[len(seconds) // 2]:.2f} s, p95 {seconds[int(0.95 * len(seconds))]:.2f} s")
    print(f"faults               {len(tally.faults)}; processes left behind {left}")
    for fault in tally.faults[:20]:
        print(f"    {fault}")
    step = max(1, len(tally.memory_mb) // 12)
    print("memory of the app    " + ", ".join(f"{mb:.0f} MB at {at:.0f} s" for at, mb in tally.memory_mb[::step]))
    values = {name: getattr(tally, name) for name in ("asked", "answered", "faults", "memory_mb")}
    print(json.dumps({**values, "lasted_s": round(lasted_s, 1), "p50_s": seconds[len(seconds) // 2], "left": left}))
    return 0 if tally.answered == tally.asked and not tally.faults and not left else 1


if __name__ == "__main__":
    sys.exit(main())
