"""A file of JSON objects, one a line, that only grows and survives a kill. In: a path and values. Out: the values again.

Append-only log (write-ahead journal pattern): a line is written in one piece and forced to the disk before `append` returns, so a
process killed at any moment loses nothing that it was told is written. A last line without its end is cut off when the log is
opened again. One process at a time holds it (flock). Knows nothing of what its lines mean.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from app.paths import why_unwritable

MAX_BYTES = 256 * 1024 * 1024
T = TypeVar("T")


class LogUnusable(Exception):
    """Shown to the user as it is."""


class LogMissing(LogUnusable):
    pass


class LogHeld(LogUnusable):
    """Another process writes into it."""


@dataclass(frozen=True, slots=True)
class LogLines:
    """Whole lines, still in bytes: what they mean, and that they mean something, `parsed` finds out."""

    path: Path
    lines: tuple[bytes, ...]
    torn: bool
    """Whether a half line of a killed process was left out."""

    def parsed(
        self, first: Callable[[Any], T], other: Callable[[Any], Any], what: str, refused: type[Exception]
    ) -> tuple[T, list[Any]]:
        """The first line's value and the others'. What is no line of ours is refused by its number: a wrong figure is worse than
        none. `refused`: besides ValueError and its kin, what the two may raise. Raises LogUnusable."""
        if not self.lines:
            raise LogUnusable(f"{self.path} has no first line, so what it measures is not known. Name another file.")
        at = 1
        try:
            header = first(json.loads(self.lines[0]))
            values = []
            for at, line in enumerate(self.lines[1:], 2):  # noqa: B007 - told below
                values.append(other(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ArithmeticError, refused) as error:
            raise LogUnusable(f"{self.path}, line {at}: no line of {what} ({error}). Name another file.") from error
        return header, values


class AppendLog:
    """Thread-safe. Use `close`."""

    def __init__(self, path: Path, number: int) -> None:
        self.path = path
        self._number: int | None = number
        self._lock = threading.Lock()

    @classmethod
    def create(cls, path: Path, first: dict[str, Any]) -> AppendLog:
        """A new one with its first line. Raises LogUnusable where a file lies there already, LogHeld."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        except FileExistsError:
            raise LogUnusable(f"{path} is there already. Resume it, or name another file.") from None
        except OSError as error:
            raise LogUnusable(why_unwritable(path, error)) from error
        log = cls(path, number)
        try:
            _hold(number, path)
            log.append(first)
        except BaseException:
            log.close()
            raise
        return log

    @classmethod
    def resume(cls, path: Path, max_bytes: int = MAX_BYTES) -> tuple[AppendLog, LogLines]:
        """Go on with one; `cut_torn_line` before anything is written. Raises LogUnusable, LogMissing, LogHeld."""
        try:
            number = os.open(path, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            raise LogMissing(f"There is no journal {path}; check its path, or begin a new one.") from None
        except OSError as error:
            raise LogUnusable(why_unwritable(path, error)) from error
        try:
            _hold(number, path)
            size = os.fstat(number).st_size
            if size > max_bytes:
                raise LogUnusable(_too_large(path, size, max_bytes))
            return cls(path, number), _lines(path, os.pread(number, size, 0))
        except BaseException:
            os.close(number)
            raise

    def cut_torn_line(self, lines: LogLines) -> None:
        """Half a line of a killed process goes; what was read of the file before says where it ends."""
        if lines.torn and self._number is not None:
            os.ftruncate(self._number, sum(len(line) + 1 for line in lines.lines))

    def append(self, value: dict[str, Any]) -> None:
        """On the disk when this returns. Raises LogUnusable."""
        line = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"
        with self._lock:
            if self._number is None:
                raise LogUnusable(f"{self.path} is closed.")
            try:
                before = os.fstat(self._number).st_size
                if os.write(self._number, line) < len(line):  # a full disk takes a part
                    os.ftruncate(self._number, before)
                    raise LogUnusable(f"The disk that holds {self.path} is full. Make room, then resume.")
                os.fsync(self._number)
            except OSError as error:
                raise LogUnusable(why_unwritable(self.path, error)) from error

    def close(self) -> None:
        with self._lock:
            if self._number is not None:
                os.close(self._number)  # gives the lock back
                self._number = None


def read_log(path: Path, max_bytes: int = MAX_BYTES) -> LogLines:
    """Look into one that may be held by another process; nothing is changed. Raises LogUnusable, LogMissing."""
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise LogMissing(f"There is no journal {path}; check its path, or begin a new one.") from None
    except OSError as error:
        raise LogUnusable(f"{path} cannot be read ({error.strerror or error}).") from error
    if len(data) > max_bytes:
        raise LogUnusable(_too_large(path, len(data), max_bytes))
    return _lines(path, data)


def _lines(path: Path, data: bytes) -> LogLines:
    parts = data.split(b"\n")
    return LogLines(path, tuple(parts[:-1]), bool(parts[-1]))


def _too_large(path: Path, size: int, most: int) -> str:
    return f"{path} has {size / 1e6:.0f} MB; a journal has at most {most / 1e6:.0f} MB."


def _hold(number: int, path: Path) -> None:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise LogHeld(f"Another process is measuring into {path}. Stop it, or name another file.") from error
