"""Books laid out for the Pages screen: one preparation a book, one layout a setting, pages as PNG on demand; all bounded.

In: a Book and a RenderConfig. Out: Laid (every page's size and span, its PNG, its glyphs), or Drawing while the reference
engine works on what the fast one does not draw. Imports no streamlit: routes ask from threads while a slider is dragged.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np
from cachetools import LRUCache

from app.books import Book
from app.pagefiles.jobs import JobSnapshot, JobState, PageJob, page_jobs
from app.preview.laid_book import Drawing, FastLaid, Laid, ReferenceLaid, Totals
from app.tokens import encode_spans
from renderer import EngineUnavailable, RenderConfig, RenderError, plan
from renderer.readiness import STILL_COMPILING

MAX_BOOKS = 4
MAX_LAYOUT_CHARACTERS = 8_000_000
MAX_LAYOUTS = 12
MAX_PNG_BYTES = 96 * 1024**2
MAX_TOTALS = 4096
MAX_EXACT = 256
MAX_SLOW_JOBS = 16
MAX_REFUSALS = 256


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as PNG, with its number."""

    number: int
    png: bytes


class PreparedBook:
    """What is done once a book: where each text token ends, and what fonts lack of it."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._ends_lock = threading.Lock()
        self._ends: np.ndarray | None = None
        self.missing: dict[str, tuple[tuple[str, int], ...]] = {}

    def document(self) -> Any:
        """The fast engine's own preparation, which it keeps itself."""
        from renderer.fast import engine as fast

        return fast.prepare(self.book.text)

    def token_ends(self) -> np.ndarray:
        with self._ends_lock:
            if self._ends is None:
                self._ends = encode_spans(self.book.text)
            return self._ends

    @property
    def text_tokens(self) -> int:
        return len(self.token_ends())


class _SlowJobs(LRUCache[tuple[str, str, str], PageJob]):
    """Jobs of the reference engine by holder, book and setting; one that is pushed out is let go of by its holder."""

    def popitem(self) -> tuple[tuple[str, str, str], PageJob]:
        slot, job = super().popitem()
        job.let_go(slot[0])
        return slot, job


