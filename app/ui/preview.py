"""Books laid out for the Pages page: one preparation a book, one layout a setting, pages as PNG on demand; all bounded.

In: a Book and a RenderConfig. Out: Laid (every page's size and span, its PNG, its glyphs), or Drawing while the reference
engine works on what the fast one does not draw. Imports no streamlit: routes ask from threads while a slider is dragged.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from app.books import Book
from app.pagefiles.jobs import JobState, PageJob, page_jobs
from app.tokens import encode_spans, page_grid
from renderer import EngineUnavailable, RenderConfig, RenderError, choose_engine

MAX_BOOKS = 4
MAX_LAYOUT_CHARACTERS = 8_000_000
MAX_LAYOUTS = 12
MAX_PNG_BYTES = 96 * 1024**2
MAX_PAGES = 20_000
MAX_TOTALS = 4096
MAX_SLOW_JOBS = 16


class TooManyPages(RenderError):
    """Says how many, and what to change."""


class PageGone(RenderError):
    """A page file was cleared to make room."""


@dataclass(frozen=True, slots=True)
class LaidPage:
    """One page's size and place. `text_span`: characters of the book, end exclusive."""

    number: int
    width_px: int
    height_px: int
    visual_tokens: int
    text_span: tuple[int, int]

    @property
    def resampled(self) -> bool:
        grid = page_grid(self.width_px, self.height_px)
        return (grid.resized_width_px, grid.resized_height_px) != (self.width_px, self.height_px)


@dataclass(frozen=True, slots=True)
class Totals:
    """A whole book at one setting, without pixels."""

    pages: int
    visual_tokens: int


@dataclass(frozen=True, slots=True)
class Glyphs:
    """What is drawn on a page: for each glyph its character in the book and its box in pixels, exclusive right and bottom."""

    index: np.ndarray
    boxes: np.ndarray  # (glyphs, 4): left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Drawing:
    """The reference engine is at work on the whole book, because `reason`. `started` is False while a slider moves."""

    reason: str
    started: bool
    pages_done: int = 0
    pages_total: int | None = None


class Laid:
    """A book at one setting. Pages are numbered from 1."""

    engine: str
    reason: str | None

    @property
    def pages(self) -> tuple[LaidPage, ...]:
        raise NotImplementedError

    @property
    def page_count(self) -> int:
        return len(self.pages)

    @property
    def totals(self) -> Totals:
        return Totals(self.page_count, sum(page.visual_tokens for page in self.pages))

    def page(self, number: int) -> LaidPage:
        """The nearest page there is."""
        return self.pages[min(self.page_count, max(1, number)) - 1]

    def page_at(self, offset: int) -> LaidPage:
        """The page that shows a character of the book."""
        return self.pages[max(0, bisect_right(self.pages, offset, key=lambda page: page.text_span[0]) - 1)]

    def draw(self, number: int) -> bytes:
        raise NotImplementedError

    def glyphs(self, number: int) -> Glyphs | None:
        """None where the engine does not tell where it put what."""
        return None


class FastLaid(Laid):
    """Laid out by the fast engine. Sizes and pixels are made when they are asked for: one page needs not all of them."""

    engine, reason = "fast", None

    def __init__(self, layout: Any) -> None:
        if layout.page_count > MAX_PAGES:
            raise TooManyPages(
                f"These settings make {layout.page_count:,} pages; the preview shows at most {MAX_PAGES:,}. "
                "Use larger pages or a smaller font."
            )
        self._layout = layout
        self._lock = threading.Lock()
        self._pages: tuple[LaidPage, ...] | None = None

    @property
    def page_count(self) -> int:
        return self._layout.page_count

    @property
    def pages(self) -> tuple[LaidPage, ...]:
        with self._lock:
            if self._pages is None:
                self._pages = tuple(
                    _laid_page(page.number, page.width_px, page.height_px, page.text_span) for page in self._layout.counts
                )
            return self._pages

    def page(self, number: int) -> LaidPage:
        index = min(self.page_count, max(1, number)) - 1
        return _laid_page(index + 1, *self._layout.page_size(index), self._layout.text_span(index))

    def page_at(self, offset: int) -> LaidPage:
        return self.page(self._layout.page_of(offset) + 1)

    def draw(self, number: int) -> bytes:
        return self._layout.page_png(number - 1)

    def glyphs(self, number: int) -> Glyphs | None:
        drawn = self._layout.cells(number - 1)
        return Glyphs(drawn.source, np.stack([drawn.left, drawn.top, drawn.right, drawn.bottom], axis=1))


