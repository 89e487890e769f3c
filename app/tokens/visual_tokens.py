"""The size of an image in, its visual tokens out: Glm4v's resize rule. Knows nothing of how pages are made.

Source of the rule: `smart_resize` and `Glm4vImageProcessor` in Hugging Face transformers,
src/transformers/models/glm4v/image_processing_glm4v.py (Apache-2.0), written anew; limits from the model's
preprocessor_config.json (shortest_edge 12,544, longest_edge 9,633,792, both for frames x height x width).
"""

import math
from dataclasses import dataclass

from .errors import ImageShapeError

PATCH_PX = 14
MERGE = 2  # patches a side that become one token
CELL_PX = PATCH_PX * MERGE
FRAMES = 2  # a still image is counted as two equal frames
MIN_VOLUME = 112 * 112
MAX_VOLUME = 28 * 28 * 2 * 6144
MAX_ASPECT = 200
VISUAL_OVERHEAD_PER_PAGE = 2  # begin-of-image and end-of-image: in prompt_tokens, not in the compression ratio


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of 28 px that one image becomes, a token each, after the processor's resize."""

    columns: int
    rows: int
    resized_width_px: int
    resized_height_px: int

    @property
    def tokens(self) -> int:
        return self.columns * self.rows

    @property
    def patches(self) -> int:
        """What the vision encoder computes on: four a token."""
        return self.tokens * MERGE * MERGE


def page_grid(width_px: int, height_px: int) -> Grid:
    """Cells of an image. The model sees it unresampled where the resized size equals the given one."""
    if width_px < 1 or height_px < 1:
        raise ImageShapeError(f"An image of {width_px} x {height_px} px has no pixels; both sides must be 1 or more.")
    height, width = height_px, width_px
    if height < CELL_PX or width < CELL_PX:
        scale = max(CELL_PX / height, CELL_PX / width)
        height, width = int(height * scale), int(width * scale)
    if max(height, width) / min(height, width) > MAX_ASPECT:
        raise ImageShapeError(
            f"An image of {width_px} x {height_px} px is more than {MAX_ASPECT} times as long as wide; "
            "the model's image processor refuses it."
        )
    rows, columns = round(height / CELL_PX), round(width / CELL_PX)
    volume = FRAMES * rows * columns * CELL_PX * CELL_PX
    if volume > MAX_VOLUME:
        shrink = math.sqrt(FRAMES * height * width / MAX_VOLUME)
        rows = max(1, math.floor(height / shrink / CELL_PX))
        columns = max(1, math.floor(width / shrink / CELL_PX))
    elif volume < MIN_VOLUME:
        grow = math.sqrt(MIN_VOLUME / (FRAMES * height * width))
        rows = math.ceil(height * grow / CELL_PX)
        columns = math.ceil(width * grow / CELL_PX)
    return Grid(columns, rows, columns * CELL_PX, rows * CELL_PX)


def is_resampled(width_px: int, height_px: int) -> bool:
    """Whether the model's processor resizes an image of this size before it looks. Raises ImageShapeError."""
    grid = page_grid(width_px, height_px)
    return (grid.resized_width_px, grid.resized_height_px) != (width_px, height_px)


def visual_tokens(width_px: int, height_px: int) -> int:
    """Tokens that one image costs, without begin and end of image."""
    return page_grid(width_px, height_px).tokens
