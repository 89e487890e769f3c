"""Page sides in whole cells of the vision encoder, so that the model's processor does not resample the page."""

import math

CELL_PX = 28  # one visual token: patch 14, merge 2


def snapped_length_pt(length_pt: float, dpi: int) -> float:
    """The length nearest to `length_pt` that poppler draws as a multiple of 28 px (at least 28) at `dpi`."""
    length_px = max(1, round(length_pt * dpi / 72 / CELL_PX)) * CELL_PX
    scale = dpi / 72
    thousandths = math.floor(length_px / scale * 1000 + 1e-6)
    while math.ceil(thousandths / 1000 * scale) > length_px:  # poppler rounds the page up: stay below the next pixel
        thousandths -= 1
    return thousandths / 1000


def snapped_up_px(length_px: int) -> int:
    """The multiple of 28 that holds `length_px`."""
    return -(-length_px // CELL_PX) * CELL_PX
