"""A conversation as files: each answer a row, measured or simulated, with what it was asked and how long it took."""

from __future__ import annotations

from collections.abc import Sequence

from app.comparisons import ComparisonSnapshot, SideSnapshot
from app.exports.files import Cell, ExportFile, csv_bytes, json_bytes

_NO_WORDS = ("answer", "reasoning")


def conversation_files(conversation: Sequence[ComparisonSnapshot]) -> tuple[ExportFile, ...]:
    """Times as CSV, and everything, answers and reasoning too, as JSON. Nothing for an empty conversation."""
    rows = [_row(number, one, side) for number, one in enumerate(conversation, 1) for side in one.sides]
    if not rows:
        return ()
    times = [{name: value for name, value in row.items() if name not in _NO_WORDS} for row in rows]
    return (
        ExportFile("Times and tokens as CSV", "conversation-times.csv", "text/csv", lambda: csv_bytes(times)),
        ExportFile("The conversation as JSON", "conversation.json", "application/json", lambda: json_bytes(rows)),
    )


def _row(number: int, snapshot: ComparisonSnapshot, side: SideSnapshot) -> dict[str, Cell]:
    spec, usage, times = snapshot.spec, side.usage, side.latencies
    stamp, projected, pace = spec.stamp, spec.projected(side.role), spec.simulated_speedup(side.role)
    return {
        "question_number": number,
        "question": spec.question,
        "book": spec.title,
        "side": side.role.value,
        "model": side.model,
        "times_are": side.provenance.value,
        "simulated_speedup": pace,
        "recording_of": snapshot.recorded.day if snapshot.recorded else None,
        "cache": side.cache.value,
        "phase": side.phase.value,
        "ttft_ms": _ms(times.ttft_ms),
        "ttft_with_preparation_ms": _ms(times.ttft_with_preparation_ms),
        "time_to_first_answer_ms": _ms(times.time_to_first_answer_ms),
        "total_ms": _ms(times.total_ms),
        "decode_tokens_per_second": _ms(times.decode_tokens_per_second),
        "projected_ttft_ms": _ms(projected.ttft_ms * (pace or 1.0)) if projected else None,
        "projected_on": projected.gpu if projected else None,
        "prompt_tokens": usage.prompt_tokens if usage else None,
        "cached_tokens": usage.cached_tokens if usage else None,
        "completion_tokens": usage.completion_tokens if usage else None,
        "read_share_of_book": spec.cut.read_share if spec.cut and side.role.value == "text" else 1.0,
        "settings": stamp.words if stamp else None,
        "error": side.error.what_happened if side.error else None,
        "answer": side.answer,
        "reasoning": side.reasoning,
    }


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
