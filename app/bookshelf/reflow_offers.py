"""What reflowing a book would gain, measured on the book itself beside everything else, before it is offered."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from cachetools import LRUCache

from app.bookshelf.costs import BookCost, book_cost
from app.bookshelf.source import BookSource, Reflow
from app.pagefiles.jobs import page_jobs
from renderer import RenderConfig
from renderer.readiness import wait_for_fast_engine

MAX_OFFERS = 128
QUICK_CHARACTERS = 200_000
_QUIET_S = 1.2  # the pages themselves come first, and the browser draws a book before they begin
MIN_OFFERED_SAVING = 0.01  # less is not worth a question


@dataclass(frozen=True, slots=True)
class ReflowOffer:
    """What each way of reflowing would cost. Ways that change nothing are left out."""

    costs: dict[Reflow, BookCost]

    @property
    def best(self) -> Reflow:
        """The cheapest way."""
        return min(self.costs, key=lambda way: (self.costs[way].visual_tokens or 0, list(Reflow).index(way)))

    def saving(self, way: Reflow) -> float | None:
        """The share of visual tokens that this way costs less than the text as it is."""
        return self.costs[way].saving_over(self.costs[Reflow.AS_IS]) if way in self.costs else None


class OfferDesk:
    """Measures in the background what reflowing would gain, once a text and setting."""

    def __init__(self) -> None:
        self._offers: LRUCache[tuple, Future[ReflowOffer | None]] = LRUCache(MAX_OFFERS)
        self._lock = threading.Lock()
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="reflow-gain")
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="reflow-gain-slow")

    def ask(self, source: BookSource, config: RenderConfig) -> Future[ReflowOffer | None]:
        """None where reflowing would change nothing, as in source code."""
        key = (source.base.content_hash, source.base.format, source.base.chapters, source.choices.chapters, config.key)
        with self._lock:
            future = self._offers.get(key)
            if future is None:
                future = self._offers[key] = (self._quick if is_quick(source) else self._slow).submit(
                    _measure, source, config
                )
        return future


def is_quick(source: BookSource) -> bool:
    """Whether the gain of reflowing it is measured in an instant."""
    return len(source.base.text) <= QUICK_CHARACTERS


def _measure(source: BookSource, config: RenderConfig) -> ReflowOffer | None:
    wait_for_fast_engine()  # only it tells what a way costs without drawing it
    if not is_quick(source):
        page_jobs().wait_quiet(_QUIET_S)
    costs: dict[Reflow, BookCost] = {}
    seen: set[str] = set()
    for way in Reflow:
        book = source.with_reflow(way).book
        if book.content_hash not in seen and not book.text.isspace():
            seen.add(book.content_hash)
            costs[way] = book_cost(book, config)
    return ReflowOffer(costs) if len(costs) > 1 else None


_desk = OfferDesk()


def offer_desk() -> OfferDesk:
    """The process's one desk."""
    return _desk
