"""A reader without an OCR program: accuracy by a formula of the letters' size, so that what a search should find is known.

python -m tests.search.by_formula FOLDER ID       begin or go on with a search there; a line a scored setting
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path

from app.search import Arm, Documents, ItemSet, Misread, Reading, RuleCritic, SearchPlan, SearchRun, SearchStudy
from renderer import RenderConfig

TEXT = "\n".join(f"{n}. The lamplighter climbed the {n}th stair and said nothing at all." for n in range(400))


class FormulaReader:
    name = "a formula"

    def __init__(self, pause_s: float = 0.0) -> None:
        self._pause_s = pause_s
        self.asked: list[tuple[str, ItemSet]] = []

    def read(self, config: RenderConfig, items: ItemSet) -> Reading:
        time.sleep(self._pause_s)
        self.asked.append((config.key, items))
        em_px = config.font_size_pt * config.dpi / 72
        accuracy = 1 / (1 + math.exp(-(em_px - 8) * 1.5))
        accuracy -= 0.05 * (not config.snap_to_28)
        accuracy = min(1.0, max(0.0, accuracy))
        return Reading(accuracy, accuracy, accuracy, 10, (Misread("7481", "7431"),) if accuracy < 0.9 else ())

    def hopeless(self, config: RenderConfig) -> str:
        return "letters of less than 7 px" if config.font_size_pt * config.dpi / 72 < 7 else ""


def documents() -> Documents:
    return Documents.of("stairs", (TEXT,))


def main() -> None:
    folder, search_id = Path(sys.argv[1]), sys.argv[2]
    plan = SearchPlan(evaluations=18, population=6, arms=(Arm.SEARCH, Arm.RANDOM))
    reader, critic = FormulaReader(0.02), RuleCritic()
    if (folder / f"{search_id}.json").exists():
        study, texts = SearchStudy.resume(folder, search_id)
    else:
        texts = documents()
        study = SearchStudy.begin(folder, search_id, texts, reader.name, critic.name, plan)
    run = SearchRun(study, texts, reader, critic, on_scored=lambda arm, one: print(arm, one.number, flush=True))
    run.work()
    print(run.look().state, flush=True)


if __name__ == "__main__":
    main()
