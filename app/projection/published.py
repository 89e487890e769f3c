"""What the Glyph paper measured of speed, as it printed it. Knows nothing of our formulas.

Source: the Glyph paper (arXiv 2510.17800), the figure of inference speedups: Glyph over its own text backbone on one
NVIDIA H100 80 GB, at some three times compression. Decoding is per-sample inference time at the largest batch that
fits, 256 output tokens.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedSpeedup:
    """How many times faster the pages were than the text, at one length of text."""

    text_tokens: int
    prefill: float
    decoding: float


PUBLISHED_SPEEDUPS = (
    PublishedSpeedup(4_096, 1.8, 2.3),
    PublishedSpeedup(8_192, 2.0, 2.3),
    PublishedSpeedup(16_384, 2.2, 2.5),
    PublishedSpeedup(32_768, 2.5, 2.7),
    PublishedSpeedup(65_536, 3.3, 3.2),
    PublishedSpeedup(131_072, 4.8, 4.4),
)
PUBLISHED_COMPRESSION = 3.0
PUBLISHED_OUTPUT_TOKENS = 256
