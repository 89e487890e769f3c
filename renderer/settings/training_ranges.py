"""What Glyph was trained on (the paper's Table 8, arXiv 2510.17800, appendix): lists of values, and what lies outside.

The ranges of single settings are in the table (table.py); here is what it cannot hold: named bands and lists of values.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .table import SETTINGS, Against, Setting

if TYPE_CHECKING:
    from .config import RenderConfig


@dataclass(frozen=True, slots=True)
class DpiBand:
    """A named stretch of resolutions; `choices` where the paper lists them."""

    name: str
    lowest: int
    highest: int
    choices: tuple[int, ...] = ()


DPI_BANDS: tuple[DpiBand, ...] = (
    DpiBand("lowest", 45, 59),
    DpiBand("low", 60, 71),
    DpiBand("medium", 72, 119),
    DpiBand("normal", 72, 300, (72, 80, 96, 100, 110, 120, 144, 150, 300)),
    DpiBand("high", 301, 600),  # "over 300" in the paper; the upper end is ours
)


FONT_SIZES_PT: tuple[float, ...] = (7, 7.5, 8, 9, 9.5, 10, 11, 12, 14)
EXTRA_LEADING_PT: tuple[int, ...] = (0, 1, 2, 3)  # leading = font size + one of these
STYLE_THEMES: tuple[str, ...] = ("document_style", "web_style", "dark_mode", "code_style", "artistic_pixel")


def untrained_settings(config: "RenderConfig") -> tuple[str, ...]:
    """Which settings lie outside what Glyph was trained on, in words; empty where none does."""
    return tuple(words for setting in SETTINGS if (words := _untrained(setting, config)))


def _untrained(setting: Setting, config: "RenderConfig") -> str:
    if setting.trained is None:
        return ""
    value, trained = getattr(config, setting.field), setting.trained
    measured = value
    if setting.trained.against is Against.EXTRA:
        measured = value - config.font_size_pt
    elif setting.trained.against is Against.EM:
        if value == 0:
            return ""
        measured = value / config.font_size_pt
    if trained.lowest is not None and measured < trained.lowest:
        bound, side = trained.lowest, "more"
    elif trained.highest is not None and measured > trained.highest:
        bound, side = trained.highest, "less"
    else:
        return ""
    if setting.trained.against is Against.EXTRA:
        bound += config.font_size_pt
    elif setting.trained.against is Against.EM:
        bound *= config.font_size_pt
    of_font = f" for a font size of {config.font_size_pt:g} pt" if setting.trained.against else ""
    return f"{setting.label} {setting.said(value)}: Glyph was trained on {setting.said(bound)} and {side}{of_font}."
