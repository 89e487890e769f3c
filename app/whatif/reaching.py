"""Settings at which a text is compressed so strongly. In: a text to count over, settings to begin from. Out: Reaching values.

Every figure is a layout of the whole text by the fast engine, as the Pages screen counts it; nothing is extrapolated but the
resolution that is tried first. For each size of type the highest resolution that reaches the ratio is told: coarser ones reach it
too, and are harder to read. The print's clarity is the stored table's (app/legibility): an OCR stand-in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.legibility import Clarity, table_clarity
from app.tokens import VISUAL_OVERHEAD_PER_PAGE, compression_ratio, page_grid
from app.whatif.errors import WhatIfError
from renderer import EngineUnavailable, RenderCancelled, RenderConfig, RenderError, count
from renderer.settings.training_ranges import untrained_settings

LEAST_DPI, MOST_DPI = 24, 200
SMALLER_PT = (0.0, 1.0, 2.0, 3.0)  # type sizes that are tried, below the one to begin from
LEAST_PT = 4.0
_TRIES = 12  # resolutions a type size: sizes in whole cells make the ratio go in steps


@dataclass(frozen=True, slots=True)
class Reaching:
    """One setting that reaches the ratio, counted over the whole text."""

    config: RenderConfig
    text_tokens: int
    visual_tokens: int
    pages: int
    clarity: Clarity
    untrained: tuple[str, ...]
    """What Glyph was not trained on, in words; empty: all of it is within the ranges that the paper names."""

    @property
    def compression(self) -> float:
        return compression_ratio(self.text_tokens, self.visual_tokens)

    @property
    def prompt_tokens(self) -> int:
        return self.visual_tokens + VISUAL_OVERHEAD_PER_PAGE * self.pages

    @property
    def tokens_per_page(self) -> int:
        return max(1, round(self.visual_tokens / self.pages))


def reaching_settings(
    text: str, text_tokens: int, base: RenderConfig, compression: float, wanted: Callable[[], bool] = lambda: True
) -> tuple[Reaching, ...]:
    """The clearest print first. Raises WhatIfError where the fast engine does not count this text, or none reaches it.

    `wanted` is asked between layouts: false raises RenderCancelled.
    """
    if not (math.isfinite(compression) and compression > 0):
        raise WhatIfError(f"A compression of {compression:g}× cannot be reached; give more than 0.")
    leading = base.leading_pt - base.font_size_pt
    found = []
    for smaller in SMALLER_PT:
        size = base.font_size_pt - smaller
        if size < LEAST_PT and smaller:
            continue
        for snapped in (False, True):
            config = replace(base, font_size_pt=size, leading_pt=size + leading, snap_to_28=snapped)
            one = _finest(text, text_tokens, config, compression, wanted)
            if one is not None:
                found.append(one)
    if not found:
        raise WhatIfError(
            f"No setting tried reaches {compression:.2f}×, down to {LEAST_DPI} dpi; take a larger window or a shorter text."
        )
    return tuple(sorted(found, key=lambda one: (one.clarity.share_wrong, -one.config.font_size_pt)))


def _finest(
    text: str, text_tokens: int, config: RenderConfig, compression: float, wanted: Callable[[], bool]
) -> Reaching | None:
    """The highest resolution that reaches it, by trying around where the square law of areas puts it."""
    start = _counted(text, text_tokens, replace(config, dpi=72), wanted)
    dpi = _inside(72 * math.sqrt(start.compression / compression))
    best: Reaching | None = None
    for _ in range(_TRIES):
        one = _counted(text, text_tokens, replace(config, dpi=dpi), wanted)
        if one.compression >= compression:
            best = one
            if dpi == MOST_DPI:
                return best
            dpi += 1
        else:
            if best is not None or dpi == LEAST_DPI:
                return best
            dpi -= 1
    return best


def _counted(text: str, text_tokens: int, config: RenderConfig, wanted: Callable[[], bool]) -> Reaching:
    if not wanted():
        raise RenderCancelled("Something newer was asked for.")
    try:
        pages = count(text, config, "fast").pages
    except EngineUnavailable as error:
        raise WhatIfError(f"The settings cannot be searched on this text: {error}") from error
    except RenderError as error:
        raise WhatIfError(str(error)) from error
    visual = sum(page_grid(page.width_px, page.height_px).tokens for page in pages)
    return Reaching(config, text_tokens, visual, len(pages), table_clarity(config), untrained_settings(config))


def _inside(dpi: float) -> int:
    return min(MOST_DPI, max(LEAST_DPI, round(dpi)))
