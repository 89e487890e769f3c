"""Where the open book came from, and what was chosen of it: file bytes in, the session's Book out. Imports no streamlit.

Stages: bytes -> (read, cached by content) base -> (reflow, cached) -> (chapters) -> the Book that both models get.
Files and parsed books are shared by all sessions and bounded: the ones used least recently go first.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from app.books import Book, BookError, read_book, reflow_book, select_chapters
from app.books.samples import Question

MAX_FILE_BYTES_KEPT = 256 * 1024**2
MAX_PARSED_CHARACTERS = 80_000_000
MAX_REFLOWED_CHARACTERS = 60_000_000
READERS_AT_ONCE = 2

_log = logging.getLogger(__name__)
_Kept = TypeVar("_Kept")


class Reflow(StrEnum):
    """What is done to line breaks."""

    AS_IS = "as it is"
    JOIN = "join"
    DENSE = "dense"


@dataclass(frozen=True, slots=True)
class TextChoices:
    """What a person chose of a file. None: what was found, and all chapters."""

    encoding: str | None = None
    keep_gutenberg: bool = False
    reflow: Reflow = Reflow.AS_IS
    chapters: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class BookSource:
    """One opened file, sample or pasted text. `base` is the whole text, with its line breaks as they came."""

    name: str
    base: Book
    file_key: str | None = None  # of the kept bytes; None for what was no file
    choices: TextChoices = TextChoices()
    found_encoding: str = ""  # before anybody chose one
    questions: tuple[Question, ...] = ()
    parse_ms: float | None = None

    @property
    def whole(self) -> Book:
        """All chapters, reflowed as chosen."""
        return reflowed(self.base, self.choices.reflow)

    @property
    def book(self) -> Book:
        """What both models get."""
        chosen = self.choices.chapters
        return self.whole if chosen is None else select_chapters(self.whole, chosen)

    def with_chapters(self, chosen: tuple[int, ...]) -> BookSource:
        everything = len(chosen) == len(self.base.chapters)
        return replace(self, choices=replace(self.choices, chapters=None if everything else chosen))

    def with_reflow(self, reflow: Reflow) -> BookSource:
        return replace(self, choices=replace(self.choices, reflow=reflow))

    def read_anew(self, base: Book, encoding: str | None, keep_gutenberg: bool) -> BookSource:
        """The same file read in another way; the chosen chapters stay where the division stays."""
        chapters = self.choices.chapters if len(base.chapters) == len(self.base.chapters) else None
        choices = replace(self.choices, encoding=encoding, keep_gutenberg=keep_gutenberg, chapters=chapters)
        return replace(self, base=base, choices=choices)


class Bounded(Generic[_Kept]):
    """Values by key, up to a total weight; the newest one always stays. Safe from several threads at once."""

    def __init__(self, max_weight: int, weigh: Callable[[_Kept], int]) -> None:
        self._kept: OrderedDict[object, _Kept] = OrderedDict()
        self._max_weight, self._weigh = max_weight, weigh
        self._lock = threading.Lock()

    def get(self, key: object) -> _Kept | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: object, value: _Kept) -> None:
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(map(self._weigh, self._kept.values())) > self._max_weight:
                self._kept.popitem(last=False)


class ReadJob:
    """One file being read in a thread of its own; what it does now can be asked at any time."""

    def __init__(self) -> None:
        self.fraction, self.what = 0.0, "Waiting for other files"
        self.seconds = 0.0
        self._book: Book | None = None
        self._error: BookError | None = None
        self._over = threading.Event()

    def wait(self, seconds: float) -> bool:
        return self._over.wait(seconds)

    def book(self) -> Book:
        """The book, once the job is over. Raises BookError."""
        self._over.wait()
        if self._error is not None:
            raise self._error
        return self._book

    def finish(self, book: Book | None, error: BookError | None = None) -> None:
        self._book, self._error = book, error
        self._over.set()


class BookReader:
    """Reads each file once for all sessions; sessions that ask for the same one at once share the work."""

    def __init__(self, max_characters: int = MAX_PARSED_CHARACTERS, max_file_bytes: int = MAX_FILE_BYTES_KEPT) -> None:
        self._books: Bounded[Book] = Bounded(max_characters, lambda book: len(book.text))
        self._files: Bounded[bytes] = Bounded(max_file_bytes, len)
        self._running: dict[tuple, ReadJob] = {}
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(READERS_AT_ONCE, thread_name_prefix="read-book")

    def keep(self, data: bytes) -> str:
        """The file's key: its content's hash."""
        key = hashlib.sha256(data).hexdigest()
        self._files.put(key, data)
        return key

    def has_file(self, file_key: str | None) -> bool:
        return file_key is not None and self._files.get(file_key) is not None

    def start(self, file_key: str, name: str, encoding: str | None = None, keep_gutenberg: bool = False) -> ReadJob:
        """Read a kept file. Raises KeyError when its bytes were let go."""
        key = (file_key, name, encoding, keep_gutenberg)
        with self._lock:
            if key in self._running:
                return self._running[key]
            job = ReadJob()
            if (found := self._books.get(key)) is not None:
                job.finish(found)
                return job
            data = self._files.get(file_key)
            if data is None:
                raise KeyError(file_key)
            self._running[key] = job
        self._threads.submit(self._read, key, data, job)
        return job

    def _read(self, key: tuple, data: bytes, job: ReadJob) -> None:
        _, name, encoding, keep_gutenberg = key

        def progress(fraction: float, what: str) -> None:
            job.fraction, job.what = min(1.0, max(0.0, fraction)), what

        began = time.perf_counter()
        book, error = None, None
        try:
            book = read_book(data, name, encoding=encoding, keep_gutenberg=keep_gutenberg, on_progress=progress)
            self._books.put(key, book)
        except BookError as refusal:
            error = refusal
        except Exception as unexpected:  # a defect of ours must not end the session either
            _log.exception("reading a book failed")
            error = BookError(f"The file could not be read ({type(unexpected).__name__}); try it as plain text.")
        job.seconds = time.perf_counter() - began
        with self._lock:
            self._running.pop(key, None)
        job.finish(book, error)


_reader = BookReader()
_reflowed: Bounded[Book] = Bounded(MAX_REFLOWED_CHARACTERS, lambda book: len(book.text))


def book_reader() -> BookReader:
    """The process's one reader."""
    return _reader


def reflowed(base: Book, reflow: Reflow) -> Book:
    """The book with its lines joined as asked, made once."""
    if reflow is Reflow.AS_IS:
        return base
    key = (base.content_hash, base.title, base.chapters, base.notes, reflow)
    found = _reflowed.get(key)
    if found is None:
        found = reflow_book(base, "keep" if reflow is Reflow.JOIN else "drop")
        _reflowed.put(key, found)
    return found
