"""What a book costs in tokens of both kinds, whole, by chapter and after reflowing. Measured, never guessed: where the
fast engine does not draw a text, visual tokens are None. Imports no streamlit; results are shared by all sessions, bounded.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

from app.books import Book
from app.pagefiles.jobs import page_jobs
from app.tokens import compression_ratio, count_text_tokens, page_grid
from app.ui.book_source import BookSource, Bounded, Reflow
from renderer import EngineUnavailable, RenderConfig, RenderError, count

MAX_LAYOUTS = 256
MAX_OFFERS = 128
QUICK_CHARACTERS = 200_000
MIN_OFFERED_GAIN = 0.01  # less is not worth a question


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

    def gain_over(self, before: BookCost) -> float | None:
        """How much more of the book a visual token carries: 0.23 for +23 %."""
        if not self.visual_tokens or not before.visual_tokens:
            return None
        return before.visual_tokens / self.visual_tokens - 1


@dataclass(frozen=True, slots=True)
class ChapterCost:
    """One chapter's share. Text tokens are exact; visual tokens are its characters' share of the pages they stand on."""

    text_tokens: int
    visual_tokens: int | None


@dataclass(frozen=True, slots=True)
class ReflowOffer:
    """What each way of reflowing would cost. Ways that change nothing are left out."""

    costs: dict[Reflow, BookCost]

    @property
    def best(self) -> Reflow:
        """The cheapest way."""
        return min(self.costs, key=lambda way: (self.costs[way].visual_tokens or 0, list(Reflow).index(way)))

    def gain(self, way: Reflow) -> float | None:
        return self.costs[way].gain_over(self.costs[Reflow.AS_IS]) if way in self.costs else None


_layouts: Bounded[tuple[PlacedPage, ...] | None] = Bounded(MAX_LAYOUTS, lambda _: 1)
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
        return BookCost(count_text_tokens(book.text).value, None, None)
    return BookCost(count_text_tokens(book.text).value, len(pages), sum(page.visual_tokens for page in pages))


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


class OfferDesk:
    """Measures in the background what reflowing would gain, once a text and setting."""

    def __init__(self) -> None:
        self._offers: OrderedDict[tuple, Future[ReflowOffer | None]] = OrderedDict()
        self._lock = threading.Lock()
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="reflow-gain")
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="reflow-gain-slow")

    def ask(self, source: BookSource, config: RenderConfig) -> Future[ReflowOffer | None]:
        """None where reflowing would change nothing, as in source code."""
        key = (source.base.content_hash, source.base.format, source.base.chapters, source.choices.chapters, config.key)
        with self._lock:
            future = self._offers.get(key)
            if future is None:
                future = self._offers[key] = (self._quick if is_quick(source) else self._slow).submit(_measure, source, config)
                while len(self._offers) > MAX_OFFERS:
                    self._offers.popitem(last=False)
            self._offers.move_to_end(key)
        return future


def is_quick(source: BookSource) -> bool:
    """Whether the gain of reflowing it is measured in an instant."""
    return len(source.base.text) <= QUICK_CHARACTERS


def _measure(source: BookSource, config: RenderConfig) -> ReflowOffer | None:
    if not is_quick(source):
        page_jobs().wait_quiet()  # the pages themselves come first
    costs: dict[Reflow, BookCost] = {}
    seen: set[str] = set()
    for way in Reflow:
        book = source.with_reflow(way).book
        if book.content_hash not in seen and not book.text.isspace():
            seen.add(book.content_hash)
            costs[way] = book_cost(book, config)
    return ReflowOffer(costs) if len(costs) > 1 else None


@lru_cache(maxsize=4096)
def _page_tokens(width_px: int, height_px: int) -> int:
    return page_grid(width_px, height_px).tokens


_desk = OfferDesk()


def offer_desk() -> OfferDesk:
    """The process's one desk."""
    return _desk
