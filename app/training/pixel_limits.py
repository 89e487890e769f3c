"""Each trainer's own limit on the pixels of an image, held against the pages: a page above it is shrunk without a word.

A shrunk page is not what the renderer drew, and small print becomes unreadable. Knows nothing of how pages are made.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.tokens.visual_tokens import FRAMES, MAX_VOLUME

from .writers.formats import Trainer


@dataclass(frozen=True, slots=True)
class PixelLimit:
    """`pixels`: width times height, at most. `fix`: the setting that raises it, as a person would write it."""

    trainer: Trainer
    pixels: int
    setting: str
    fix: str


MODEL_PIXELS = MAX_VOLUME // FRAMES  # Glm4v's own processor: 4,816,896 for a still image
# Only LLaMA-Factory has a default of its own (0.9.5: image_max_pixels, 768 * 768); the others leave
# resizing to the model's processor unless they are told otherwise.
LIMITS: tuple[PixelLimit, ...] = (
    PixelLimit(Trainer.MS_SWIFT, MODEL_PIXELS, "the model's processor", "leave MAX_PIXELS unset, or above the pages"),
    PixelLimit(Trainer.LLAMA_FACTORY, 768 * 768, "image_max_pixels", f"set image_max_pixels: {MODEL_PIXELS}"),
    PixelLimit(Trainer.TRL, MODEL_PIXELS, "the model's processor", "lower the dpi"),
    PixelLimit(Trainer.AXOLOTL, MODEL_PIXELS, "the model's processor", "leave image_size unset"),
    PixelLimit(Trainer.VERL, MODEL_PIXELS, "the model's processor", "leave max_pixels unset, or above the pages"),
)
OF: dict[Trainer, PixelLimit] = {limit.trainer: limit for limit in LIMITS}


def shrunk_warning(trainer: Trainer, sizes_px: Iterable[tuple[int, int]]) -> str:
    """What a person must be told before training; "" where every page passes as it is."""
    limit = OF[trainer]
    areas = [width * height for width, height in sizes_px]
    above = [area for area in areas if area > limit.pixels]
    if not above:
        return ""
    return (
        f"{trainer} would shrink {len(above):,} of {len(areas):,} pages: {limit.setting} is {limit.pixels:,} pixels, the largest "
        f"page has {max(above):,}. To keep them as drawn: {limit.fix}."
    )
