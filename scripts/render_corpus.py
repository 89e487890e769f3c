#!/usr/bin/env python3
"""Draw a folder of texts as shards of pages: WebDataset, Parquet or both; on this machine, on Slurm, on Ray.

    python scripts/render_corpus.py FOLDER --out DIR                          .txt files, and lines of .jsonl(.gz) files
    python scripts/render_corpus.py FOLDER --out DIR --seed 7                 a style of the paper's for each document
    python scripts/render_corpus.py FOLDER --out DIR --where slurm --partition cpu --tasks 512 --workers 64
    python scripts/render_corpus.py --status DIR                              how far it is

The same command again goes on where a job was stopped, kill -9 included: tasks that are done stay, others are done anew,
byte for byte. It refuses to go on with other texts or settings. Running and resuming are datatrove's. Its log goes to
stderr, a summary as one JSON line to stdout. Exit status: 0 done or submitted, 1 not all tasks are done, 2 refused,
130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.corpus.errors import CorpusError, WorkerLost
from app.corpus.inputs import Inputs, Keys, list_inputs
from app.corpus.job import Job, alone, begin, kept_tasks
from app.corpus.looks import FixedLooks, Look, SampledLooks
from app.corpus.lost_workers import watched_workers
from app.corpus.packages import require_packages
from app.corpus.progress import Progress, progress
from app.corpus.values import Bounds, Shards
from renderer import RenderConfig, RenderError
from renderer.command_line import DEFAULT_CONFIG, named_place, prepare_engine, tell_notes
from renderer.fonts.first_use import install_on_first_use
from renderer.settings.training_ranges import STYLE_THEMES
from scripts.option_types import positive
from scripts.stopping import ended, stopped

_TASKS_A_WORKER = 4  # what a kill costs is a part of a worker's share, and no worker waits long for the last


_GOES_ON = "What is whole stays; once the cause is gone the same command goes on."


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        if options.status is not None:
            return _tell(progress(options.status))
        if options.folder is None or options.out is None:
            raise CorpusError("Give a folder of texts and --out, or --status with the folder of a job.")
        return _run(options)
    except WorkerLost as error:
        print(f"render_corpus: stopped: {error} {_GOES_ON}", file=sys.stderr)
        return 1
    except (CorpusError, RenderError) as error:
        print(f"render_corpus: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # of stdout
        raise
    except (OSError, KeyboardInterrupt) as error:  # in a worker or here
        return stopped("render_corpus", error, _GOES_ON)


def _run(options: argparse.Namespace) -> int:
    require_packages(options.shards)
    from app.corpus.executors import Means, Where, executor_of

    install_on_first_use()
    inputs = list_inputs(options.folder)
    at_first = min(len(inputs.files), _TASKS_A_WORKER * options.workers)
    tasks = options.tasks or kept_tasks(options.out) or at_first
    kinds = tuple(kind for kind in Shards if kind in options.shards)
    bounds = Bounds(most_characters=options.most_characters, most_missing=options.most_missing)
    keys = Keys(options.text_key, options.name_key)
    job = Job(
        options.folder.resolve(),
        options.out.resolve(),
        _look(options),
        tasks,
        kinds,
        options.shard_mb << 20,
        keys,
        bounds,
    )
    means = Means(Where(options.where), options.workers, options.partition, options.time_limit, tuple(options.sbatch))
    executor = executor_of(job, means)
    with alone(job):
        is_new = begin(job, inputs)
        _tell_beginning(options, job, inputs, is_new)
        prepare_engine("auto")  # here, so that the workers find it compiled
        with watched_workers():
            executor.run()
    if options.where == "slurm":
        print(f"Submitted. How far it is: --status {job.out}", file=sys.stderr)
        return 0
    return _tell(progress(job.out))


def _tell_beginning(options: argparse.Namespace, job: Job, inputs: Inputs, is_new: bool) -> None:
    from app.corpus.executors import memory_gb

    tasks = job.tasks
    print(
        f"{'A job' if is_new else 'The job goes on'}: {len(inputs.files):,} files in {tasks:,} tasks, {options.workers:,} at once; "
        f"a worker holds up to {job.bounds.memory_bytes / 1e6:,.0f} MB"
        + (f" ({memory_gb(job)} GB are asked for)" if options.where != "local" else "")
        + (f"; {inputs.passed_over:,} files of other kinds are passed over" if inputs.passed_over else "")
        + (
            f"; {tasks - len(inputs.files):,} tasks have no file: split large files"
            if tasks > len(inputs.files)
            else ""
        ),
        file=sys.stderr,
    )


def _look(options: argparse.Namespace) -> Look:
    if options.seed is not None:
        return SampledLooks(options.seed, options.theme)
    configs = tuple(RenderConfig.load(path) for path in options.config or [DEFAULT_CONFIG])
    for config in configs:
        tell_notes(config)
    return FixedLooks(configs)


def _tell(found: Progress) -> int:
    totals = dataclasses.asdict(found.totals)
    used = {"peak_memory_mb": found.peak_memory_mb, "processor_s": round(found.processor_s, 2)}
    print(json.dumps({"tasks": found.tasks, "done": found.done, **totals, **used}))
    return 0 if found.is_whole else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="texts: .txt, .jsonl, .jsonl.gz")
    parser.add_argument("--out", type=named_place, help="the job's folder; not in the folder of texts")
    parser.add_argument("--status", type=Path, metavar="DIR", help="tell how far the job in DIR is")
    looks = parser.add_argument_group("how pages look")
    looks.add_argument("--config", type=Path, action="append", help="settings (configs/en.json); several go by turns")
    looks.add_argument(
        "--seed", type=int, help="instead: a style of the paper's Table 8 or its themes for each document"
    )
    looks.add_argument("--theme", choices=(*STYLE_THEMES, ""), help='with --seed: one theme, or "" for Table 8 only')
    shards = parser.add_argument_group("shards")
    shards.add_argument("--shards", type=shard_kinds, default=tuple(Shards), help="tar, parquet or both (tar,parquet)")
    shards.add_argument("--shard-mb", type=positive, default=256, help="a shard ends at this size (256)")
    texts = parser.add_argument_group("texts")
    texts.add_argument("--text-key", default="text", help="of a line of JSON (text)")
    texts.add_argument(
        "--name-key", default="id", help="of a line of JSON (id); file and line number where it has none"
    )
    texts.add_argument(
        "--most-characters", type=positive, default=Bounds().most_characters, help="of a document (2,000,000)"
    )
    texts.add_argument(
        "--most-missing", type=_share, default=1.0, help="share of characters that the font may lack (1)"
    )
    means = parser.add_argument_group("where it runs")
    means.add_argument("--where", choices=("local", "slurm", "ray"), default="local")
    means.add_argument("--workers", type=positive, default=os.cpu_count() or 1, help="tasks at once (a core each)")
    means.add_argument("--tasks", type=positive, help="fixed when a job is begun (4 a worker, one a file at most)")
    means.add_argument("--partition", default="", help="of Slurm")
    means.add_argument(
        "--sbatch", type=_pair, action="append", default=[], metavar="NAME=VALUE", help="account=…, qos=…"
    )
    means.add_argument("--time-limit", default="24:00:00", help="of Slurm, for a task (24:00:00)")
    return parser


def shard_kinds(words: str) -> tuple[Shards, ...]:
    """From "tar", "parquet" or both."""
    try:
        return tuple(Shards(word.strip()) for word in words.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{words!r}; choose of {', '.join(Shards)}") from None


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{word!r} is no NAME=VALUE")
    return name, value


def _share(word: str) -> float:
    try:
        share = float(word)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{word!r} is no share from 0 to 1")
    return share


if __name__ == "__main__":
    sys.exit(ended("render_corpus", main))
