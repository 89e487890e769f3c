"""What an address names, opened again in a session: its book, its settings and its conversation, after a reload or a restart."""

from __future__ import annotations

from urllib.parse import parse_qsl

from app.bookshelf.source import BookSource
from app.comparisons import registry
from app.preview.settings_query import read_settings
from app.recordings import (
    KeptConversation,
    Recording,
    RecordingError,
    StillWritten,
    as_played,
    kept_conversation,
    kept_run,
    recordings,
    replayed,
)
from app.ui.answer_bounds import bounded_options, bounded_sampling
from app.ui.book.named_samples import open_sample
from app.ui.book.opening import open_kept, open_source
from app.ui.link import PageLink
from app.ui.session import AppSession
from app.unguessable import unguessable_key
from renderer import RenderError

_GONE = "The link's book is no longer kept on this server: open it again. The link's settings are here."
_WAITS = "The link came with a question: it is offered as soon as a book is open."
_RUN_GONE = (
    "This run is not kept here (any more), or its file is damaged: look for it on History, or import its file there."
)


def reopen(now: AppSession, link: PageLink) -> str:
    """What stood in the way, "" for nothing. The address's own settings go before those of the conversation."""
    is_new, now.followed = link != now.followed, link
    if link.run:
        return open_run(now, link.run)
    book_found = bool(link.book_key) and open_kept(now, link.book_key)
    talk_found = bool(link.talk) and _recall(now, link.talk)
    sample_found = not (book_found or talk_found) and open_sample(now, link.sample)
    if link.settings is not None:
        now.settings = link.settings
    if link.question and is_new and not now.turns:
        now.draft, now.draft_error = link.question, ""
    if book_found or talk_found or sample_found:
        return ""
    if link.sample:
        return f"This app has no sample called “{link.sample}”: open a book. The link's settings are here."
    return _GONE if link.book_key or link.talk else _WAITS


def _recall(now: AppSession, key: str) -> bool:
    """The conversation of this key, from this process's memory and from disk; False where neither has any of it."""
    kept = _kept(key)
    live = registry().of_conversation(key)
    run_ids = list(dict.fromkeys([*(kept.run_ids if kept else ()), *live]))
    if not run_ids:
        return False
    asked_about = kept.book_sha256 if kept else _book_of(live[0])
    if now.book is not None and now.book.content_hash != asked_about:
        return False  # an address that was put together by hand
    if now.book is None and kept is not None and kept.book is not None:
        open_source(now, BookSource(kept.book.title, kept.book, questions=kept.questions))
    now.conversation, now.salt_used, now.turns, now.asked_about = key, True, run_ids, asked_about
    if kept is not None:
        take_settings(now, kept)
    return True


def open_run(now: AppSession, run_id: str) -> str:
    """Look at one recorded run by itself, with its book where that is kept; what stood in the way, "" for nothing.

    A question asked from there goes on with the conversation that the run is of.
    """
    try:
        recording = _recording(run_id)
        kept = kept_run(recordings(), recording)
    except StillWritten as error:
        return str(error)
    except (RecordingError, OSError):
        return _RUN_GONE
    now.turns = []  # what was open stays kept, on History
    now.book, now.book_key, now.questions, now.source = None, "", (), None
    if kept.book is not None:
        open_source(now, BookSource(kept.book.title, kept.book, questions=kept.questions))
    now.conversation, now.salt_used = recording.header.conversation or unguessable_key(), True
    now.turns, now.run, now.asked_about = [run_id], run_id, kept.book_sha256
    take_settings(now, kept)
    if run_id not in registry():
        registry().adopt(as_played(recording, now.book))
    return ""


def _recording(run_id: str) -> Recording:
    """Of the file that the app was started with, or of the store. Raises RecordingError, OSError.

    One that another app on this machine is still writing is not played: it would say of itself that it was broken off.
    """
    given = replayed()
    if given is not None and given.header.run_id == run_id:
        return given
    return recordings().load(run_id) if run_id in registry() else recordings().load_ended(run_id)


def _kept(key: str) -> KeptConversation | None:
    try:
        return kept_conversation(recordings(), key)
    except (RecordingError, OSError):  # a disk that fails takes the memory of it, not the page
        return None


def _book_of(comparison_id: str) -> str:
    book = registry().snapshot(comparison_id).spec.book
    return book.sha256 if book is not None else ""


def take_settings(now: AppSession, kept: KeptConversation) -> None:
    """As its newest question was asked, as far as the panels can be set so."""
    now.sampling, now.options = bounded_sampling(kept.sampling), bounded_options(kept.options)
    now.pages_sampling = bounded_sampling(kept.pages_sampling) if kept.pages_sampling is not None else None
    try:
        now.settings = read_settings(dict(parse_qsl(kept.settings, keep_blank_values=True)))
    except RenderError:
        pass  # a font that is gone: the settings stay as they are


def brought_back(now: AppSession, run_id: str) -> bool:
    """Whether a turn that the registry let go of could be had from disk."""
    try:
        registry().adopt(as_played(_recording(run_id), now.book))
    except (RecordingError, OSError):
        return False
    return True
