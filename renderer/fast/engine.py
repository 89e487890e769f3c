"""The fast engine: text and settings in, the reference engine's very pixels out, without a PDF.

    lay_out(text, config)    a Layout, or why only the reference draws this exactly
    render / count           as of the package, for a Layout
    prepare(text)            a Document, for screens that lay the same text out again and again

The stages are text → layout → raster → crop → png, a folder each but the last; each opens with what goes in and
what comes out. Knows nothing of models, servers or screens.
"""

import os
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from renderer.errors import RenderCancelled
from renderer.fast.raster.glyph_bitmaps import forget_atlases
from renderer.fast.text.advances import UnusualFont, font_tables
from renderer.fast.text.tokens import UnsupportedMarkup
from renderer.fonts.font_file import check_font_file
from renderer.fonts.missing_glyphs import fallback_choices
from renderer.pages import EngineUsed, PageCount, PageImage
from renderer.settings.config import RenderConfig

from .document import Document
from .laid_text import Layout, LayoutTooLarge
from .pdf_numbers import read_back

__all__ = ["Document", "Layout", "count", "forget", "lay_out", "prepare", "render", "supports", "warm_up"]

_KEPT_DOCUMENTS, _KEPT_BYTES = 8, 192 << 20
_MOST_WORKERS = 4
_USED = EngineUsed("fast", None)
_lock = threading.Lock()
_documents: OrderedDict[str, Document] = OrderedDict()


def prepare(text: str) -> Document:
    """The text cut up, ready to be laid out for any setting: the process's one Document of it.

    LRU: the last used are kept, up to a number and to bytes in all; the newest always. Nobody else keeps any.
    """
    with _lock:
        if (kept := _documents.get(text)) is None:
            kept = _documents[text] = Document(text)
        _documents.move_to_end(text)
        while len(_documents) > 1 and (len(_documents) > _KEPT_DOCUMENTS or kept_bytes() > _KEPT_BYTES):
            _documents.popitem(last=False)
        return kept


def kept_bytes() -> int:
    """What the kept documents and their layouts hold."""
    return sum(document.byte_count for document in list(_documents.values()))


def lay_out(text: str, config: RenderConfig) -> Layout | str:
    """The layout where this engine draws the pages exactly; else, in words, why the reference must.

    Only what is known to be the font's or the text's doing is answered so: any other error is ours, and raised. Raises
    EndlessLayout where neither engine can, FontError where the file is gone.
    """
    try:
        tables = font_tables(config.font_path)
        if not tables.may_subset:
            return f"the font {config.font_path.name} forbids subsetting"
        if fallback_choices(text, config.font_path, config.fallback_fonts):
            return "this text needs fallback fonts"
        if config.border_width_pt and not float(read_back(config.border_width_pt)):
            return "a border this thin is drawn as a hairline"
        return prepare(text).layout(config)
    except UnsupportedMarkup as error:
        return f"{error}, which only reportlab reads"
    except LayoutTooLarge as error:
        return str(error)
    except UnusualFont as error:
        check_font_file(config.font_path)  # one taken away while it was read is no unusual one
        return f"the font {config.font_path.name} is of an unusual kind ({error})"


def supports(text: str, config: RenderConfig) -> str | None:
    """None where `lay_out` gives a layout; else why it does not."""
    found = lay_out(text, config)
    return found if isinstance(found, str) else None


def render(
    layout: Layout,
    cancelled: Callable[[], bool],
    on_progress: Callable[[int, int | None], None],
    threads: int | None = None,
) -> Iterator[PageImage]:
    """Pages as PNG, each encoded as it is made. `threads`: see renderer.render. Raises RenderCancelled."""
    if threads == 1:
        return _one_by_one(layout, cancelled, on_progress)
    return _by_threads(layout, cancelled, on_progress, threads or min(_MOST_WORKERS, os.cpu_count() or 1))


def _one_by_one(
    layout: Layout, cancelled: Callable[[], bool], on_progress: Callable[[int, int | None], None]
) -> Iterator[PageImage]:
    for i in range(layout.page_count):
        if cancelled():
            raise RenderCancelled(f"Stopped before page {i + 1} of {layout.page_count}.")
        page = layout.page(i)
        on_progress(i + 1, layout.page_count)
        yield PageImage(i + 1, page.png, page.width_px, page.height_px, layout.text_span(i), _USED)


def _by_threads(
    layout: Layout, cancelled: Callable[[], bool], on_progress: Callable[[int, int | None], None], workers: int
) -> Iterator[PageImage]:
    total = layout.page_count
    ahead: deque[Future] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="page") as pool:
        try:
            for i in range(total):
                # A few pages ahead and no more: memory holds some pages, never a book of them.
                while len(ahead) < 2 * workers and i + len(ahead) < total:
                    ahead.append(pool.submit(layout.page, i + len(ahead)))
                if cancelled():
                    raise RenderCancelled(f"Stopped before page {i + 1} of {total}.")
                page = ahead.popleft().result()
                on_progress(i + 1, total)
                yield PageImage(i + 1, page.png, page.width_px, page.height_px, layout.text_span(i), _USED)
        finally:
            for waiting in ahead:
                waiting.cancel()


def count(layout: Layout) -> tuple[PageCount, ...]:
    """Size and span of every page without drawing it."""
    return layout.counts


def forget() -> None:
    """Drop every kept document, layout and glyph bitmap: the next call starts from nothing but compiled code."""
    forget_texts()
    forget_atlases()


def forget_texts() -> None:
    """Drop every kept document and layout, not the glyphs: for who never draws a text twice."""
    with _lock:
        _documents.clear()


def warm_up() -> None:
    """Compile everything once, so that no user waits for it. See warm_up.py."""
    from .warm_up import warm_up as run

    run()