class ReferenceLaid(Laid):
    """Drawn by the reference engine into files."""

    def __init__(self, page_set: Any) -> None:
        self._pages = tuple(
            LaidPage(page.number, page.width_px, page.height_px, page.visual_tokens, page.text_span)
            for page in page_set.pages
        )
        self.engine, self.reason = page_set.engine.name, page_set.engine.reason
        self._paths = [page.path for page in page_set.pages]

    @property
    def pages(self) -> tuple[LaidPage, ...]:
        return self._pages

    def draw(self, number: int) -> bytes:
        try:
            return self._paths[number - 1].read_bytes()
        except OSError:
            raise PageGone("This page was cleared to make room; change a setting and back to draw it again.") from None


class PreparedBook:
    """What is done once a book: the fast engine's own preparation, and where each text token ends."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._lock = threading.Lock()
        self._ends_lock = threading.Lock()
        self._document: Any = None
        self._ends: np.ndarray | None = None
        self.missing: dict[str, tuple[tuple[str, int], ...]] = {}

    def document(self) -> Any:
        from renderer import fast

        with self._lock:
            if self._document is None:
                self._document = fast.prepare(self.book.text)
            return self._document

    def token_ends(self) -> np.ndarray:
        with self._ends_lock:
            if self._ends is None:
                self._ends = encode_spans(self.book.text)
            return self._ends

    @property
    def text_tokens(self) -> int:
        return len(self.token_ends())


class Previews:
    """The process's prepared books, layouts and page images. Safe from several threads at once."""

    def __init__(
        self, max_books: int = MAX_BOOKS, max_layouts: int = MAX_LAYOUTS, max_png_bytes: int = MAX_PNG_BYTES
    ) -> None:
        self._lock = threading.Lock()
        self._books: OrderedDict[str, PreparedBook] = OrderedDict()
        self._layouts: OrderedDict[tuple[str, str], Future[FastLaid | str]] = OrderedDict()
        self._sizes: dict[tuple[str, str], int] = {}
        self._pngs: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()
        self._png_bytes = 0
        self._totals: OrderedDict[tuple[str, str], Totals] = OrderedDict()
        self._slow: OrderedDict[tuple[str, str, str], PageJob] = OrderedDict()
        self._max_books, self._max_layouts, self._max_png_bytes = max_books, max_layouts, max_png_bytes

    def prepared(self, book: Book) -> PreparedBook:
        with self._lock:
            found = self._books.get(book.content_hash)
            if found is None:
                found = self._books[book.content_hash] = PreparedBook(book)
            self._books.move_to_end(book.content_hash)
            while len(self._books) > self._max_books:
                self._books.popitem(last=False)
        return found

    def look(self, book: Book, config: RenderConfig, holder: str = "", settled: bool = True) -> Laid | Drawing:
        """The book at this setting. `settled`: nobody drags any more, so the slow engine may start, for `holder`."""
        laid = self._laid(book, config)
        if isinstance(laid, FastLaid):
            return laid
        if not settled:
            return Drawing(laid, started=False)
        return self._drawn_by_reference(book, config, holder, laid)

    def fast(self, book: Book, config: RenderConfig) -> FastLaid:
        """The fast engine's layout. Raises EngineUnavailable where it does not draw this."""
        laid = self._laid(book, config)
        if not isinstance(laid, FastLaid):
            raise EngineUnavailable(f"The reference engine draws these settings, because {laid}.")
        return laid

    def totals(self, book: Book, config: RenderConfig) -> Totals | None:
        """Pages and visual tokens only; the layout itself is not kept. None where the fast engine does not draw this."""
        slot = (book.content_hash, config.key)
        with self._lock:
            if slot in self._totals:
                self._totals.move_to_end(slot)
                return self._totals[slot]
        laid = self._lay(book, config)
        if not isinstance(laid, FastLaid):
            return None
        totals = laid.totals
        with self._lock:
            self._totals[slot] = totals
            while len(self._totals) > MAX_TOTALS:
                self._totals.popitem(last=False)
        return totals

    def _laid(self, book: Book, config: RenderConfig) -> FastLaid | str:
        """Laid out, or why the fast engine does not; threads that ask for the same one at once share the work."""
        slot = (book.content_hash, config.key)
        with self._lock:
            future = self._layouts.get(slot)
            mine = future is None
            if mine:
                future = self._layouts[slot] = Future()
                self._sizes[slot] = len(book.text)
            self._layouts.move_to_end(slot)
            self._make_room(keep=slot)
        if mine:
            try:
                future.set_result(self._lay(book, config))
            except BaseException as error:
                with self._lock:
                    self._layouts.pop(slot, None)
                    self._sizes.pop(slot, None)
                future.set_exception(error)
        return future.result()

    def _drawn_by_reference(self, book: Book, config: RenderConfig, holder: str, reason: str) -> ReferenceLaid | Drawing:
        """Each holder has one slow job at a time: a newer setting stops the older one."""
        slot = (holder, book.content_hash, config.key)
        with self._lock:
            job = self._slow.get(slot)
        if job is None or job.snapshot().state is JobState.CANCELLED or _is_cleared(job):
            page_jobs().release(holder)
            job = page_jobs().start(book.content_hash, book.text, book.title, config, holder)
            with self._lock:
                self._slow[slot] = job
                while len(self._slow) > MAX_SLOW_JOBS:
                    (of, _, _), oldest = self._slow.popitem(last=False)
                    oldest.let_go(of)
        now = job.snapshot()
        if now.state is JobState.RUNNING:
            return Drawing(reason, True, now.pages_done, now.pages_total)
        if now.page_set is None:
            with self._lock:
                self._slow.pop(slot, None)  # asked again, it is tried again
            raise RenderError(now.error or "The reference engine gave no pages.")
        return ReferenceLaid(now.page_set)

    def _lay(self, book: Book, config: RenderConfig) -> FastLaid | str:
        used = choose_engine(book.text, config)
        if used.name != "fast":
            return used.reason or "the fast engine does not draw them"
        return FastLaid(self.prepared(book).document().layout(config))

    def png(self, book: Book, config: RenderConfig, laid: Laid, number: int) -> bytes:
        slot = (book.content_hash, config.key, number)
        with self._lock:
            if slot in self._pngs:
                self._pngs.move_to_end(slot)
                return self._pngs[slot]
        png = laid.draw(number)
        with self._lock:
            if slot not in self._pngs:
                self._pngs[slot] = png
                self._png_bytes += len(png)
            while self._png_bytes > self._max_png_bytes and len(self._pngs) > 1:
                self._png_bytes -= len(self._pngs.popitem(last=False)[1])
        return png

    def _make_room(self, keep: tuple[str, str]) -> None:
        """Oldest layouts first. Called with the lock held."""
        for slot in list(self._layouts):
            kept = sum(self._sizes[other] for other in self._layouts)
            if len(self._layouts) <= self._max_layouts and kept <= MAX_LAYOUT_CHARACTERS:
                break
            if slot != keep and self._layouts[slot].done():
                del self._layouts[slot]
                self._sizes.pop(slot, None)


def _is_cleared(job: PageJob) -> bool:
    """Its files went to make room for others."""
    page_set = job.snapshot().page_set
    return page_set is not None and not page_set.manifest_path.exists()


def _laid_page(number: int, width_px: int, height_px: int, text_span: tuple[int, int]) -> LaidPage:
    return LaidPage(number, width_px, height_px, _tokens_of(width_px, height_px), text_span)


@lru_cache(maxsize=4096)
def _tokens_of(width_px: int, height_px: int) -> int:
    return page_grid(width_px, height_px).tokens


_previews = Previews()


def previews() -> Previews:
    """The process's one set."""
    return _previews
