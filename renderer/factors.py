"""The factors of Glyph's rendering (the paper's Table 8, arXiv 2510.17800, appendix) with the ranges it drew from.

Values for forms, searches and presets. RenderConfig allows more than this: anything that can be drawn.
"""

from dataclasses import dataclass


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

# Points. The paper: fixed paper sizes, common aspect ratios, free aspect ratios.
PAPER_SIZES_PT: dict[str, tuple[float, float]] = {
    "A4": (595.2755905511812, 841.8897637795277),
    "LETTER": (612.0, 792.0),
    "LEGAL": (612.0, 1008.0),
    "A5": (419.52755905511816, 595.2755905511812),
    "B5": (498.89763779527556, 708.6614173228347),
    "A3": (841.8897637795277, 1190.5511811023623),
    "B4": (708.6614173228347, 1000.6299212598425),
    "TABLOID": (792.0, 1224.0),
}
ASPECT_RATIOS: tuple[float, ...] = (1.414, 1.333, 1.5, 1.778)  # height / width

FONT_SIZES_PT: tuple[float, ...] = (7, 7.5, 8, 9, 9.5, 10, 11, 12, 14)
EXTRA_LEADING_PT: tuple[int, ...] = (0, 1, 2, 3)  # line-height = font-size + one of these
MARGINS_PT: tuple[float, float] = (10, 40)
HORIZONTAL_SCALE: tuple[float, float] = (0.75, 1.0)
FIRST_LINE_INDENT_EM: tuple[float, float] = (1.0, 2.5)
