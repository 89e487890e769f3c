"""A sweep's memory: one JSON object a line, the first says what is measured, each other one what became of a task.

Append-only log (write-ahead journal pattern): a line is written in one piece and forced to the disk before the next
measurement begins, so that a process killed at any moment loses at most the measurement it was at. A last line without
its end is cut off when the journal is opened again. One process at a time holds it (flock).
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from app.clients import Role
from app.paths import why_unwritable
from app.sweep.errors import JournalUnusable, SweepBusy, SweepPlanError
from app.sweep.journal_lines import plan_from_json, plan_to_json, record_from_json, record_to_json
from app.sweep.values import Outcome, Record, SweepPlan

VERSION = 1
MAX_BYTES = 64 * 1024 * 1024
_MISSING = "There is no journal {}. Start without resuming."


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

    def __init__(self, path: Path, header: Header, records: list[Record], file_number: int, torn: bool) -> None:
        self.path = path
        self.header = header
        self.torn = torn
        """Whether a half line of a killed process was cut off."""
        self._records = records
        self._file_number: int | None = file_number

    @classmethod
    def create(cls, path: Path, header: Header) -> Journal:
        """A new one. Raises JournalUnusable where a file lies there already."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        except FileExistsError:
            raise JournalUnusable(f"{path} is there already. Resume it, or name another file.") from None
        except OSError as error:
            raise JournalUnusable(why_unwritable(path, error)) from error
        journal = cls(path, header, [], number, False)
        try:
            _lock(number, path)
            journal._write(_header_to_json(header))
        except BaseException:
            journal.close()
            raise
        return journal

    @classmethod
    def resume(cls, path: Path) -> Journal:
        """Go on with one: its records are read, a half last line is cut off. Raises JournalUnusable, SweepBusy."""
        try:
            number = os.open(path, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            raise JournalUnusable(_MISSING.format(path)) from None
        except OSError as error:
            raise JournalUnusable(why_unwritable(path, error)) from error
        try:
            _lock(number, path)
            data = _read_all(number, path)
            whole = data.rfind(b"\n") + 1
            header, records = _parsed(data[:whole], path)
            if whole < len(data):
                os.ftruncate(number, whole)
            return cls(path, header, records, number, whole < len(data))
        except BaseException:
            os.close(number)
            raise

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
        self._write({"type": "record", **record_to_json(record)})
        self._records.append(record)

    def close(self) -> None:
        if self._file_number is not None:
            os.close(self._file_number)  # gives the lock back
            self._file_number = None

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, value: dict[str, Any]) -> None:
        if self._file_number is None:
            raise JournalUnusable(f"{self.path} is closed.")
        line = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"
        try:
            before = os.fstat(self._file_number).st_size
            if os.write(self._file_number, line) < len(line):  # a full disk takes a part
                os.ftruncate(self._file_number, before)
                raise JournalUnusable(f"The disk that holds {self.path} is full. Make room, then resume.")
            os.fsync(self._file_number)
        except OSError as error:
            raise JournalUnusable(why_unwritable(self.path, error)) from error


def read_journal(path: Path) -> tuple[Header, tuple[Record, ...]]:
    """Look into a journal that may be held by another process; nothing is changed. Raises JournalUnusable."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise JournalUnusable(_MISSING.format(path)) from None
    except OSError as error:
        raise JournalUnusable(f"{path} cannot be read ({error.strerror or error}).") from error
    header, records = _parsed(data[: data.rfind(b"\n") + 1], path)
    return header, latest(records)


def latest(records: list[Record]) -> tuple[Record, ...]:
    """A task that failed and was tried again counts by its last try."""
    return tuple({record.task.key: record for record in records}.values())


def _lock(number: int, path: Path) -> None:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise SweepBusy(f"Another process is measuring into {path}. Stop it, or name another file.") from error


def _read_all(number: int, path: Path) -> bytes:
    size = os.fstat(number).st_size
    if size > MAX_BYTES:
        raise JournalUnusable(f"{path} has {size / 1e6:.0f} MB; a journal has at most {MAX_BYTES / 1e6:.0f} MB.")
    return os.pread(number, size, 0)


def _parsed(data: bytes, path: Path) -> tuple[Header, list[Record]]:
    """Whole lines only. What is no record of ours is refused by its line: a wrong figure is worse than none."""
    lines = data.split(b"\n")[:-1]
    if not lines:
        raise JournalUnusable(f"{path} has no first line, so what it measures is not known. Name another file.")
    at = 1
    try:
        header = _header_from_json(json.loads(lines[0]))
        records = []
        for at, line in enumerate(lines[1:], 2):  # noqa: B007 - told below
            records.append(record_from_json(json.loads(line)))
    except (ValueError, KeyError, TypeError, RecursionError, SweepPlanError) as error:
        raise JournalUnusable(f"{path}, line {at}: no line of a sweep ({error}). Name another file.") from error
    return header, records


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
            None if one["simulated_speedup"] is None else float(one["simulated_speedup"]),
        )
        for one in value["servers"]
    )
    plan = plan_from_json(value["plan"])
    return Header(plan, str(value["title"]), str(value["source_sha256"]), str(value["settings_key"]), notes)
