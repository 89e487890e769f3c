"""An evaluation's figures for other programs and people: CSV, JSON, one HTML page. In: header and results. Out: text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from html import escape
from typing import Any

from app.evaluation.figures import FigureRow, figure_rows
from app.evaluation.journal import Header, header_to_json, result_to_json
from app.evaluation.report import Against, ArmSummary, Cell, Report, report_of
from app.evaluation.statistics import PairedDifference, Share
from app.evaluation.values import Outcome, Result

RESULT_COLUMNS = (
    "item_id",
    "task",
    "arm",
    "outcome",
    "score",
    "answer",
    "detail",
    "simulated",
    "context_tokens",
    "visual_tokens",
    "factsheet_tokens",
    "pages",
    "prompt_tokens",
    "completion_tokens",
    "ttft_ms",
    "seconds",
    "attempts",
    "at",
    "likeness",
    "simulated_gpu",
    "simulated_speedup",
)
STAND_IN = (
    "These answers are the simulator's: it quotes what it finds, on pages as a small OCR program reads it. They show how an "
    "evaluation works and how print decays with resolution; they say nothing of a model's accuracy."
)

PAIRS_NOTE = (
    "Difference of mean scores in points, the arm named first less the other, with its paired bootstrap interval (95 %); “all alike”: "
    "every item differs by the same, so that resampling tells no interval. Then how many items only the first and only the other got "
    "right, and McNemar's exact p for so uneven a split, not corrected for how many comparisons stand here."
)
OUTCOMES_NOTE = (
    "Correct: the whole score; 0.5 and more for F1, ROUGE, MRCR and code. Abstained: the last line is exactly “unknown”. No answer: "
    "transport, the window, an empty answer. All else is silently wrong, whatever part of the score it has."
)


def percent(value: float) -> str:
    """ "72.2": the digits that every place shows."""
    return f"{100 * value:.1f}"


def interval_words(share: Share) -> str:
    """ "72.2 (61.0–81.0), n 60"."""
    return f"{percent(share.value)} ({percent(share.low)}–{percent(share.high)}), n {share.count}"


def difference_words(found: PairedDifference) -> str:
    """ "−8.3 (−16.7 to 0.0), n 12": in points."""
    if found.low is None or found.high is None:
        return f"{_signed(found.value)} (all alike), n {found.count}"
    return f"{_signed(found.value)} ({_signed(found.low)} to {_signed(found.high)}), n {found.count}"


def p_words(p_value: float) -> str:
    """Never "0.000": no split of so few items is impossible by chance."""
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def _signed(value: float) -> str:
    return percent(value).replace("-0.0", "0.0").replace("-", "−")


def results_csv(header: Header, results: Sequence[Result]) -> str:
    labels = {arm.key: arm.label for arm in header.plan.arms}
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, RESULT_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for result in results:
        row = {name: getattr(result, name) for name in RESULT_COLUMNS if name != "arm"}
        row |= {"arm": labels.get(result.arm_key, result.arm_key), "outcome": result.outcome.value}
        writer.writerow({name: _for_a_sheet(cell) for name, cell in row.items()})
    return sheet.getvalue()


def summary_value(header: Header, results: Sequence[Result]) -> dict[str, Any]:
    """The report as JSON values: what scripts/evaluate.py ends with, and what the screen's JSON file begins with."""
    report = report_of(header.plan.arms, results)
    return {
        "simulated": report.simulated,
        "figures": [value for row in figure_rows(report) for value in _row_values(row, report)],
        "cells": [_cell_value(one) for one in report.cells],
        "arms": [_arm_value(one) for one in report.summaries],
        "against": [_against_value(one) for one in report.against],
        "notes": list(header.notes),
    }


def report_json(header: Header, results: Sequence[Result]) -> str:
    """Everything: what was asked of whom, the report, each result."""
    value = {
        **header_to_json(header),
        "report": summary_value(header, results),
        "results": [result_to_json(one) for one in results],
    }
    return json.dumps(value, ensure_ascii=False, indent=1)


