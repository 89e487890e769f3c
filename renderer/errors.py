"""What can go wrong between a text and its page images. Messages are written for the person at the screen.

RenderError
├── RenderCancelled       the caller asked to stop; not a fault
├── NothingToRender       the text is empty or holds characters that no page can carry
├── ConfigError           a setting is out of range, or two settings contradict each other
│   └── FontError         the font file is missing, broken or of a kind we cannot draw
├── EngineUnavailable     engine="fast" was asked for a text or setting that it does not draw exactly
├── PopplerMissing        pdftoppm is not installed
└── LayoutFailed          reportlab or poppler refused the document
    ├── EndlessLayout     every page would leave more text than the one before
    └── GlyphsTooLarge    the letters of one page fill too much memory
"""

from collections.abc import Iterator
from contextlib import contextmanager


class RenderError(Exception):
    """Shown to the user as it is. `settings`: fields of RenderConfig that it is about, the one to change first."""

    settings: tuple[str, ...] = ()

    def __init__(self, message: str = "", *settings: str) -> None:
        super().__init__(message)
        self.settings = settings


@contextmanager
def about(*settings: str) -> Iterator[None]:
    """What goes wrong inside is the fault of these settings, where it does not say so itself."""
    try:
        yield
    except RenderError as error:
        error.settings = error.settings or settings
        raise


class RenderCancelled(RenderError):
    """Raised where the caller's `cancelled()` turned true."""


class NothingToRender(RenderError):
    """The text has no character that could appear on a page, or one that cannot be written as UTF-8."""


class ConfigError(RenderError):
    """Names the setting as the screen does, its value, what is allowed and, for a contradiction, the other setting."""


class FontError(ConfigError):
    """Names the font file, what is wrong with it and what to do."""


class EngineUnavailable(RenderError):
    """Says why the engine that was asked for cannot draw this."""


class PopplerMissing(RenderError):
    """Says what to install."""


class LayoutFailed(RenderError):
    """reportlab or poppler gave up; the message carries their reason in one sentence."""


class EndlessLayout(LayoutFailed):
    """Names the width of a line and the font size."""

    def __init__(self, width_pt: float, font_size_pt: float) -> None:
        super().__init__(
            f"Lines of {width_pt:g} pt hold so little Chinese text at a font size of {font_size_pt:g} pt that every page "
            "leaves more lines than the one before, as reportlab breaks them. Make the page wider, its margins or "
            "indents smaller, or the font smaller.",
            "page_width_pt",
            "margin_x_pt",
            "left_indent_pt",
            "right_indent_pt",
            "font_size_pt",
        )


class GlyphsTooLarge(LayoutFailed):
    """Names the font size and the resolution."""

    def __init__(self, size_pt: float, dpi: int, most_bytes: int) -> None:
        super().__init__(
            f"The letters of one page fill more than {most_bytes >> 20} MB at font-size {size_pt:g} and dpi {dpi}. "
            "Lower the dpi or the font size."
        )
