"""A sweep's memory: an append-only log (app/append_log.py) whose first line says what is measured, each other one what became of
a task. A process killed at any moment loses at most the measurement it was at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from app.append_log import AppendLog, LogHeld, LogLines, LogUnusable, read_log
from app.clients import Role
from app.long_runs.journal_values import figure
from app.sweep.errors import JournalUnusable, SweepBusy, SweepPlanError
from app.sweep.journal_lines import plan_from_json, plan_to_json, record_from_json, record_to_json
from app.sweep.values import Outcome, Record, SweepPlan

VERSION = 1
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServerNote:
    """Who was measured. Never an address: it may hold a password."""

    role: Role
    model: str
    simulated: bool
    simulated_gpu: str | None = None
    simulated_speedup: float | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What a sweep measures. A journal goes on only under the same header: other books or models are other sweeps."""

    plan: SweepPlan
    title: str
    source_sha256: str
    settings_key: str
    servers: tuple[ServerNote, ...]


class Journal:
    """Use as a context manager, or call `close`."""

    def __init__(self, log: AppendLog, header: Header, records: list[Record], torn: bool) -> None:
        self.path = log.path
        self.header = header
        self.torn = torn
        """Whether a half line of a killed process was cut off."""
        self._records = records
        self._log = log

    @classmethod
    def create(cls, path: Path, header: Header) -> Journal:
        """A new one. Raises JournalUnusable where a file lies there already."""
        with _as_sweep_errors():
            return cls(AppendLog.create(path, _header_to_json(header)), header, [], False)

    @classmethod
    def resume(cls, path: Path) -> Journal:
        """Go on with one: its records are read, a half last line is cut off. Raises JournalUnusable, SweepBusy."""
        with _as_sweep_errors():
            log, lines = AppendLog.resume(path, MAX_BYTES)
            try:
                header, records = _parsed(lines)
                log.cut_torn_line(lines)
            except BaseException:
                log.close()
                raise
            return cls(log, header, records, lines.torn)

    @property
    def records(self) -> tuple[Record, ...]:
        """The last word on each task, in the order of measurement."""
        return latest(self._records)

    @property
    def settled(self) -> frozenset[str]:
        """Keys of the tasks that need no measuring any more: measured ones, and those that cannot be."""
        return frozenset(one.task.key for one in self.records if one.outcome is not Outcome.FAILED)

    def append(self, record: Record) -> None:
        """On the disk when this returns. Raises JournalUnusable."""
        with _as_sweep_errors():
            self._log.append({"type": "record", **record_to_json(record)})
        self._records.append(record)

    def close(self) -> None:
        self._log.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_journal(path: Path) -> tuple[Header, tuple[Record, ...]]:
    """Look into a journal that may be held by another process; nothing is changed. Raises JournalUnusable."""
    with _as_sweep_errors():
        header, records = _parsed(read_log(path, MAX_BYTES))
    return header, latest(records)


def latest(records: list[Record]) -> tuple[Record, ...]:
    """A task that failed and was tried again counts by its last try."""
    return tuple({record.task.key: record for record in records}.values())


@contextmanager
def _as_sweep_errors() -> Iterator[None]:
    try:
        yield
    except LogHeld as error:
        raise SweepBusy(str(error)) from error
    except LogUnusable as error:
        raise JournalUnusable(str(error)) from error


def _parsed(lines: LogLines) -> tuple[Header, list[Record]]:
    return lines.parsed(_header_from_json, record_from_json, "a sweep", SweepPlanError)


def _header_to_json(header: Header) -> dict[str, Any]:
    return {
        "type": "sweep",
        "version": VERSION,
        "title": header.title,
        "source_sha256": header.source_sha256,
        "settings_key": header.settings_key,
        "plan": plan_to_json(header.plan),
        "servers": [
            {
                "role": note.role.value,
                "model": note.model,
                "simulated": note.simulated,
                "simulated_gpu": note.simulated_gpu,
                "simulated_speedup": note.simulated_speedup,
            }
            for note in header.servers
        ],
    }


def _header_from_json(value: Any) -> Header:
    if value["type"] != "sweep" or value["version"] != VERSION:
        raise ValueError(f"version {VERSION} of a sweep is expected")
    notes = tuple(
        ServerNote(
            Role(one["role"]),
            str(one["model"]),
            one["simulated"] is True,
            None if one["simulated_gpu"] is None else str(one["simulated_gpu"]),
            None if one["simulated_speedup"] is None else figure(one["simulated_speedup"]),
        )
        for one in value["servers"]
    )
    plan = plan_from_json(value["plan"])
    return Header(plan, str(value["title"]), str(value["source_sha256"]), str(value["settings_key"]), notes)
