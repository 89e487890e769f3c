"""The fast engine from outside: pages, counts, spans, cells, cancellation, threads, and what it leaves to the reference."""

import hashlib
import io
import itertools
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from renderer import Alignment, FontError, LayoutFailed, RenderCancelled, RenderConfig, count, render
from renderer.fast import document
from renderer.fast import engine as fast
from renderer.fast.png import encode_png
from renderer.fast.raster import glyph_bitmaps
from renderer.fast.text import advances
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


def pages_of(text: str, config: RenderConfig, cancelled=lambda: False, heard=lambda done, total: None):
    return fast.render(fast.prepare(text).layout(config), cancelled, heard)


def drawn(text: str, config: RenderConfig) -> list[tuple[tuple[int, int], str]]:
    """Size and hash of every page's pixels. Not the PNG's bytes: isal was seen to deflate the same rows in two ways."""
    opened = (Image.open(io.BytesIO(page.png)) for page in pages_of(text, config))
    return [(page.size, hashlib.sha256(page.convert("RGB").tobytes()).hexdigest()) for page in opened]


def test_bitmaps_stay_as_they_were_while_others_are_made(config):
    fast.forget()
    atlas = fast.prepare("abc").layout(config)._at.atlas
    before = atlas.hold(np.arange(40, 60, dtype=np.int32)).bitmaps
    after = atlas.hold(np.arange(60, 1072, dtype=np.int32)).bitmaps
    assert before.slot.max() < len(before.box) < len(after.box)
    assert (before.slot[60:] < 0).all()


@pytest.mark.parametrize(
    "changes", [{}, {"page_background": "#1E1E1E", "font_color": "#FF0000", "horizontal_scale": 0.9}]
)
def test_an_atlas_that_is_full_begins_anew_and_pages_stay_the_same(config, changes, monkeypatch):
    changed = replace(config, **changes)
    fast.forget()
    sizes, pages = fast.count(fast.prepare(STORY).layout(changed)), drawn(STORY, changed)
    most = max(atlas._arena.used for atlas in glyph_bitmaps._atlases.values())
    fast.forget()
    make, arenas = glyph_bitmaps._Arena, []
    monkeypatch.setattr(glyph_bitmaps, "_MAX_COVERAGE_BYTES", most - 1000)
    monkeypatch.setattr(glyph_bitmaps, "_Arena", lambda count: arenas.append(make(count)) or arenas[-1])
    assert fast.count(fast.prepare(STORY).layout(changed)) == sizes
    assert drawn(STORY, changed) == pages
    assert max(arena.used for arena in arenas) < most
    assert len(arenas) > 1


def test_letters_of_one_page_too_large_for_an_atlas_are_refused_in_words(config, monkeypatch):
    fast.forget()
    monkeypatch.setattr(glyph_bitmaps, "_MAX_COVERAGE_BYTES", 1000)
    with pytest.raises(LayoutFailed, match=r"fill more than 0 MB at font-size 9 and dpi 72\. Lower the dpi"):
        drawn(STORY, config)
    monkeypatch.undo()
    assert drawn(STORY, config)


def test_kept_atlases_and_documents_are_bounded_in_bytes(config, monkeypatch):
    fast.forget()
    drawn(STORY, config)
    one = glyph_bitmaps.kept_bytes()
    monkeypatch.setattr(glyph_bitmaps, "_KEPT_BYTES", 4 * one)
    monkeypatch.setattr(glyph_bitmaps, "_KEPT_ATLASES", 1000)
    for dpi in range(60, 80):
        drawn("few letters", replace(config, dpi=dpi))
        assert glyph_bitmaps.kept_bytes() <= 5 * one  # the newest is made before the oldest goes
    fast.forget()
    fast.prepare(STORY).layout(config)
    one = fast.kept_bytes()
    assert one > 4 * len(STORY)
    monkeypatch.setattr(fast, "_KEPT_BYTES", 4 * one)
    for number in range(20):
        fast.prepare(f"{number} {STORY}").layout(config)
        assert fast.kept_bytes() <= 6 * one
    monkeypatch.setattr(fast, "_KEPT_BYTES", 1 << 40)
    for number in range(50):
        fast.prepare(f"text number {number}")
    assert len(fast._documents) <= 8
    fast.forget()
    assert fast.kept_bytes() == glyph_bitmaps.kept_bytes() == 0


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
        counted = fast.count(fast.prepare(STORY).layout(changed))
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
        alone = fast.prepare(STORY).page_png(config, character=character)
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

    pages = pages_of(STORY, config, cancelled)
    with pytest.raises(RenderCancelled, match="page 4"):
        list(pages)
    assert len(asked) == 4


