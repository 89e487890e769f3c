#!/usr/bin/env python3
"""Is it still read? Ask the same items of text and pages, and compare the answers item by item.

    python scripts/evaluate.py --dry-run                                  calls, tokens, time and price; nobody is asked
    python scripts/evaluate.py                                            RULER's 11 tasks of the paper, text against pages at 72 dpi
    python scripts/evaluate.py --tasks niah_single_2,vt --arms text,pages@72,pages@96+factsheet,none --limit 20
    python scripts/evaluate.py --tasks ruler,facts --length 16K --text-url http://127.0.0.1:8001 --pages-url http://127.0.0.1:8002
    python scripts/evaluate.py --resume .data/evaluations/….jsonl         go on where a stopped or killed one was
    python scripts/evaluate.py --list                                     every task, and what it needs

Arms: text; pages@DPI (of --config); pages:FILE.json or pages:FILE.json@DPI (other settings); +factsheet behind any of these; none
(the question alone). Servers: those named, else the launcher's or those on the standard ports, else a simulator of its own, whose
answers are quotations (on pages: read by an OCR program) and say so. Every result is one JSON line on stdout and in the journal
the moment it is there; the last line is a summary. Progress goes to stderr.
Exit status: 0 done, 1 done but a file could not be written, 2 refused, 3 no server, 130 stopped by Ctrl-C (resume it).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.books import BookError
from app.clients import Role
from app.endpoints.finding import EndpointSource
from app.evaluation import (
    TABLE_3_TASKS,
    TASKS,
    Arm,
    ArmCost,
    EvaluationError,
    EvaluationPlan,
    EvaluationRun,
    EvaluationServer,
    Forecast,
    Given,
    Header,
    Item,
    PlanError,
    Price,
    Result,
    RunLook,
    RunState,
    Sources,
    begin,
    forecast,
    looked_at,
    missing_source,
    read_journal,
    report_html,
    report_json,
    result_to_json,
    results_csv,
    resume,
    summary_value,
    write_inspect_logs,
)
from app.paths import CONFIGS, DATA, PAGES_OUT
from app.serving.errors import SimulatorFailed
from renderer import RenderConfig, RenderError
from scripts.named_inputs import ResultUnwritable, named_book, named_config, write_result
from scripts.named_servers import NoServer, add_named_servers, minutes, named_servers, note
from scripts.option_types import above_zero, not_below_zero, positive, token_count
from scripts.stopping import ToldLines, ended

EXITS = {RunState.DONE: 0, RunState.STOPPED: 130, RunState.BROKEN: 2}
_PLAN_OPTIONS = ("tasks", "arms", "limit", "length", "seed", "answer_tokens", "no_abstaining", "no_thinking")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    source = EndpointSource(options.speedup)
    try:
        if options.list:
            return _list()
        sources = _sources(options)
        if options.dry_run:
            return _dry_run(_plan(options, sources), sources, Price(options.price_prompt, options.price_answer))
        return _evaluate(options, sources, source)
    except (EvaluationError, BookError, RenderError) as error:
        note(f"evaluate: {error}")
        return 2
    except (NoServer, SimulatorFailed) as error:
        note(f"evaluate: {error}")
        return 3
    finally:
        source.stop()


def _evaluate(options: argparse.Namespace, sources: Sources, source: EndpointSource) -> int:
    if options.resume:
        given = [name for name in _PLAN_OPTIONS if getattr(options, name) not in (None, False)]
        if given:
            named = ", ".join("--" + name.replace("_", "-") for name in given)
            raise PlanError(f"{named} cannot be changed while resuming: the journal holds the plan. Leave it out.")
        plan = read_journal(options.resume)[0].plan
        servers = servers_for(plan, options, source)
        journal, items = resume(options.resume, servers, sources.book_text)
        note(f"{len(journal.settled)} of {journal.header.calls} calls are there already.")
    else:
        plan = _plan(options, sources)
        servers = servers_for(plan, options, source)
        journal, items = begin(options.journal or new_path(), plan, sources, servers)
    note(f"Journal: {journal.path}")
    for words in journal.header.notes:
        note(words)
    workspace = (options.pages_dir or PAGES_OUT) / f"{os.getpid()}-evaluation"
    lines = ToldLines()
    arms = {arm.key: arm.label for arm in journal.header.plan.arms}
    try:
        run = EvaluationRun(
            journal, items, servers, workspace, at_once=options.at_once, on_result=partial(_tell, lines, arms)
        )
    except EvaluationError:
        journal.close()
        raise
    lines.stop = run.stop
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: run.stop())
    look = run.run()
    header, results = read_journal(journal.path)
    is_written = _write(options, header, results, items)
    summary = {"type": "summary", "state": look.state.value, "done": look.done, "total": look.total}
    lines.tell(json.dumps({**summary, **summary_value(header, results)}, ensure_ascii=False))
    if look.state is not RunState.DONE:
        note(f"{look.state.value.capitalize()}. {look.detail} Go on with: --resume {journal.path}")
    return lines.end(EXITS[look.state] or (0 if is_written else 1))


def _tell(lines: ToldLines, arms: Mapping[str, str], result: Result, look: RunLook) -> None:
    """One result: a JSON line for programs, a line for people. `arms`: what each is called."""
    lines.tell(json.dumps(result_to_json(result), ensure_ascii=False))
    left = "" if look.seconds_left is None else f", {minutes(look.seconds_left)} left"
    word = " (simulated)" if result.simulated else ""
    why = f": {result.detail}" if result.detail else ""
    note(
        f"[{look.done}/{look.total}{left}] {result.item_id}, {arms[result.arm_key]}: {result.outcome} {result.score:.2f}{word}{why}"
    )


def _write(options: argparse.Namespace, header: Header, results: Sequence[Result], items: Sequence[Item]) -> bool:
    """Whether all files that were asked for are written; what is not costs no other one."""
    is_written = True
    for path, text in ((options.csv, results_csv), (options.json, report_json), (options.html, report_html)):
        if path is not None:
            try:
                write_result(path, text(header, results))
            except ResultUnwritable as error:
                note(f"evaluate: {error} The journal holds everything.")
                is_written = False
    if options.inspect_logs is not None:
        try:
            count = write_inspect_logs(options.inspect_logs, header, results, items)
            note(f"{count} logs for inspect view in {options.inspect_logs}")
        except EvaluationError as error:
            note(f"evaluate: {error} The journal holds everything.")
            is_written = False
    return is_written


def _dry_run(plan: EvaluationPlan, sources: Sources, price: Price) -> int:
    told = forecast(plan, sources)
    for one in told.arms:
        value = {"type": "arm", "arm": one.arm.label, **_cost_value(one, price)}
        print(json.dumps(value, ensure_ascii=False))
    whole = {"type": "plan", "items": told.items, **_cost_value(told, price), "notes": list(told.notes)}
    print(json.dumps(whole, ensure_ascii=False))
    note(f"{told.words(price)} Nothing was asked.")
    return 0


def _cost_value(cost: ArmCost | Forecast, price: Price) -> dict[str, float]:
    return {
        "calls": cost.calls,
        "prompt_tokens": cost.prompt_tokens,
        "answer_tokens_reckoned": cost.answer_tokens,
        "projected_seconds": round(cost.seconds, 1),
        "price": round(cost.price(price), 4),
    }


def _list() -> int:
    for info in TASKS.values():
        needs = f" [{missing_source(info.name, Sources())}]" if missing_source(info.name, Sources()) else ""
        print(f"{info.name:32} {info.family:10} {info.about}{needs}")
    return 0


# --- what to ask ------------------------------------------------------------------------------------------------------


def _plan(options: argparse.Namespace, sources: Sources) -> EvaluationPlan:
    config = named_config(options.config)
    standard = EvaluationPlan(("vt",), (Arm(Given.TEXT),))
    return EvaluationPlan(
        tasks=_task_names(options.tasks or "table3", sources),
        arms=arms_of(options.arms or "text,pages@72", config, options.config.stem),
        count=standard.count if options.limit is None else options.limit,
        length=standard.length if options.length is None else options.length,
        seed=standard.seed if options.seed is None else options.seed,
        answer_tokens=options.answer_tokens or standard.answer_tokens,
        thinking=not options.no_thinking,
        may_abstain=not options.no_abstaining,
        factsheet_tokens=options.factsheet_tokens or standard.factsheet_tokens,
    )


def _task_names(words: str, sources: Sources) -> tuple[str, ...]:
    """Names, or "ruler", "table3", "mrcr", "longbench", "all": every task of them that has its source."""
    found: dict[str, None] = {}
    for word in filter(None, (one.strip() for one in words.split(","))):
        if word == "table3":
            found |= dict.fromkeys(TABLE_3_TASKS)
        elif word == "all" or word.upper() in {info.family.upper() for info in TASKS.values()}:
            found |= {
                info.name: None
                for info in TASKS.values()
                if word in ("all", info.family.lower()) and not missing_source(info.name, sources)
            }
        else:
            found[word] = None
    return tuple(found)


def arms_of(words: str, config: RenderConfig, name: str) -> tuple[Arm, ...]:
    return tuple(_arm(word.strip(), config, name) for word in words.split(",") if word.strip())


def _arm(word: str, config: RenderConfig, name: str) -> Arm:
    plain, _, more = word.partition("+")
    factsheet = more == "factsheet"
    if more and not factsheet:
        raise PlanError(f"The arm {word!r} is not known: behind + stands factsheet alone.")
    if plain in ("text", "none") and not factsheet:
        return Arm(Given.TEXT if plain == "text" else Given.NOTHING)
    kind, _, dpi = plain.partition("@")
    if kind.startswith("pages:"):
        path = Path(kind.removeprefix("pages:"))
        config, name, kind = named_config(path), path.stem, "pages"
    if kind != "pages" or (dpi and not dpi.isdigit()):
        raise PlanError(
            f"The arm {word!r} is not known. Choose from text, none, pages@72, pages:FILE.json@72, +factsheet."
        )
    return Arm(Given.PAGES, replace(config, dpi=int(dpi)) if dpi else config, name, factsheet)


def _sources(options: argparse.Namespace) -> Sources:
    title = text = ""
    if options.book is not None:
        book = named_book(options.book)
        title, text = book.title, book.text
    return Sources(
        _folder(options.essays),
        _folder(options.squad),
        _folder(options.hotpotqa),
        _folder(options.mrcr),
        _folder(options.longbench),
        title,
        text,
    )


def _folder(path: Path | None) -> Path | None:
    return None if path is None else path.expanduser().resolve()


# --- whom to ask ------------------------------------------------------------------------------------------------------


def servers_for(
    plan: EvaluationPlan, options: argparse.Namespace, source: EndpointSource
) -> dict[Role, EvaluationServer]:
    """Those that the plan's arms need. Raises NoServer."""
    wanted = {arm.role for arm in plan.arms}
    found = named_servers(options)
    if wanted - set(found):
        endpoints, origin = source.find()
        note(origin)
        found = {one.role: one for one in endpoints} | found
    servers = {}
    for role in wanted:
        if role not in found:
            raise NoServer(f"No server for the {role} side. Name it with --{role}-url.")
        server, trouble = looked_at(found[role])
        if trouble:
            raise NoServer(f"The {role} server does not answer: {trouble}")
        servers[role] = server
    return servers


