"""The book's figures on top of the Compare screen: tokens of both kinds, the ratio, and how full each window is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from app.books import Book
from app.clients import Endpoint
from app.endpoints.pair import ServerPair
from app.endpoints.token_counts import server_counts, shown_count, source_words
from app.pagefiles.jobs import JobSnapshot, JobState
from app.pagefiles.writer import PageSet
from app.preview.font_offers import FontOffer, font_offer
from app.reading import BookFigures, TextReading, Window
from app.reading.words import NOT_FITTING, reading_sentence, window_share
from app.tokens import TokenCount, compression_ratio, count_text_tokens, share_of_book
from app.ui.default_settings import lacking_characters
from app.ui.guard import draw_again, safely, ticking
from app.ui.outside import plain
from app.ui.session import AppSession
from renderer import RenderConfig
from renderer.fonts.missing_glyphs import missing_glyphs
from renderer.settings.legible_colors import faint_colors
from renderer.settings.training_ranges import untrained_settings

_HUES = {"text": "#c2660c", "pages": "#0f948d"}
FEW_MISSING = 0.002  # of the text: below, a line of small print is enough


@st.cache_data(show_spinner="Counting tokens ...", max_entries=64)
def text_tokens(content_hash: str, _text: str) -> TokenCount:
    """Exact Qwen tokens of a book, counted once."""
    return count_text_tokens(_text, content_hash)


def count_now(book: Book, servers: ServerPair) -> tuple[TokenCount, str]:
    """The book's text tokens as known now, and where the figure comes from; the text model's server is asked beside it."""
    offline, server = text_tokens(book.content_hash, book.text), servers.text
    if server is None or not server.ready:
        return offline, source_words(offline, None, "")
    found = server_counts().look(server.endpoint, book.content_hash, book.text, server.simulated)
    if found is None:
        _await_server_count(server.endpoint, book.content_hash, book.text)
    return shown_count(offline, found), source_words(offline, found, server.endpoint.model)


@ticking(1.0)
def _await_server_count(endpoint: Endpoint, content_hash: str, text: str) -> None:
    """Draws nothing; draws the page again once the server has counted."""
    if server_counts().look(endpoint, content_hash, text) is not None:
        draw_again()


@st.cache_data(show_spinner=False, max_entries=64)
def _offer(content_hash: str, settings_key: str, share: float, _book: Book, _config: RenderConfig) -> FontOffer | None:
    lacking = missing_glyphs(_book.text, _config.font_path, _config.fallback_fonts)
    return font_offer(lacking, _config, share)


def draw_missing_glyphs(now: AppSession) -> None:
    """Characters that the font draws as boxes or blanks: the model cannot read them, and a ratio with them is worth nothing.
    The installed font that has most of them is offered."""
    book, config = now.opened, now.settings
    characters, count = lacking_characters(book, config)
    if not count:
        return
    some = " ".join(characters[:12]) + (" …" if len(characters) > 12 else "")
    share = count / max(1, len(book.text))
    offer = _offer(book.content_hash, config.key, share, book, config)
    told = (
        f"**The font lacks {count:,} character{'s' if count != 1 else ''} of this book** ({share_of_book(share, 2)} of it; "
        f"{len(characters):,} different: {plain(some)}). The pages show boxes or blanks there, which no model can read; "
        + ("take them from another font." if offer else "no installed font has them.")
    )
    if share < FEW_MISSING:
        st.caption(f":material/font_download_off: {told}")
    else:
        st.warning(told, icon=":material/font_download_off:")
    if offer:
        st.button(
            f"Draw the book with {plain(offer.family)}"
            if offer.instead
            else f"Take {'them' if offer.covers == count else f'{offer.covers:,} of them'} from {plain(offer.family)}",
            icon=":material/font_download:",
            key="take-font",
            help=f"It has {offer.covers:,} of the {count:,}."
            + ("" if offer.instead else " Ours, not Glyph's: the reference engine draws such pages, more slowly."),
            on_click=safely(_take),
            args=(now, offer.config),
        )


def _take(now: AppSession, config: RenderConfig) -> None:
    now.settings = config


def doubts(config: RenderConfig) -> tuple[str, ...]:
    """Why a ratio at these settings is no triumph yet: Glyph never learnt to read such pages."""
    return (*untrained_settings(config), *faint_colors(config))


def ratio_words(ratio: float, config: RenderConfig) -> str:
    """The ratio as Markdown: amber and with a word where pages like these may be unreadable."""
    return f":orange[{ratio:.2f}× · readable?]" if doubts(config) else f"{ratio:.2f}×"


def draw_tiles(
    count: TokenCount, source: str, pages: Sequence[int] | None, page_set: PageSet | None, config: RenderConfig
) -> None:
    """Four numbers; `pages`: visual tokens of each page. A number that is not known yet is a dash, never a guess."""
    visual = sum(pages) if pages else 0
    ratio = ratio_words(compression_ratio(count.value, visual), config) if visual else "–"
    columns = st.columns(4)
    columns[0].metric(
        "Text tokens", f"{count.value:,}", help=f"What the book costs as text. {plain(source)}", border=True
    )
    columns[1].metric(
        "Visual tokens",
        f"{visual:,}" if pages else "–",
        border=True,
        help="What its pages cost: each page's cells of 28 × 28 px after the model's own resize (Glm4v).",
    )
    columns[2].metric("Compression ratio", ratio, help="Text tokens / visual tokens.", border=True)
    columns[3].metric(
        "Pages",
        f"{len(pages):,}" if pages else "–",
        border=True,
        help=f"Rendered by the {plain(page_set.engine.name)} engine in {page_set.seconds:.2f} s." if page_set else None,
    )


def draw_figures(text: TextReading, figures: BookFigures | None, config: RenderConfig) -> None:
    """What there is to doubt, two meters, the projected wait; `figures` where the pages' tokens are known."""
    pages = figures.pages if figures else None
    if doubtful := doubts(config):
        st.warning(
            f"**These pages may be unreadable for Glyph.** {' '.join(doubtful)}", icon=":material/visibility_off:"
        )
    if figures is not None and figures.ratio < 1:
        st.warning(
            f"On this book the pages cost more than the text ({figures.ratio:.2f}×): at these settings compression does not pay. "
            "Lower the DPI or the font size, or narrow the margins."
        )
    rows = [_row("Text model's window", "text", text.share_of_window, text.window)]
    if pages:
        rows.append(_row("Glyph's window", "pages", pages.share_of_window, pages.window))
    st.html(f'<div class="glyph-fit">{"".join(rows)}</div>')
    if figures is not None:
        st.caption(plain(reading_sentence(figures)))


def _row(label: str, side: str, share: float, window: Window) -> str:
    fill = f'<div class="fill" style="width:{100 * min(1.0, share):.2f}%;background:{_HUES[side]}"></div>'
    over = ""
    if share > 1:  # the book's own length is the whole track; what does not fit is hatched
        fill = f'<div class="fill" style="width:{100 / share:.2f}%;background:{_HUES[side]}"></div>'
        over = f'<div class="over" style="width:{100 * (1 - 1 / share):.2f}%"></div>'
    assumed = "" if window.is_told else " (assumed until its server says)"
    of = f"{window.tokens:,}" if share <= 1 else f"{window.tokens:,} tokens: {NOT_FITTING}"
    return (
        f'<div>{escape(label)}</div><div class="track">{fill}{over}</div>'
        f'<div class="number">{window_share(share)} of {of}{assumed}</div>'
    )


def job_note(job: JobSnapshot) -> str:
    """How a running job is told."""
    if job.state is JobState.RUNNING and job.pages_total:
        return f"Rendering page {job.pages_done} of {job.pages_total}"
    if job.state is JobState.RUNNING:
        return f"Rendering the book ({job.pages_done} pages so far)" if job.pages_done else "Laying out the book"
    return ""
