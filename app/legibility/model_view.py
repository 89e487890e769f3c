"""A page's picture in, the picture that the vision model gets out: grey, resized as its image processor does.

Glm4v's processor moves each side to a multiple of 28 px and resamples bicubically; a page whose sides are such multiples
already stays as it is. The rule is app.tokens' (page_grid).
"""

from __future__ import annotations

from PIL import Image

from app.tokens import page_grid


def as_the_model_sees_it(picture: Image.Image) -> Image.Image:
    """In colour still: the model sees it so. Raises ImageShapeError for what its processor refuses."""
    picture = picture.convert("RGB")
    grid = page_grid(*picture.size)
    size = grid.resized_width_px, grid.resized_height_px
    return picture if picture.size == size else picture.resize(size, Image.Resampling.BICUBIC)
