"""The one table of an evaluation's figures: what the headless summary, the screen and every export show, in this order, by these names.

A report in, rows out: each task; below an MRCR task its Levenshtein figure; LongBench's mean of its categories; all tasks. A name says
what is not a task's own score.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.evaluation.report import ArmSummary, Cell, Report
from app.evaluation.statistics import Share
from app.evaluation.tasks import LONGBENCH_CATEGORIES

LIKENESS = "Levenshtein"
WHOLE = "all"


@dataclass(frozen=True, slots=True)
class Figure:
    """`words`: what stands small beside it."""

    share: Share
    words: str = ""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """`figures`: one for each of the report's arms, in their order; None: the arm has none here."""

    name: str
    figures: tuple[Figure | None, ...]
    is_sum: bool = False
    """Over several tasks."""


def figure_rows(report: Report) -> tuple[FigureRow, ...]:
    rows: list[FigureRow] = []
    for task in report.tasks:
        cells = [report.cell(task, arm) for arm in report.arms]
        rows.append(FigureRow(task, tuple(_of_cell(cell) for cell in cells)))
        alike = tuple(Figure(cell.likeness) if cell and cell.likeness else None for cell in cells)
        if any(alike):
            rows.append(FigureRow(f"{task}, {LIKENESS}", alike))
    if report.longbench:
        means = {one.arm.key: one for one in report.longbench}
        asked = max(len(one.categories) for one in report.longbench)
        name = f"LongBench, mean of {asked} of its {LONGBENCH_CATEGORIES} categories"
        found = [means.get(arm.key) for arm in report.arms]
        rows.append(FigureRow(name, tuple(Figure(one.score) if one else None for one in found), is_sum=True))
    whole = {one.arm.key: one for one in report.summaries}
    rows.append(FigureRow(WHOLE, tuple(_of_arm(whole.get(arm.key)) for arm in report.arms), is_sum=True))
    return tuple(rows)


def _of_cell(cell: Cell | None) -> Figure | None:
    return Figure(cell.score, cell.words) if cell else None


def _of_arm(one: ArmSummary | None) -> Figure | None:
    if one is None:
        return None
    return Figure(one.score, f"compression {one.compression:.2f}×" if one.compression else "")
