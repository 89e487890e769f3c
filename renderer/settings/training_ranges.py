"""The factors of Glyph's rendering (the paper's Table 8, arXiv 2510.17800, appendix) with the ranges it drew from.

Values for forms, searches and presets. RenderConfig allows more than this: anything that can be drawn.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
EXTRA_LEADING_PT: tuple[int, ...] = (0, 1, 2, 3)  # line-height = font-size + one of these
FIRST_LINE_INDENT_EM: tuple[float, float] = (1.0, 2.5)  # where there is one
STYLE_THEMES: tuple[str, ...] = ("document_style", "web_style", "dark_mode", "code_style", "artistic_pixel")


@dataclass(frozen=True, slots=True)
class Factor:
    """One number of RenderConfig with the range that Glyph was trained on: None where the paper gives no bound."""

    field: str
    label: str
    unit: str
    lowest: float | None
    highest: float | None


FACTORS: tuple[Factor, ...] = (
    Factor("dpi", "Resolution", "dpi", 45, None),
    Factor("font_size_pt", "Font size", "pt", 7, 14),
    Factor("margin_x_pt", "Margins left and right", "pt", 10, 40),
    Factor("margin_y_pt", "Margins above and below", "pt", 10, 40),
    Factor("horizontal_scale", "Horizontal scale", "", 0.75, 1.0),
    Factor("first_line_indent_pt", "First-line indent", "pt", None, None),
    Factor("left_indent_pt", "Left indent", "pt", None, None),
    Factor("right_indent_pt", "Right indent", "pt", None, None),
    Factor("space_before_pt", "Space before paragraphs", "pt", None, None),
    Factor("space_after_pt", "Space after paragraphs", "pt", None, None),
    Factor("border_width_pt", "Border width", "pt", None, None),
    Factor("border_padding_pt", "Border padding", "pt", None, None),
)


def untrained_settings(config: "RenderConfig") -> tuple[str, ...]:
    """Which settings lie outside what Glyph was trained on, in words; empty where none does."""
    found = []
    for factor in FACTORS:
        value, unit = getattr(config, factor.field), f" {factor.unit}".rstrip()
        if factor.lowest is not None and value < factor.lowest:
            found.append(f"{factor.label} {value:g}{unit}: Glyph was trained on {factor.lowest:g}{unit} and more.")
        elif factor.highest is not None and value > factor.highest:
            found.append(f"{factor.label} {value:g}{unit}: Glyph was trained on {factor.highest:g}{unit} and less.")
    extra = config.leading_pt - config.font_size_pt
    if extra > EXTRA_LEADING_PT[-1]:
        found.append(
            f"Line height {config.leading_pt:g} pt: Glyph was trained on up to {EXTRA_LEADING_PT[-1]} pt more than the "
            f"font size {config.font_size_pt:g}."
        )
    return tuple(found)
