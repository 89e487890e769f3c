"""A length of text in, the size of its prompt out: as text, or as pages at a compression. Knows nothing of time."""

from __future__ import annotations

from dataclasses import dataclass

from app.projection.errors import ProjectionError
from app.projection.roofline import BEGIN_AND_END_OF_IMAGE

TOKENS_PER_PAGE = 630  # a page of 590 x 842 px: 21 x 30 cells, which is Glyph's A4 at 72 dpi
PATCHES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class PromptSize:
    """What one request holds. `patches_per_page` is empty for text."""

    tokens: int
    patches_per_page: tuple[int, ...] = ()


def text_prompt(text_tokens: int, question_tokens: int = 0) -> PromptSize:
    if text_tokens < 0 or question_tokens < 0:
        raise ProjectionError(f"text_tokens={text_tokens} and question_tokens={question_tokens} must not be negative.")
    return PromptSize(text_tokens + question_tokens)


def pages_prompt(
    text_tokens: int, compression: float, question_tokens: int = 0, tokens_per_page: int = TOKENS_PER_PAGE
) -> PromptSize:
    """The same text as whole pages and one that is partly full. `compression`: text tokens for one visual token.

    `tokens_per_page`: of a full page at the settings in question; larger pages cost the encoder more for the same tokens.
    """
    if text_tokens < 0 or question_tokens < 0:
        raise ProjectionError(f"text_tokens={text_tokens} and question_tokens={question_tokens} must not be negative.")
    if not compression > 0:
        raise ProjectionError(f"compression={compression} must be above 0; 3 is Glyph's at 72 dpi.")
    if tokens_per_page < 1:
        raise ProjectionError(f"tokens_per_page={tokens_per_page} must be at least 1.")
    visual = round(text_tokens / compression)
    whole, rest = divmod(visual, tokens_per_page)
    pages = [tokens_per_page] * whole + ([rest] if rest else [])
    tokens = visual + BEGIN_AND_END_OF_IMAGE * len(pages)
    return PromptSize(tokens + question_tokens, tuple(PATCHES_PER_TOKEN * page for page in pages))
