"""One function for one set of figures: `book_figures`. Compare, Pages and Prefill show what it gives and reckon nothing themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.projection import GLYPH, PATCHES_PER_TOKEN, QWEN3_8B, Gpu, project
from app.tokens import VISUAL_OVERHEAD_PER_PAGE, compression_ratio

QUESTION_TOKENS = 100  # question and template, about; beside a book they do not matter


@dataclass(frozen=True, slots=True)
class Window:
    """A model's context window in tokens; `is_told`: by its server, else it is assumed."""

    tokens: int
    is_told: bool


@dataclass(frozen=True, slots=True)
class TextReading:
    """The text side. `tokens`: the whole book's; `sent`: what is left of them where the middle is cut to fit."""

    tokens: int
    sent: int
    window: Window

    @property
    def is_cut(self) -> bool:
        return self.sent < self.tokens

    @property
    def share_sent(self) -> float:
        return self.sent / self.tokens if self.tokens else 1.0

    @property
    def share_of_window(self) -> float:
        """What the whole book would take: above 1 it does not fit, and is shown for comparison."""
        return self.tokens / self.window.tokens


@dataclass(frozen=True, slots=True)
class PagesReading:
    """The pages side. `prompt_tokens` has each page's begin and end marks too. Pages are never cut."""

    pages: int
    visual_tokens: int
    window: Window

    @property
    def prompt_tokens(self) -> int:
        return self.visual_tokens + VISUAL_OVERHEAD_PER_PAGE * self.pages

    @property
    def share_of_window(self) -> float:
        return self.prompt_tokens / self.window.tokens


@dataclass(frozen=True, slots=True)
class BookFigures:
    """Everything that a screen says of the open book. Seconds are projected times to the first token: never a measurement."""

    text: TextReading
    pages: PagesReading
    gpu: Gpu
    page_tokens: tuple[int, ...]
    text_seconds: float
    """Of what is sent to the text model: cut where it does not fit."""
    whole_text_seconds: float
    """Of the whole text, for comparison where it does not fit."""
    pages_seconds: float

    @property
    def ratio(self) -> float:
        """Text tokens of the whole book / visual tokens of the whole book."""
        return compression_ratio(self.text.tokens, self.pages.visual_tokens)

    @property
    def tokens_a_page(self) -> int:
        """Visual tokens of a usual page: the median, which a short last page does not move."""
        return sorted(self.page_tokens)[len(self.page_tokens) // 2]

    @property
    def speedup(self) -> float:
        """How many times sooner the pages' first token comes; below 1 it comes later."""
        return self.text_seconds / self.pages_seconds


def book_figures(text: TextReading, page_tokens: Sequence[int], pages_window: Window, gpu: Gpu) -> BookFigures:
    """`page_tokens`: visual tokens of each page, without marks."""
    return BookFigures(
        text=text,
        pages=PagesReading(len(page_tokens), sum(page_tokens), pages_window),
        gpu=gpu,
        page_tokens=tuple(page_tokens),
        text_seconds=text_seconds(text.sent, gpu),
        whole_text_seconds=text_seconds(text.tokens, gpu),
        pages_seconds=pages_seconds(page_tokens, gpu),
    )


def text_seconds(tokens: int, gpu: Gpu) -> float:
    """Projected time to the first token of Qwen3-8B over so many tokens and a question."""
    return project(QWEN3_8B, gpu, tokens + QUESTION_TOKENS, output_tokens=1).time_to_first_token_seconds


def pages_seconds(page_tokens: Sequence[int], gpu: Gpu) -> float:
    """Projected time to the first token of Glyph over these pages, each with its marks, and a question."""
    tokens = sum(page_tokens) + VISUAL_OVERHEAD_PER_PAGE * len(page_tokens) + QUESTION_TOKENS
    patches = [PATCHES_PER_TOKEN * one for one in page_tokens]
    return project(GLYPH, gpu, tokens, patches, output_tokens=1).time_to_first_token_seconds
