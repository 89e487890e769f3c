"""Files read in threads of their own, each once for all sessions: bytes in, Books out; what a read does now can be asked at any time."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from app.books import Book, BookError, read_book
from app.books.worker_process import spare_worker
from app.bounded import Bounded
from app.tokens import count_text_tokens

MAX_FILE_BYTES_KEPT = 256 * 1024**2


MAX_PARSED_CHARACTERS = 80_000_000


READERS_AT_ONCE = 2


_log = logging.getLogger(__name__)


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
        assert self._book is not None  # `finish` gives one of the two
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

    def be_ready(self) -> None:
        """Have a process started ahead for the next file: one, until `close`."""
        spare_worker().keep()

    def close(self) -> None:
        spare_worker().close()

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
        if book is not None:  # its count is asked for next, while it is being opened: whoever asks waits for this one
            count_text_tokens(book.text, book.content_hash)


_reader = BookReader()


def book_reader() -> BookReader:
    """The process's one reader."""
    return _reader
