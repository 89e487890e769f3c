"""Whether text stands out from its paper: the contrast ratio of WCAG 2.2, and which settings give too little of it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .config import RenderConfig

LEAST_CONTRAST = (
    3.0  # WCAG 2.2, success criterion 1.4.3, for large text; for models the bound is ours, no paper names one
)


def contrast_ratio(first: str, second: str) -> float:
    """Of two colours `#RRGGBB`: 1 (the same) to 21 (black on white), in either order (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def faint_colors(config: "RenderConfig") -> tuple[str, ...]:
    """In words, where text hardly stands out from what is behind it; empty where it does."""
    ratio = contrast_ratio(config.font_color, config.paragraph_background)
    if ratio >= LEAST_CONTRAST:
        return ()
    return (
        f"Text colour {config.font_color} on {config.paragraph_background}: a contrast of {ratio:.1f}, "
        f"and below {LEAST_CONTRAST:g} a page cannot be expected to be read.",
    )


def _luminance(color: str) -> float:
    """Relative luminance of sRGB, 0 to 1."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
