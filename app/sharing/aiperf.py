"""Runs as lines of AIPerf's `profile_export.jsonl`: a record a request, metadata in Unix nanoseconds, metrics with their units.

`glyph` beside them says which side it was and whether its times are a simulator's; AIPerf's readers pass over it.
A run that could not be read is a record with an error and no figure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from .left_out import LeftOut
from .shared_run import SharedRun, SharedSide


def aiperf_lines(runs: Iterable[SharedRun], left_out: Iterable[LeftOut] = ()) -> str:
    records = [_record(number, run, side) for number, run in enumerate(runs) for side in run.sides]
    records += map(_record_left_out, left_out)
    return "".join(json.dumps(record) + "\n" for record in records if record is not None)


def _record(number: int, run: SharedRun, side: SharedSide) -> dict[str, Any] | None:
    marks, usage, latencies = side.marks, side.seen.usage, side.seen.latencies
    if marks.sent is None:
        return None
    failed = side.seen.error
    metrics = {
        "time_to_first_token": (latencies.ttft_ms, "ms"),
        "request_latency": (latencies.total_ms, "ms"),
        "inter_chunk_latency": (_between_chunks(side), "ms"),
        "input_sequence_length": (side.seen.prompt_tokens, "tokens"),
        "output_sequence_length": (usage.completion_tokens if usage else None, "tokens"),
        "reasoning_token_count": (usage.reasoning_tokens if usage else None, "tokens"),
    }
    return {
        "metadata": {
            "session_num": number,
            "x_request_id": f"{run.header.run_id}-{side.asked.role.value}",
            "conversation_id": run.header.conversation or run.header.run_id,
            "request_start_ns": _ns(run, marks.sent),
            "request_ack_ns": _ns(run, marks.headers),
            "request_end_ns": _ns(run, side.ended),
            "was_cancelled": side.seen.phase.value == "stopped",
        },
        "metrics": {name: {"value": value, "unit": unit} for name, (value, unit) in metrics.items() if value},
        "error": {"type": failed.kind, "message": failed.what_happened} if failed else None,
        "glyph": {"side": side.asked.role.value, "model": side.asked.model, "kind": side.kind, "recording": run.badge},
    }


def _between_chunks(side: SharedSide) -> list[float] | None:
    return None if side.stood_still else [1000 * (b - a) for a, b in pairwise(side.chunk_times)]


def _record_left_out(run: LeftOut) -> dict[str, Any]:
    return {
        "metadata": {"conversation_id": run.run_id},
        "metrics": {},
        "error": {"type": "left_out", "message": run.why},
        "glyph": {"name": run.name},
    }


def _ns(run: SharedRun, at_s: float | None) -> int | None:
    return None if at_s is None else round((run.header.began_at + at_s) * 1e9)
