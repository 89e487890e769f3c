"""A laid-out book's figures as the viewer shows them: tokens of both kinds, ratio, prefill on paper, megabytes to send.

In: a book, its settings and its layout. Out: one JSON value. The megabytes come from a few pages spread over the book and
say so; all other figures count every page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.books import Book
from app.preview.clarity import clarity_json, clarity_while_moving
from app.preview.font_offers import font_offer
from app.preview.laid_book import Laid
from app.preview.previews import PreparedBook, Previews
from app.preview.settings_query import settings_values
from app.projection import DEFAULT_GPU, GPUS
from app.reading import BookFigures, TextReading, Window, book_figures
from app.reading.words import later_or_sooner, reading_sentence, sent_words, time_words
from app.tokens import ASSUMED_WINDOW_TOKENS
from renderer import RenderConfig
from renderer.fonts.missing_glyphs import missing_glyphs
from renderer.readiness import reason_by_now
from renderer.settings.legible_colors import faint_colors
from renderer.settings.table import BY_FIELD
from renderer.settings.training_ranges import untrained_settings

SAMPLED_PAGES = 8
MISSING_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Readers:
    """The two readers as the screen's script knows them. Zeros stand for what it did not tell: our own count, all of it sent."""

    text_tokens: int = 0
    sent_tokens: int = 0
    text_window: int = 0
    pages_window: int = 0

    def reading(self, counted: int) -> TextReading:
        """The text side; `counted`: this book's tokens by our own tokenizer."""
        tokens = self.text_tokens or counted
        return TextReading(tokens, min(self.sent_tokens or tokens, tokens), _window(self.text_window))


def _window(tokens: int) -> Window:
    return Window(tokens or ASSUMED_WINDOW_TOKENS, bool(tokens))


def figures_json(
    previews: Previews, book: Book, config: RenderConfig, laid: Laid, gpu_id: str, settled: bool, readers: Readers
) -> dict[str, Any]:
    """Every page as [width, height, visual tokens, first character, columns of tokens], and the book's totals."""
    prepared = previews.prepared(book)
    told = book_figures(
        readers.reading(prepared.text_tokens),
        [page.visual_tokens for page in laid.pages],
        _window(readers.pages_window),
        GPUS.get(gpu_id, DEFAULT_GPU),
    )
    figures: dict[str, Any] = {
        "engine": laid.engine,
        "reason": reason_by_now(laid.reason),
        "pages": [
            [page.width_px, page.height_px, page.visual_tokens, page.text_span[0], page.columns] for page in laid.pages
        ],
        "visual_tokens": told.pages.visual_tokens,
        "visual_prompt_tokens": told.pages.prompt_tokens,
        "text_tokens": told.text.tokens,
        "ratio": told.ratio,
        "resampled": sum(page.resampled for page in laid.pages),
        "prefill": _reading(told),
        "untrained": (*untrained_settings(config), *faint_colors(config)),
        "clarity": clarity_json(clarity_while_moving(config)),
    }
    if settled:
        figures["png_bytes"] = _png_bytes(previews, book, config, laid)
        figures["missing"] = [
            [character, f"U+{ord(character):04X}", count]
            for character, count in missing(prepared, config)[:MISSING_SHOWN]
        ]
        figures["missing_total"] = sum(count for _, count in missing(prepared, config))
        figures["missing_share"] = figures["missing_total"] / max(1, len(book.text))
        figures["missing_kinds"] = len(missing(prepared, config))
        figures["cure"] = _cure(missing(prepared, config), config, figures["missing_share"])
    return figures


def missing(prepared: PreparedBook, config: RenderConfig) -> tuple[tuple[str, int], ...]:
    """Characters of the book that neither the font nor its fallbacks can draw; looked up once a choice of fonts."""
    slot = "\n".join(str(path) for path in (config.font_path, *config.fallback_fonts))
    if slot not in prepared.missing:
        if len(prepared.missing) > 64:
            prepared.missing.clear()
        prepared.missing[slot] = missing_glyphs(prepared.book.text, config.font_path, config.fallback_fonts)
    return prepared.missing[slot]


def _cure(lacking: tuple[tuple[str, int], ...], config: RenderConfig, share: float) -> dict[str, Any] | None:
    offer = font_offer(lacking, config, share)
    if offer is None:
        return None
    key = BY_FIELD["font_path" if offer.instead else "fallback_fonts"].link_key
    return {"changes": {key: settings_values(offer.config)[key]}, "family": offer.family, "covers": offer.covers}


def _reading(told: BookFigures) -> dict[str, Any]:
    """Both sides' waits on paper, in the words of every screen."""
    return {
        "gpu": told.gpu.name,
        "text": time_words(told.text_seconds),
        "pages": time_words(told.pages_seconds),
        "sooner": later_or_sooner(told.text_seconds, told.pages_seconds),
        "sent": sent_words(told),
        "sentence": reading_sentence(told),
    }


def _png_bytes(previews: Previews, book: Book, config: RenderConfig, laid: Laid) -> dict[str, Any]:
    count = len(laid.pages)
    step = max(1, count // SAMPLED_PAGES)
    numbers = range(1, count + 1, step)
    sampled = sum(len(previews.png(book, config, laid, number)) for number in numbers)
    return {"bytes": round(sampled * count / len(numbers)), "sampled": len(numbers), "exact": len(numbers) == count}
