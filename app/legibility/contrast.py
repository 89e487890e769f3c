"""Two colours in, their contrast ratio out. Source: W3C, WCAG 2.1, "contrast ratio" and "relative luminance"."""

from __future__ import annotations


def contrast_ratio(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white). Colours as "#RRGGBB"."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
