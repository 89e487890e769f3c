"""Recordings on disk: an index in SQLite, a stream a run, and books and pages once by their hash; bounded, oldest out first.

In: headers, lines, bytes. Out: entries, recordings. Any number of threads: a connection a call, WAL. The folder is its
owner's alone. A run's stream is the truth; the index says where to look. Raises OSError and sqlite3.Error where the disk fails.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.paths import make_private
from app.recordings.errors import BadRecording, UnknownRecording
from app.recordings.run_file import header_line, read_run
from app.recordings.values import Entry, Recording, RunHeader

MAX_RUNS = 500
MAX_BYTES = 2 * 1024 * 1024 * 1024
_TABLES = """
CREATE TABLE IF NOT EXISTS runs (
  run_id TEXT PRIMARY KEY, conversation TEXT NOT NULL, began_at REAL NOT NULL, title TEXT NOT NULL, question TEXT NOT NULL,
  models TEXT NOT NULL, simulated INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0, starred INTEGER NOT NULL DEFAULT 0,
  stream_bytes INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS runs_by_conversation ON runs (conversation, began_at);
CREATE TABLE IF NOT EXISTS kept_blobs (run_id TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (run_id, sha256));
"""
_COLUMNS = "run_id, conversation, began_at, title, question, models, simulated, ended, starred, stream_bytes"


@dataclass(frozen=True, slots=True)
class Tidying:
    """What a tidy-up will remove, before it does: the runs, oldest first, and the bytes that this frees."""

    runs: tuple[Entry, ...]
    freed_bytes: int

    @property
    def sentence(self) -> str:
        if not self.runs:
            return "Nothing needs to be removed."
        return (
            f"Removes the {len(self.runs)} oldest recordings that are not starred, {self.freed_bytes / 1e6:,.1f} MB: at most "
            f"{MAX_RUNS} and {MAX_BYTES / 1e9:,.1f} GB are kept."
        )


class RecordingStore:
    """`folder` is made at the first use."""

    def __init__(self, folder: Path, max_runs: int = MAX_RUNS, max_bytes: int = MAX_BYTES) -> None:
        self.folder = folder
        self._max_runs = max_runs
        self._max_bytes = max_bytes

    def stream_path(self, run_id: str) -> Path:
        return self.folder / "streams" / f"{_checked(run_id)}.ndjson"

    def blob_path(self, sha256: str) -> Path:
        return self.folder / "blobs" / _checked(sha256)

    # --- writing ----------------------------------------------------------------------------------------------------

    def begin(self, header: RunHeader) -> Path:
        """Enter the run into the index and write its first line; the path to append its steps to."""
        path = self.stream_path(header.run_id)
        values = (
            header.run_id,
            header.conversation,
            header.began_at,
            header.title,
            header.question,
            " · ".join(side.model for side in header.sides),
            header.simulated,
        )
        with self._connection() as index:
            index.execute(
                "INSERT INTO runs (run_id, conversation, began_at, title, question, models, simulated) VALUES (?,?,?,?,?,?,?)",
                values,
            )
            path.write_text(header_line(header), encoding="utf-8")
        path.chmod(0o600)
        return path

    def note_end(self, run_id: str, ended: bool) -> None:
        """How large the stream is, and whether both sides are over."""
        size = self.stream_path(run_id).stat().st_size
        with self._connection() as index:
            index.execute("UPDATE runs SET ended = ?, stream_bytes = ? WHERE run_id = ?", (ended, size, run_id))

    def keep_blob(self, run_id: str, data: bytes) -> str:
        """Store bytes once, whichever runs need them; their sha256."""
        sha256 = hashlib.sha256(data).hexdigest()
        with self._connection() as index:
            index.execute("INSERT OR IGNORE INTO kept_blobs VALUES (?,?,?)", (run_id, sha256, len(data)))
            path = self.blob_path(sha256)
            if not path.is_file():
                part = path.with_name(f"{sha256}.{run_id}.part")
                part.write_bytes(data)
                part.chmod(0o600)
                part.replace(path)
        return sha256

    # --- reading ----------------------------------------------------------------------------------------------------

    def load(self, run_id: str) -> Recording:
        """Raises UnknownRecording, BadRecording."""
        try:
            data = self.stream_path(run_id).read_bytes()
        except FileNotFoundError:
            raise UnknownRecording("This recording is not kept (any more).") from None
        return read_run(data)

    def blob(self, sha256: str) -> bytes | None:
        """The bytes, or None where they are not kept or are no longer what they were."""
        try:
            data = self.blob_path(sha256).read_bytes()
        except (FileNotFoundError, BadRecording):
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def entries(self, search: str = "", conversation: str = "") -> list[Entry]:
        """Newest first; `search` is looked for in title, question and models."""
        if not self.folder.is_dir():
            return []
        like = f"%{search}%"
        with self._connection() as index:
            rows = index.execute(
                f"SELECT {_COLUMNS} FROM runs WHERE (title LIKE ? OR question LIKE ? OR models LIKE ?) "
                "AND (? = '' OR conversation = ?) ORDER BY began_at DESC",
                (like, like, like, conversation, conversation),
            ).fetchall()
        return [_entry(*row) for row in rows]

    # --- bounds -----------------------------------------------------------------------------------------------------

    def tidying(self) -> Tidying:
        """What has to go so that number and bytes are within their bounds."""
        entries, sizes = self.entries(), self._sizes()
        going: list[Entry] = []
        freed, total, number = 0, sum(sizes.values()), len(entries)
        for entry in reversed(entries):
            if number - len(going) <= self._max_runs and total - freed <= self._max_bytes:
                break
            if not entry.starred and entry.run_id != entries[0].run_id:
                going.append(entry)
                freed += sizes[entry.run_id]
        return Tidying(tuple(going), freed)

    def remove(self, run_ids: tuple[str, ...]) -> None:
        """Their streams, and what of books and pages no other run needs."""
        with self._connection() as index:
            for run_id in run_ids:
                index.execute("DELETE FROM runs WHERE run_id = ?", (run_id,))
                index.execute("DELETE FROM kept_blobs WHERE run_id = ?", (run_id,))
                self.stream_path(run_id).unlink(missing_ok=True)
            needed = {row[0] for row in index.execute("SELECT DISTINCT sha256 FROM kept_blobs")}
            for path in (self.folder / "blobs").iterdir():
                if path.name not in needed:
                    path.unlink(missing_ok=True)

    def _sizes(self) -> dict[str, int]:
        """Bytes by run; what several share counts with the newest of them, which goes last."""
        if not self.folder.is_dir():
            return {}
        with self._connection() as index:
            sizes = {row[0]: row[1] for row in index.execute("SELECT run_id, stream_bytes FROM runs")}
            owned = index.execute(
                "SELECT run_id, bytes, MAX(began_at) FROM kept_blobs JOIN runs USING (run_id) GROUP BY sha256"
            ).fetchall()
        for run_id, size, _ in owned:
            sizes[run_id] += size
        return sizes

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """One transaction. Other processes and threads wait for it, 10 s at most."""
        for folder in (self.folder, self.folder / "streams", self.folder / "blobs"):
            make_private(folder)
        index = sqlite3.connect(self.folder / "index.sqlite", timeout=10)
        try:
            index.execute("PRAGMA journal_mode=WAL")
            index.executescript(_TABLES)
            index.execute("BEGIN IMMEDIATE")
            yield index
            index.commit()
        except BaseException:
            index.rollback()
            raise
        finally:
            index.close()


def _entry(
    run_id: str,
    conversation: str,
    began_at: float,
    title: str,
    question: str,
    models: str,
    simulated: int,
    ended: int,
    starred: int,
    size: int,
) -> Entry:
    flags = bool(simulated), bool(ended), bool(starred)
    return Entry(run_id, conversation, began_at, title, question, models, *flags, size)


def _checked(name: str) -> str:
    """A file's name that leads nowhere else. Raises BadRecording."""
    if not (name.isascii() and name.isalnum() and len(name) <= 64):
        raise BadRecording("A recording's id may hold letters and digits only, 64 at most.")
    return name
