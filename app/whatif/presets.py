"""Questions that are asked again and again, with what the paper printed on them. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """A length and a window, and what is known of it."""

    name: str
    text_tokens: int
    window_tokens: int
    answer_tokens: int
    published: tuple[tuple[str, float], ...] = ()
    """What the paper measured there, by name."""
    source: str = ""


PRESETS = (
    Preset(
        "The paper's extreme compression: 1M tokens in a 128K window",
        1_000_000,
        131_072,
        2_048,
        (("MRCR, 2 needles", 9.36), ("MRCR, 4 needles", 7.62), ("MRCR, 8 needles", 7.64)),
        "Glyph paper (arXiv 2510.17800), the table on extreme compression: average MRCR score over 128K to 1M tokens.",
    ),
    Preset("A novel in a 128K window", 240_000, 131_072, 2_048),
    Preset("128K tokens in a 32K window", 131_072, 32_768, 1_024),
)
