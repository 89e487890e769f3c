#!/usr/bin/env python3
"""Does the search find more than chance? Both get the same budget, seed after seed; what counts is read on held-out items.

    python scripts/compare_search.py BOOK.txt                 10 seeds, 10 generations of 8, each arm
    python scripts/compare_search.py BOOK.txt --seeds 3 --evaluations 40 --critic none

One line a seed, then how often the search's front holds more area (hypervolume above nothing read and nothing compressed) on the
held-out items, and which of its settings dominate Glyph's published one at 72 dpi there. The search starts from random settings
here, as the random arm does: published ones among its seeds would be a gift. The reader is an OCR program, a stand-in.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.books import BookError
from app.search import (
    Arm,
    Documents,
    ItemSet,
    NeedleReader,
    OperatorsOnly,
    RuleCritic,
    SearchError,
    SearchPlan,
    SearchStudy,
    run_search,
)
from app.search.run import published
from renderer import RenderError
from scripts.named_inputs import named_book
from scripts.option_types import positive
from scripts.stopping import ended


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("book", type=Path)
    parser.add_argument("--characters", type=positive, default=200_000, help="of the book, from its beginning")
    parser.add_argument("--seeds", type=positive, default=10)
    parser.add_argument("--evaluations", type=positive, default=80)
    parser.add_argument("--population", type=positive, default=8)
    parser.add_argument("--critic", choices=("rules", "none"), default="rules")
    options = parser.parse_args(argv)
    try:
        text = named_book(options.book).text[: options.characters]
        return _compare(Documents.of(options.book.name, (text,)), options)
    except (SearchError, BookError, RenderError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _compare(documents: Documents, options: argparse.Namespace) -> int:
    name, glyph = published()[0]
    wins, dominating = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seeds):
            reader = NeedleReader(documents, seed=seed)
            plan = SearchPlan(
                options.evaluations, options.population, 0, seed, (Arm.SEARCH, Arm.RANDOM), seed_published=False
            )
            critic = RuleCritic() if options.critic == "rules" else OperatorsOnly()
            study = SearchStudy.begin(Path(folder), f"seed-{seed}", documents, reader.name, critic.name, plan)
            run_search(study, documents, reader, critic)
            search, chance = study.state(Arm.SEARCH), study.state(Arm.RANDOM)
            base = reader.read(glyph, ItemSet.HELD_OUT).accuracy, documents.compression(glyph)
            better = [
                one
                for one in search.front
                if one.held_out and one.held_out.accuracy >= base[0] and one.held_out.compression > base[1]
            ]
            areas = search.held_out_area or 0.0, chance.held_out_area or 0.0
            wins += areas[0] > areas[1]
            dominating += bool(better)
            best = max(better, key=lambda one: one.score.compression, default=None)
            line = {
                "seed": seed,
                "search": round(areas[0], 3),
                "random": round(areas[1], 3),
                "screened": [search.screened, chance.screened],
                name: [round(base[0], 3), round(base[1], 2)],
                "dominating": best and best.held_out and [best.held_out.accuracy, round(best.held_out.compression, 2)],
                "with": best and best.proposal.genome.to_mapping(),
            }
            print(json.dumps(line), flush=True)
    print(
        f"The search holds more held-out area in {wins} of {options.seeds} seeds; it found a setting that dominates {name} on "
        f"the held-out items in {dominating} of {options.seeds}. Reader: {NeedleReader.name}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(ended("compare_search", main))
