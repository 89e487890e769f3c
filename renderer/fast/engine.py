"""The fast engine: text and settings in, the reference engine's very pixels out, without a PDF.

    supports(text, config)   None, or why only the reference draws this exactly
    render / count           as of the package, for texts that are supported
    prepare(text)            a Document, for screens that lay the same text out again and again

The stages are text → layout (breaking, paginate) → raster (atlas, rectangles) → png; each opens with what goes in and
what comes out. Knows nothing of models, servers or screens.
"""

import os
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from reportlab.pdfbase.ttfonts import TTFError

from renderer.errors import EngineUnavailable, RenderCancelled
from renderer.fast.raster.glyph_bitmaps import forget_atlases
from renderer.fast.text.advances import font_tables
from renderer.fast.text.tokens import UnsupportedMarkup
from renderer.fonts.missing_glyphs import fallback_choices
from renderer.pages import EngineUsed, PageCount, PageImage
from renderer.settings.config import RenderConfig

from .document import Document
from .laid_text import Layout, LayoutTooLarge
from .pdf_numbers import read_back

__all__ = ["Document", "Layout", "count", "forget", "prepare", "render", "supports", "warm_up"]

_KEPT_DOCUMENTS = 3
_MOST_WORKERS = 4
_USED = EngineUsed("fast", None)
_lock = threading.Lock()
_documents: OrderedDict[str, Document] = OrderedDict()


def prepare(text: str) -> Document:
    """The text cut up, ready to be laid out for any setting. The few last ones are kept."""
    with _lock:
        if (kept := _documents.get(text)) is None:
            kept = _documents[text] = Document(text)
            while len(_documents) > _KEPT_DOCUMENTS:
                _documents.popitem(last=False)
        _documents.move_to_end(text)
        return kept


def supports(text: str, config: RenderConfig) -> str | None:
    """None where this engine draws the pages exactly; else, in words, why the reference must.

    Raises EndlessLayout where neither can.
    """
    try:
        tables = font_tables(config.font_path)
        if not tables.may_subset:
            return f"the font {config.font_path.name} forbids subsetting"
        if fallback_choices(text, config.font_path, config.fallback_fonts):
            return "this text needs fallback fonts"
        if config.border_width_pt and not float(read_back(config.border_width_pt)):
            return "a border this thin is drawn as a hairline"
        prepare(text).layout(config)
    except (TTFError, OSError, KeyError, IndexError, ValueError) as error:
        if isinstance(error, UnsupportedMarkup):
            return f"{error}, which only reportlab reads"
        if isinstance(error, LayoutTooLarge):
            return str(error)
        return f"the font {config.font_path.name} is of an unusual kind ({type(error).__name__})"
    return None


def render(
    text: str, config: RenderConfig, cancelled: Callable[[], bool], on_progress: Callable[[int, int | None], None]
) -> Iterator[PageImage]:
    """Pages as PNG, each encoded as it is made. Raises RenderCancelled, or EngineUnavailable where not supported."""
    layout = _layout(text, config)
    total = layout.page_count
    workers = min(_MOST_WORKERS, os.cpu_count() or 1)
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


def count(text: str, config: RenderConfig) -> tuple[PageCount, ...]:
    """Size and span of every page without drawing it. Raises EngineUnavailable where not supported."""
    return _layout(text, config).counts


def _layout(text: str, config: RenderConfig) -> Layout:
    if (reason := supports(text, config)) is not None:
        raise EngineUnavailable(f"The fast engine cannot draw this exactly: {reason}.")
    return prepare(text).layout(config)


def forget() -> None:
    """Drop every kept document, layout and glyph bitmap: the next call starts from nothing but compiled code."""
    with _lock:
        _documents.clear()
    forget_atlases()


def warm_up() -> None:
    """Compile everything once, so that no user waits for it. See warmup.py."""
    from .warm_up import warm_up as run

    run()
