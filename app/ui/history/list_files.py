"""The list of runs as files: what History shows of each, and no more, so that no recording is opened for it."""

from __future__ import annotations

from datetime import UTC, datetime

from app.clients import Role
from app.exports import ExportFile, table_files
from app.exports.files import Cell
from app.recordings import Entry
from app.ui.history.filters import verdict_of
from app.ui.history.run_words import kind


def list_files(entries: list[Entry]) -> tuple[ExportFile, ...]:
    return table_files("The list of runs", "runs", [_row(entry) for entry in entries]) if entries else ()


def _row(entry: Entry) -> dict[str, Cell]:
    stamp = entry.summary.stamp if entry.summary is not None else None
    row: dict[str, Cell] = {
        "run": entry.run_id,
        "began_at": datetime.fromtimestamp(entry.began_at, UTC).isoformat(timespec="seconds"),
        "name": entry.name,
        "book": entry.title,
        "question": entry.question,
        "models": entry.models,
        "times_are": kind(entry),
        "state": entry.state.value,
        "starred": entry.starred,
        "dpi": stamp.dpi if stamp else None,
        "font": stamp.font if stamp else None,
        "font_size_pt": stamp.font_size_pt if stamp else None,
        "leading_pt": stamp.leading_pt if stamp else None,
        "compression_ratio": round(stamp.compression_ratio, 4) if stamp else None,
        "speedup": entry.summary.speedup if entry.summary is not None else None,
        "vote": entry.vote.value if entry.vote is not None else None,
    }
    for role in Role:
        side = entry.summary.side(role) if entry.summary is not None else None
        verdict = verdict_of(entry, role)
        row |= {
            f"{role.value}_ttft_ms": side.ttft_ms if side else None,
            f"{role.value}_prompt_tokens": side.prompt_tokens if side else None,
            f"{role.value}_verdict": verdict.value if verdict is not None else None,
        }
    return row
