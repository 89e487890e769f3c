"""What a book costs in tokens of both kinds, whole, by chapter and after reflowing. Measured, never guessed: where the
fast engine does not draw a text, visual tokens are None. Imports no streamlit; results are shared by all sessions, bounded.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.books import Book
from app.bounded import Bounded
from app.tokens import compression_ratio, count_text_tokens, page_grid
from renderer import EngineUnavailable, RenderConfig, RenderError, count

MAX_LAYOUTS = 256


@dataclass(frozen=True, slots=True)
class PlacedPage:
    """One page's visual tokens and the characters it shows, end exclusive."""

    visual_tokens: int
    text_span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class BookCost:
    """One text at one setting. Pages and visual tokens are None where only the slow engine could tell."""

    text_tokens: int
    pages: int | None
    visual_tokens: int | None

    @property
    def ratio(self) -> float | None:
        return compression_ratio(self.text_tokens, self.visual_tokens) if self.visual_tokens else None

    def saving_over(self, before: BookCost) -> float | None:
        """The share of visual tokens that this costs less: 0.05 for 5 % fewer. Negative: it costs more."""
        if not self.visual_tokens or not before.visual_tokens:
            return None
        return 1 - self.visual_tokens / before.visual_tokens


@dataclass(frozen=True, slots=True)
class ChapterCost:
    """One chapter's share. Text tokens are exact; visual tokens are its characters' share of the pages they stand on."""

    text_tokens: int
    visual_tokens: int | None


_layouts: Bounded[tuple[PlacedPage, ...]] = Bounded(MAX_LAYOUTS, lambda _: 1)
_chapter_tokens: Bounded[tuple[int, ...]] = Bounded(64, lambda _: 1)


def placed_pages(book: Book, config: RenderConfig) -> tuple[PlacedPage, ...] | None:
    """Every page's cost and span by the fast engine; None where it does not draw this text with these settings."""
    key = (book.content_hash, config.key)
    found = _layouts.get(key)
    if found is None:
        try:
            pages = count(book.text, config, "fast").pages
        except (EngineUnavailable, RenderError):
            return None
        found = tuple(PlacedPage(_page_tokens(page.width_px, page.height_px), page.text_span) for page in pages)
        _layouts.put(key, found)
    return found


def book_cost(book: Book, config: RenderConfig) -> BookCost:
    pages = placed_pages(book, config)
    if pages is None:
        return BookCost(count_text_tokens(book.text, book.content_hash).value, None, None)
    return BookCost(
        count_text_tokens(book.text, book.content_hash).value, len(pages), sum(page.visual_tokens for page in pages)
    )


def chapter_costs(book: Book, config: RenderConfig) -> tuple[ChapterCost, ...]:
    """What each chapter costs of the whole book's tokens."""
    key = (book.content_hash, book.chapters)
    tokens = _chapter_tokens.get(key)
    if tokens is None:
        tokens = tuple(count_text_tokens(book.chapter_text(chapter)).value for chapter in book.chapters)
        _chapter_tokens.put(key, tokens)
    pages = placed_pages(book, config)
    if pages is None:
        return tuple(ChapterCost(text, None) for text in tokens)
    ends = [page.text_span[1] for page in pages]
    return tuple(
        ChapterCost(text, round(_share(pages, ends, chapter.start, chapter.end)))
        for text, chapter in zip(tokens, book.chapters, strict=True)
    )


def _share(pages: Sequence[PlacedPage], ends: list[int], start: int, end: int) -> float:
    """Visual tokens of a stretch: of each page as much as it has of the page's characters."""
    total = 0.0
    at = bisect_left(ends, start + 1)
    while at < len(pages) and pages[at].text_span[0] < end:
        first, last = pages[at].text_span
        total += pages[at].visual_tokens * (min(end, last) - max(start, first)) / max(1, last - first)
        at += 1
    return total


def page_chapters(book: Book, spans: Sequence[tuple[int, int]]) -> list[str]:
    """For each page the title of its chapter; of the first and the last, where a page holds several."""
    starts = [chapter.start for chapter in book.chapters]
    ends = [chapter.end for chapter in book.chapters]
    names = []
    for first, last in spans:
        low = bisect_left(ends, first + 1)
        high = bisect_left(starts, max(last, first + 1)) - 1
        titles = [book.chapters[index].title for index in sorted({low, high})] if low <= high else []
        names.append(" … ".join(titles) if high - low > 1 else " / ".join(titles))
    return names


@lru_cache(maxsize=4096)
def _page_tokens(width_px: int, height_px: int) -> int:
    return page_grid(width_px, height_px).tokens
