"""Which installed font would draw what the chosen one lacks: offered on Pages and on Compare alike.

In: the characters that are lacking with their counts, and the settings. Out: settings with that font, or None.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from renderer import RenderConfig
from renderer.fonts.catalogue import installed_fonts
from renderer.fonts.font_file import check_font_file
from renderer.settings.config import MAX_FALLBACK_FONTS

MOSTLY = 0.5  # of the text


@dataclass(frozen=True, slots=True)
class FontOffer:
    """`instead`: it takes the font's place; else it is one more to fall back to. `covers`: places of the text."""

    config: RenderConfig
    family: str
    covers: int
    instead: bool


def font_offer(lacking: tuple[tuple[str, int], ...], config: RenderConfig, share: float) -> FontOffer | None:
    """The installed font that has most of what is lacking, and the change that takes it: as one more fallback, or, where most
    of the book is lacking (`share` of it), as the font itself, which the fast engine draws."""
    best, covers = None, 0
    for family in installed_fonts() if lacking else ():
        covered = check_font_file(family.file).codepoints
        places = sum(count for character, count in lacking if ord(character) in covered)
        if places > covers:
            best, covers = family, places
    if best is None or len(config.fallback_fonts) >= MAX_FALLBACK_FONTS:
        return None
    if share > MOSTLY:
        return FontOffer(replace(config, font_path=best.file), best.family, covers, True)
    fallbacks = (*config.fallback_fonts, best.file)
    return FontOffer(replace(config, fallback_fonts=fallbacks), best.family, covers, False)
