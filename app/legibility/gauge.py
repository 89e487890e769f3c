"""Render settings in, their print clarity out: measured by the OCR program, or looked up where there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein

from app.legibility.ocr import OcrUnavailable, read_lines, why_not
from app.legibility.probe import LETTERS, LINES, SEED, NoProbe, draw_probe
from app.legibility.table import looked_up
from app.legibility.values import Clarity, ClaritySource
from app.tokens import is_resampled
from renderer import RenderConfig
from renderer.settings.legible_colors import contrast_ratio

_RESAMPLES = 2000  # of the bootstrap
_TAILS = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class LineRead:
    """One line of the probe: its characters, and the edits (Levenshtein) from them to what was read."""

    characters: int
    wrong: int


def measured_clarity(config: RenderConfig, wanted: Callable[[], bool] = lambda: True) -> Clarity:
    """Read now, some tenths of a second; the table's figure, with the reason, where nothing can be read here.

    Raises ReadingUnwanted as soon as `wanted` says so: it is asked between two lines, from any thread.
    """
    if reason := why_not():
        return table_clarity(config, reason)
    try:
        reads, resampled = read_probe(config, wanted=wanted)
    except (NoProbe, OcrUnavailable) as error:
        return table_clarity(config, str(error).rstrip("."))
    share, low, high = share_with_range(reads)
    return Clarity(share, low, high, ClaritySource.MEASURED, _contrast(config), resampled)


def table_clarity(config: RenderConfig, why: str = "") -> Clarity:
    """Looked up by the letters' size in pixels and whether the model's processor resizes the page; at once."""
    resampled = _is_resampled(config)
    em_px = config.font_size_pt * config.dpi / 72
    row = looked_up(em_px, resampled)
    return Clarity(row.share_wrong, row.low, row.high, ClaritySource.TABLE, _contrast(config), resampled, why)


def read_probe(
    config: RenderConfig, lines: int = LINES, seed: int = SEED, wanted: Callable[[], bool] = lambda: True
) -> tuple[list[LineRead], bool]:
    """The probe's lines read, and whether its pages are resampled. Raises NoProbe, OcrUnavailable, ReadingUnwanted, RenderError."""
    probe = draw_probe(config, lines, seed)
    found = read_lines([line.picture for line in probe.lines], LETTERS, wanted)
    reads = []
    for line, read in zip(probe.lines, found, strict=True):
        # What it adds out of nothing can be more than the line has: no more than all of it is wrong.
        wrong = min(len(line.text), Levenshtein.distance(line.text, "".join(read.split())))
        reads.append(LineRead(len(line.text), wrong))
    return reads, probe.resampled


def share_with_range(reads: Sequence[LineRead]) -> tuple[float, float, float]:
    """Share of characters misread, and its 95 % range: a bootstrap over lines, for errors come in lines."""
    characters = np.array([one.characters for one in reads], dtype=float)
    wrong = np.array([one.wrong for one in reads], dtype=float)
    drawn = np.random.default_rng(SEED).integers(0, len(reads), (_RESAMPLES, len(reads)))
    shares = wrong[drawn].sum(axis=1) / characters[drawn].sum(axis=1)
    low, high = np.percentile(shares, _TAILS)
    return float(wrong.sum() / characters.sum()), float(low), float(high)


def _contrast(config: RenderConfig) -> float:
    return contrast_ratio(config.font_color, config.paragraph_background)


def _is_resampled(config: RenderConfig) -> bool:
    """Whether full pages are. A crop to the ink gives every page a width of its own: as good as always."""
    if config.snap_to_28 or config.auto_crop_width:
        return not config.snap_to_28
    width, height = (math.ceil(side * config.dpi / 72 - 1e-6) for side in config.layout_page_pt)  # poppler rounds up
    return is_resampled(int(width * config.horizontal_scale), height)