class Previews:
    """The process's prepared books, layouts and page images. Safe from several threads at once."""

    def __init__(
        self, max_books: int = MAX_BOOKS, max_layouts: int = MAX_LAYOUTS, max_png_bytes: int = MAX_PNG_BYTES
    ) -> None:
        self._lock = threading.Lock()
        self._books: LRUCache[str, PreparedBook] = LRUCache(max_books)
        self._layouts: OrderedDict[tuple[str, str], Future[FastLaid | str]] = OrderedDict()
        self._sizes: dict[tuple[str, str], int] = {}
        self._pngs: LRUCache[tuple[str, str, int], bytes] = LRUCache(max_png_bytes, getsizeof=len)
        self._totals: LRUCache[tuple[str, str], Totals] = LRUCache(MAX_TOTALS)
        # What the fast engine was found to draw: it depends on the text, the font and the markup; see `picture`.
        self._exact: LRUCache[tuple, None] = LRUCache(MAX_EXACT)
        self._slow = _SlowJobs(MAX_SLOW_JOBS)
        self._refusals: LRUCache[tuple[str, str], JobSnapshot] = LRUCache(MAX_REFUSALS)
        self._max_layouts = max_layouts

    def forget(self) -> None:
        """Let go of what can be made again at once: layouts, prepared books, drawn pages. Counts and refusals stay."""
        with self._lock:
            for slot in [slot for slot, future in self._layouts.items() if future.done()]:
                del self._layouts[slot]
                self._sizes.pop(slot, None)
            self._books.clear()
            self._pngs.clear()

    def prepared(self, book: Book) -> PreparedBook:
        with self._lock:
            found = self._books.get(book.content_hash)
            if found is None:
                found = self._books[book.content_hash] = PreparedBook(book)
        return found

    def look(self, book: Book, config: RenderConfig, holder: str = "", settled: bool = True) -> Laid | Drawing:
        """The book at this setting. `settled`: nobody drags any more, so the slow engine may start, for `holder`."""
        laid = self._laid(book, config)
        if isinstance(laid, FastLaid):
            return laid
        with self._lock:
            refusal = self._refusals.get((book.content_hash, config.key))
        if refusal is not None:  # neither engine draws this, and asking again does not change it
            raise _refused(refusal)
        if not settled:
            return Drawing(laid, started=False)
        return self._drawn_by_reference(book, config, holder, laid)

    def fast(self, book: Book, config: RenderConfig) -> FastLaid:
        """The fast engine's layout. Raises EngineUnavailable where it does not draw this."""
        laid = self._laid(book, config)
        if not isinstance(laid, FastLaid):
            raise EngineUnavailable(f"The reference engine draws these settings, because {laid}.")
        return laid

    def picture(self, book: Book, config: RenderConfig, number: int = 0, at: int = 0) -> Picture | None:
        """Page `number`, or the one that shows the character `at`, without laying out what comes after it.

        None where only the whole book's layout tells who draws it: a text with this font and markup that is seen for
        the first time, or one that the reference engine draws.
        """
        with self._lock:
            whole = self._layouts.get((book.content_hash, config.key))
            known = _exact_key(book, config) in self._exact
        if whole is not None and whole.done():
            laid = whole.result()
            if not isinstance(laid, FastLaid):
                return None
        elif known:
            try:
                laid = FastLaid(self._until(book, config, number, at))
            except ValueError:  # a paragraph is larger than the page: the whole layout says so in words
                return None
        else:
            return None
        number = min(laid.page_count, max(1, number)) if number else laid.number_at(at)
        return Picture(number, self.png(book, config, laid, number))

    def _until(self, book: Book, config: RenderConfig, number: int, at: int) -> Any:
        until = {"page": max(1, number)} if number else {"character": at}
        return self.prepared(book).document().layout_until(config, **until)

    def totals(self, book: Book, config: RenderConfig) -> Totals | None:
        """Pages and visual tokens only; the layout itself is not kept. None where the fast engine does not draw this."""
        slot = (book.content_hash, config.key)
        with self._lock:
            if (kept := self._totals.get(slot)) is not None:
                return kept
        laid = self._lay(book, config)
        if not isinstance(laid, FastLaid):
            return None
        totals = laid.totals
        with self._lock:
            self._totals[slot] = totals
        return totals

    def _laid(self, book: Book, config: RenderConfig) -> FastLaid | str:
        """Laid out, or why the fast engine does not; threads that ask for the same one at once share the work."""
        slot = (book.content_hash, config.key)
        with self._lock:
            mine = slot not in self._layouts
            if mine:
                self._layouts[slot] = Future()
                self._sizes[slot] = len(book.text)
            future = self._layouts[slot]
            self._layouts.move_to_end(slot)
            self._make_room(keep=slot)
        if mine:
            try:
                future.set_result(laid := self._lay(book, config))
                if laid == STILL_COMPILING:  # true for a minute: the next one asks again
                    with self._lock:
                        self._layouts.pop(slot, None)
                        self._sizes.pop(slot, None)
            except BaseException as error:
                with self._lock:
                    self._layouts.pop(slot, None)
                    self._sizes.pop(slot, None)
                future.set_exception(error)
        return future.result()

    def _drawn_by_reference(
        self, book: Book, config: RenderConfig, holder: str, reason: str
    ) -> ReferenceLaid | Drawing:
        """Each holder has one slow job at a time: a newer setting stops the older one."""
        slot = (holder, book.content_hash, config.key)
        with self._lock:
            job = self._slow.get(slot)
        if job is None or job.snapshot().state is JobState.CANCELLED or _is_cleared(job):
            page_jobs().release(holder)
            job = page_jobs().start(book.content_hash, book.text, book.title, config, holder)
            with self._lock:
                self._slow[slot] = job
        now = job.snapshot()
        if now.state is JobState.RUNNING:
            return Drawing(reason, True, now.pages_done, now.pages_total)
        if now.page_set is None:
            with self._lock:
                self._slow.pop(slot, None)  # what lay not in the settings is tried again when it is asked again
                if now.lasting:
                    self._refusals[slot[1:]] = now
            raise _refused(now)
        return ReferenceLaid(now.page_set)

    def _lay(self, book: Book, config: RenderConfig) -> FastLaid | str:
        chosen = plan(book.text, config)
        if chosen.layout is None:
            return chosen.engine.reason or "the fast engine does not draw them"
        laid = FastLaid(chosen.layout)
        with self._lock:
            self._exact[_exact_key(book, config)] = None
        return laid

    def png(self, book: Book, config: RenderConfig, laid: Laid, number: int) -> bytes:
        slot = (book.content_hash, config.key, number)
        with self._lock:
            if (kept := self._pngs.get(slot)) is not None:
                return kept
        png = laid.draw(number)
        with self._lock:
            if len(png) <= self._pngs.maxsize:
                self._pngs[slot] = png
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


def _exact_key(book: Book, config: RenderConfig) -> tuple:
    return book.content_hash, config.font_path, config.fallback_fonts, config.newline_markup


def _refused(failed: JobSnapshot) -> RenderError:
    return RenderError(failed.error or "The reference engine gave no pages.", *failed.settings)


def _is_cleared(job: PageJob) -> bool:
    """Its files went to make room for others."""
    page_set = job.snapshot().page_set
    return page_set is not None and not page_set.manifest_path.exists()


_previews = Previews()


def previews() -> Previews:
    """The process's one set."""
    return _previews
