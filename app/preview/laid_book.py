"""A book at one setting, as both engines give it to the Pages screen: sizes, spans, a page's PNG, its glyphs.

In: the fast engine's layout, or the files that the reference engine drew. Out: Laid. Sizes and pixels of the fast engine
are made when they are asked for. Imports no streamlit.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from app.tokens import Grid, is_resampled, page_grid
from renderer import RenderError

MAX_PAGES = 20_000


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
    def columns(self) -> int:
        return _grid_of(self.width_px, self.height_px).columns

    @property
    def resampled(self) -> bool:
        return is_resampled(self.width_px, self.height_px)


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

    def number_at(self, offset: int) -> int:
        """The number of the page that shows a character of the book."""
        return max(1, bisect_right(self.pages, offset, key=lambda page: page.text_span[0]))

    def page_at(self, offset: int) -> LaidPage:
        return self.page(self.number_at(offset))

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
                    _laid_page(page.number, page.width_px, page.height_px, page.text_span)
                    for page in self._layout.counts
                )
            return self._pages

    def page(self, number: int) -> LaidPage:
        index = min(self.page_count, max(1, number)) - 1
        width_px, height_px = self._layout.page_size(index)
        return _laid_page(index + 1, width_px, height_px, self._layout.text_span(index))

    def number_at(self, offset: int) -> int:
        return self._layout.page_of(offset) + 1

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


def _laid_page(number: int, width_px: int, height_px: int, text_span: tuple[int, int]) -> LaidPage:
    return LaidPage(number, width_px, height_px, _grid_of(width_px, height_px).tokens, text_span)


@lru_cache(maxsize=4096)
def _grid_of(width_px: int, height_px: int) -> Grid:
    return page_grid(width_px, height_px)
