"""A text cut up once, to be laid out for many settings.

In: a text. Out: Layouts, whole or as far as needed, the few last ones kept. Safe to share between threads. Knows nothing
of pixels.
"""

import threading

import numpy as np
from cachetools import LRUCache

from renderer.fast.text.advances import Advances, FontTables, advances, font_tables, word_sums
from renderer.fast.text.tokens import Tokens, tokenise
from renderer.settings.config import RenderConfig

from .laid_text import Layout

_EVERY_PAGE = 1 << 30
_KEPT = 4


class Document:
    """A text, cut up once for every newline markup asked for, to be laid out many times."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lock = threading.Lock()
        self._tokens: LRUCache[str, Tokens] = LRUCache(_KEPT)
        self._widths: LRUCache[tuple, tuple[Advances, np.ndarray]] = LRUCache(_KEPT)
        self._layouts: LRUCache[RenderConfig, Layout] = LRUCache(_KEPT)

    def layout(self, config: RenderConfig) -> Layout:
        """All pages. Raises LayoutTooLarge, EndlessLayout or tokens.UnsupportedMarkup. The few last ones are kept."""
        with self._lock:
            if (kept := self._layouts.get(config)) is not None:
                return kept
        made = self._lay_out(config, _EVERY_PAGE, _EVERY_PAGE)
        with self._lock:
            self._layouts[config] = made
        return made

    def layout_until(self, config: RenderConfig, *, page: int | None = None, character: int | None = None) -> Layout:
        """Pages up to and with page number `page` (from 1) or the page that holds `character`, and no more."""
        with self._lock:
            if (kept := self._layouts.get(config)) is not None:
                return kept
        last_page = _EVERY_PAGE if page is None else max(0, page - 1)
        last_source = _EVERY_PAGE if character is None else character
        return self._lay_out(config, last_page, last_source)

    def page_png(self, config: RenderConfig, *, page: int | None = None, character: int | None = None) -> bytes:
        """One page as PNG (the first, page number `page`, or the one that holds `character`), laying out only so far."""
        page = 1 if page is None else page
        layout = self.layout_until(config, page=page if character is None else None, character=character)
        if character is not None:
            return layout.page_png(layout.page_of(character))
        return layout.page_png(min(page, layout.page_count) - 1)

    @property
    def byte_count(self) -> int:
        """What the arrays of its tokens, widths and layouts hold."""
        with self._lock:
            widths = (
                array for found, sums in self._widths.values() for array in (sums, found.width, found.pen, found.glyph)
            )
            parts = [tokens.byte_count for tokens in self._tokens.values()]
            parts += [layout.byte_count for layout in self._layouts.values()]
            return sum(parts) + sum(array.nbytes for array in widths)

    def tokens(self, newline_markup: str) -> Tokens:
        with self._lock:
            if (kept := self._tokens.get(newline_markup)) is None:
                kept = tokenise(self.text, newline_markup)
                self._tokens[newline_markup] = kept
            return kept

    def _advances(self, tables: FontTables, markup: str, tokens: Tokens) -> tuple[Advances, np.ndarray]:
        with self._lock:
            if (kept := self._widths.get((tables.stamp, markup))) is None:
                found = advances(tables, tokens.codes)
                kept = found, word_sums(tokens.char_code, tokens.word_begin, tokens.word_end, found.width)
                self._widths[tables.stamp, markup] = kept
            return kept

    def _lay_out(self, config: RenderConfig, last_page: int, last_source: int) -> Layout:
        tokens = self.tokens(config.newline_markup)
        tables = font_tables(config.font_path)
        widths, sums = self._advances(tables, config.newline_markup, tokens)
        return Layout(config, tokens, tables, widths, sums, last_page, last_source)
