"""From a choice to the session's open book: read with a bar that says what happens, then opened. Errors lose nothing."""

from __future__ import annotations

import streamlit as st

from app.books import Book
from app.bookshelf.reader import ReadJob, book_reader
from app.bookshelf.shelf import shelf
from app.bookshelf.source import BookSource, Reflow, TextChoices
from app.bounded import Bounded
from app.ui.outside import plain
from app.ui.session import AppSession

_QUICK_S = 0.2  # what is read sooner needs no bar
MAX_KEPT_CHARACTERS = 200_000_000
# By a book's key on the shelf: a link or a reload finds the book with its chapters, questions and choices.
_kept: Bounded[BookSource] = Bounded(MAX_KEPT_CHARACTERS, lambda source: len(source.base.text))


def open_source(session: AppSession, source: BookSource) -> None:
    """Make `source` the session's book. The conversation begins anew only when the text is another."""
    book = source.book
    same = session.book is not None and session.book == book
    key = session.book_key if same else shelf().put(book)
    # Questions that came with a sample ask about all of it.
    questions = source.questions if source.choices.chapters is None else ()
    session.open_book(book, key, questions, source.parse_ms, source)
    _kept.put(key, source)


def open_kept(session: AppSession, key: str) -> bool:
    """Open a book that some session of this process opened, by its key; False where it is not kept any more.

    This session gets a key of its own: what one session asks for under a key stops what it asked for before.
    """
    book, source = shelf().get(key), _kept.get(key)
    if source is None and book is not None:
        source = BookSource(book.title, book)
    if source is None:
        return False
    open_source(session, source)
    return True


def put_back(session: AppSession) -> None:
    """See that the open book can be asked for by its key: the shelf is bounded, and may have let it go."""
    if shelf().get(session.book_key) is not session.opened:
        session.book_key = shelf().put(session.opened)
        _kept.put(session.book_key, session_source(session))


def open_file(session: AppSession, data: bytes, name: str, within_s: float | None = None) -> bool:
    """Read a file and open it. False where `within_s` seconds are over before: it is read on, and nothing was drawn.
    Raises BookError."""
    key = book_reader().keep(data)
    job = book_reader().start(key, name)
    if within_s is not None and not job.wait(within_s):
        return False
    book = wait_for(job)
    open_source(session, BookSource(name, book, key, TextChoices(), book.encoding, parse_ms=1000 * job.seconds))
    return True


def session_source(session: AppSession) -> BookSource:
    """Where the open book came from; a book opened as it is is its own source."""
    if session.source is not None:
        return session.source
    book = session.opened
    return BookSource(book.title, book, questions=session.questions, parse_ms=session.parse_ms)


def reflow_open_book(session: AppSession, way: Reflow) -> None:
    """Join the open book's lines, or take that back."""
    open_source(session, session_source(session).with_reflow(way))


def read_file_anew(source: BookSource, encoding: str | None, keep_gutenberg: bool) -> BookSource:
    """The same bytes read in another way. Raises BookError, or KeyError when the bytes were let go."""
    if (encoding, keep_gutenberg) == (source.choices.encoding, source.choices.keep_gutenberg):
        return source
    if source.file_key is None:  # no file: its bytes were never kept
        raise KeyError(source.name)
    job = book_reader().start(source.file_key, source.name, encoding, keep_gutenberg)
    return source.read_anew(wait_for(job), encoding, keep_gutenberg)


def wait_for(job: ReadJob) -> Book:
    """Wait beside the reading thread, and show what it does. Raises BookError."""
    if not job.wait(_QUICK_S):
        place = st.empty()
        while not job.wait(0.1):
            place.progress(job.fraction, text=f"{plain(job.what)} …")
        place.empty()
    return job.book()
