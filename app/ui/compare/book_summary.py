"""The open book on Compare: its figures, windows and pages, and what has to be known before asking.

Before the first question all of it is open; afterwards it folds into one line, because the answers are what one looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.bookshelf.costs import page_chapters
from app.clients import Role
from app.endpoints.pair import Server, ServerPair
from app.pagefiles.jobs import JobSnapshot, JobState
from app.pagefiles.writer import PageSet, RenderedPage
from app.preview.laid_book import LaidPage
from app.preview.previews import previews
from app.preview.routes import numbered_pages_url
from app.reading import TextReading
from app.tokens import (
    VISUAL_OVERHEAD_PER_PAGE,
    MiddleCut,
    TokenCount,
    compression_ratio,
    share_of_book,
    tokens_for_book,
)
from app.ui.addresses import in_browser
from app.ui.compare.book_figures import count_now, draw_figures, draw_missing_glyphs, draw_tiles, job_note, ratio_words
from app.ui.compare.conversation import history_tokens
from app.ui.compare.reading import figures_of, sent_tokens, text_cut, window_of
from app.ui.components import page_gallery
from app.ui.guard import draw_again, guarded, ticking
from app.ui.outside import plain
from app.ui.session import AppSession
from app.web.comparison_routes import page_url_base
from renderer import RenderError
from renderer.readiness import reason_by_now

_BAR_AFTER_S = 0.35  # a fast rendering is done before a progress bar is worth showing


@dataclass(frozen=True, slots=True)
class BookSummary:
    """What the summary found and left: the text side's cut, where it needs one, and the place of the pages' progress."""

    cut: MiddleCut | None
    progress: DeltaGenerator


def draw_book_summary(now: AppSession, servers: ServerPair, folded: bool) -> BookSummary:
    """Where no job is begun yet, pages come from the layout."""
    count, source = count_now(now.opened, servers)
    look = now.job.snapshot() if now.job is not None else None
    if now.job is not None and look is not None and look.state is JobState.RUNNING:
        look = now.job.wait(_BAR_AFTER_S)
    if not folded:
        return _draw_all(now, count, source, servers, look)
    cut = text_cut(now, count, servers)
    with st.expander(_one_line(now, count, cut, look), icon=":material/menu_book:", key="book-line"):
        summary = _draw_all(now, count, source, servers, look)
    _draw_pages_notice(now, servers)
    return summary


def _one_line(now: AppSession, count: TokenCount, cut: MiddleCut | None, look: JobSnapshot | None) -> str:
    """Title, tokens of both kinds, ratio, pages, and what the text side cannot read."""
    parts = [f"**{plain(now.opened.title, 80)}**", f"{count.value:,} text tokens"]
    totals = look.page_set.totals if look is not None and look.page_set is not None else None
    if totals:
        ratio = compression_ratio(count.value, totals.visual_tokens)
        pages = f"{totals.pages:,} page{'' if totals.pages == 1 else 's'}"
        parts += [f"{totals.visual_tokens:,} visual tokens", ratio_words(ratio, now.settings), pages]
    if cut is not None:
        share = cut.kept_tokens / max(1, cut.kept_tokens + cut.removed_tokens)
        parts.append(f"the text model can read {share_of_book(share)} of it")
    return " · ".join(parts)


def _draw_all(
    now: AppSession, count: TokenCount, source: str, servers: ServerPair, look: JobSnapshot | None
) -> BookSummary:
    """Counts and pages first, because they are waited for; the cut takes longer than both, and its words stand between them."""
    pages, page_set = None, look.page_set if look is not None else None
    with guarded("The book's pages could not be drawn"):
        pages = _pages_known(now, look)
        draw_tiles(count, source, [page.visual_tokens for page in pages] if pages else None, page_set, now.settings)
    # Places of their own: what comes or goes in them does not have the pages below made anew.
    told, progress = st.container(key="book-told"), st.container(key="pages-progress")
    with guarded("The book's pages could not be drawn"):
        if pages:
            _draw_pages(now, page_set, pages)
        elif look is not None and look.state is not JobState.RUNNING:
            _draw_no_pages(look)
    cut = text_cut(now, count, servers)
    with told, guarded("The book's figures could not be drawn"):
        text = TextReading(count.value, sent_tokens(count, cut), window_of(servers.text))
        figures = figures_of(now, text, [page.visual_tokens for page in pages], servers) if pages else None
        draw_figures(text, figures, now.settings)
        draw_missing_glyphs(now)
    if cut is not None and servers.text is not None:
        _draw_cut_notice(cut, count, servers.text)
    if not now.turns:
        _draw_pages_notice(now, servers)
    return BookSummary(cut, progress)


def _pages_known(now: AppSession, look: JobSnapshot | None) -> Sequence[RenderedPage | LaidPage] | None:
    """The pages that were drawn; before they are, those that the fast engine has laid out."""
    if look is not None and (look.page_set is not None or look.state is not JobState.RUNNING):
        return look.page_set.pages if look.page_set is not None else None
    try:
        return previews().fast(now.opened, now.settings).pages
    except RenderError:  # the job meets it too, and says so
        return None


def _draw_no_pages(look: JobSnapshot) -> None:
    st.error(plain(look.error or "Rendering was stopped."), icon=":material/error:")
    if st.button("Render again", icon=":material/refresh:"):
        st.rerun()


def _draw_pages(now: AppSession, page_set: PageSet | None, pages: Sequence[RenderedPage | LaidPage]) -> None:
    chapters = page_chapters(now.opened, [page.text_span for page in pages])
    shown = [
        (page.width_px, page.height_px, page.visual_tokens, chapter)
        for page, chapter in zip(pages, chapters, strict=True)
    ]
    if page_set is not None and now.job is not None:
        label, lies_at = _pages_label(page_set), page_url_base(now.job.key)
    else:  # until the job's files are there, the same pixels come one by one from the layout
        label = f"{len(pages):,} page{'s' if len(pages) != 1 else ''}, being drawn"
        lies_at = numbered_pages_url(now.book_key, now.settings)
    of = f"{now.opened.content_hash} {now.settings.key}"
    if now.turns:  # an expander is open around it
        st.caption(label)
        page_gallery(shown, of, in_browser(lies_at), now.opened.title, key="gallery")
    else:
        with st.expander(label, icon=":material/auto_stories:", expanded=True, key="pages"):
            page_gallery(shown, of, in_browser(lies_at), now.opened.title, key="gallery")


def _pages_label(page_set: PageSet) -> str:
    engine, totals = page_set.engine, page_set.totals
    reason = reason_by_now(engine.reason)
    why = f": {plain(reason)}" if reason else ""
    return f"{totals.pages:,} page{'s' if totals.pages != 1 else ''}, drawn by the {plain(engine.name)} engine in {page_set.seconds:.2f} s{why}"


def draw_progress(now: AppSession, begin: Callable[[], None] | None = None) -> None:
    """While the pages are drawn: how far they are, once that is worth showing; then the whole page is drawn again.

    `begin` begins them, where they were not begun: with the first tick, which the browser sends when it has drawn the screen.
    """
    if begin is not None or (now.job is not None and now.job.snapshot().state is JobState.RUNNING):
        _tell_progress(now, begin)


@ticking(0.3)
def _tell_progress(now: AppSession, begin: Callable[[], None] | None) -> None:
    if now.job is None and begin is not None and not now.drawing:
        with suppress(Exception):  # the page that is drawn again tries it, too, and tells
            begin()
    look = now.job.snapshot() if now.job is not None else None
    if look is None or look.state is not JobState.RUNNING:
        draw_again()
    elif look.elapsed_s >= _BAR_AFTER_S:
        share = look.pages_done / look.pages_total if look.pages_total else 0.0
        st.progress(share, text=f"{job_note(look)} · {look.elapsed_s:.1f} s")


def _draw_cut_notice(cut: MiddleCut, count: TokenCount, server: Server) -> None:
    st.warning(
        f"**The text does not fit the text model's window** ({count.value:,} tokens against {server.window_tokens:,}). "
        f"It will read the beginning and the end: {cut.kept_tokens:,} tokens stay "
        f"({share_of_book(cut.kept_tokens / max(1, cut.kept_tokens + cut.removed_tokens))}), {cut.removed_tokens:,} are cut from the "
        "middle. Glyph reads the whole book.",
        icon=":material/content_cut:",
    )


def _draw_pages_notice(now: AppSession, servers: ServerPair) -> None:
    """The pages are never cut: when they do not fit, the server will refuse them, so it is said before."""
    look = now.job.snapshot() if now.job is not None else None
    if servers.pages is None or look is None or look.page_set is None:
        return
    totals, window = look.page_set.totals, servers.pages.window_tokens
    needed = totals.visual_tokens + VISUAL_OVERHEAD_PER_PAGE * totals.pages
    # A server shortens an answer that has no room, but refuses a prompt: so only the prompt is told of here.
    room = tokens_for_book(window, answer=0, history=history_tokens(now, Role.PAGES))
    most = servers.pages.endpoint.limits.max_images
    if needed > room:
        st.warning(
            f"**The pages do not fit Glyph's window** ({needed:,} tokens, and question and conversation leave {room:,} of its {window:,}). "
            "Lower the DPI or the font size, or choose fewer chapters; nothing is cut silently.",
            icon=":material/zoom_out_map:",
        )
    elif totals.pages > most:
        st.warning(
            f"**{totals.pages:,} pages are more than the {most:,} images this server takes.** Use a smaller font or a lower DPI.",
            icon=":material/filter_none:",
        )
