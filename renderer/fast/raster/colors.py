"""The colours of a setting as poppler has them after their way through the PDF: "#RRGGBB" in, bytes out.

Facts: poppler 22.12 poppler/GfxState.h (dblToCol, colToByte). Knows nothing of pages.
"""

from dataclasses import dataclass, field

import numpy as np

from renderer.fast.pdf_numbers import read_back
from renderer.settings.config import RenderConfig


@dataclass(frozen=True, slots=True)
class Paint:
    """The colours of a setting, as poppler has them after their way through the PDF."""

    page: np.ndarray
    paragraph: np.ndarray
    border: np.ndarray
    text: np.ndarray  # (styles, 3)
    style_class: np.ndarray  # styles of one colour are one to reportlab
    base_is_gray: bool
    text_is_gray: np.ndarray
    all_is_gray: bool
    page_is_white: bool
    rectangle_shows: bool  # the paragraph's colour is not the page's
    page_hex: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, config: RenderConfig, styles: tuple[str | None, ...]) -> "Paint":
        named = [color or config.font_color for color in styles]
        text = np.array([_drawn_color(color) for color in named], dtype=np.uint8)
        page, paragraph, border = (
            np.array([*_drawn_color(color), 255], dtype=np.uint8)
            for color in (config.page_background, config.paragraph_background, config.border_color)
        )
        base = [page, paragraph] + ([border] if config.border_width_pt else [])
        base_is_gray = all(_is_gray(color) for color in base)
        text_is_gray = np.array([_is_gray(color) for color in text])
        return cls(
            page,
            paragraph,
            border,
            text,
            np.array([named.index(color) for color in named], dtype=np.uint8),
            base_is_gray,
            text_is_gray,
            base_is_gray and bool(text_is_gray.all()),
            bool((page == 255).all()),
            not np.array_equal(page, paragraph),
            np.array(_hex(config.page_background)),
        )


def _hex(color: str) -> tuple[int, int, int]:
    value = int(color[1:], 16)
    return value >> 16, value >> 8 & 255, value & 255


def _drawn_color(color: str) -> tuple[int, ...]:
    def drawn(byte: int) -> int:
        component = int(float(read_back(byte / 255.0)) * 65536)
        return ((component << 8) - component + 0x8000) >> 16

    return tuple(drawn(byte) for byte in _hex(color))


def _is_gray(color: np.ndarray) -> bool:
    return bool(color[0] == color[1] == color[2])