def new_path() -> Path:
    return DATA / "evaluations" / f"{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.jsonl"


# --- words ------------------------------------------------------------------------------------------------------------


def add_server_options(parser: argparse.ArgumentParser) -> None:
    add_named_servers(parser)
    parser.add_argument(
        "--speedup", type=above_zero, default=1000.0, metavar="X", help="of a simulator of its own (default 1000)"
    )
    parser.add_argument("--at-once", type=positive, default=2, metavar="N", help="calls at the same time (default 2)")


def add_output_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--csv", type=Path, help="write every result here too")
    parser.add_argument("--json", type=Path, help="write everything here too")
    parser.add_argument("--html", type=Path, help="write a report for people here too")
    parser.add_argument("--inspect-logs", type=Path, metavar="FOLDER", help="write logs for `inspect view` here too")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        epilog=__doc__.split("\n\n", 1)[1],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--tasks", metavar="A,B", help="names, or table3 (the default), ruler, own, mrcr, longbench, all"
    )
    parser.add_argument("--arms", metavar="A,B", help="default text,pages@72")
    parser.add_argument("--limit", type=positive, metavar="N", help="items of each task (default 20)")
    parser.add_argument(
        "--length", type=token_count, metavar="N", help="tokens of an item, answer included; 4K is 4,096, the default"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="other items (default 1)")
    parser.add_argument(
        "--answer-tokens", type=positive, metavar="N", help="at most, reasoning included (default 8192, as Glyph's)"
    )
    parser.add_argument("--no-abstaining", action="store_true", help="do not invite to answer “unknown”")
    parser.add_argument("--no-thinking", action="store_true")
    parser.add_argument("--factsheet-tokens", type=positive, metavar="N", help="bound of a factsheet (default 512)")
    parser.add_argument(
        "--config", type=Path, default=CONFIGS / "en.json", help="page settings (default configs/en.json)"
    )
    parser.add_argument("--book", type=Path, help="your own book, for book_needle")
    for name, words in (
        ("essays", "folder of .txt or .md files: the prose of RULER's needles"),
        ("squad", "SQuAD 2.0's dev file or its folder"),
        ("hotpotqa", "HotpotQA's dev distractor file or its folder"),
        ("mrcr", "folder of MRCR's Parquet files"),
        ("longbench", "folder of LongBench's .jsonl files"),
    ):
        parser.add_argument(f"--{name}", type=Path, help=words)
    parser.add_argument("--journal", type=Path, help="a new file (default: .data/evaluations/<time>.jsonl)")
    parser.add_argument("--resume", type=Path, metavar="JOURNAL", help="go on with this journal")
    parser.add_argument("--dry-run", action="store_true", help="tell calls, tokens, time and price; ask nobody")
    parser.add_argument(
        "--price-prompt",
        type=not_below_zero,
        default=0.0,
        metavar="X",
        help="of a million prompt tokens, for --dry-run",
    )
    parser.add_argument(
        "--price-answer", type=not_below_zero, default=0.0, metavar="X", help="of a million answer tokens"
    )
    parser.add_argument("--list", action="store_true", help="every task")
    add_server_options(parser)
    add_output_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(ended("evaluate", main))
