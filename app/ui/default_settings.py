"""The settings a book opens with: Glyph's published English or Chinese ones, whichever lacks fewer of its characters."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from app.books import Book
from app.paths import CONFIGS
from renderer import RenderConfig
from renderer.fonts.missing_glyphs import missing_glyphs


@lru_cache(maxsize=1)
def published_settings() -> tuple[RenderConfig, RenderConfig]:
    """Glyph's two: English and Chinese."""
    return RenderConfig.load(CONFIGS / "en.json"), RenderConfig.load(CONFIGS / "zh.json")


def default_settings(book: Book | None = None) -> RenderConfig:
    """The published settings whose font can draw more of the book; the English ones where both draw as much."""
    english, chinese = published_settings()
    if book is None:
        return english
    lacking = [lacking_characters(book, config)[1] for config in (english, chinese)]
    return chinese if lacking[1] < lacking[0] else english


def lacking_characters(book: Book, config: RenderConfig) -> tuple[tuple[str, ...], int]:
    """What the font cannot draw of this book, most frequent first, and how many characters of the text that is."""
    return _lacking(book.content_hash, config.font_path, config.fallback_fonts, book)


@st.cache_data(show_spinner=False, max_entries=64)
def _lacking(content_hash: str, font: Path, fallbacks: tuple[Path, ...], _book: Book) -> tuple[tuple[str, ...], int]:
    found = missing_glyphs(_book.text, font, fallbacks)
    return tuple(character for character, _ in found), sum(count for _, count in found)
