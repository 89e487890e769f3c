"""The shown page drawn by both engines, and where they differ.

In: a book, its settings and a page. Out: both pictures, their difference and how honest the comparison is: near the
beginning of a book the very page is drawn again from the book's beginning; deep inside a long book that would take the
reference engine many seconds, so both engines draw the page's own text as a document of its own, and the note says so.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from cachetools import LRUCache
from PIL import Image

from app.books import Book
from app.preview.previews import Previews
from app.unguessable import unguessable_key
from renderer import RenderConfig, render

MAX_PREFIX_CHARACTERS = 120_000
MAX_KEPT = 12
_FADE = 0.22


@dataclass(frozen=True, slots=True)
class EngineComparison:
    """Two pictures of the same text. `differing_pixels` of `pixels`; `largest_difference` of 255."""

    key: str
    number: int
    whole_page: bool  # the page of the book itself, not its text alone
    fast_size: tuple[int, int]
    reference_size: tuple[int, int]
    pixels: int
    differing_pixels: int
    largest_difference: int
    reference_ms: float
    fast_ms: float
    reference_png: bytes
    difference_png: bytes

    @property
    def identical(self) -> bool:
        return self.differing_pixels == 0 and self.fast_size == self.reference_size


def compare_page(
    previews: Previews, book: Book, config: RenderConfig, number: int, cancelled: Callable[[], bool]
) -> EngineComparison:
    """Draw page `number` with both engines. Raises RenderError, RenderCancelled when `cancelled()` turns true."""
    laid = previews.fast(book, config)
    page = laid.page(number)
    whole_page = page.text_span[1] <= MAX_PREFIX_CHARACTERS
    if whole_page:
        # One page more than needed: the last page of a document is cropped.
        text, wanted = book.text[: laid.page(page.number + 1).text_span[1]], page.number
    else:
        text, wanted = book.text[slice(*page.text_span)], 1
    began = time.perf_counter()
    fast_png = _nth(render(text, config, "fast", cancelled=cancelled), wanted)
    fast_done = time.perf_counter()
    reference_png = _nth(render(text, config, "reference", cancelled=cancelled), wanted)
    done = time.perf_counter()
    fast, reference = _pixels(fast_png), _pixels(reference_png)
    height, width = (min(fast.shape[side], reference.shape[side]) for side in (0, 1))
    apart = np.abs(fast[:height, :width].astype(np.int16) - reference[:height, :width]).max(axis=2)
    made = EngineComparison(
        key=unguessable_key(),
        number=page.number,
        whole_page=whole_page and np.array_equal(fast, _pixels(previews.png(book, config, laid, page.number))),
        fast_size=(fast.shape[1], fast.shape[0]),
        reference_size=(reference.shape[1], reference.shape[0]),
        pixels=height * width,
        differing_pixels=int((apart > 0).sum()),
        largest_difference=int(apart.max(initial=0)),
        reference_ms=1000 * (done - fast_done),
        fast_ms=1000 * (fast_done - began),
        reference_png=reference_png,
        difference_png=_difference_png(reference[:height, :width], apart),
    )
    _keep(made)
    return made


def kept_comparison(key: str) -> EngineComparison | None:
    with _lock:
        return _kept.get(key)


_kept: LRUCache[str, EngineComparison] = LRUCache(MAX_KEPT)
_lock = threading.Lock()


def _keep(made: EngineComparison) -> None:
    with _lock:
        _kept[made.key] = made


def _nth(pages, number: int) -> bytes:
    """The n-th page's PNG, or the last one's; the rest is never drawn."""
    png = b""
    for page in pages:
        png = page.png
        if page.number == number:
            break
    close = getattr(pages, "close", None)
    if close is not None:
        close()
    return png


def _pixels(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


def _difference_png(reference: np.ndarray, apart: np.ndarray) -> bytes:
    """The page faded to grey, with every pixel that differs in red: the larger the difference, the stronger."""
    grey = 255 - (255 - reference.mean(axis=2)) * _FADE
    picture = np.repeat(grey[:, :, None], 3, axis=2)
    strength = np.where(apart > 0, np.clip(0.35 + apart / 255, 0, 1), 0)[:, :, None]
    picture = picture * (1 - strength) + np.array([214.0, 30.0, 30.0]) * strength
    buffer = io.BytesIO()
    Image.fromarray(picture.astype(np.uint8)).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
