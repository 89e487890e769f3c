"""The index's table of runs: its columns, and a row of it as an Entry. An index that an older version made gets the columns it lacks.

In: a connection, headers, rows. Out: entries. Knows nothing of runs' files.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from pathlib import Path

from app.paths import why_unwritable
from app.process_marks import start_mark
from app.recordings.errors import BadRecording
from app.recordings.plain_json import from_plain
from app.recordings.values import Entry, RunHeader, RunState, RunSummary, Vote

_TABLES = """
CREATE TABLE IF NOT EXISTS runs (
  run_id TEXT PRIMARY KEY, conversation TEXT NOT NULL, began_at REAL NOT NULL, title TEXT NOT NULL, question TEXT NOT NULL,
  models TEXT NOT NULL, simulated INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0, starred INTEGER NOT NULL DEFAULT 0,
  stream_bytes INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS runs_by_conversation ON runs (conversation, began_at);
CREATE TABLE IF NOT EXISTS kept_blobs (run_id TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (run_id, sha256));
"""
_LATER = {
    "name": "TEXT NOT NULL DEFAULT ''",
    "imported": "INTEGER NOT NULL DEFAULT 0",
    "book_sha256": "TEXT NOT NULL DEFAULT ''",
    "summary": "TEXT NOT NULL DEFAULT ''",
    "writer": "TEXT NOT NULL DEFAULT ''",
    "removed_at": "REAL",
    "vote": "TEXT NOT NULL DEFAULT ''",
}
_MAX_PID_DIGITS = 9


def prepare(index: sqlite3.Connection) -> None:
    index.execute("PRAGMA journal_mode=WAL")
    known = {row[1] for row in index.execute("PRAGMA table_info(runs)")}
    if not set(_LATER) <= known:
        index.executescript(_TABLES)
        for name, kind in _LATER.items():
            try:
                index.execute(f"ALTER TABLE runs ADD COLUMN {name} {kind}")
            except sqlite3.OperationalError as error:
                if "duplicate column" not in str(error):  # another writer was quicker
                    raise


def enter(index: sqlite3.Connection, header: RunHeader, imported: bool, writer: str) -> None:
    """`writer`: the process that goes on writing it, as `this_writer` names itself; "": nobody."""
    index.execute(
        "INSERT INTO runs (run_id, conversation, began_at, title, question, models, simulated, book_sha256, imported, writer) "
        "VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            header.run_id,
            header.conversation,
            header.began_at,
            header.title,
            header.question,
            " · ".join(side.model for side in header.sides),
            header.simulated,
            header.book.sha256 if header.book else "",
            imported,
            writer,
        ),
    )


def trouble_words(path: Path, error: sqlite3.Error) -> str:
    """What is wrong with the index at `path`, and what to do, in sentences for people."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name == "SQLITE_FULL":
        return why_unwritable(path.parent, OSError(errno.ENOSPC, "full"))
    if name in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
        return f"The index of the recordings ({path}) is damaged. End the app and start it again: it makes a new one from the runs' files."
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return why_unwritable(path, OSError(errno.EACCES, f"{error}"))
    if name.startswith("SQLITE_BUSY"):
        return f"Another program holds the index of the recordings ({path}). Try again in a moment."
    return f"The index of the recordings ({path}) cannot be used: {error}."


def this_writer() -> str:
    """This process, told apart from a later one of the same number."""
    return f"{os.getpid()} {start_mark(os.getpid())}"


def _is_there(writer: str) -> bool:
    pid, _, mark = writer.partition(" ")
    return pid.isdecimal() and len(pid) <= _MAX_PID_DIGITS and start_mark(int(pid)) == mark


def entries_where(index: sqlite3.Connection, where: str, values: tuple[object, ...]) -> list[Entry]:
    """The runs for which `where` holds, newest first."""
    cursor = index.cursor()
    cursor.row_factory = sqlite3.Row
    return [
        entry_of(row)
        for row in cursor.execute(f"SELECT * FROM runs WHERE {where} ORDER BY began_at DESC, rowid DESC", values)
    ]


def entry_of(row: sqlite3.Row) -> Entry:
    """By the columns' names: an index that grew over several versions has them in an order of its own."""
    state = RunState.ENDED if row["ended"] else RunState.RUNNING if _is_there(row["writer"]) else RunState.BROKEN_OFF
    return Entry(
        run_id=row["run_id"],
        conversation=row["conversation"],
        began_at=row["began_at"],
        title=row["title"],
        question=row["question"],
        models=row["models"],
        simulated=bool(row["simulated"]),
        state=state,
        starred=bool(row["starred"]),
        stream_bytes=row["stream_bytes"],
        name=row["name"],
        imported=bool(row["imported"]),
        book_sha256=row["book_sha256"],
        summary=_summary(row["summary"]),
        vote=Vote(row["vote"]) if row["vote"] in set(Vote) else None,
    )


def _summary(told: str) -> RunSummary | None:
    try:
        return from_plain(RunSummary, json.loads(told)) if told else None
    except (ValueError, BadRecording):
        return None
