"""A laid-out book's figures as the viewer shows them: tokens of both kinds, ratio, prefill on paper, megabytes to send.

In: a book, its settings and its layout. Out: one JSON value. The megabytes come from a few pages spread over the book and
say so; all other figures count every page.
"""

from __future__ import annotations

from typing import Any

from app.books import Book
from app.preview.clarity import clarity_json, clarity_while_moving
from app.preview.font_choices import font_token
from app.preview.laid_book import Laid
from app.preview.previews import PreparedBook, Previews
from app.preview.settings_query import BETWEEN_FONTS
from app.projection import GLYPH, GPUS, QWEN3_8B, project
from app.tokens import VISUAL_OVERHEAD_PER_PAGE, compression_ratio
from renderer import RenderConfig
from renderer.fonts.catalogue import installed_fonts
from renderer.fonts.font_file import check_font_file
from renderer.fonts.missing_glyphs import missing_glyphs
from renderer.settings.config import MAX_FALLBACK_FONTS
from renderer.settings.legible_colors import faint_colors
from renderer.settings.table import BY_FIELD
from renderer.settings.training_ranges import untrained_settings

DEFAULT_GPU_ID = "h100-80gb"
PATCHES_PER_TOKEN = 4
SAMPLED_PAGES = 8
MISSING_SHOWN = 12
MOSTLY = 0.5  # of the text


def figures_json(
    previews: Previews, book: Book, config: RenderConfig, laid: Laid, gpu_id: str, settled: bool
) -> dict[str, Any]:
    """Every page as [width, height, visual tokens, first character, columns of tokens], and the book's totals."""
    prepared = previews.prepared(book)
    visual, text = laid.totals.visual_tokens, prepared.text_tokens
    figures: dict[str, Any] = {
        "engine": laid.engine,
        "reason": laid.reason,
        "pages": [
            [page.width_px, page.height_px, page.visual_tokens, page.text_span[0], page.columns] for page in laid.pages
        ],
        "visual_tokens": visual,
        "visual_prompt_tokens": visual + VISUAL_OVERHEAD_PER_PAGE * len(laid.pages),
        "text_tokens": text,
        "ratio": compression_ratio(text, visual),
        "resampled": sum(page.resampled for page in laid.pages),
        "prefill": _prefill(laid, text, gpu_id),
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
    """The installed font that has most of what is lacking, and the change that takes it: as one more fallback, or, where most
    of the book is lacking, as the font itself, which the fast engine draws."""
    best, covers = None, 0
    for family in installed_fonts() if lacking else ():
        covered = check_font_file(family.file).codepoints
        places = sum(count for character, count in lacking if ord(character) in covered)
        if places > covers:
            best, covers = family, places
    if best is None or len(config.fallback_fonts) >= MAX_FALLBACK_FONTS:
        return None
    if share > MOSTLY:
        changes = {BY_FIELD["font_path"].link_key: font_token(best.file)}
    else:
        fonts = BETWEEN_FONTS.join(font_token(path) for path in (*config.fallback_fonts, best.file))
        changes = {BY_FIELD["fallback_fonts"].link_key: fonts}
    return {"changes": changes, "family": best.family, "covers": covers}


def _prefill(laid: Laid, text_tokens: int, gpu_id: str) -> dict[str, Any]:
    gpu = GPUS.get(gpu_id, GPUS[DEFAULT_GPU_ID])
    tokens = laid.totals.visual_tokens + VISUAL_OVERHEAD_PER_PAGE * laid.page_count
    patches = [page.visual_tokens * PATCHES_PER_TOKEN for page in laid.pages]
    pages = project(GLYPH, gpu, tokens, patches)
    text = project(QWEN3_8B, gpu, text_tokens)
    return {
        "gpu": gpu.name,
        "text_s": text.prefill_seconds + text.vision_seconds,
        "pages_s": pages.prefill_seconds + pages.vision_seconds,
    }


def _png_bytes(previews: Previews, book: Book, config: RenderConfig, laid: Laid) -> dict[str, Any]:
    count = len(laid.pages)
    step = max(1, count // SAMPLED_PAGES)
    numbers = range(1, count + 1, step)
    sampled = sum(len(previews.png(book, config, laid, number)) for number in numbers)
    return {"bytes": round(sampled * count / len(numbers)), "sampled": len(numbers), "exact": len(numbers) == count}
