"""Glyph's own path, written anew: text → reportlab PDF → poppler's pdftoppm → scale → crop → PNG.

The judge in tests and an engine to choose. Text and settings in, page images out; knows nothing of the fast engine.
The steps and their numbers (30 lines a paragraph, tolerance 5, batches of 20) are those of Glyph's published script;
the only step of ours is `snap_to_28`, described in config.py.

reportlab keeps registered fonts and parser state in globals: documents are laid out one at a time, under a lock.
"""

import io
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from pdf2image import convert_from_bytes
from pdf2image.exceptions import PDFInfoNotInstalledError, PDFPageCountError, PDFSyntaxError
from PIL import Image
from reportlab.lib import rl_accel
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.fonts import addMapping
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate
from reportlab.platypus import paragraph as paragraph_module
from reportlab.platypus.doctemplate import LayoutError

from renderer.errors import EndlessLayout, FontError, LayoutFailed, PopplerMissing, RenderCancelled
from renderer.fonts.font_file import file_sha256
from renderer.fonts.missing_glyphs import fallback_choices
from renderer.glyph_rules import CROP_TOLERANCE, LINES_PER_PARAGRAPH, MOST_REST_MORE, MOST_REST_TIMES, REMOVED
from renderer.pages import EngineUsed, PageCount, PageCounts, PageImage
from renderer.settings.config import Alignment, RenderConfig
from renderer.settings.newline_markup import parse_newline_markup
from renderer.settings.page_snapping import snapped_up_px

from .page_spans import page_spans

Cancelled = Callable[[], bool]
Progress = Callable[[int, int | None], None]

PAGES_PER_BATCH = 20
_REMOVING = dict.fromkeys(map(ord, REMOVED))
_CJK = re.compile("[\u4e00-\u9fff]")
_SPACE_RUN = re.compile(" {2,}")
_ALIGNMENTS = {
    Alignment.LEFT: TA_LEFT,
    Alignment.CENTER: TA_CENTER,
    Alignment.RIGHT: TA_RIGHT,
    Alignment.JUSTIFY: TA_JUSTIFY,
}
_REPORTLAB = threading.Lock()
POPPLER_HELP = (
    "The reference engine needs poppler's pdftoppm, which was not found. "
    "Install it: apt install poppler-utils (Debian, Ubuntu), brew install poppler (macOS)."
)


def _sum_left_to_right(values: Iterable[float], start: float = 0) -> float:
    for value in values:
        start += value
    return start


def poppler_is_there() -> bool:
    """Whether the programs that draw the pages are found."""
    return bool(shutil.which("pdftoppm") and shutil.which("pdfinfo"))


@contextmanager
def order_of_sums_pinned() -> Iterator[None]:
    """Have reportlab add widths from left to right, as Python did before 3.12, whose sum() compensates for rounding.

    A width that differs in its last bit can end a line elsewhere: pages must not depend on the Python at hand. Only while
    we lay out, under the lock: whoever else uses reportlab in this process keeps theirs.
    """
    modules = (rl_accel, paragraph_module)
    before = [vars(module).get("sum") for module in modules]
    for module in modules:
        module.sum = _sum_left_to_right
    try:
        yield
    finally:
        for module, theirs in zip(modules, before, strict=True):
            if theirs is None:
                del module.sum
            else:
                module.sum = theirs


def _as_before_3_12() -> AbstractContextManager[None]:
    return order_of_sums_pinned() if sys.version_info >= (3, 12) else nullcontext()


def render(
    text: str, config: RenderConfig, cancelled: Cancelled, on_progress: Progress, engine: EngineUsed
) -> Iterator[PageImage]:
    """Pages as PNG, each encoded as soon as its batch is drawn."""
    for number, image, span in _images(text, config, cancelled, on_progress):
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        yield PageImage(number, buffer.getvalue(), image.width, image.height, span, engine)


def count(
    text: str, config: RenderConfig, cancelled: Cancelled, on_progress: Progress, engine: EngineUsed
) -> PageCounts:
    """Page sizes. Crops depend on the ink, so this draws every page too; it saves only the encoding."""
    pages = tuple(
        PageCount(number, image.width, image.height, span)
        for number, image, span in _images(text, config, cancelled, on_progress)
    )
    return PageCounts(pages, engine)


