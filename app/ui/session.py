"""What one browser session holds, as one typed value under one key of st.session_state."""

from __future__ import annotations

import secrets
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import streamlit as st

from app.books import Book
from app.books.samples import Question
from app.bookshelf.source import BookSource
from app.clients import SamplingSettings, Transport
from app.comparisons import Options
from app.pagefiles.jobs import PageJob, page_jobs
from app.ui.default_settings import default_settings, published_settings
from app.ui.link import PageLink
from app.ui.messages import Messages
from app.unguessable import unguessable_key
from renderer import RenderConfig

_KEY = "glyph"


@dataclass(slots=True, weakref_slot=True)
class AppSession:
    """The book, the settings and the conversation of one browser session."""

    settings: RenderConfig
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    book: Book | None = None
    book_key: str = ""
    parse_ms: float | None = None
    source: BookSource | None = None
    """Where the book came from and what was chosen of it; None where it was opened as it is."""
    questions: tuple[Question, ...] = ()
    """Questions that come with a sample, with what a right answer says."""
    job: PageJob | None = None
    conversation: str = field(default_factory=unguessable_key)
    """The key under which this conversation is recorded: the address has it, so that a reload finds it again."""
    salt_used: bool = False
    """Whether something may have been asked with this conversation's cache salt: its next question may find warm caches."""
    run: str = ""
    """The recorded run that is looked at by itself; "": a conversation."""
    asked_about: str = ""
    """sha256 of the book that a conversation found again is about: opening that book goes on with it."""
    turns: list[str] = field(default_factory=list)
    """Comparison ids, oldest first: the conversation about this book."""
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    pages_sampling: SamplingSettings | None = None
    """What the pages side gets when the user wants it to differ; None: the same as `sampling`."""
    gpu_id: str = ""
    """The GPU of every projection, as chosen on Pages or Prefill; "": the one that a simulator plays, else an H100."""
    transport: Transport = Transport.AUTO
    factsheet: bool = False
    """Whether the book's exact strings go as text beside its pages."""
    options: Options = field(default_factory=Options)
    shared_caches: bool = False
    """Whether what others asked about the same book counts as read; False: a conversation's first question is cold."""
    answer_generation: int = 0
    """Counts the resets of the answer settings: it is in their widgets' names."""
    queue: list[str] = field(default_factory=list)
    """Questions that were asked while an answer was coming, oldest first."""
    playlist: tuple[str, ...] = ()
    """A presenter's own questions for the stage; empty: those that are suggested."""
    draft: str = ""
    """A question that could not be asked, and why: kept until it goes out."""
    draft_error: str = ""
    followed: PageLink | None = None
    """The link that was opened last: what it brings is offered once, however often its address is read."""
    drawing: bool = False
    """The whole page is being drawn, not one fragment of it."""
    address: dict[str, str] | None = None
    """The query that the window's address is to have; None: as it is. Set anew by each rerun."""
    messages: Messages = field(default_factory=Messages)
    """What is to be seen once, e.g. that a new book began a new conversation."""

    @property
    def opened(self) -> Book:
        """The open book, for what is drawn only when there is one."""
        assert self.book is not None, "no book is open"
        return self.book

    def open_book(
        self,
        book: Book,
        key: str,
        questions: tuple[Question, ...] = (),
        parse_ms: float | None = None,
        source: BookSource | None = None,
    ) -> None:
        """A new text begins a new conversation; the settings stay. The same text under another name keeps both."""
        before = self.book.content_hash if self.book is not None else self.asked_about
        if before != book.content_hash:
            if self.turns:
                same = source is not None and self.source is not None and source.name == self.source.name
                what = (
                    "The text changed, so the conversation begins anew."
                    if same
                    else "A new book begins a new conversation."
                )
                self.messages.say(what)
            self.turns, self.queue, self.parse_ms, self.asked_about = [], [], parse_ms, ""
            self.run = ""
            self.conversation, self.salt_used = unguessable_key(), False
            if self.settings in published_settings():  # what the user chose stays; what we chose follows the book
                self.settings = default_settings(book)
        self.book, self.book_key, self.questions, self.source = book, key, questions, source

    def hold(self, job: PageJob | None) -> None:
        """Hold the job of the open book and its settings, and let go of the one before."""
        if self.job is not job:
            if self.job is not None:
                self.job.let_go(self.holder)
            self.job = job


def session() -> AppSession:
    """This browser session's value, made at its first rerun."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = made = AppSession(settings=default_settings())
        # When Streamlit drops the session, what only it held must not keep rendering.
        weakref.finalize(made, page_jobs().end, made.holder)
    return st.session_state[_KEY]


def say(text: str, grave: bool = False) -> None:
    """Show one sentence once in this browser session, whichever rerun comes first; `grave` ones stay until closed."""
    session().messages.say(text, grave)


@contextmanager
def whole_page() -> Iterator[None]:
    """Around the drawing of a whole page."""
    now = session()
    now.drawing, now.address = True, None
    try:
        yield
    finally:
        now.drawing = False
