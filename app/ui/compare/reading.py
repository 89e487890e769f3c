"""What every screen says of the open book: the session, the servers and the pages in, one BookFigures out.

The text's count is the server's where it answers with another one than ours; what is sent is what Compare would send now.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.bookshelf.costs import placed_pages
from app.clients import Role
from app.endpoints.pair import Server, ServerPair
from app.projection import DEFAULT_GPU, GPUS, Gpu
from app.reading import BookFigures, TextReading, Window, book_figures
from app.tokens import ASSUMED_WINDOW_TOKENS, MiddleCut, TokenCount, tokens_for_book
from app.ui.compare.book_figures import count_now
from app.ui.compare.conversation import history_tokens, needed_cut
from app.ui.session import AppSession


def text_cut(now: AppSession, count: TokenCount, servers: ServerPair) -> MiddleCut | None:
    """The text side's document as it would be sent now, where it must be cut; None where all of it fits."""
    if servers.text is None:
        return None
    room = tokens_for_book(servers.text.window_tokens, now.sampling.max_tokens, history_tokens(now, Role.TEXT))
    return _cached_cut(now.opened.content_hash, count.value, room, now.opened.text, count)


@st.cache_data(show_spinner=False, max_entries=16)
def _cached_cut(content_hash: str, tokens: int, room: int, _text: str, _count: TokenCount) -> MiddleCut | None:
    return needed_cut(_text, _count, room)


def text_reading(now: AppSession, servers: ServerPair) -> TextReading:
    """The text side of the open book, whatever the pages' settings are; the text model's server is asked for its count."""
    count, _ = count_now(now.opened, servers)
    cut = text_cut(now, count, servers)
    return TextReading(count.value, sent_tokens(count, cut), window_of(servers.text))


def sent_tokens(count: TokenCount, cut: MiddleCut | None) -> int:
    """In the count's own tokens: where a server counts otherwise than we cut, its share of them."""
    if cut is None:
        return count.value
    ours = cut.kept_tokens + cut.removed_tokens
    return cut.kept_tokens if ours == count.value else round(count.value * cut.kept_tokens / max(1, ours))


def window_of(server: Server | None) -> Window:
    if server is None:
        return Window(ASSUMED_WINDOW_TOKENS, False)
    return Window(server.window_tokens, server.window_is_told)


def page_tokens(now: AppSession) -> list[int] | None:
    """Visual tokens of each page: of the pages that are drawn, else laid out by the fast engine; None where neither is there."""
    if now.job is not None and now.job.is_of(now.opened.content_hash, now.settings):
        drawn = now.job.snapshot().page_set
        if drawn is not None:
            return [page.visual_tokens for page in drawn.pages]
    placed = placed_pages(now.opened, now.settings)
    return None if placed is None else [page.visual_tokens for page in placed]


def figures_of(
    now: AppSession, text: TextReading, pages: Sequence[int], servers: ServerPair, gpu: Gpu | None = None
) -> BookFigures:
    """`gpu`: another one than this session's choice."""
    return book_figures(text, pages, window_of(servers.pages), gpu or chosen_gpu(now, servers))


def chosen_gpu(now: AppSession, servers: ServerPair) -> Gpu:
    """The GPU of every projection: the one chosen on Pages or Prefill, else the one that a simulator plays."""
    if now.gpu_id in GPUS:
        return GPUS[now.gpu_id]
    played = {server.state.simulated_gpu for server in servers.servers if server.state is not None}
    return next((gpu for gpu in GPUS.values() if played & {gpu.id, gpu.name}), DEFAULT_GPU)