def _images(
    text: str, config: RenderConfig, cancelled: Cancelled, on_progress: Progress
) -> Iterator[tuple[int, Image.Image, tuple[int, int]]]:
    if not poppler_is_there():
        raise PopplerMissing(POPPLER_HELP)
    on_progress(0, None)
    while not _REPORTLAB.acquire(timeout=0.1):
        if cancelled():
            raise RenderCancelled("Stopped while waiting for another document to be laid out.")
    try:
        pdf, drawn = _make_pdf(text, config, cancelled)
    finally:
        _REPORTLAB.release()
    spans = page_spans(text, parse_newline_markup(config.newline_markup), drawn)
    total = len(drawn)
    for first in range(1, total + 1, PAGES_PER_BATCH):
        batch = _rasterise(pdf, config.dpi, first, min(first + PAGES_PER_BATCH - 1, total))
        for number, raw in enumerate(batch, start=first):
            if cancelled():
                raise RenderCancelled(f"Stopped before page {number} of {total}.")
            image = _finish(raw, config, is_last=number == total)
            on_progress(number, total)
            yield number, image, spans[number - 1]


def _make_pdf(text: str, config: RenderConfig, cancelled: Cancelled) -> tuple[bytes, list[str]]:
    """The PDF and, per page, the characters that reportlab drew there, in order."""
    recorder = _Recorder(cancelled)
    style = _paragraph_style(text, config, _register(config.font_path))
    page_size = config.layout_page_pt
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer,
        pagesize=page_size,
        leftMargin=config.margin_x_pt,
        rightMargin=config.margin_x_pt,
        topMargin=config.margin_y_pt,
        bottomMargin=config.margin_y_pt,
    )

    def start_page(canvas, _document) -> None:
        recorder.pages.append([])
        canvas.saveState()
        canvas.setFillColor(HexColor(config.page_background))
        canvas.rect(0, 0, *page_size, stroke=0, fill=1)
        canvas.restoreState()

    try:
        with _as_before_3_12():
            story = [_RecordedParagraph(chunk, style, recorder=recorder) for chunk in _chunks(text, config)]
            document.build(story, onFirstPage=start_page, onLaterPages=start_page)
    except RenderCancelled:
        raise RenderCancelled(f"Stopped while laying out page {max(1, len(recorder.pages))}.") from None
    except _Endless:
        raise EndlessLayout(config.line_width_pt, config.font_size_pt) from None
    except LayoutError:
        raise LayoutFailed(
            f"A line of this text does not fit the page: {config.page_width_pt:g} x {config.page_height_pt:g} pt with side "
            f"margins of {config.margin_x_pt:g} pt, top and bottom margins of {config.margin_y_pt:g}, leading of "
            f"{config.leading_pt:g}, space before of {config.space_before_pt:g} and after of {config.space_after_pt:g}. "
            "Make the page larger or these smaller.",
            "page_height_pt",
            "leading_pt",
            "margin_y_pt",
            "space_before_pt",
            "space_after_pt",
        ) from None
    except RecursionError:
        raise LayoutFailed("reportlab ran out of stack on this text; split its longest line.") from None
    except (ValueError, IndexError, KeyError, AttributeError, AssertionError, TypeError) as error:
        # reportlab annotates errors with the flowable's whole text, before or after; one short line of it says enough.
        reason = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)[:160]
        raise LayoutFailed(f"reportlab could not lay this text out ({type(error).__name__}: {reason}).") from error
    return buffer.getvalue(), ["".join(page) for page in recorder.pages]


def _register(path: Path) -> str:
    """The name under which reportlab knows this file: the same bytes have one name, other bytes never collide."""
    name = f"glyph-{file_sha256(path)[:16]}"
    try:
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(path)))
            addMapping(name, 0, 0, name)  # lets <font face="…"> find it
    except TTFError as error:
        raise FontError(f"Font {path.name!r} cannot be put into a page: {error}.") from None
    return name


def _chunks(text: str, config: RenderConfig) -> Iterator[str]:
    """The mark-up of each reportlab Paragraph: 30 source lines joined by the newline markup."""
    cleaned = text.translate(_REMOVING)
    choices = fallback_choices(cleaned, config.font_path, config.fallback_fonts)
    lines = (_with_fallbacks(cleaned, choices) if choices else _escaped(cleaned)).split("\n")
    for start in range(0, len(lines), LINES_PER_PARAGRAPH):
        yield config.newline_markup.join(lines[start : start + LINES_PER_PARAGRAPH])


def _escaped(plain: str) -> str:
    return _SPACE_RUN.sub(lambda run: "&nbsp;" * len(run.group()), escape(plain))


def _with_fallbacks(cleaned: str, choices: dict[str, Path]) -> str:
    """Ours, off by default: runs of characters that the font lacks get a font tag. White space is never among them."""
    parts: list[str] = []
    for path, run in groupby(cleaned, key=choices.get):
        plain = "".join(run)
        parts.append(f'<font face="{_register(path)}">{escape(plain)}</font>' if path else _escaped(plain))
    return "".join(parts)


