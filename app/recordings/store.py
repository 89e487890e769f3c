"""Recordings on disk: an index in SQLite, a stream a run, and books and pages once by their hash; bounded, oldest out first.

In: headers, lines, bytes. Out: entries, recordings. Any number of threads and processes: a connection a call, WAL. The folder
is its owner's alone. A run's stream is the truth; the index says where to look. Raises OSError and IndexTrouble where the disk fails.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from app.paths import make_private
from app.recordings.errors import BadRecording, IndexTrouble, StillWritten, UnknownRecording
from app.recordings.index import enter, entries_where, prepare, this_writer, trouble_words
from app.recordings.plain_json import to_plain
from app.recordings.run_file import header_line, read_run, written
from app.recordings.summaries import summary_of
from app.recordings.tidying import Tidying, Wish, planned
from app.recordings.values import Entry, Recording, RunHeader, RunState, Vote
from app.unguessable import unguessable_key

MAX_RUNS = 500
MAX_BYTES = 2 * 1024 * 1024 * 1024
MAX_NAME = 200  # characters of what a person calls a run, and of what a file calls its book and its models
UNDO_WITHIN_S = 3600.0  # removed runs stay on disk so long, and until the next tidy-up


class RecordingStore:
    """`folder` is made at the first use."""

    def __init__(self, folder: Path, max_runs: int = MAX_RUNS, max_bytes: int = MAX_BYTES) -> None:
        self.folder = folder
        self.max_runs = max_runs
        self.max_bytes = max_bytes

    @property
    def index_path(self) -> Path:
        return self.folder / "index.sqlite"

    def stream_path(self, run_id: str) -> Path:
        return self.folder / "streams" / f"{_checked(run_id)}.ndjson"

    def blob_path(self, sha256: str) -> Path:
        return self.folder / "blobs" / _checked(sha256)

    # --- writing ----------------------------------------------------------------------------------------------------

    def begin(self, header: RunHeader, imported: bool = False) -> Path:
        """Enter the run into the index and write its first line; the path to append its steps to."""
        path = self.stream_path(header.run_id)
        with self._connection() as index:
            enter(index, header, imported, writer="" if imported else this_writer())
            try:
                path.write_text(header_line(header), encoding="utf-8")
            except BaseException:  # a full disk: the row goes back too
                path.unlink(missing_ok=True)
                raise
        path.chmod(0o600)
        return path

    def enter_again(self, recording: Recording, imported: bool, needs: tuple[str, ...]) -> None:
        """A run whose file is here, into an index that does not know it; `needs`: sha256 of the blobs that it needs."""
        run_id = recording.header.run_id
        paths = [path for sha256 in needs if sha256 and (path := self.blob_path(sha256)).is_file()]
        with self._connection() as index:
            enter(index, recording.header, imported, writer="")
            rows = [(run_id, path.name, path.stat().st_size) for path in paths]
            index.executemany("INSERT OR IGNORE INTO kept_blobs (run_id, sha256, bytes) VALUES (?,?,?)", rows)
        self._note(run_id, not recording.broken_off, recording)

    def note_end(self, run_id: str, ended: bool) -> None:
        """How large the stream is, whether both sides are over, and what became of them once they are."""
        self._note(run_id, ended, self.load(run_id) if ended else None)

    def _note(self, run_id: str, ended: bool, recording: Recording | None) -> None:
        size = self.stream_path(run_id).stat().st_size
        summary = json.dumps(to_plain(summary_of(recording))) if recording is not None else ""
        with self._connection() as index:
            index.execute(
                "UPDATE runs SET ended = ?, stream_bytes = ?, summary = ? WHERE run_id = ?",
                (ended, size, summary, run_id),
            )

    def let_go(self, run_id: str) -> None:
        """Nobody writes this run any more, though it is not over: it is broken off from now on."""
        with self._connection() as index:
            index.execute("UPDATE runs SET writer = '' WHERE run_id = ?", (run_id,))

    def keep_blob(self, run_id: str, data: bytes) -> str:
        """Store bytes once, whichever runs need them; their sha256."""
        sha256 = hashlib.sha256(data).hexdigest()
        with self._connection() as index:
            index.execute(
                "INSERT OR IGNORE INTO kept_blobs (run_id, sha256, bytes) VALUES (?,?,?)", (run_id, sha256, len(data))
            )
            path = self.blob_path(sha256)
            if not path.is_file():
                part = path.with_name(f"{sha256}.{run_id}.part")
                part.write_bytes(data)
                part.chmod(0o600)
                part.replace(path)
        return sha256

    def take_in(self, recording: Recording) -> str:
        """Keep a run that came from elsewhere; the id it has here. One that is here already is not kept twice.

        It is written anew from what was understood of it. It joins no conversation of this machine, whatever key it claims.
        """
        header = recording.header
        found = self._same_run(recording)
        if found:
            return found
        run_id = unguessable_key() if self.entry(header.run_id, removed_too=True) else header.run_id
        book = replace(header.book, kept=False, card="") if header.book is not None else None
        sides = tuple(replace(side, model=side.model[:MAX_NAME]) for side in header.sides)
        told = replace(header, run_id=run_id, conversation="", book=book, title=header.title[:MAX_NAME], sides=sides)
        recording = replace(recording, header=told)
        path = self.begin(recording.header, imported=True)
        try:
            path.write_text(written(recording), encoding="utf-8")
            self._note(run_id, not recording.broken_off, recording)
        except BaseException:  # a full disk: no half of it stays
            with suppress(OSError, IndexTrouble):
                self.remove((run_id,))
            raise
        self.make_room()
        return run_id

    def _same_run(self, recording: Recording) -> str:
        """The id of a kept run with the same beginning and the same steps; "" where there is none."""
        for entry in self.entries():
            if entry.began_at == recording.header.began_at and entry.question == recording.header.question:
                try:
                    if self.load(entry.run_id).steps == recording.steps:
                        return entry.run_id
                except (BadRecording, UnknownRecording):
                    continue
        return ""

    # --- what a person does with them -------------------------------------------------------------------------------

    # Each raises UnknownRecording where the run was deleted meanwhile.

    def star(self, run_id: str, starred: bool) -> None:
        self._set(run_id, "starred", starred)

    def rename(self, run_id: str, name: str) -> None:
        """ "" takes the name away."""
        self._set(run_id, "name", name.strip()[:MAX_NAME])

    def vote(self, run_id: str, vote: Vote) -> None:
        self._set(run_id, "vote", vote.value)

    def _set(self, run_id: str, column: str, value: object) -> None:
        with self._connection() as index:
            change = f"UPDATE runs SET {column} = ? WHERE run_id = ? AND removed_at IS NULL"
            if index.execute(change, (value, run_id)).rowcount == 0:
                raise UnknownRecording("This run was deleted meanwhile, in another tab or by a tidy-up.")

    def set_aside(self, run_ids: tuple[str, ...]) -> None:
        """Take runs out of sight; `put_back` undoes it within the hour, and until the next tidy-up."""
        with self._connection() as index:
            index.executemany(
                "UPDATE runs SET removed_at = ? WHERE run_id = ?", [(time.time(), run_id) for run_id in run_ids]
            )

    def put_back(self, run_ids: tuple[str, ...]) -> int:
        """How many of them were still there."""
        with self._connection() as index:
            index.executemany("UPDATE runs SET removed_at = NULL WHERE run_id = ?", [(run_id,) for run_id in run_ids])
        return sum(self.entry(run_id) is not None for run_id in run_ids)

    def deleted(self) -> list[Entry]:
        """What `put_back` still finds, newest first."""
        return self._select("removed_at IS NOT NULL", ())

    # --- reading ----------------------------------------------------------------------------------------------------

    def load(self, run_id: str) -> Recording:
        """Raises UnknownRecording, BadRecording."""
        return read_run(self.stream(run_id))

    def load_ended(self, run_id: str) -> Recording:
        """For who hands it on. Raises StillWritten too: half a run would say of itself that the app ended in the middle of it."""
        entry = self.entry(run_id, removed_too=True)
        if entry is not None and entry.state is RunState.RUNNING:
            raise StillWritten("This run is still being answered; open or take it when it is over.")
        return self.load(run_id)

    def stream(self, run_id: str) -> bytes:
        """The run's file as it is. Raises UnknownRecording, BadRecording."""
        try:
            return self.stream_path(run_id).read_bytes()
        except FileNotFoundError:
            raise UnknownRecording("This recording is not kept (any more).") from None

    def blob(self, sha256: str) -> bytes | None:
        """The bytes, or None where they are not kept, cannot be read, or are no longer what they were."""
        try:
            data = self.blob_path(sha256).read_bytes()
        except (OSError, BadRecording):
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def entries(self, search: str = "", conversation: str = "") -> list[Entry]:
        """Newest first; `search` is looked for in name, title, question and models."""
        found = self._select("removed_at IS NULL AND (? = '' OR conversation = ?)", (conversation, conversation))
        wanted = search.casefold()  # SQLite's LIKE knows the two cases of a to z alone
        return [one for one in found if wanted in "\n".join((one.name, one.title, one.question, one.models)).casefold()]

    def entry(self, run_id: str, removed_too: bool = False) -> Entry | None:
        where = "run_id = ?" if removed_too else "run_id = ? AND removed_at IS NULL"
        return next(iter(self._select(where, (run_id,))), None)

    def _select(self, where: str, values: tuple[object, ...]) -> list[Entry]:
        if not self.folder.is_dir():
            return []
        with self._connection() as index:
            return entries_where(index, where, values)

    def summarise_broken_off(self) -> None:
        """Work out the figures of runs whose writer is gone: so much of them as there is."""
        for entry in self.entries():
            if entry.summary is None and entry.state is not RunState.RUNNING:
                try:
                    self._note(entry.run_id, entry.ended, self.load(entry.run_id))
                except (BadRecording, UnknownRecording):
                    continue

    # --- bounds -----------------------------------------------------------------------------------------------------

    def taken_bytes(self) -> int:
        return sum(self._sizes().values())

    def tidying(self, wish: Wish | None = None) -> Tidying:
        """What a tidy-up would remove; None: what has to go so that number and bytes are within their bounds."""
        return planned(self.entries(), self._sizes(), wish or Wish(self.max_runs, self.max_bytes))

    def make_room(self) -> Tidying:
        """Remove what has to go, what was set aside first; what went."""
        if self.tidying().runs:
            self.remove_set_aside()
        if (plan := self.tidying()).runs:
            self.remove(tuple(entry.run_id for entry in plan.runs))
        return plan

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

    def remove_set_aside(self, longer_than_s: float = 0.0) -> None:
        """Remove for good what was set aside longer ago than this."""
        if not self.folder.is_dir():
            return
        with self._connection() as index:
            rows = index.execute("SELECT run_id FROM runs WHERE removed_at <= ?", (time.time() - longer_than_s,))
            run_ids = tuple(row[0] for row in rows)
        if run_ids:
            self.remove(run_ids)

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
        try:
            with closing(sqlite3.connect(self.index_path, timeout=10)) as index, index:  # commits, or rolls back
                prepare(index)
                index.execute("BEGIN IMMEDIATE")
                yield index
        except sqlite3.Error as error:
            raise IndexTrouble(trouble_words(self.index_path, error)) from error


def _checked(name: str) -> str:
    """A file's name that leads nowhere else. Raises BadRecording."""
    if not (name.isascii() and name.isalnum() and len(name) <= 64):
        raise BadRecording("A recording's id may hold letters and digits only, 64 at most.")
    return name