def test_progress_counts_every_page(config):
    heard = []
    total = len(list(pages_of(STORY, config, heard=lambda done, total: heard.append((done, total)))))
    assert heard == [(i + 1, total) for i in range(total)]


def test_leaving_the_pages_half_way_leaves_no_thread_behind(config):
    before = threading.active_count()
    pages = pages_of(STORY, config)
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


def test_threads_draw_the_same_pages_while_bitmaps_are_let_go_around_them(config, monkeypatch):
    settings = [replace(config, leading_pt=9.0 + step, dpi=60 + 9 * step) for step in range(4)]
    expected = [drawn(STORY, each) for each in settings]
    monkeypatch.setattr(glyph_bitmaps, "_KEPT_ATLASES", 1)
    monkeypatch.setattr(glyph_bitmaps, "_MAX_COVERAGE_BYTES", 40_000)  # every atlas begins anew many times a page
    for _ in range(5):
        fast.forget()
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda i: drawn(STORY, settings[i % 4]), range(8)))
        assert found == expected * 2


def test_what_only_reportlab_reads_is_left_to_the_reference(config):
    odd = replace(config, newline_markup='<font color = "#FF0000">x</font>')
    assert "newline markup" in fast.supports(STORY, odd)
    assert fast.supports(STORY, config) is None


@pytest.mark.parametrize("error", [IndexError, KeyError, ValueError, OSError])
def test_a_fault_of_ours_is_raised_and_not_taken_for_an_unusual_font(config, error, monkeypatch):
    fast.forget()

    def fail(*args):
        raise error("ours")

    monkeypatch.setattr(document, "Layout", fail)
    with pytest.raises(error, match="ours"):
        count(STORY, config)


def test_a_font_that_reportlab_or_freetype_cannot_read_is_left_to_the_reference(config, monkeypatch):
    fast.forget()
    monkeypatch.setattr(advances, "_fonts", OrderedDict())
    with monkeypatch.context() as patch:
        patch.setattr(advances, "TTFontFace", lambda path: {}["glyf"])
        assert fast.supports(STORY, config) == "the font Vera.ttf is of an unusual kind (KeyError: 'glyf')"
    monkeypatch.setattr(glyph_bitmaps._lib, "FT_New_Memory_Face", lambda *args: 85)
    assert fast.supports(STORY, config) == "the font Vera.ttf is of an unusual kind (FreeType error 85)"


def test_a_font_taken_away_while_it_is_read_is_missing_and_not_unusual(config, monkeypatch, tmp_path):
    font = tmp_path / "Vera.ttf"
    font.write_bytes(config.font_path.read_bytes())
    monkeypatch.setattr(advances, "_fonts", OrderedDict())

    def take_away(path):
        font.unlink()
        return open(path)

    monkeypatch.setattr(advances, "TTFontFace", take_away)
    with pytest.raises(FontError, match=r"There is no font file .*Vera\.ttf"):
        fast.lay_out(STORY, replace(config, font_path=font))


class Forgetful(dict):
    """A cache that keeps nothing that could be found again."""

    def __setitem__(self, key, value) -> None:
        pass


def test_a_layout_made_to_choose_the_engine_is_the_one_that_is_drawn(config, monkeypatch):
    fast.forget()
    made = []
    laid_text = document.Layout
    monkeypatch.setattr(document, "Layout", lambda *args: made.append(args) or laid_text(*args))
    monkeypatch.setattr(fast.prepare(STORY), "_layouts", Forgetful())
    assert len(list(render(STORY, config))) == len(count(STORY, replace(config, dpi=80)).pages)
    assert len(made) == 2


def test_a_page_too_low_for_two_lines_is_left_to_the_reference(config):
    low = replace(config, page_height_pt=44.0, leading_pt=10.0)
    assert "does not fit" in fast.supports("word " * 200, low)


def test_pages_without_colour_are_grey_and_pages_with_it_are_not(config):
    (gray,), (red,) = pages_of("a\nb", config), pages_of("a\nb", replace(config, newline_markup=RED_MARK))
    assert Image.open(io.BytesIO(gray.png)).mode == "L"
    assert Image.open(io.BytesIO(red.png)).mode == "RGB"


@pytest.mark.parametrize("shape", [(1, 1), (7, 13), (5, 4, 3)])
def test_a_png_decodes_to_the_pixels_it_was_made_of(shape):
    pixels = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_png(pixels)))), pixels)
