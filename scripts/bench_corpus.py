"""Corpora at scale, measured on this machine: pages a second a core against Glyph's script, and how that scales over cores.

    python scripts/bench.py corpus [--text FILE] [--documents N] [--workers 1,2,4] [--shards tar] [--json]

1. A core: documents of many lengths (a novel in pieces), each drawn by the reference engine, which is Glyph's own way
   (renderer/reference), and by the corpus step, by turns; for line breaks and for red newline marks. A core's second is a
   second of processor time, of child processes too (poppler is one): a busy machine does not change the ratio as it would
   with the clock's seconds, which stand beside it.
2. Scaling: the whole job (scripts/render_corpus.py, processes started, texts read, shards on the disk) with so many workers,
   by the clock, and by the workers' processor time. More workers than cores say nothing, nor does the clock of a busy machine.
3. Memory: the most that a worker held, beside the bound that the job tells.

The last line is JSON.
"""

import argparse
import dataclasses
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.corpus.drawing import draw
from app.corpus.errors import CorpusError
from app.corpus.looks import FixedLooks
from app.corpus.packages import require_packages
from app.corpus.values import Bounds, Shards, SourceText
from app.paths import CONFIGS
from renderer import RenderConfig, render
from renderer.fast import engine as fast
from renderer.settings.newline_markup import BREAK, RED_MARK
from scripts.bench import read_text
from scripts.option_types import existing_file, positive
from scripts.render_corpus import shard_kinds

LENGTHS = (2_000, 5_000, 12_000, 30_000, 75_000)  # characters: from a web page to a long article
MARKUPS = (("line breaks", BREAK), ("red newline marks", RED_MARK))


@dataclass(frozen=True, slots=True)
class Core:
    """Pages a second of one core, by processor time and by the clock, of the corpus step and of Glyph's way."""

    settings: str
    pages: int
    ours_a_core_second: float
    glyph_a_core_second: float
    ours_a_second: float
    glyph_a_second: float

    @property
    def ratio(self) -> float:
        return self.ours_a_core_second / self.glyph_a_core_second

    @property
    def ratio_by_the_clock(self) -> float:
        return self.ours_a_second / self.glyph_a_second


@dataclass(frozen=True, slots=True)
class Scaled:
    """One whole job."""

    workers: int
    pages: int
    seconds: float
    processor_s: float
    peak_memory_mb: int

    @property
    def pages_a_second(self) -> float:
        return self.pages / self.seconds

    @property
    def pages_a_core_second(self) -> float:
        """By the workers' processor time, reading and shards included: what more workers should leave as it is."""
        return self.pages / self.processor_s


def spent(action: Callable[[], int]) -> tuple[int, float, float]:
    """What `action` returns, processor seconds with those of children, seconds by the clock."""
    before, began = _processor_s(), time.perf_counter()
    result = action()
    after, ended = _processor_s(), time.perf_counter()
    return result, after - before, ended - began


