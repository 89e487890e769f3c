"""The open book's figures as files: every one with its unit in its name, and projections called so."""

from __future__ import annotations

from collections.abc import Mapping

from app.exports.files import Cell, ExportFile, table_files
from app.reading import BookFigures


def figures_files(figures: BookFigures, title: str, settings: Mapping[str, str]) -> tuple[ExportFile, ...]:
    """`settings`: every rendering setting by its short key, as a link spells them."""
    return table_files("The book's figures", "book-figures", [figures_row(figures, title) | settings_cells(settings)])


def figures_row(figures: BookFigures, title: str) -> dict[str, Cell]:
    text, pages = figures.text, figures.pages
    return {
        "title": title,
        "text_tokens": text.tokens,
        "text_tokens_sent": text.sent,
        "text_window_tokens": text.window.tokens,
        "text_window_told_by_server": text.window.is_told,
        "pages": pages.pages,
        "visual_tokens": pages.visual_tokens,
        "pages_prompt_tokens": pages.prompt_tokens,
        "pages_window_tokens": pages.window.tokens,
        "pages_window_told_by_server": pages.window.is_told,
        "compression_ratio": round(figures.ratio, 4),
        "projected_on": figures.gpu.name,
        "projected_text_first_token_s": round(figures.text_seconds, 4),
        "projected_whole_text_first_token_s": round(figures.whole_text_seconds, 4),
        "projected_pages_first_token_s": round(figures.pages_seconds, 4),
    }


def settings_cells(settings: Mapping[str, str]) -> dict[str, Cell]:
    return {f"setting_{key}": value for key, value in settings.items()}
