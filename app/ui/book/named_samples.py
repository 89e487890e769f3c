"""The sample books by the names that a link knows them by: each made once for all sessions."""

from __future__ import annotations

import streamlit as st

from app.books.samples import Sample, story, synthetic_novel
from app.bookshelf.source import BookSource, TextChoices
from app.ui.book.opening import open_source
from app.ui.session import AppSession

STORY = "story"
NOVEL_TOKENS = {
    "20K tokens": 20_000,
    "60K tokens": 60_000,
    "120K tokens": 120_000,
    "240K tokens": 240_000,
    "360K tokens": 360_000,
}


def novel_name(tokens: int) -> str:
    return f"novel-{tokens}"


_NOVELS = {novel_name(tokens): tokens for tokens in NOVEL_TOKENS.values()}


def open_sample(now: AppSession, name: str) -> bool:
    """Make the sample of this name the session's book; False where there is none."""
    if name == STORY:
        sample = _story()
    elif name in _NOVELS:
        sample = _novel(_NOVELS[name])
    else:
        return False
    open_source(now, BookSource(sample.book.title, sample.book, questions=sample.questions, sample=name))
    return True


def sample_of(now: AppSession) -> str:
    """The name of the sample that is open as it is; "" for a book of one's own, or a sample of which parts were chosen."""
    if now.source is None or now.source.choices != TextChoices():
        return ""
    if now.source.sample:
        return now.source.sample
    return STORY if now.source.base.content_hash == _story().book.content_hash else ""  # found again after a restart


@st.cache_resource(show_spinner=False, max_entries=1)
def _story() -> Sample:
    return story()


@st.cache_resource(show_spinner=False, max_entries=6)
def _novel(tokens: int) -> Sample:
    return synthetic_novel(text_tokens=tokens)
