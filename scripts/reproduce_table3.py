#!/usr/bin/env python3
"""Table 3 of Glyph's paper on whatever answers: RULER's eleven tasks at 72, 96 and 120 dpi, ours beside the paper's.

    python scripts/reproduce_table3.py                                    on the servers at hand, else on the OCR stand-in
    python scripts/reproduce_table3.py --limit 300 --length 32K --text-url … --pages-url …
    python scripts/reproduce_table3.py --resume .data/evaluations/….jsonl

The two UUID tasks are left out, examples too, and the question stands behind the images, as in the paper's own runs. A cell is the
mean score in percent with its 95 % interval (Wilson) and the number of items. The table goes to stdout as Markdown, progress to stderr.
Exit status: as scripts/evaluate.py.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.endpoints.finding import EndpointSource
from app.evaluation import (
    SOURCE,
    STAND_IN,
    TABLE_3,
    TABLE_3_TASKS,
    TASKS,
    TEXT_AVERAGE,
    TEXT_MODEL,
    Arm,
    EvaluationError,
    EvaluationPlan,
    EvaluationRun,
    Given,
    Header,
    Report,
    Result,
    RunLook,
    RunState,
    Share,
    Sources,
    begin,
    percent,
    read_journal,
    report_of,
    resume,
)
from app.paths import CONFIGS, PAGES_OUT
from app.serving.errors import SimulatorFailed
from renderer import RenderError
from scripts.evaluate import EXITS, add_server_options, new_path, servers_for
from scripts.named_inputs import named_config
from scripts.named_servers import NoServer, minutes, note
from scripts.option_types import positive, token_count
from scripts.stopping import ended

DPIS = tuple(row.dpi for row in TABLE_3)
STAND_IN_ITEMS = 6  # of each task: some 250 calls


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    source = EndpointSource(options.speedup)
    began = time.monotonic()
    try:
        sources = Sources(options.essays, options.squad, options.hotpotqa)
        if options.resume:
            servers = servers_for(read_journal(options.resume)[0].plan, options, source)
            journal, items = resume(options.resume, servers)
        else:
            plan = _plan(options)
            servers = servers_for(plan, options, source)
            journal, items = begin(options.journal or new_path(), plan, sources, servers)
        note(f"Journal: {journal.path}")
        arms = {arm.key: arm.label for arm in journal.header.plan.arms}
        run = EvaluationRun(
            journal,
            items,
            servers,
            PAGES_OUT / f"{journal.path.stem}-table3",
            at_once=options.at_once,
            on_result=partial(_tell, arms),
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: run.stop())
        look = run.run()
    except (EvaluationError, RenderError) as error:
        note(f"reproduce_table3: {error}")
        return 2
    except (NoServer, SimulatorFailed) as error:
        note(f"reproduce_table3: {error}")
        return 3
    finally:
        source.stop()
    header, results = read_journal(journal.path)
    print(table(header, results))
    note(f"{look.done} of {look.total} calls; this run took {minutes(time.monotonic() - began)}.")
    if look.state is not RunState.DONE:
        note(f"{look.state.value.capitalize()}. {look.detail} Go on with: --resume {journal.path}")
    return EXITS[look.state]


def table(header: Header, results: Sequence[Result]) -> str:
    """Markdown: a row a task, the paper's figure beside each of ours where it prints one."""
    report = report_of(header.plan.arms, results)
    by_dpi = {arm.dpi: arm for arm in report.arms if arm.dpi is not None}
    text = next((arm for arm in report.arms if arm.given is Given.TEXT), None)
    lines = [
        "| task | " + " | ".join(f"{dpi} dpi, ours | paper" for dpi in DPIS) + " | text, ours |",
        "|---" * (2 + 2 * len(DPIS)) + "|",
    ]
    for name in TABLE_3_TASKS:
        cells = [f"{TASKS[name].paper_name} ({name})"]
        for row in TABLE_3:
            paper = row.by_task.get(TASKS[name].paper_name)
            cells += [_cell(report, name, by_dpi.get(row.dpi)), "–" if paper is None else f"{paper:.2f}"]
        lines.append(f"| {' | '.join([*cells, _cell(report, name, text)])} |")
    whole = {one.arm.key: one for one in report.summaries}
    average, ratio = ["**average**"], ["compression"]
    for row in TABLE_3:
        own = whole.get(by_dpi[row.dpi].key) if row.dpi in by_dpi else None
        average += [_share(own.score) if own else "–", f"{row.average:.2f}"]
        ratio += [f"{own.compression:.2f}×" if own and own.compression else "–", f"{row.compression:.1f}×"]
    of_text = whole.get(text.key) if text is not None else None
    lines.append(f"| {' | '.join([*average, _share(of_text.score) if of_text else '–'])} |")
    lines.append(f"| {' | '.join([*ratio, '1'])} |")
    plan = header.plan
    models = ", ".join(f"{n.role}: {n.model}{' (simulated)' if n.simulated else ''}" for n in header.servers)
    lines += [
        "",
        f"Ours: up to {plan.length:,} tokens an item, seed {plan.seed}; {models}. Paper: {SOURCE}; its text model, {TEXT_MODEL}, "
        f"averages {TEXT_AVERAGE}.",
        *(["", STAND_IN] if report.simulated else []),
        *(["", "Instead: " + "; ".join(header.notes) + "."] if header.notes else []),
    ]
    return "\n".join(lines)


def _cell(report: Report, task: str, arm: Arm | None) -> str:
    cell = report.cell(task, arm) if arm is not None else None
    return _share(cell.score) if cell is not None else "–"


def _share(share: Share) -> str:
    return f"{percent(share.value)} ({percent(share.low)}–{percent(share.high)}; {share.count})"


def _tell(arms: Mapping[str, str], result: Result, look: RunLook) -> None:
    left = "" if look.seconds_left is None else f", {minutes(look.seconds_left)} left"
    note(
        f"[{look.done}/{look.total}{left}] {result.item_id}, {arms[result.arm_key]}: {result.outcome} {result.score:.2f}"
    )


def _plan(options: argparse.Namespace) -> EvaluationPlan:
    config = named_config(options.config)
    pages = tuple(Arm(Given.PAGES, replace(config, dpi=dpi), options.config.stem) for dpi in DPIS)
    return EvaluationPlan(
        tasks=TABLE_3_TASKS,
        arms=(Arm(Given.TEXT), *pages),
        count=options.limit,
        length=options.length,
        seed=options.seed,
        may_abstain=False,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        epilog=__doc__.split("\n\n", 1)[1],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--limit",
        type=positive,
        default=STAND_IN_ITEMS,
        metavar="N",
        help=f"items of each task (default {STAND_IN_ITEMS})",
    )
    parser.add_argument("--length", type=token_count, default=4096, metavar="N", help="tokens of an item (default 4K)")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument(
        "--config", type=Path, default=CONFIGS / "en.json", help="page settings (default configs/en.json)"
    )
    parser.add_argument("--essays", type=Path, help="folder of .txt or .md files")
    parser.add_argument("--squad", type=Path, help="SQuAD 2.0's dev file or its folder")
    parser.add_argument("--hotpotqa", type=Path, help="HotpotQA's dev distractor file or its folder")
    parser.add_argument("--journal", type=Path, help="a new file (default: .data/evaluations/<time>.jsonl)")
    parser.add_argument("--resume", type=Path, metavar="JOURNAL", help="go on with this journal")
    add_server_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(ended("reproduce_table3", main))
