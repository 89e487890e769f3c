#!/usr/bin/env python3
"""Search for rendering settings: more compression without a loss of reading, found by a genetic search that a critic leads.

    python scripts/search.py BOOK.epub                        80 settings, needles read by the OCR program, rules as critic
    python scripts/search.py BOOK.txt --reader clarity        random codes instead of needles: cheaper
    python scripts/search.py BOOK.txt --reader server --reader-url http://127.0.0.1:8002 --task niah_multikey_2 --length 4096
    python scripts/search.py BOOK.txt --critic-url http://127.0.0.1:8001 --critic-model Qwen/Qwen3-8B
    python scripts/search.py BOOK.txt --arms search,random,manual --evaluations 200 --population 20 --budget 30
    python scripts/search.py --resume 20261128-…              go on where a stopped or killed one was
    python scripts/search.py BOOK.txt --quick                 settings near configs/en.json, by exact counts and the clarity table
    python scripts/search.py --list                           what is kept

Accuracies of needles and clarity are an OCR program's, a stand-in for the vision model, and say so. One JSON line a scored setting on stdout; the last
line is a summary. Front and settings files: --out FOLDER. A key for the critic: --critic-key NAME, the environment variable's name.
Exit status: 0 done, 1 done but --out could not be written, 2 refused, 4 the budget ended first, 130 stopped by Ctrl-C (resume it).
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.books import BookError
from app.clients import Endpoint, Role
from app.evaluation import EvaluationServer, looked_at
from app.legibility import percent
from app.paths import CONFIGS, make_private
from app.search import (
    Arm,
    Candidate,
    CriticEndpoint,
    Documents,
    LlmCritic,
    OperatorsOnly,
    ReaderChoice,
    ReaderKind,
    RuleCritic,
    RunState,
    SearchError,
    SearchPlan,
    SearchRun,
    SearchStudy,
    front_settings,
    make_reader,
    quick_search,
    search_desk,
    study_json,
    trials_csv,
)
from app.search.desk import SEARCHES
from renderer import RenderError
from renderer.command_line import named_place
from scripts.named_inputs import ResultUnwritable, named_book, named_config, write_result
from scripts.option_types import above_zero, positive
from scripts.stopping import ToldLines, ended

_EXITS = {RunState.DONE: 0, RunState.BUDGET_SPENT: 4, RunState.STOPPED: 130, RunState.BROKEN: 2}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        if options.list:
            return _list()
        if options.quick:
            return _quick(_documents(options.documents))
        study, documents = _study(options)
        lines = ToldLines()
        run = SearchRun(
            study,
            documents,
            make_reader(study.header.plan.reader, documents, _server(study.header.plan.reader, options)),
            _critic(options),
            None if options.budget is None else 60.0 * options.budget,
            on_scored=partial(_tell, lines),
        )
        lines.stop = run.stop
        signal.signal(signal.SIGINT, lambda *_: run.stop())
        print(f"search {study.id}: {documents.title}, {study.header.reader}", file=sys.stderr)
        run.work()
        look = run.look()
        if look.detail:
            print(f"search: {look.detail}", file=sys.stderr)
        is_written = _summary(study, options.out, lines)
        return lines.end(_EXITS.get(look.state, 2) or (0 if is_written else 1))
    except BrokenPipeError:
        raise
    except (SearchError, BookError, RenderError, OSError) as error:
        print(f"search: {error}", file=sys.stderr)
        return 2


def _study(options: argparse.Namespace) -> tuple[SearchStudy, Documents]:
    make_private(SEARCHES)
    if options.resume:
        search_desk().header(options.resume)  # refuses what is no id
        return SearchStudy.resume(SEARCHES, options.resume)
    documents = _documents(options.documents)
    plan = SearchPlan(
        options.evaluations,
        options.population,
        options.patience,
        options.seed,
        tuple(Arm(arm) for arm in options.arms.split(",")),
        ReaderChoice(ReaderKind(options.reader), options.task, options.length),
        not options.random_seeds,
    )
    reader = make_reader(plan.reader, documents, _server(plan.reader, options))
    return SearchStudy.begin(
        SEARCHES, search_desk().new_id(), documents, reader.name, _critic(options).name, plan
    ), documents


def _documents(names: Sequence[str]) -> Documents:
    if not names:
        raise SearchError("Name one or more documents, or --resume ID.")
    texts = tuple(named_book(Path(name)).text for name in names)
    return Documents.of(" + ".join(Path(name).name for name in names), texts)


def _quick(documents: Documents) -> int:
    config = named_config(CONFIGS / "en.json")
    documents.compression(config)  # the engine's own start is not the search's
    began = time.perf_counter()
    present, front = quick_search(documents, config, lambda: True)
    took_s = time.perf_counter() - began
    print("| compression | misread (stored table) | DPI | whole cells | leading |")
    print("|---|---|---|---|---|")
    for one in (present, *front):
        cells = "yes" if one.config.snap_to_28 else "no"
        told = f"{one.compression:.2f}× | {percent(one.clarity.share_wrong)} | {one.config.dpi} | {cells}"
        print(f"| {told} | {one.config.leading_pt:g} pt{' (en.json itself)' if one is present else ''} |")
    print(f"{took_s:.1f} s.", file=sys.stderr)
    return 0


def _server(choice: ReaderChoice, options: argparse.Namespace) -> EvaluationServer | None:
    if choice.kind is not ReaderKind.SERVER:
        return None
    if not options.reader_url:
        raise SearchError("Name the reader's server: --reader-url http://127.0.0.1:8002")
    endpoint = Endpoint(Role.PAGES, "Glyph", options.reader_url, "", api_key_env=options.reader_key)
    server, trouble = looked_at(endpoint)
    if trouble:
        raise SearchError(f"The reader's server: {trouble}")
    return server


def _critic(options: argparse.Namespace) -> LlmCritic | RuleCritic | OperatorsOnly:
    if options.critic_url:
        if not options.critic_model:
            raise SearchError("Name the critic's model too: --critic-model.")
        return LlmCritic(CriticEndpoint(options.critic_url, options.critic_model, options.critic_key))
    return OperatorsOnly() if options.no_critic else RuleCritic()


def _tell(lines: ToldLines, arm: Arm, one: Candidate) -> None:
    line = {
        "arm": arm.value,
        "number": one.number,
        "generation": one.generation,
        "by": one.proposal.by,
        "accuracy": round(one.score.accuracy, 4),
        "compression": round(one.score.compression, 4),
        "settings": one.proposal.genome.to_mapping(),
        "reason": one.proposal.reason,
    }
    lines.tell(json.dumps(line))


def _summary(study: SearchStudy, out: Path | None, lines: ToldLines) -> bool:
    """Whether the files that were asked for are written."""
    files: dict[str, str] = {"trials.csv": trials_csv(study), "study.json": study_json(study)} if out else {}
    told: dict[str, object] = {"search": study.id}
    for arm in study.header.plan.arms:
        state = study.state(arm)
        told[arm.value] = {
            "scored": len(state.candidates),
            "screened_out": state.screened,
            "hypervolume": round(state.area, 4),
            "held_out_hypervolume": state.held_out_area and round(state.held_out_area, 4),
            "front": [
                [one.number, round(one.score.accuracy, 4), round(one.score.compression, 4)] for one in state.front
            ],
        }
        if out is not None:
            files |= {f"{arm.value}-{one.number}.json": front_settings(study, arm, one.number) for one in state.front}
    lines.tell(json.dumps(told))
    try:
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                write_result(out / name, text)
    except (ResultUnwritable, OSError) as error:
        why = error if isinstance(error, ResultUnwritable) else f"{out} cannot be written ({error.strerror or error})."
        print(f"search: {why} The search is kept: --resume {study.id} --out another folder.", file=sys.stderr)
        return False
    return True


def _list() -> int:
    kept_searches = search_desk().kept()
    if not kept_searches:
        print(f"No search is kept in {SEARCHES}.", file=sys.stderr)
    for kept in kept_searches:
        print(f"{kept.id}  {kept.scored}/{kept.total}  {kept.header.title}  {kept.header.reader}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    plan = SearchPlan()
    parser.add_argument("documents", nargs="*", help="books or texts whose compression is searched for")
    parser.add_argument("--reader", choices=[kind.value for kind in ReaderKind], default=plan.reader.kind.value)
    parser.add_argument("--reader-url", help="of the pages side's server, for --reader server")
    parser.add_argument("--reader-key", help="the environment variable that holds its key")
    parser.add_argument("--task", default=plan.reader.task, help="of app/evaluation, for --reader server")
    parser.add_argument(
        "--length", type=positive, default=plan.reader.length, help="tokens of text an item, for a server"
    )
    parser.add_argument("--arms", default="search", help="search,random,manual: each gets the same budget")
    parser.add_argument("--evaluations", type=positive, default=plan.evaluations)
    parser.add_argument("--population", type=positive, default=plan.population)
    parser.add_argument("--patience", type=int, default=plan.patience, help="generations without gain; 0: never")
    parser.add_argument("--seed", type=int, default=plan.seed)
    parser.add_argument("--random-seeds", action="store_true", help="generation 0 without Glyph's published settings")
    parser.add_argument("--critic-url")
    parser.add_argument("--critic-model")
    parser.add_argument("--critic-key", help="the environment variable that holds the key")
    parser.add_argument("--no-critic", action="store_true", help="genetic operators only")
    parser.add_argument("--budget", type=above_zero, help="minutes")
    parser.add_argument("--resume", metavar="ID")
    parser.add_argument("--list", action="store_true")
    parser.add_argument(
        "--quick", action="store_true", help="by counts and the clarity table, in seconds; prints the front"
    )
    parser.add_argument(
        "--out", type=named_place, help="folder for the front's settings files, trials.csv and study.json"
    )
    return parser


if __name__ == "__main__":
    sys.exit(ended("search", main))
