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
from typing import Any

import numpy as np

from app.books import Book
from app.pagefiles.jobs import JobState, page_jobs
from app.tokens import encode_spans, page_grid
from renderer import RenderConfig, RenderError, choose_engine

MAX_BOOKS = 4
MAX_LAYOUT_CHARACTERS = 12_000_000
MAX_LAYOUTS = 16
MAX_PNG_BYTES = 96 * 1024**2
MAX_PAGES = 20_000
MAX_TOTALS = 4096


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

    def __init__(self, pages: tuple[LaidPage, ...], engine: str, reason: str | None) -> None:
        self.pages, self.engine, self.reason = pages, engine, reason
        self._starts = [page.text_span[0] for page in pages]

    @property
    def visual_tokens(self) -> int:
        return sum(page.visual_tokens for page in self.pages)

    @property
    def totals(self) -> Totals:
        return Totals(len(self.pages), self.visual_tokens)

    def page_at(self, offset: int) -> LaidPage:
        """The page that shows a character of the book."""
        return self.pages[max(0, bisect_right(self._starts, offset) - 1)]

    def page(self, number: int) -> LaidPage:
        return self.pages[min(len(self.pages), max(1, number)) - 1]

    def draw(self, number: int) -> bytes:
        raise NotImplementedError

    def glyphs(self, number: int) -> Glyphs | None:
        """None where the engine does not tell where it put what."""
        return None


class FastLaid(Laid):
    """Laid out by the fast engine: pixels are made when they are asked for."""

    def __init__(self, layout: Any) -> None:
        super().__init__(laid_pages(layout.counts), "fast", None)
        self._layout = layout

    def draw(self, number: int) -> bytes:
        return self._layout.page_png(number - 1)

    def array(self, number: int) -> np.ndarray:
        return self._layout.page_array(number - 1)

    def glyphs(self, number: int) -> Glyphs | None:
        cells = self._layout.cells(number - 1)
        return Glyphs(np.asarray(cells.index), np.asarray(cells.boxes))


class ReferenceLaid(Laid):
    """Drawn by the reference engine into files."""

    def __init__(self, page_set: Any) -> None:
        pages = tuple(
            LaidPage(page.number, page.width_px, page.height_px, page.visual_tokens, page.text_span)
            for page in page_set.pages
        )
        super().__init__(pages, page_set.engine.name, page_set.engine.reason)
        self._paths = [page.path for page in page_set.pages]

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
        self._layouts: OrderedDict[tuple[str, str], Future[Laid]] = OrderedDict()
        self._sizes: dict[tuple[str, str], int] = {}
        self._pngs: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()
        self._png_bytes = 0
        self._totals: OrderedDict[tuple[str, str], Totals] = OrderedDict()
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
        used = choose_engine(book.text, config)
        if used.name == "fast":
            return self.laid(book, config)
        if not settled:
            return Drawing(used.reason or "", started=False)
        jobs = page_jobs()
        jobs.release(holder)
        job = jobs.start(book.content_hash, book.text, book.title, config, holder)
        now = job.snapshot()
        if now.state is JobState.RUNNING:
            return Drawing(used.reason or "", True, now.pages_done, now.pages_total)
        if now.page_set is None:
            raise RenderError(now.error or "The reference engine gave no pages.")
        return ReferenceLaid(now.page_set)

    def laid(self, book: Book, config: RenderConfig) -> FastLaid:
        """The fast engine's layout; threads that ask for the same one at once share the work."""
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
                laid = FastLaid(self.prepared(book).document().layout(config))
                self._remember(slot, laid.totals)
                future.set_result(laid)
            except BaseException as error:
                with self._lock:
                    self._layouts.pop(slot, None)
                future.set_exception(error)
        return future.result()

    def totals(self, book: Book, config: RenderConfig) -> Totals:
        """Pages and visual tokens only; the layout itself is not kept. Fast engine only."""
        slot = (book.content_hash, config.key)
        with self._lock:
            if slot in self._totals:
                return self._totals[slot]
        layout = self.prepared(book).document().layout(config)
        pages = laid_pages(layout.counts)
        return self._remember(slot, Totals(len(pages), sum(page.visual_tokens for page in pages)))

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

    def _remember(self, slot: tuple[str, str], totals: Totals) -> Totals:
        with self._lock:
            self._totals[slot] = totals
            while len(self._totals) > MAX_TOTALS:
                self._totals.popitem(last=False)
        return totals

    def _make_room(self, keep: tuple[str, str]) -> None:
        """Oldest layouts first. Called with the lock held."""
        for slot in list(self._layouts):
            kept = sum(self._sizes[other] for other in self._layouts)
            if len(self._layouts) <= self._max_layouts and kept <= MAX_LAYOUT_CHARACTERS:
                break
            if slot != keep and self._layouts[slot].done():
                del self._layouts[slot]
                self._sizes.pop(slot, None)


def laid_pages(counts: Any) -> tuple[LaidPage, ...]:
    """The engine's counts with each page's visual tokens. Raises TooManyPages."""
    pages = getattr(counts, "pages", counts)
    if len(pages) > MAX_PAGES:
        raise TooManyPages(
            f"These settings make {len(pages):,} pages; the preview shows at most {MAX_PAGES:,}. Use larger pages or a smaller font."
        )
    tokens: dict[tuple[int, int], int] = {}
    laid = []
    for page in pages:
        size = (page.width_px, page.height_px)
        if size not in tokens:
            tokens[size] = page_grid(*size).tokens
        laid.append(LaidPage(page.number, *size, tokens[size], page.text_span))
    return tuple(laid)


_previews = Previews()


def previews() -> Previews:
    """The process's one set."""
    return _previews
