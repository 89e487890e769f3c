"""Render settings in; out, in words, why nobody would print such a page. A list of rules, each with its test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.tokens import CELL_PX
from app.tokens.visual_tokens import FRAMES, MAX_VOLUME
from renderer import RenderConfig
from renderer.settings.legible_colors import contrast_ratio

LEAST_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3 (AA), for text of this size
LEAST_LINE_EM = 12.0  # a line holds some two dozen Latin letters
LEAST_LINES = 6


@dataclass(frozen=True, slots=True)
class Rule:
    """What is excluded, in words, and the test that says so."""

    words: str
    excludes: Callable[[RenderConfig], bool]


def _pixels(config: RenderConfig) -> float:
    width_pt, height_pt = config.layout_page_pt
    return width_pt * height_pt * (config.dpi / 72) ** 2


RULES: tuple[Rule, ...] = (
    Rule("a line is too narrow", lambda c: c.line_width_pt < LEAST_LINE_EM * c.font_size_pt),
    Rule("a page holds too few lines", lambda c: c.layout_page_pt[1] - 2 * c.margin_y_pt < LEAST_LINES * c.leading_pt),
    Rule(
        "letters hardly stand out from what is behind them",
        lambda c: contrast_ratio(c.font_color, c.paragraph_background) < LEAST_CONTRAST,
    ),
    Rule("the model's image processor would shrink the page", lambda c: FRAMES * _pixels(c) > MAX_VOLUME),
    Rule("the page is less than four cells of 28 px wide", lambda c: c.layout_page_pt[0] * c.dpi / 72 < 4 * CELL_PX),
)


def excluded_by(config: RenderConfig) -> str:
    """The first rule that excludes a style, in words; "" where none does."""
    return next((rule.words for rule in RULES if rule.excludes(config)), "")
