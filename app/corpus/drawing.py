"""One text in, all of its pages out, or why not. Draws with one thread: a job has a process for each core.

A document is whole or not there: its pages are handed on when the last is drawn. Knows nothing of files or pipelines.
"""

from collections.abc import Iterator

from app.tokens import ImageShapeError, visual_tokens
from renderer import NothingToRender, PopplerMissing, RenderConfig, RenderError, render
from renderer.fonts.missing_glyphs import missing_glyphs

from .errors import Undrawn
from .looks import Look
from .values import Bounds, DrawnPage, DrawnText, SourceText


def draw(source: SourceText, look: Look, bounds: Bounds) -> DrawnText:
    """Raises Undrawn, and PopplerMissing where only the reference engine could draw and poppler is not installed."""
    if len(source.text) > bounds.most_characters:
        raise Undrawn(f"it has more than {bounds.most_characters:,} characters")
    try:
        config = look.settings_of(source)
        lacking = sum(count for _, count in missing_glyphs(source.text, config.font_path, config.fallback_fonts))
        if lacking > bounds.most_missing * len(source.text):
            raise Undrawn(f"the font lacks more than {100 * bounds.most_missing:.1f} % of its characters")
        pages = _within(_pages(source, config), bounds.most_png_bytes)
        return DrawnText(pages, len(source.text), lacking)
    except NothingToRender:
        raise Undrawn("there is no text, or half a character in it") from None
    except ImageShapeError:
        raise Undrawn("a page is too long or too wide for the model's image processor") from None
    except PopplerMissing:
        raise
    except RenderError as error:
        raise Undrawn(f"it cannot be drawn ({type(error).__name__})") from None
    finally:
        forget_texts()


def _pages(source: SourceText, config: RenderConfig) -> Iterator[DrawnPage]:
    key = config.key
    for page in render(source.text, config, threads=1):
        begin, end = page.text_span
        yield DrawnPage(
            document=source.name,
            number=page.number,
            png=page.png,
            width_px=page.width_px,
            height_px=page.height_px,
            text=source.text[begin:end],
            text_span=page.text_span,
            visual_tokens=visual_tokens(page.width_px, page.height_px),
            engine=page.engine.name,
            settings_key=key,
        )


def _within(pages: Iterator[DrawnPage], most_bytes: int) -> tuple[DrawnPage, ...]:
    held, kept = 0, []
    for page in pages:
        held += len(page.png)
        if held > most_bytes:
            raise Undrawn(f"its pages have more than {most_bytes:,} bytes")
        kept.append(page)
    return tuple(kept)


def forget_texts() -> None:
    """The engine keeps the last texts for screens that draw them again; a corpus draws each once."""
    try:
        from renderer.fast.engine import forget_texts as forget
    except ImportError:  # numba cannot be loaded: the reference engine draws, and keeps none
        return
    forget()