def _processor_s() -> float:
    """Of this process and of children that have ended; finer than the hundredths of os.times()."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


def measure_core(name: str, config: RenderConfig, documents: Sequence[SourceText], rounds: int) -> Core:
    """By turns, document by document. Ours draws each document `rounds` times a turn: one drawing is too short to time."""
    look = FixedLooks((config,))
    ours = glyph = (0, 0.0, 0.0)
    for document in documents:

        def reference(text: str = document.text) -> int:
            return sum(1 for _ in render(text, config, "reference"))

        def step(source: SourceText = document) -> int:
            return sum(len(draw(source, look, Bounds()).pages) for _ in range(rounds))

        glyph = _sum(glyph, spent(reference))
        ours = _sum(ours, spent(step))
    assert ours[0] == glyph[0] * rounds, "the engines gave other numbers of pages"
    return Core(name, glyph[0], ours[0] / ours[1], glyph[0] / glyph[1], ours[0] / ours[2], glyph[0] / glyph[2])


def _sum(one: tuple[int, float, float], other: tuple[int, float, float]) -> tuple[int, float, float]:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def measure_job(folder: Path, workers: int, shards: Sequence[Shards]) -> Scaled:
    """A job of its own, from the start of its process to its end."""
    with tempfile.TemporaryDirectory() as place:
        script = Path(__file__).with_name("render_corpus.py")
        command = [sys.executable, str(script), str(folder), "--out", f"{place}/out", "--shards", ",".join(shards)]
        command += ["--workers", str(workers), "--tasks", str(8 * workers)]
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    told = json.loads(done.stdout.splitlines()[-1])
    return Scaled(workers, told["pages"], seconds, told["processor_s"], told["peak_memory_mb"])


def pieces(text: str, count: int) -> list[SourceText]:
    """`count` documents of the lengths by turns, each beginning where the last ended; the text begins anew where it ends."""
    found, at = [], 0
    for number in range(count):
        length = LENGTHS[number % len(LENGTHS)]
        if at + length > len(text):
            at = 0
        found.append(SourceText(f"d{number:05d}", text[at : at + length]))
        at += length
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        require_packages(options.shards)
    except CorpusError as error:
        print(f"bench corpus: {error}", file=sys.stderr)
        return 2
    text, source = read_text(options.text)
    fast.warm_up()
    config = RenderConfig.load(options.config)
    few = pieces(text, options.compared)
    draw(few[0], FixedLooks((config,)), Bounds())
    cores = [
        measure_core(name, dataclasses.replace(config, newline_markup=markup), few, options.rounds)
        for name, markup in MARKUPS
    ]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for piece in pieces(text, options.documents):
            (folder / f"{piece.name}.txt").write_text(piece.text, encoding="utf-8")
        jobs = [measure_job(folder, workers, options.shards) for workers in options.workers]
    found = _report(options, source, cores, jobs)
    if not options.json:
        _print(found, cores, jobs)
    print(json.dumps(found))
    return 0


def _report(options: argparse.Namespace, source: str, cores: list[Core], jobs: list[Scaled]) -> dict[str, Any]:
    return {
        "subject": "corpus",
        "text": source,
        "config": str(options.config),
        "documents": {"compared": options.compared, "in_jobs": options.documents, "characters": LENGTHS},
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]},
        "core": [asdict(core) | {"ratio": core.ratio, "ratio_by_the_clock": core.ratio_by_the_clock} for core in cores],
        "jobs": [
            asdict(job) | {"pages_a_second": job.pages_a_second, "pages_a_core_second": job.pages_a_core_second}
            for job in jobs
        ],
        "memory_bound_mb": Bounds().memory_bytes >> 20,
    }


def _print(found: dict[str, Any], cores: list[Core], jobs: list[Scaled]) -> None:
    print(f"{found['text']} in pieces of {', '.join(f'{n:,}' for n in LENGTHS)} characters, {found['config']}")
    print(
        f"{found['machine']['cores']} cores, load {found['machine']['load']:.1f}, Python {found['machine']['python']}\n"
    )
    print(f"{'pages a second of one core':34}{'corpus step':>14}{'Glyph’s way':>14}{'ratio':>9}{'by the clock':>15}")
    for core in cores:
        ours, glyph = core.ours_a_core_second, core.glyph_a_core_second
        label = f"{core.settings} ({core.pages} pages)"
        print(f"{label:34}{ours:>14,.0f}{glyph:>14,.1f}{core.ratio:>7,.0f} x{core.ratio_by_the_clock:>13,.0f} x")
    head = f"{'pages a second':>16}{'a core-second':>16}{'most memory':>14}"
    print(f"\n{'whole jobs':34}{'pages':>9}{'seconds':>9}{head}")
    for job in jobs:
        label = f"{job.workers} worker{'s' if job.workers > 1 else ''}"
        rates = f"{job.pages_a_second:>16,.0f}{job.pages_a_core_second:>16,.0f}{job.peak_memory_mb:>11,} MB"
        print(f"{label:34}{job.pages:>9,}{job.seconds:>9,.1f}{rates}")
    print(
        f"\nA worker's bound for documents of up to {Bounds().most_characters:,} characters: {found['memory_bound_mb']:,} MiB\n"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.py corpus", description=(__doc__ or "").split("\n")[0])
    cores = os.cpu_count() or 1
    usual = sorted({1, *(n for n in (2, 4, 8, 16, 32, 64) if n <= cores), cores})
    parser.add_argument("--text", type=existing_file, help="a UTF-8 text file (default: a novel)")
    parser.add_argument(
        "--config", type=existing_file, default=CONFIGS / "en.json", help="settings (default: configs/en.json)"
    )
    parser.add_argument("--compared", type=positive, default=20, help="documents drawn by both (default 20)")
    parser.add_argument("--rounds", type=positive, default=5, help="times ours draws each (default 5)")
    parser.add_argument("--documents", type=positive, default=1_000, help="of each job (default 1000)")
    parser.add_argument("--workers", type=_numbers, default=usual, help=f"of the jobs (default {usual})")
    parser.add_argument(
        "--shards", type=shard_kinds, default=(Shards.TAR,), help="tar, parquet or tar,parquet (default tar)"
    )
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    return parser


def _numbers(words: str) -> list[int]:
    return [int(word) for word in words.split(",")]


if __name__ == "__main__":
    raise SystemExit(main())
