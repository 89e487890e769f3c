"""A sweep's figures as tables that other programs read: CSV and JSON. In: records. Out: text. Knows nothing of files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from app.sweep.journal import Header
from app.sweep.journal_lines import plan_to_json, record_to_json
from app.sweep.statistics import Point, SpeedupPoint, points, speedups
from app.sweep.values import Record

TABLE_COLUMNS = (
    "kind",
    "side",
    "dpi",
    "aimed_tokens",
    "text_tokens",
    "visual_tokens",
    "prompt_tokens",
    "compression",
    "at_once",
    "provenance",
    "ttft_count",
    "ttft_median_ms",
    "ttft_mad_ms",
    "ttft_q1_ms",
    "ttft_q3_ms",
    "ttft_p90_ms",
    "ttft_p99_ms",
    "tokens_per_second_median",
    "tokens_per_second_mad",
    "render_ms",
    "speedup",
    "speedup_low",
    "speedup_high",
    "speedup_with_rendering",
    "pages",
    "headers_median_ms",
    "kv_cache_peak",
    "warm_left_out",
    "cache_unknown",
    "marks",
)
Cell = str | int | float | None


def table_rows(records: Sequence[Record]) -> list[dict[str, Cell]]:
    """One row a point, every column of TABLE_COLUMNS. `speedup` stands with the pages."""
    found = points(records)
    pairs = {(one.kind, one.arm, one.aimed_tokens, one.at_once, one.provenance): one for one in speedups(found)}
    return [_row(one, pairs.get((one.kind, one.arm, one.aimed_tokens, one.at_once, one.provenance))) for one in found]


def table_csv(records: Sequence[Record]) -> str:
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, TABLE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _for_a_sheet(cell) for name, cell in row.items()} for row in table_rows(records))
    return sheet.getvalue()


def json_text(header: Header, records: Sequence[Record]) -> str:
    """Everything: the plan, who was measured, each record, and the table."""
    value: dict[str, Any] = {
        "title": header.title,
        "source_sha256": header.source_sha256,
        "plan": plan_to_json(header.plan),
        "servers": [
            {
                "side": note.role.value,
                "model": note.model,
                "simulated": note.simulated,
                "simulated_gpu": note.simulated_gpu,
                "simulated_speedup": note.simulated_speedup,
            }
            for note in header.servers
        ],
        "table": table_rows(records),
        "records": [record_to_json(record) for record in records],
    }
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)


def _row(point: Point, pair: SpeedupPoint | None) -> dict[str, Cell]:
    ttft, rate = point.ttft_ms, point.tokens_per_second
    cells: tuple[Cell, ...] = (
        point.kind.value,
        point.arm.role.value,
        point.arm.dpi,
        point.aimed_tokens,
        point.text_tokens,
        point.visual_tokens,
        point.prompt_tokens,
        _short(point.compression),
        point.at_once,
        point.provenance.value,
        ttft.count if ttft else 0,
        _short(ttft.median if ttft else None),
        _short(ttft.mad if ttft else None),
        _short(ttft.q1 if ttft else None),
        _short(ttft.q3 if ttft else None),
        _short(point.ttft_p90_ms),
        _short(point.ttft_p99_ms),
        _short(rate.median if rate else None),
        _short(rate.mad if rate else None),
        _short(point.render_ms),
        _short(pair.ratio if pair else None),
        _short(pair.low if pair else None),
        _short(pair.high if pair else None),
        _short(pair.ratio_with_rendering if pair else None),
        point.pages,
        _short(point.headers_ms.median if point.headers_ms else None),
        _short(point.kv_cache_peak),
        point.warm,
        point.unsure,
        "; ".join(point.marks),
    )
    return dict(zip(TABLE_COLUMNS, cells, strict=True))


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _for_a_sheet(cell: Cell) -> Cell:
    """A server's words must not be run as a formula by the program that opens the sheet."""
    return "'" + cell if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
