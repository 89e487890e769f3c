"""A conversation found again by its key: its runs, its book and its settings, from what is kept on disk.

In: the store, a key. Out: values, and played comparisons for the registry. Draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.books import Book
from app.books.samples import Question
from app.clients import Role, SamplingSettings
from app.comparisons import Options
from app.comparisons.played import PlayedComparison
from app.recordings.book_card import book_of
from app.recordings.errors import RecordingError
from app.recordings.playing import played
from app.recordings.store import RecordingStore
from app.recordings.values import RecordedBook, Recording

MOST_TURNS = 40  # brought back of one conversation, the newest: the registry holds 256 comparisons of all


@dataclass(frozen=True, slots=True)
class KeptConversation:
    """`run_ids` oldest first. `book` is None where its text was not kept; `book_sha256` says which it was."""

    run_ids: tuple[str, ...]
    book_sha256: str
    book: Book | None
    questions: tuple[Question, ...]
    settings: str
    sampling: SamplingSettings
    pages_sampling: SamplingSettings | None
    options: Options


def kept_conversation(store: RecordingStore, key: str) -> KeptConversation | None:
    """None where nothing of it is kept."""
    if not (key.isascii() and key.isalnum()):
        return None
    run_ids = [entry.run_id for entry in store.entries(conversation=key)][:MOST_TURNS][::-1]
    newest = next((one for run_id in reversed(run_ids) if (one := _loaded(store, run_id)) is not None), None)
    return _told(store, newest, tuple(run_ids)) if newest is not None else None


def kept_run(store: RecordingStore, recording: Recording) -> KeptConversation:
    """One run as a conversation of its own."""
    return _told(store, recording, (recording.header.run_id,))


def _told(store: RecordingStore, recording: Recording, run_ids: tuple[str, ...]) -> KeptConversation:
    header = recording.header
    sampling = {side.role: side.sampling for side in header.sides}
    both = sampling.get(Role.TEXT) or sampling[Role.PAGES]
    pages = sampling.get(Role.PAGES)
    book, questions = kept_book(store, header.book, header.title)
    return KeptConversation(
        run_ids,
        header.book.sha256 if header.book else "",
        book,
        questions,
        header.settings,
        both,
        pages if pages != both else None,
        header.options,
    )


def kept_book(store: RecordingStore, told: RecordedBook | None, title: str) -> tuple[Book | None, tuple[Question, ...]]:
    """The book of a recording, where its text is kept."""
    text = kept_text(store, told)
    if told is None or text is None:
        return None, ()
    return book_of(text, told.sha256, title, store.blob(told.card) if told.card else None)


def kept_text(store: RecordingStore, told: RecordedBook | None) -> str | None:
    """The text of a recording's book; None where it is not kept, or was left out of this run by choice."""
    if told is None or not told.kept or (data := store.blob(told.sha256)) is None:
        return None
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None


def as_played(recording: Recording, book: Book | None, comparison_id: str = "") -> PlayedComparison:
    """`book` goes with it where it is the one that was asked about. `comparison_id`: another id than the run's."""
    told = recording.header.book
    same = book is not None and told is not None and told.sha256 == book.content_hash
    return played(recording, book.text if book is not None and same else None, comparison_id)


def _loaded(store: RecordingStore, run_id: str) -> Recording | None:
    try:
        return store.load(run_id)
    except (RecordingError, OSError):
        return None
