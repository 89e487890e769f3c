"""Runs as a table: a row a side, the same columns in CSV and JSON; a run that could not be read has one row, which says so.

A cell that a spreadsheet would take for a formula gets an apostrophe in front (CSV injection, as OWASP describes it).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

from .left_out import LeftOut
from .shared_run import SharedRun, SharedSide

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Milliseconds, tokens. None: not known, or not there."""

    run: str
    began_at: str | None = None
    book: str | None = None
    question: str
    side: str | None = None
    model: str | None = None
    simulated: bool | None = None
    kind: str | None = None
    state: str
    dpi: int | None = None
    font: str | None = None
    pages: int | None = None
    compression_ratio: float | None = None
    temperature: float | None = None
    ttft_ms: float | None = None
    total_ms: float | None = None
    decode_tokens_per_second: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    answer: str | None = None


def runs_csv(runs: Iterable[SharedRun], left_out: Iterable[LeftOut] = ()) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = [field.name for field in fields(Row)]
    writer.writerow(names)
    for row in _rows(runs, left_out):
        writer.writerow(_cell(getattr(row, name)) for name in names)
    return out.getvalue()


def runs_json(runs: Iterable[SharedRun], left_out: Iterable[LeftOut] = ()) -> str:
    return json.dumps([asdict(row) for row in _rows(runs, left_out)], ensure_ascii=True, indent=1)


def _rows(runs: Iterable[SharedRun], left_out: Iterable[LeftOut]) -> list[Row]:
    return [*(_row(run, side) for run in runs for side in run.sides), *map(_row_left_out, left_out)]


def _row_left_out(run: LeftOut) -> Row:
    return Row(run=run.run_id, question=run.name, state=f"left out: {run.why}")


def _row(run: SharedRun, side: SharedSide) -> Row:
    stamp, usage, latencies = run.header.stamp, side.seen.usage, side.seen.latencies
    return Row(
        run=run.header.run_id,
        began_at=datetime.fromtimestamp(run.header.began_at, UTC).isoformat(timespec="seconds"),
        book=run.header.title,
        question=run.header.question,
        side=side.asked.role.value,
        model=side.asked.model,
        simulated=side.asked.simulated,
        kind=side.kind,
        state=side.seen.phase.value,
        dpi=stamp.dpi if stamp else None,
        font=stamp.font if stamp else None,
        pages=stamp.pages if stamp else None,
        compression_ratio=stamp.compression_ratio if stamp else None,
        temperature=side.asked.sampling.temperature,
        ttft_ms=latencies.ttft_ms,
        total_ms=latencies.total_ms,
        decode_tokens_per_second=latencies.decode_tokens_per_second,
        prompt_tokens=side.seen.prompt_tokens,
        completion_tokens=usage.completion_tokens if usage else None,
        cached_tokens=usage.cached_tokens if usage else None,
        answer=side.seen.answer,
    )


def _cell(value: object) -> object:
    if isinstance(value, str):
        value = value.replace("\x00", "").encode("utf-8", "replace").decode()
        return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
    return "" if value is None else value
