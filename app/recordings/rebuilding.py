"""An index that is damaged, made anew from the runs' own files; what it was is kept beside it.

In: a store. Out: how many runs it found again. Names, stars, votes and what was deleted stood in the index alone: they are gone.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from contextlib import closing

from app.comparisons.steps import PagesTaken
from app.recordings.errors import RecordingError
from app.recordings.store import RecordingStore
from app.recordings.values import Recording

_log = logging.getLogger(__name__)


def mend_index(store: RecordingStore) -> int | None:
    """None where the index is sound, or not there at all. Raises OSError, RecordingError."""
    if not store.index_path.is_file() or _is_sound(store):
        return None
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for path in [
        one for one in store.folder.glob("index.sqlite*") if one.suffix in (".sqlite", ".sqlite-wal", ".sqlite-shm")
    ]:
        path.rename(path.with_name(f"damaged-{stamp}-{path.name}"))
    found = 0
    for path in sorted((store.folder / "streams").glob("*.ndjson")):
        try:
            recording = store.load(path.stem)
            if recording.header.run_id != path.stem:
                continue
            # Every run of this app belongs to a conversation; one that came as a file belongs to none.
            store.enter_again(recording, imported=not recording.header.conversation, needs=_needs(recording))
        except (RecordingError, OSError) as error:
            _log.warning("The run in %s is not in the new index: %s", path.name, error)
        else:
            found += 1
    _log.warning("The index of the recordings was damaged: a new one has %d runs; names and stars are gone.", found)
    return found


def _is_sound(store: RecordingStore) -> bool:
    try:
        with closing(sqlite3.connect(store.index_path, timeout=10)) as index:
            return index.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError as error:
        return getattr(error, "sqlite_errorname", "") not in ("SQLITE_NOTADB", "SQLITE_CORRUPT")


def _needs(recording: Recording) -> tuple[str, ...]:
    """Hashes of the book, its card and its pages."""
    book = recording.header.book
    pages = [page.sha256 for one in recording.steps if isinstance(one.step, PagesTaken) for page in one.step.pages]
    return (*((book.sha256, book.card) if book is not None and book.kept else ()), *pages)
