"""Render settings in, lines of random hex as the model would see them out: each line's picture and what stands in it.

Drawn by our renderer at the very settings, on pages of their size, so that the model's resize does to them what it does to a
book's pages. Hex, because nothing in it can be guessed from what stands beside it. The seed is fixed: two settings are
compared on the same characters.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from app.legibility.model_view import as_the_model_sees_it
from app.tokens import is_resampled
from renderer import RenderConfig, plan
from renderer.settings.newline_markup import BREAK

if TYPE_CHECKING:
    from renderer.fast.laid_text import GlyphBoxes

LINES = 27
SEED = 20_251_017
MAX_LINE_CHARACTERS = 96  # of a wide page's line no more is read
HEX = "0123456789abcdef"
LETTERS = f"{HEX}- "  # what is read at all
_GROUPS = (8, 4, 4, 4, 12)  # of a UUID
_CODES = 400
_MAX_CHARACTERS_DRAWN = 24_000
_ABOVE_EM, _BELOW_EM, _RIM_PX = 0.85, 0.25, 6


class NoProbe(Exception):
    """These settings cannot be probed. Shown to the user as it is."""


@dataclass(frozen=True, slots=True)
class ProbeLine:
    picture: Image.Image
    text: str  # without blanks


@dataclass(frozen=True, slots=True)
class Probe:
    lines: tuple[ProbeLine, ...]
    resampled: bool


def draw_probe(config: RenderConfig, lines: int = LINES, seed: int = SEED) -> Probe:
    """Raises NoProbe where the fast engine does not draw these settings, RenderError for impossible ones."""
    # Line ends play no part: the probe is one paragraph. A crop would move the page's size away from a full page's.
    config = replace(config, newline_markup=BREAK, auto_crop_last_page=False)
    text = _codes(seed, max(_CODES, 20 * lines))[:_MAX_CHARACTERS_DRAWN]
    layout = plan(text, config).layout
    if layout is None:
        raise NoProbe("the reference engine draws these settings")
    found: list[ProbeLine] = []
    resampled = False
    for index in range(layout.page_count):
        if len(found) >= lines:
            break
        page = Image.fromarray(layout.page_array(index))
        seen = as_the_model_sees_it(page)
        resampled |= is_resampled(*page.size)
        found += line_pictures(layout.cells(index), text, seen, page.size, config)
    if not found:
        raise NoProbe("no line fits these pages")
    return Probe(tuple(found[:lines]), resampled)


def _codes(seed: int, count: int) -> str:
    chance = random.Random(seed)
    return " ".join("-".join("".join(chance.choices(HEX, k=size)) for size in _GROUPS) for _ in range(count))


def line_pictures(
    cells: GlyphBoxes,
    text: str,
    seen: Image.Image,
    drawn: tuple[int, int],
    config: RenderConfig,
    span: tuple[int, int] | None = None,
) -> list[ProbeLine]:
    """A page's lines as the model sees them, or of each line what belongs to a `span` of the text's characters.

    `drawn`: the page's size (px) before the model's resize, in which the cells are. One line's glyphs have one top.
    """
    across, down = seen.width / drawn[0], seen.height / drawn[1]
    em = config.font_size_pt * config.dpi / 72
    found = []
    wanted = np.ones(len(cells.top), dtype=bool)
    if span is not None:
        wanted = (cells.source >= span[0]) & (cells.source < span[1])
    for top in np.unique(cells.top[wanted]):
        on_line = np.flatnonzero((cells.top == top) & wanted)
        on_line = on_line[np.argsort(cells.left[on_line])][:MAX_LINE_CHARACTERS]
        inked = [i for i in on_line if not text[cells.source[i]].isspace()]
        if not inked:
            continue
        baseline = float(top) + em
        left, right = cells.left[inked].min() * across, cells.right[inked].max() * across
        box = (
            max(0, int(left)),
            max(0, round((baseline - _ABOVE_EM * em) * down)),
            min(seen.width, int(right) + 1),
            min(seen.height, round((baseline + _BELOW_EM * em) * down)),
        )
        if box[2] > box[0] and box[3] > box[1]:
            # A rim of the page's own colour, not of the page: what stands on the next line would be read along.
            picture = ImageOps.expand(seen.crop(box), _RIM_PX, config.paragraph_background)
            found.append(ProbeLine(picture, "".join(text[cells.source[i]] for i in inked)))
    return found