def report_html(header: Header, results: Sequence[Result]) -> str:
    """One page that needs nothing else. Whatever came from outside is escaped."""
    report = report_of(header.plan.arms, results)
    models = ", ".join(f"{n.role.called}: {n.model}{' (simulated)' if n.simulated else ''}" for n in header.servers)
    plan = header.plan
    about = (
        f"{header.items} items of up to {plan.length:,} tokens, seed {plan.seed}; {models}. Each figure is the mean score in "
        "percent with its 95 % interval (Wilson); a call without an answer counts 0. Levenshtein: the share of the right answer's "
        "characters that are as they should be."
    )
    notes = [*header.notes, *([STAND_IN] if report.simulated else [])]
    return "".join(
        (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Evaluation</title>',
            f"<style>{_STYLE}</style><h1>Evaluation: text against pages</h1><p>{escape(about)}</p>",
            *(f'<p class="note">{escape(note)}</p>' for note in notes),
            _matrix_html(report),
            _against_html(report),
            "</html>\n",
        )
    )


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
    "th,td{border-bottom:1px solid #8884;padding:.35rem .6rem;text-align:right}th:first-child,td:first-child{text-align:left}"
    ".note{opacity:.75}small{opacity:.7;display:block}"
)


def _matrix_html(report: Report) -> str:
    rows = ["<table><tr><th>Task</th>", *(f"<th>{escape(arm.label)}</th>" for arm in report.arms), "</tr>"]
    for row in figure_rows(report):
        tag = "th" if row.is_sum else "td"
        rows.append(f"<tr><{tag}>{escape(row.name)}</{tag}>")
        for one in row.figures:
            small = f"<small>{escape(one.words)}</small>" if one and one.words else ""
            rows.append(f"<{tag}>{interval_words(one.share) if one else '–'}{small}</{tag}>")
        rows.append("</tr>")
    return "".join((*rows, "</table>"))


def _against_html(report: Report) -> str:
    if not report.against:
        return ""
    rows = [
        "<h2>On the same items</h2><table><tr><th>Arm</th><th>Task</th><th>Difference</th><th>Only one right</th>"
        "<th>McNemar p</th></tr>"
    ]
    for one in report.against:
        found = one.difference
        rows.append(
            f"<tr><td>{escape(one.arm.label)} − {escape(one.reference.label)}</td><td>{escape(one.task or 'all')}</td>"
            f"<td>{difference_words(found)}</td>"
            f"<td>{found.only_one} : {found.only_other}</td><td>{escape(p_words(found.p_value))}</td></tr>"
        )
    return "".join((*rows, f"</table><p>{escape(PAIRS_NOTE)}</p>"))


def _row_values(row: FigureRow, report: Report) -> list[dict[str, Any]]:
    pairs = zip(report.arms, row.figures, strict=True)
    return [{"figure": row.name, "arm": arm.label, **_share_value(one.share)} for arm, one in pairs if one is not None]


def _cell_value(cell: Cell) -> dict[str, Any]:
    return {
        "task": cell.task,
        "arm": cell.arm.label,
        **_share_value(cell.score),
        "correct": cell.correct,
        "abstained": cell.abstained,
        "silently_wrong": cell.wrong,
        "no_answer": cell.no_answer,
        "right_share": round(cell.right.value, 6),
        "compression": _rounded(cell.compression),
        "simulated": cell.simulated,
    }


def _arm_value(one: ArmSummary) -> dict[str, Any]:
    return {
        "arm": one.arm.label,
        **_share_value(one.score),
        "tasks": one.tasks,
        **{outcome.value.replace(" ", "_"): one.outcomes[outcome] for outcome in Outcome},
        "compression": _rounded(one.compression),
        "mean_prompt_tokens": _rounded(one.prompt_tokens),
        "simulated": one.simulated,
    }


def _against_value(one: Against) -> dict[str, Any]:
    found = one.difference
    return {
        "task": one.task or "all",
        "arm": one.arm.label,
        "reference": one.reference.label,
        "difference": round(found.value, 6),
        "low": _rounded(found.low, 6),
        "high": _rounded(found.high, 6),
        "n": found.count,
        "only_arm_right": found.only_one,
        "only_reference_right": found.only_other,
        "mcnemar_p": round(found.p_value, 6),
    }


def _share_value(share: Share) -> dict[str, Any]:
    return {"score": round(share.value, 6), "low": round(share.low, 6), "high": round(share.high, 6), "n": share.count}


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)


def _for_a_sheet(cell: Any) -> Any:
    """A server's words must not be run as a formula by the program that opens the sheet."""
    return "'" + cell if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
