"""Colours of page, paragraph and letters that belong together, by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as "#RRGGBB"."""

    page: str
    paragraph: str
    letters: str


PALETTES: dict[str, Palette] = {
    "white": Palette("#FFFFFF", "#FFFFFF", "#000000"),
    "cream": Palette("#FBF6E9", "#FBF6E9", "#2B2B2B"),
    "grey": Palette("#F2F2F2", "#FFFFFF", "#1F2328"),
    "night": Palette("#1E1E1E", "#1E1E1E", "#D4D4D4"),
    "blue night": Palette("#0D1B2A", "#0D1B2A", "#E0E6ED"),
}
