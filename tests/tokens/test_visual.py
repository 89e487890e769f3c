"""Visual tokens by Glm4v's rule, the ratio, and the fit."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tokens import (
    VISUAL_OVERHEAD_PER_PAGE,
    CountSource,
    ImageShapeError,
    compression_ratio,
    page_grid,
    visual_tokens,
)


def by_the_book(width: int, height: int) -> int:
    """The published rule, step by step, for pages of ordinary size (two frames, 28 px cells)."""
    rows, columns = round(height / 28), round(width / 28)
    if 2 * rows * columns * 784 > 9_633_792:
        beta = math.sqrt(2 * width * height / 9_633_792)
        rows, columns = math.floor(height / beta / 28), math.floor(width / beta / 28)
    return rows * columns


def test_every_golden_page_costs_what_glyphs_processor_says(shared_dir):
    manifests = sorted((shared_dir / "golden").glob("*.json"))
    assert manifests
    for path in manifests:
        golden = json.loads(path.read_text())
        assert [visual_tokens(*page["size"]) for page in golden["pages"]] == [p["tokens"] for p in golden["pages"]]
        assert sum(visual_tokens(*page["size"]) for page in golden["pages"]) == golden["visual_tokens"]


@pytest.mark.parametrize(
    ("size", "grid"),
    [
        ((595, 842), (21, 30)),
        ((590, 842), (21, 30)),
        ((588, 840), (21, 30)),
        ((1, 1), (3, 3)),  # grown to the smallest volume: 12,544 for two frames
        ((2480, 3508), (65, 93)),  # shrunk to the largest
    ],
)
def test_known_sizes(size, grid):
    found = page_grid(*size)
    assert (found.columns, found.rows) == grid
    assert found.tokens == grid[0] * grid[1]
    assert found.patches == 4 * found.tokens
    assert (found.resized_width_px, found.resized_height_px) == (28 * grid[0], 28 * grid[1])


@given(st.integers(112, 4000), st.integers(112, 4000))
def test_ordinary_sizes_follow_the_published_rule(width, height):
    assert visual_tokens(width, height) == by_the_book(width, height)


@given(st.integers(4, 70), st.integers(4, 70))
def test_sides_in_multiples_of_28_are_not_resampled(columns, rows):
    grid = page_grid(28 * columns, 28 * rows)
    assert (grid.resized_width_px, grid.resized_height_px) == (28 * columns, 28 * rows)


@given(st.integers(1, 20000), st.integers(1, 20000))
def test_no_image_costs_more_than_the_limit(width, height):
    try:
        grid = page_grid(width, height)
    except ImageShapeError:
        return
    assert 1 <= grid.tokens <= 6144
    assert grid.columns >= 1
    assert grid.rows >= 1


@pytest.mark.parametrize("size", [(0, 10), (10, -1)])
def test_an_image_without_pixels_is_refused(size):
    with pytest.raises(ImageShapeError, match="no pixels"):
        page_grid(*size)


def test_a_strip_is_refused():
    with pytest.raises(ImageShapeError, match="200 times"):
        page_grid(28, 28 * 201)


def test_the_ratio_is_text_tokens_for_one_visual_token():
    assert compression_ratio(243_630, 81_627) == pytest.approx(2.985, abs=1e-3)
    assert compression_ratio(100, 0) == 0.0


def test_every_source_has_a_label_and_a_page_two_tokens_around_it():
    assert len({source.label for source in CountSource}) == len(CountSource)
    assert VISUAL_OVERHEAD_PER_PAGE == 2
