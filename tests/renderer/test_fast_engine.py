"""The fast engine from outside: pages, counts, spans, cells, cancellation, threads, and what it leaves to the reference."""

import io
import itertools
import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from renderer import Alignment, RenderCancelled, RenderConfig, count, render
from renderer.fast import engine as fast
from renderer.fast.png import encode_png
from renderer.fonts.catalogue import resolve_font
from renderer.settings.newline_markup import RED_MARK

STORY = "\n".join(
    f"{number}. The lamplighter climbed  the {number}th stair, & said nothing <at all>; it was a long way up."
    for number in range(300)
)


@pytest.fixture(scope="module")
def config() -> RenderConfig:
    return RenderConfig(
        font_path=resolve_font("Vera.ttf")[0],
        page_width_pt=260.0,
        page_height_pt=200.0,
        margin_x_pt=10.0,
        margin_y_pt=10.0,
        alignment=Alignment.LEFT,
        auto_crop_width=True,
        auto_crop_last_page=True,
    )


def pixels_of(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def drawn(text: str, config: RenderConfig) -> list[bytes]:
    return [page.png for page in fast.render(text, config, lambda: False, lambda done, total: None)]


def test_bitmaps_stay_as_they_were_while_others_are_made(config):
    fast.forget()
    atlas = fast.prepare("abc").layout(config)._at.atlas
    atlas.make(np.arange(40, 60, dtype=np.int32))
    before = atlas.bitmaps()
    atlas.make(np.arange(60, 1072, dtype=np.int32))
    assert before.slot.max() < len(before.box) < len(atlas.bitmaps().box)
    assert (before.slot[60:] < 0).all()


def test_counts_tell_the_sizes_that_pages_have(config):
    for changed in (
        config,
        replace(config, newline_markup=RED_MARK),
        replace(config, page_background="#1E1E1E"),
        replace(config, border_width_pt=1.0, border_color="#000000"),
        replace(config, horizontal_scale=0.8),
        replace(config, snap_to_28=True),
        replace(config, dpi=100, alignment=Alignment.JUSTIFY),
    ):
        fast.forget()
        counted = fast.count(STORY, changed)
        pages = list(render(STORY, changed, "fast"))
        assert [(p.width_px, p.height_px, p.text_span) for p in counted] == [
            (p.width_px, p.height_px, p.text_span) for p in pages
        ]
        assert all(pixels_of(p.png).shape == (p.height_px, p.width_px, 3) for p in pages)


def test_spans_cover_the_text_without_gaps(config):
    spans = [page.text_span for page in count(STORY, config, "fast").pages]
    assert spans[0][0] == 0
    assert spans[-1][1] == len(STORY)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))
    assert all(STORY[a:z].strip() for a, z in spans)


def test_one_page_alone_has_the_pixels_it_has_among_all(config):
    document = fast.prepare(STORY)
    layout = document.layout(config)
    for character in (0, len(STORY) // 3, len(STORY) - 1):
        fast.forget()
        alone = fast.prepare(STORY).first_page_png(config, character=character)
        among = layout.page_of(character)
        if among < layout.page_count - 1:  # only the whole layout knows which page is the last, and crops it
            assert np.array_equal(pixels_of(alone), layout.page_array(among))


def test_cells_lie_on_the_ink_of_their_characters(config):
    layout = fast.prepare("  A line with W in it\nand then another W\n" * 9).layout(config)
    cells, page = layout.cells(0), layout.page_array(0)
    text = "  A line with W in it\nand then another W\n" * 9
    for i in np.flatnonzero([text[source] == "W" for source in cells.source]):
        box = page[int(cells.top[i]) : int(cells.bottom[i]) + 1, int(cells.left[i]) : int(cells.right[i]) + 1]
        assert box.min() < 128
    assert len(cells.left) == len(cells.source)
    assert (cells.right >= cells.left).all()


def test_cells_name_the_newline_behind_a_mark(config):
    layout = fast.prepare("one\ntwo").layout(replace(config, newline_markup=RED_MARK))
    assert 3 in layout.cells(0).source.tolist()


def test_cancelling_stops_between_pages(config):
    asked = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 3

    pages = fast.render(STORY, config, cancelled, lambda done, total: None)
    with pytest.raises(RenderCancelled, match="page 4"):
        list(pages)
    assert len(asked) == 4


def test_progress_counts_every_page(config):
    heard = []
    total = len(list(fast.render(STORY, config, lambda: False, lambda done, total: heard.append((done, total)))))
    assert heard == [(i + 1, total) for i in range(total)]


def test_leaving_the_pages_half_way_leaves_no_thread_behind(config):
    before = threading.active_count()
    pages = fast.render(STORY, config, lambda: False, lambda done, total: None)
    next(pages)
    pages.close()
    assert threading.active_count() <= before


def test_threads_draw_the_same_pages_at_once(config):
    settings = [replace(config, leading_pt=9.0 + step, dpi=60 + 9 * step) for step in range(4)]
    expected = [drawn(STORY, each) for each in settings]
    fast.forget()
    found: dict[int, list[bytes]] = {}
    threads = [
        threading.Thread(target=lambda i=i: found.__setitem__(i, drawn(STORY, settings[i % 4]))) for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[i] for i in range(8)] == expected * 2


def test_what_only_reportlab_reads_is_left_to_the_reference(config):
    odd = replace(config, newline_markup="< br/>")
    assert "newline markup" in fast.supports(STORY, odd)
    assert fast.supports(STORY, config) is None


def test_a_page_too_low_for_two_lines_is_left_to_the_reference(config):
    low = replace(config, page_height_pt=44.0, leading_pt=10.0)
    assert "does not fit" in fast.supports("word " * 200, low)


def test_pages_without_colour_are_grey_and_pages_with_it_are_not(config):
    gray, red = drawn("a\nb", config)[0], drawn("a\nb", replace(config, newline_markup=RED_MARK))[0]
    assert Image.open(io.BytesIO(gray)).mode == "L"
    assert Image.open(io.BytesIO(red)).mode == "RGB"


@pytest.mark.parametrize("shape", [(1, 1), (7, 13), (5, 4, 3)])
def test_a_png_decodes_to_the_pixels_it_was_made_of(shape):
    pixels = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_png(pixels)))), pixels)