def _paragraph_style(text: str, config: RenderConfig, font_name: str) -> ParagraphStyle:
    return ParagraphStyle(
        name="page-text",
        parent=getSampleStyleSheet()["Normal"],
        fontName=font_name,
        fontSize=config.font_size_pt,
        leading=config.leading_pt,
        textColor=HexColor(config.font_color),
        backColor=HexColor(config.paragraph_background),
        borderColor=HexColor(config.border_color),
        borderWidth=config.border_width_pt,
        borderPadding=config.border_padding_pt,
        firstLineIndent=config.first_line_indent_pt,
        wordWrap="CJK" if _CJK.search(text) else None,
        leftIndent=config.left_indent_pt,
        rightIndent=config.right_indent_pt,
        alignment=_ALIGNMENTS[config.alignment],
        spaceBefore=config.space_before_pt,
        spaceAfter=config.space_after_pt,
    )


class _Recorder:
    """Collects, page by page, what is drawn; and stops the layout when the caller wants out."""

    def __init__(self, cancelled: Cancelled) -> None:
        self.cancelled = cancelled
        self.pages: list[list[str]] = []


class _RecordedParagraph(Paragraph):
    """A Paragraph that tells the recorder what it draws. reportlab's split() makes its parts of this class too."""

    recorder: _Recorder | None = None

    def __init__(self, *args, recorder: _Recorder | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.recorder = recorder
        self.characters = _characters(self)  # of the whole paragraph; its parts keep this number

    def wrap(self, available_width, available_height):
        if self.recorder is not None and self.recorder.cancelled():
            raise RenderCancelled
        return super().wrap(available_width, available_height)

    def split(self, available_width, available_height):
        parts = super().split(available_width, available_height)
        for part in parts:
            part.recorder, part.characters = self.recorder, self.characters
        if len(parts) == 2 and _characters(parts[1]) > MOST_REST_TIMES * self.characters + MOST_REST_MORE:
            raise _Endless
        return parts

    def draw(self) -> None:
        if self.recorder is not None and self.recorder.pages:
            for line in self.blPara.lines:
                self.recorder.pages[-1].append(_line_text(line))
        super().draw()


class _Endless(Exception):
    """A paragraph grows from page to page."""


def _characters(paragraph: Paragraph) -> int:
    return sum(len(getattr(fragment, "text", "")) for fragment in getattr(paragraph, "frags", ()))


def _line_text(line) -> str:
    """Characters of one laid-out line: (extra space, words) in one style, an object with fragments in several."""
    words = line[1] if isinstance(line, tuple) else line.words
    if isinstance(words, str):
        return words
    return "".join(word if isinstance(word, str) else getattr(word, "text", "") for word in words)


def _rasterise(pdf: bytes, dpi: int, first: int, last: int) -> list[Image.Image]:
    try:
        return convert_from_bytes(pdf, dpi=dpi, first_page=first, last_page=last)
    except PDFInfoNotInstalledError:
        raise PopplerMissing(POPPLER_HELP) from None
    except FileNotFoundError:
        raise PopplerMissing(POPPLER_HELP) from None
    except (PDFPageCountError, PDFSyntaxError, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
        raise LayoutFailed(f"poppler could not draw pages {first}–{last} ({reason}).") from error


def _finish(image: Image.Image, config: RenderConfig, *, is_last: bool) -> Image.Image:
    """Glyph's horizontal scale and crops, in its order; then our rounding up to cells of 28 px."""
    if config.horizontal_scale != 1.0:
        image = image.resize((max(1, int(image.width * config.horizontal_scale)), image.height))
    width, height = image.size
    if config.auto_crop_width or (config.auto_crop_last_page and is_last):
        gray = np.asarray(image.convert("L")).astype(np.int16)
        inked = np.abs(gray - np.median(gray[:2, :2])) > CROP_TOLERANCE
        columns = np.flatnonzero(inked.any(axis=0))
        rows = np.flatnonzero(inked.any(axis=1))
        if config.auto_crop_width and columns.size:
            width = round(min(width, int(columns[-1]) + 1 + config.margin_x_pt))
        if config.auto_crop_last_page and is_last and rows.size:
            height = round(min(height, int(rows[-1]) + config.margin_y_pt))
    if config.snap_to_28:
        return _onto_cells(image, snapped_up_px(width), snapped_up_px(height), config.page_background)
    return image if (width, height) == image.size else image.crop((0, 0, width, height))


def _onto_cells(image: Image.Image, width: int, height: int, background: str) -> Image.Image:
    canvas = Image.new("RGB", (width, height), background)
    canvas.paste(image.crop((0, 0, min(width, image.width), min(height, image.height))), (0, 0))
    return canvas
