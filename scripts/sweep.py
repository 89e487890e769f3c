#!/usr/bin/env python3
"""Measure prefill and throughput of both sides against the text's length, on the servers at hand.

    python scripts/sweep.py                                  4K to 128K tokens of a synthetic novel, 72 dpi, 3 repeats
    python scripts/sweep.py --dry-run                        what would be measured, and how long that takes on paper
    python scripts/sweep.py --lengths 1K,2K,4K --dpi 72,96 --at-once 1,2,4,8 --budget 30
    python scripts/sweep.py --book BOOK.epub --text-url http://127.0.0.1:8001 --pages-url http://127.0.0.1:8002
    python scripts/sweep.py --resume .data/sweeps/….jsonl    go on where a stopped or killed one was

Servers: those named, else the launcher's or those on the standard ports, else a simulator of its own, whose figures say
"simulated". Every measurement is one JSON line on stdout and in the journal the moment it is made; the last line is a
summary with medians and spread. Progress goes to stderr.
Exit status: 0 done, 1 done but --csv could not be written, 2 refused, 3 no server, 4 the budget ended first, 130 stopped by Ctrl-C (resume it).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.books import BookError
from app.clients import Role
from app.endpoints.finding import EndpointSource
from app.paths import CONFIGS, DATA, PAGES_OUT
from app.serving.errors import SimulatorFailed
from app.sweep import (
    Forecast,
    Journal,
    Outcome,
    Record,
    RunState,
    SweepError,
    SweepLook,
    SweepPlan,
    SweepPlanError,
    SweepRun,
    SweepServer,
    SweepSubject,
    check_same,
    looked_at,
    novel_for,
    plan_to_json,
    read_journal,
    record_to_json,
    table_csv,
    table_rows,
)
from renderer import RenderError
from scripts.named_inputs import ResultUnwritable, named_book, named_config, write_result
from scripts.named_servers import NoServer, add_named_servers, minutes, named_servers, note
from scripts.option_types import above_zero, positive, positives, token_counts
from scripts.stopping import ToldLines, ended

_PLAN_OPTIONS = ("lengths", "dpi", "repeats", "at_once", "answer_tokens", "seed", "no_decode")
_EXITS = {RunState.DONE: 0, RunState.BUDGET_SPENT: 4, RunState.STOPPED: 130, RunState.BROKEN: 2}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    source = EndpointSource(options.speedup)
    try:
        plan = _plan(options)
        config = named_config(options.config)
        title, text = _book(options, plan)
        if options.dry_run:
            return _dry_run(plan, title)
        subject = SweepSubject(title, text, config, *_servers(options, source))
        return _measure(options, plan, subject)
    except (SweepError, BookError, RenderError) as error:
        print(f"sweep: {error}", file=sys.stderr)
        return 2
    except (NoServer, SimulatorFailed) as error:
        print(f"sweep: {error}", file=sys.stderr)
        return 3
    finally:
        source.stop()


def _measure(options: argparse.Namespace, plan: SweepPlan, subject: SweepSubject) -> int:
    header = subject.header(plan)
    if options.resume:
        journal = Journal.resume(options.resume)
        try:
            check_same(journal.header, header)
        except SweepError:
            journal.close()
            raise
        note(f"{len(journal.settled)} of {plan.task_count} measurements are there already.")
    else:
        journal = Journal.create(options.journal or _new_path(), header)
    note(f"Journal: {journal.path}")
    workspace = (options.pages_dir or PAGES_OUT) / f"{os.getpid()}-sweep"
    lines = ToldLines()
    budget_s = None if options.budget is None else 60 * options.budget
    try:
        run = SweepRun(subject, journal, workspace, budget_s=budget_s, on_record=partial(_tell, lines))
    except SweepError:
        journal.close()
        raise
    lines.stop = run.stop
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: run.stop())
    look = run.run()
    is_written = _summary(options, look, lines)
    if look.state is not RunState.DONE:
        note(f"{look.state.value.capitalize()}. {look.detail} Go on with: --resume {journal.path}")
    return lines.end(_EXITS[look.state] or (0 if is_written else 1))


def _tell(lines: ToldLines, record: Record, look: SweepLook) -> None:
    lines.tell(json.dumps({"type": "record", **record_to_json(record)}, ensure_ascii=False))
    figure = f"TTFT {record.ttft_ms[0]:,.0f} ms" if len(record.ttft_ms) == 1 else f"{len(record.ttft_ms)} TTFTs"
    if record.tokens_per_second is not None:
        figure += f", {record.tokens_per_second:,.1f} tokens/s"
    told = figure if record.outcome is Outcome.MEASURED else f"{record.outcome}: {record.detail}"
    left = "" if look.seconds_left is None else f", {minutes(look.seconds_left)} left"
    word = f" ({record.provenance})" if record.outcome is Outcome.MEASURED else ""
    note(f"[{look.done}/{look.total}{left}] {record.task.key}: {told}{word}")


def _summary(options: argparse.Namespace, look: SweepLook, lines: ToldLines) -> bool:
    """Whether the table that was asked for is written."""
    rows = table_rows(look.records)
    is_written = True
    if options.csv:
        try:
            write_result(options.csv, table_csv(look.records))
        except ResultUnwritable as error:
            note(f"sweep: {error} The journal holds everything.")
            is_written = False
    value = {"type": "summary", "state": look.state.value, "done": look.done, "total": look.total, "table": rows}
    lines.tell(json.dumps(value, ensure_ascii=False))
    return is_written


def _dry_run(plan: SweepPlan, title: str) -> int:
    """The order of measurement, and how long it takes by the projection alone."""
    tasks = plan.tasks()
    for task in tasks:
        print(json.dumps({"type": "task", "key": task.key}, ensure_ascii=False))
    seconds = Forecast(plan).seconds(tasks)
    value = {"type": "plan", "title": title, "tasks": len(tasks), "projected_seconds": round(seconds, 1)}
    print(json.dumps({**value, "plan": plan_to_json(plan)}, ensure_ascii=False))
    note(f"{len(tasks)} measurements; {minutes(seconds)} on one H100, projected. Nothing was asked.")
    return 0


# --- what to measure --------------------------------------------------------------------------------------------------


def _plan(options: argparse.Namespace) -> SweepPlan:
    if options.resume:
        given = [name for name in _PLAN_OPTIONS if getattr(options, name) not in (None, False)]
        if given:
            named = ", ".join("--" + name.replace("_", "-") for name in given)
            raise SweepPlanError(f"{named} cannot be changed while resuming: the journal holds the plan. Leave it out.")
        return read_journal(options.resume)[0].plan
    standard = SweepPlan()
    return SweepPlan(
        lengths=options.lengths or standard.lengths,
        dpis=options.dpi or standard.dpis,
        repeats=standard.repeats if options.repeats is None else options.repeats,
        decode=not options.no_decode,
        at_once=options.at_once or (),
        answer_tokens=standard.answer_tokens if options.answer_tokens is None else options.answer_tokens,
        seed=options.seed or 0,
    )


def _book(options: argparse.Namespace, plan: SweepPlan) -> tuple[str, str]:
    if options.book is None:
        return novel_for(plan)
    book = named_book(options.book)
    return book.title, book.text


def _servers(options: argparse.Namespace, source: EndpointSource) -> tuple[SweepServer, SweepServer]:
    found = named_servers(options)
    if len(found) < len(Role):
        endpoints, origin = source.find()
        note(origin)
        found = {one.role: one for one in endpoints} | found
    if missing := [role.value for role in Role if role not in found]:
        raise NoServer(f"No server for: {', '.join(missing)}. Name it with --text-url or --pages-url.")
    looks = [looked_at(found[role]) for role in (Role.TEXT, Role.PAGES)]
    for (server, trouble), role in zip(looks, (Role.TEXT, Role.PAGES), strict=True):
        if trouble and not server.endpoint.model:
            raise NoServer(f"The {role} server cannot be asked for its model: {trouble}")
        if trouble:
            note(f"The {role} server does not answer; its measurements will be marks. {trouble}")
    if all(trouble for _, trouble in looks):
        raise NoServer("Neither server answers: " + " ".join(trouble for _, trouble in looks))
    return looks[0][0], looks[1][0]


def _new_path() -> Path:
    return DATA / "sweeps" / f"{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.jsonl"


# --- words ------------------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        epilog=__doc__.split("\n\n", 1)[1],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--lengths", type=token_counts, metavar="N,N", help="text tokens; 4K is 4,096 (default 4K … 128K)"
    )
    parser.add_argument("--dpi", type=positives, metavar="N,N", help="of the pages (default 72)")
    parser.add_argument("--repeats", type=positive, metavar="N", help="of each single request (default 3)")
    parser.add_argument("--no-decode", action="store_true", help="prefill alone, no answers of 256 tokens")
    parser.add_argument("--at-once", type=positives, metavar="N,N", help="requests at the same time, e.g. 1,2,4,8")
    parser.add_argument(
        "--answer-tokens", type=positive, metavar="N", help="of decoding and of several at once (default 256)"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="of the order and of the novel (default 0)")
    parser.add_argument("--budget", type=above_zero, metavar="MINUTES", help="nothing is begun that would go beyond it")
    parser.add_argument("--book", type=Path, help="measure with this book instead of a synthetic novel")
    parser.add_argument(
        "--config", type=Path, default=CONFIGS / "en.json", help="page settings (default configs/en.json)"
    )
    parser.add_argument("--journal", type=Path, help="a new file (default: .data/sweeps/<time>.jsonl)")
    parser.add_argument("--resume", type=Path, metavar="JOURNAL", help="go on with this journal")
    parser.add_argument("--dry-run", action="store_true", help="tell the plan, ask nobody")
    parser.add_argument("--csv", type=Path, help="write the summary's table here too")
    add_named_servers(parser)
    parser.add_argument("--speedup", type=above_zero, default=1.0, metavar="X", help="of a simulator of its own")
    return parser


if __name__ == "__main__":
    sys.exit(ended("sweep", main))
