"""What would compress this book more: changes tried on the whole book, with the figures that came out.

In: a book and its settings. Out: measured figures, best first, and the ratio over a range of resolutions. Nothing is
estimated: every figure is a layout of the whole book by the fast engine. The choice stays with the reader, because fewer
tokens a page are harder to read; each advice says what it costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from app.books import Book
from app.books.book import text_hash
from app.books.reflow import is_hard_wrapped, reflow
from app.legibility import percent, table_clarity
from app.preview.laid_book import Totals
from app.preview.previews import Previews
from app.preview.settings_query import settings_values
from app.tokens import compression_ratio, count_text_tokens
from renderer import RenderConfig, RenderError
from renderer.settings.newline_markup import BREAK, RED_MARK

CURVE_DPIS = (48, 54, 60, 66, 72, 78, 84, 90, 96, 108, 120, 132, 144)
WORTH_TELLING = 0.01  # of the visual tokens
MOST_LOST_FOR_CLARITY = 0.02  # of the visual tokens
CLEARER = 0.8  # of the misreads
MOST_OF_A_KIND = 5  # more are read by nobody
# arXiv 2510.17800: the RULER average of Glyph by resolution.
_HARDER = "Harder to read"
_DPI_COST = f"{_HARDER}: coarser letters. The paper's RULER average: 94.7 at 120 dpi, 91.2 at 96, 72.2 at 72."


@dataclass(frozen=True, slots=True)
class Advice:
    """One change and what it gives on this book. `changes`: settings keys; `book_change`: "reflow" or "" """

    title: str
    cost: str
    totals: Totals
    ratio: float
    gain: float  # the share of visual tokens that are saved: 0.2 is 20 % fewer
    changes: dict[str, str]
    harmless: bool  # nothing becomes harder to read
    book_change: str = ""
    clearer: bool = False  # told for its print clarity, whatever it gains


@dataclass(frozen=True, slots=True)
class CurvePoint:
    dpi: int
    ratio: float
    visual_tokens: int
    pages: int


def ratio_curve(
    previews: Previews, book: Book, config: RenderConfig, wanted: Callable[[], bool], text_tokens: int = 0
) -> list[CurvePoint]:
    """The ratio at each resolution, all other settings as they are. Stops early, and empty, when nobody wants it any more.

    `text_tokens`: the book's, where its server counts otherwise than we do; 0: our own count.
    """
    tokens = text_tokens or previews.prepared(book).text_tokens
    points = []
    for dpi in sorted({*CURVE_DPIS, config.dpi}):
        if not wanted():
            return []
        try:
            totals = previews.totals(book, replace(config, dpi=dpi))
        except RenderError:
            continue
        if totals is None:
            continue
        points.append(
            CurvePoint(dpi, compression_ratio(tokens, totals.visual_tokens), totals.visual_tokens, totals.pages)
        )
    return points


def advice(
    previews: Previews, book: Book, config: RenderConfig, wanted: Callable[[], bool], text_tokens: int = 0
) -> list[Advice]:
    """Changes that give more text a visual token on this book: harmless ones first, then by gain. Fast engine only."""
    present = previews.totals(book, config)
    if present is None:
        return []
    tokens = text_tokens or previews.prepared(book).text_tokens
    usual, found = settings_values(config), []
    for title, cost, changed in _changes(config):
        if not wanted():
            return []
        try:
            totals = previews.totals(book, changed)
        except RenderError:
            continue
        if totals is None:
            continue
        ratio = compression_ratio(tokens, totals.visual_tokens)
        changes = {key: value for key, value in settings_values(changed).items() if value != usual[key]}
        harmless = not cost.startswith(_HARDER)
        clearer = _clearer(config, changed) if harmless and changed.snap_to_28 > config.snap_to_28 else ""
        gain = 1 - totals.visual_tokens / present.visual_tokens
        told = bool(clearer) and gain > -MOST_LOST_FOR_CLARITY
        found.append(Advice(title, clearer if told else cost, totals, ratio, gain, changes, harmless, clearer=told))
    found += _reflowed(previews, book, config, tokens, present)
    return worth_telling(found)


def worth_telling(found: list[Advice]) -> list[Advice]:
    """Harmless ones first, then by gain; at most MOST_OF_A_KIND of each kind, and what is clearer is among them."""
    told = [one for one in found if one.gain >= WORTH_TELLING or one.clearer]
    kept: list[Advice] = []
    for harmless in (True, False):
        kind = sorted((one for one in told if one.harmless is harmless), key=lambda one: (not one.clearer, -one.gain))
        kept += sorted(kind[:MOST_OF_A_KIND], key=lambda one: -one.gain)
    return kept


def _clearer(config: RenderConfig, changed: RenderConfig) -> str:
    """What whole cells give to the print, by the stored table; empty where nothing worth telling."""
    before, after = table_clarity(config), table_clarity(changed)
    if not before.resampled or after.resampled or after.share_wrong > before.share_wrong * CLEARER:
        return ""
    pages = " x ".join(str(round(side * changed.dpi / 72)) for side in changed.layout_page_pt)
    return (
        f"Clearer: {pages} pages are not resampled: {percent(after.share_wrong)} of an OCR program's probe misread instead of "
        f"{percent(before.share_wrong)} (stored table), at about the same tokens."
    )


class Tried(NamedTuple):
    """A change of settings to be looked at, and whether there is anything to change."""

    title: str
    cost: str
    changes: dict[str, Any]
    applies: bool


def _changes(config: RenderConfig) -> Iterator[tuple[str, str, RenderConfig]]:
    for tried in (*_of_the_space(config), *_of_the_letters(config)):
        if tried.applies:
            try:
                yield tried.title, tried.cost, replace(config, **tried.changes)
            except RenderError:
                continue


def _of_the_space(config: RenderConfig) -> list[Tried]:
    """What leaves the letters as they are."""
    return [
        Tried(
            "Newlines as a red mark",
            "Trained for: Glyph's own English setting.",
            {"newline_markup": RED_MARK},
            config.newline_markup == BREAK,
        ),
        Tried(
            "Crop pages to their text",
            "No cost: only empty margin goes.",
            {"auto_crop_width": True, "auto_crop_last_page": True},
            not (config.auto_crop_width and config.auto_crop_last_page),
        ),
        Tried(
            "Narrow the margins to 10 pt",
            "Little: Glyph's own margin.",
            {"margin_x_pt": 10.0, "margin_y_pt": 10.0},
            config.margin_x_pt > 10 or config.margin_y_pt > 10,
        ),
        Tried(
            "Leading 1 pt above the font size",
            "Little: Glyph's own leading.",
            {"leading_pt": config.font_size_pt + 1},
            config.leading_pt > config.font_size_pt + 1,
        ),
        Tried(
            "No leading between lines",
            "Harder to read: lines stand close.",
            {"leading_pt": config.font_size_pt},
            config.leading_pt > config.font_size_pt,
        ),
        Tried(
            "No space around paragraphs",
            "Little.",
            {"space_before_pt": 0.0, "space_after_pt": 0.0},
            config.space_before_pt > 0 or config.space_after_pt > 0,
        ),
    ]


def _of_the_letters(config: RenderConfig) -> list[Tried]:
    """What changes how letters look, or how the model sees them."""
    tried = [
        Tried(
            "Font 1 pt smaller",
            "Harder to read: smaller letters.",
            {"font_size_pt": config.font_size_pt - 1, "leading_pt": max(1.0, config.leading_pt - 1)},
            config.font_size_pt >= 7,
        ),
        Tried(
            "Glyphs 10 % narrower",
            "Harder to read: narrow letters; the paper goes down to 0.75.",
            {"horizontal_scale": round(config.horizontal_scale * 0.9, 3)},
            config.horizontal_scale > 0.8,
        ),
        Tried(
            "Snap pages to whole cells of 28 px",
            "No cost: the model then sees them unresampled.",
            {"snap_to_28": True},
            not config.snap_to_28,
        ),
    ]
    lower = next((dpi for dpi in (200, 144, 120, 96, 84, 72, 60) if dpi < config.dpi), None)
    if lower:
        tried.append(Tried(f"Lower the resolution to {lower} dpi", _DPI_COST, {"dpi": lower}, True))
    return tried


def _reflowed(previews: Previews, book: Book, config: RenderConfig, tokens: int, present: Totals) -> list[Advice]:
    """A hard-wrapped book joined into one paragraph a line: the largest gain there is, where it applies."""
    if book.format.is_code or not is_hard_wrapped(book.text):
        return []
    text = reflow(book.text, "drop").text
    joined = replace(book, text=text, content_hash=text_hash(text))
    try:
        totals = previews.totals(joined, config)
    except RenderError:
        return []
    if totals is None:
        return []
    # Joining lines changes the text's own tokens too, so the ratio may fall while visual tokens are saved. A server's own
    # count is not known of this text: the share by which ours changes stands in.
    before = count_text_tokens(book.text, book.content_hash).value
    after = tokens * count_text_tokens(text, joined.content_hash).value / max(1, before)
    ratio = compression_ratio(round(after), totals.visual_tokens)
    return [
        Advice(
            "Join this book's hard-wrapped lines",
            "No cost: the line breaks were its file's, not its author's.",
            totals,
            ratio,
            1 - totals.visual_tokens / present.visual_tokens,
            {},
            True,
            "reflow",
        )
    ]
