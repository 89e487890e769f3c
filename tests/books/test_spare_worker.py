"""The process that reads a file may be started ahead: one, for one file, gone with whoever keeps it."""

from __future__ import annotations

import subprocess
import sys
import threading

import psutil
import pytest

from app.books import BookError, worker_process
from app.books.book import BookFormat
from app.books.parsed_text import no_progress
from app.books.sandbox import read_in_child
from app.books.worker_process import SpareWorker, Worker
from app.paths import ROOT

WAIT_S = 60


@pytest.fixture
def spare(monkeypatch):
    """One whose next process is never started by the clock: a test says when."""
    monkeypatch.setattr(worker_process, "NEXT_AFTER_S", 10_000.0)
    kept = SpareWorker()
    monkeypatch.setattr("app.books.sandbox.spare_worker", lambda: kept)
    yield kept
    kept.close()


def ready(spare: SpareWorker) -> Worker:
    spare.keep()
    assert spare._spare is not None
    return spare._spare


def read(text: bytes = b"CHAPTER 1\n\nShips.") -> str:
    return read_in_child(text, "a.txt", BookFormat.TXT, None, False, no_progress).text


def test_a_process_that_was_started_ahead_reads_one_file_and_ends(spare):
    process = ready(spare).process
    assert "Ships." in read()
    assert process.poll() is not None
    assert spare._spare is None


def test_while_none_is_wanted_none_is_started_ahead(spare):
    assert "Ships." in read()
    spare._start_one()
    assert spare._spare is None


def test_there_is_never_more_than_one(spare):
    first = ready(spare)
    threads = [threading.Thread(target=spare.keep) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert spare._spare is first


def test_one_that_died_while_it_waited_is_replaced(spare):
    process = ready(spare).process
    process.kill()
    process.wait(WAIT_S)
    assert "Ships." in read()


def test_the_next_one_is_started_after_a_book_was_taken_care_of(spare, monkeypatch):
    monkeypatch.setattr(worker_process, "NEXT_AFTER_S", 0.0)
    first = ready(spare)
    assert "Ships." in read()
    assert spare._next is None or spare._next.join(WAIT_S) is None
    assert spare._spare not in (None, first)


def test_closing_ends_it(spare):
    process = ready(spare).process
    spare.close()
    assert process.poll() is not None
    assert spare.take().end() is None  # a book can still be read, by a process of its own
    assert spare._spare is None


def test_a_refusal_comes_from_it_as_from_any_other(spare):
    ready(spare)
    with pytest.raises(BookError, match=r"a\.epub"):
        read_in_child(b"PK\x03\x04 broken", "a.epub", BookFormat.EPUB, None, False, no_progress)


def test_it_has_no_secrets_and_ends_with_whoever_started_it(monkeypatch):
    """Even where that one is killed."""
    keeper = (
        "from app.books.worker_process import SpareWorker; spare = SpareWorker(); spare.keep(); "
        "print(spare._spare.process.pid, flush=True); import time; time.sleep(600)"
    )
    monkeypatch.setenv("SOME_API_KEY", "secret")
    with subprocess.Popen([sys.executable, "-c", keeper], stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        worker = psutil.Process(int(process.stdout.readline()))
        assert "SOME_API_KEY" not in worker.environ()
        process.kill()
    psutil.wait_procs([worker], timeout=WAIT_S)
    assert not worker.is_running()
