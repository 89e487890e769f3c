"""Pixels as pictures that can be read: rectangles, glyph bitmaps and what the crop takes for ink.

In pictures `#` is full colour, `.` untouched paper, and `-`, `+`, `*` thin, middling and thick coverage.
"""

import numpy as np
import pytest

from renderer.fast.crop.ink import ink
from renderer.fast.raster.blending import PageGlyphs, blend_glyphs, blend_lines, blend_runs, fill_box
from renderer.fast.raster.gray_lines import GrayAtlas, blend_gray_lines, blend_onto
from renderer.fast.raster.path_coverage import GAMMA
from renderer.fast.raster.rectangles import fill_rectangle, stroke_rectangle

PAPER, BLACK = 255, np.zeros(4, dtype=np.uint8)
SIZE = (12, 8)
# px = x, py = 8 - y: one pixel a point, the origin in the page's lower left corner
CTM = (1.0, 0.0, 8.0)


def paper(channels: int = 1) -> np.ndarray:
    return np.full((SIZE[1], SIZE[0], channels), PAPER, dtype=np.uint8)


def picture(surface: np.ndarray) -> list[str]:
    marks = ".-+*#"
    dark = (255 - surface[:, :, 0].astype(int)) * 4
    return ["".join(marks[-(-value // 255)] for value in row) for row in dark]


def painted(runs) -> list[str]:
    surface = paper()
    blend_runs(surface, runs, 0, 0, BLACK)
    return picture(surface)


def assert_picture(found: list[str], *expected: str) -> None:
    for row, (seen, wanted) in enumerate(zip(found, expected, strict=True)):
        for column, (a, b) in enumerate(zip(seen, wanted, strict=True)):
            assert a == b, f"pixel (x={column}, y={row}) is {a!r}, expected {b!r}:\n" + "\n".join(found)


def test_edges_of_a_filled_rectangle_move_onto_whole_pixels():
    assert_picture(
        painted(fill_rectangle((2.4, 1.6, 5.2, 3.9), CTM, SIZE)),
        "............",
        "............",
        "............",
        "..######....",
        "..######....",
        "..######....",
        "............",
        "............",
    )


def test_a_rectangle_thinner_than_a_pixel_fills_one():
    found = painted(fill_rectangle((3.1, 2.1, 6.0, 0.2), CTM, SIZE))
    assert [row for row in found if "#" in row] == ["...######..."]


def test_a_rectangle_without_height_leaves_one_thin_row():
    runs = fill_rectangle((2.0, 3.0, 6.0, 0.0), CTM, SIZE)
    assert runs[0].tolist() == [5, 2, 8, 32]  # row, from, to; 4 of 16 samples, through Splash's gamma
    assert set(runs[:, 0].tolist()) == {5}


def test_an_outline_is_a_frame_of_whole_pixels():
    assert_picture(
        painted(stroke_rectangle((2.5, 1.5, 6.0, 5.0), 1.0, CTM, SIZE)),
        "............",
        "..#######...",
        "..#.....#...",
        "..#.....#...",
        "..#.....#...",
        "..#.....#...",
        "..#######...",
        "............",
    )


def test_a_rectangle_beyond_the_page_is_clipped():
    assert_picture(
        painted(fill_rectangle((9.0, -3.0, 20.0, 6.0), CTM, SIZE)), *["............"] * 5, *[".........###"] * 3
    )


def test_a_box_left_of_the_window_leaves_it_untouched():
    surface = paper()
    fill_box(surface, 0, 0, 4, 8, 6, 0, BLACK)
    assert picture(surface) == ["............"] * 8


def glyph(rows: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An atlas of one bitmap, whose top row lies 3 px above the baseline; `#` full, `+` half. Rows are padded to eights."""
    pixels = np.array([[{"#": 255, "+": 128, ".": 0}[c] for c in row] for row in rows], dtype=np.uint8)
    box = np.array([[0, 3, pixels.shape[1], pixels.shape[0], 0]], dtype=np.int32)
    rows_of_eights = np.pad(pixels, ((0, 0), (0, -pixels.shape[1] % 8)))
    return np.array([0, -2], dtype=np.int32), box, rows_of_eights.reshape(-1)


L_SHAPE = glyph(["#..", "#..", "##+"])


def draw(columns: list[int], baseline: int, keys=None, surface=None, left: int = 0, top: int = 0) -> np.ndarray:
    surface = paper() if surface is None else surface
    keys = np.array(keys or [0] * len(columns), dtype=np.int32)
    styles, colors = np.zeros(len(columns), dtype=np.uint8), np.zeros((1, 4), dtype=np.uint8)
    blend_glyphs(surface, keys, np.array(columns, dtype=np.int32), baseline, styles, colors, left, top, *L_SHAPE)
    return surface


def test_glyphs_stand_on_their_baseline_in_order():
    assert_picture(
        picture(draw([1, 5], 4)), "............", ".#...#......", ".#...#......", ".##*.##*....", *["............"] * 4
    )


def test_glyphs_over_the_page_edges_are_clipped():
    assert_picture(picture(draw([-1, 11], 2)), "...........#", "#*.........#", *["............"] * 6)


def test_a_blank_glyph_draws_nothing():
    assert picture(draw([3], 5, keys=[1])) == ["............"] * 8


def test_a_window_shows_the_same_pixels_as_the_page():
    whole = draw([1, 5, 8], 6)
    window = draw([1, 5, 8], 6, surface=np.full((4, 5, 1), PAPER, dtype=np.uint8), left=4, top=3)
    assert np.array_equal(window, whole[3:7, 4:9])


@pytest.mark.parametrize("paper_gray", [255, 30])
def test_eight_pixels_at_a_time_give_the_pixels_of_one_at_a_time(paper_gray):
    dice = np.random.default_rng(paper_gray)
    height, width, glyphs = 40, 61, 160
    sizes = dice.integers(1, 20, (6, 2))
    offsets = np.concatenate([[0], np.cumsum([h * -(-w // 8) * 8 for w, h in sizes])])
    box = np.array(
        [[dice.integers(-2, 3), dice.integers(0, 12), w, h, offsets[i]] for i, (w, h) in enumerate(sizes)], np.int32
    )
    coverage = np.zeros(offsets[-1], dtype=np.uint8)
    for (w, h), start in zip(sizes, offsets, strict=False):
        stride = -(-w // 8) * 8
        rows = coverage[start : start + h * stride].reshape(h, stride)
        rows[:, :w] = dice.choice([0, 1, 90, 255], (h, w))
    slot = np.array([0, 1, 2, 3, 4, 5, -2], dtype=np.int32)
    keys, columns = dice.integers(0, 7, glyphs, np.int32), dice.integers(-8, width + 4, glyphs, np.int32)
    line_glyphs = np.arange(0, glyphs + 1, 20)[np.add.outer(np.arange(8), np.arange(2))]
    baselines, styles = dice.integers(-3, height + 8, 8, np.int32), dice.integers(0, 2, glyphs).astype(np.uint8)
    colors = np.array([[17] * 3, [90] * 3], dtype=np.uint8)
    blended = np.empty_like(coverage)
    blend_onto(paper_gray, 17, coverage, blended)
    one, eight = (np.full((height, width, 1), paper_gray, dtype=np.uint8) for _ in range(2))
    on_page = PageGlyphs(line_glyphs, keys, columns, baselines, styles, colors, 3, 2, slot, box, coverage)
    blend_lines(one, 0, 8, 0, on_page)
    blend_gray_lines(eight, 0, 8, 0, on_page, GrayAtlas(blended, 17, paper_gray))
    assert (one != paper_gray).mean() > 0.2
    assert np.array_equal(one, eight)


def test_blending_truncates_as_splash_does():
    surface = np.array([[[200]]], dtype=np.uint8)
    blend_runs(surface, np.array([[0, 0, 1, 100]], dtype=np.int32), 0, 0, np.array([31, 0, 0, 0], dtype=np.uint8))
    assert surface[0, 0, 0] == ((255 - 100) * 200 + 100 * 31) // 255


def test_every_blend_equals_the_division_it_replaces():
    for coverage in range(1, 256):
        surface = np.arange(256, dtype=np.uint8).reshape(1, 256, 1)
        blend_runs(surface, np.array([[0, 0, 256, coverage]], dtype=np.int32), 0, 0, np.array([77, 0, 0, 0], np.uint8))
        assert np.array_equal(surface[0, :, 0], ((255 - coverage) * np.arange(256) + coverage * 77) // 255)


@pytest.mark.parametrize(("gray", "seen"), [(250, (-1, -1)), (249, (4, 6))])
def test_ink_is_what_differs_by_more_than_five(gray, seen):
    surface = paper()
    surface[6, 4, 0] = gray
    assert ink(surface, 255.0, 5) == seen


def test_ink_of_a_coloured_page_is_weighed_as_pillow_weighs_it():
    surface = paper(3)
    surface[2, 3] = (255, 255, 200)  # L 249: ink
    surface[5, 9] = (255, 255, 215)  # L 250: none
    assert ink(surface, 255.0, 5) == (3, 2)


def test_gamma_is_splashs():
    assert GAMMA.tolist()[:5] == [0, 4, 11, 21, 32]
    assert GAMMA[16] == 255


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("background", "tolerance"), [(255.0, 5), (0.0, 5), (127.5, 3), (3.0, 10), (250.0, 0)])
def test_ink_is_what_differs_by_more_than_the_tolerance_to_the_last_grey(channels, background, tolerance):
    random = np.random.default_rng(7)
    least, most = int(background) - tolerance - 2, int(background) + tolerance + 3
    for _ in range(200):
        near = random.integers(max(0, least), min(255, most), (6, 40), endpoint=True)
        surface = np.repeat(near.astype(np.uint8)[:, :, None], channels, axis=2)
        kept = random.random((6, 40, 1)) < 0.03
        surface = np.where(kept, surface, np.uint8(background)).astype(np.uint8)
        rows, columns = np.nonzero(
            np.abs(surface[:, :, 0] - background) > tolerance
        )  # three equal channels are their grey
        assert ink(surface, background, tolerance) == (columns.max(initial=-1), rows.max(initial=-1))
