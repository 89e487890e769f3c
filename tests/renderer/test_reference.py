"""The reference engine draws what Glyph's own script draws, and knows which characters stand on which page."""

import hashlib
import io
import itertools
import json
import math
import os
import random
import shutil
import subprocess
import threading

import pytest
from PIL import Image
from reportlab.lib import rl_accel
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import paragraph

import renderer
from renderer import (
    EngineUnavailable,
    EngineUsed,
    LayoutFailed,
    NothingToRender,
    PopplerMissing,
    RenderCancelled,
    RenderConfig,
    choose_engine,
    count,
    render,
)
from renderer.fonts.catalogue import resolve_font
from renderer.fonts.missing_glyphs import fallback_choices
from renderer.reference import engine as reference
from renderer.reference.page_spans import ink, page_spans
from renderer.settings.newline_markup import RED_MARK, parse_newline_markup

needs_poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs poppler-utils")
SMALL_GOLDENS = (
    "case1.en_120_mark",
    "case4.en_72_mark",
    "hongloumeng_1.zh_72_br",
    "mixed_zh.zh_96_mark",
    "quirks_1.border_72",
    "quirks_1.dark_80",
    "quirks_1.en_72_br",
    "quirks_1.en_96_br",
    "quirks_1.justify_100",
    "quirks_1.narrow_72",
)
LARGE_GOLDENS = ("jane_eyre_flow.en_72_br", "jane_eyre_flow.en_72_mark", "jane_eyre.en_72_mark")  # 20 s each
ALL = os.environ.get("GLYPH_ALL_GOLDENS") == "1"


def config(**settings) -> RenderConfig:
    settings = {"font-path": "Vera.ttf", "alignment": "LEFT", **settings}
    return RenderConfig.from_mapping({key.replace("_", "-"): value for key, value in settings.items()})


def prose(words: int, seed: int = 7) -> str:
    """Lines of random words: short and long ones, double spaces, soft hyphens, mark-up characters."""
    dice = random.Random(seed)
    parts = []
    for number in range(words):
        word = "".join(dice.choice("abcdefghijklmnoprstuvwyz<&>.,") for _ in range(dice.choice((2, 4, 6, 9, 40))))
        gap = dice.choice((" ", " ", " ", " ", "  ", "\n", "\n\n", "\t", "\u00ad", "\u00a0"))
        parts.append(f"{word}{number}{gap}")
    return "".join(parts)


def pixels(png: bytes) -> bytes:
    return Image.open(io.BytesIO(png)).convert("RGB").tobytes()


def draw(text: str, settings: RenderConfig) -> list[renderer.PageImage]:
    return list(render(text, settings, "reference"))


@needs_poppler
class TestGlyphsOwnPages:
    @pytest.mark.parametrize("name", SMALL_GOLDENS)
    def test_pages_are_identical(self, name, shared_dir):
        self._compare(name, shared_dir)

    @pytest.mark.parametrize("name", LARGE_GOLDENS if ALL else LARGE_GOLDENS[:1])
    def test_pages_of_a_whole_novel_are_identical(self, name, shared_dir):
        self._compare(name, shared_dir)

    def _compare(self, name: str, shared_dir) -> None:
        golden = json.loads((shared_dir / "golden" / f"{name}.json").read_text())
        text = (shared_dir / "data" / golden["text"]).read_text(encoding="utf-8-sig")
        pages = draw(text, RenderConfig.from_mapping(golden["config"]))
        assert [[page.width_px, page.height_px] for page in pages] == [page["size"] for page in golden["pages"]]
        hashes = [hashlib.sha256(pixels(page.png)).hexdigest() for page in pages]
        wrong = [
            n
            for n, (ours, theirs) in enumerate(zip(hashes, golden["pages"], strict=True), 1)
            if ours != theirs["rgb_sha256"]
        ]
        assert not wrong, f"pages {wrong} differ from Glyph's"
        assert_contiguous([page.text_span for page in pages], text)


def assert_contiguous(spans: list[tuple[int, int]], text: str) -> None:
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))


@needs_poppler
class TestSpans:
    @pytest.mark.parametrize(
        "settings",
        [
            {"page_size": "300,220"},
            {"page_size": "300,220", "newline_markup": RED_MARK},
            {"page_size": "300,220", "newline_markup": "¶<br/>", "alignment": "RIGHT"},
            {"page_size": "120,160", "space_after": 7, "alignment": "CENTER"},
        ],
        ids=["break", "red mark", "own mark", "narrow"],
    )
    @pytest.mark.parametrize("head", ["", "中文"], ids=["latin", "cjk mode"])
    def test_a_pages_span_is_what_poppler_reads_on_it(self, settings, head, tmp_path):
        text = head + prose(600)
        made = config(**settings)
        spans = [page.text_span for page in count(text, made, "reference").pages]
        assert_contiguous(spans, text)
        assert len(spans) > 5
        pdf, _ = reference._make_pdf(text, made, lambda: False)
        (tmp_path / "t.pdf").write_bytes(pdf)
        marks = ink("".join(piece.text for piece in parse_newline_markup(made.newline_markup)))
        for number, (start, end) in enumerate(spans, 1):
            command = ["pdftotext", "-raw", "-f", str(number), "-l", str(number), tmp_path / "t.pdf", "-"]
            seen = ink(subprocess.run(command, capture_output=True, check=True).stdout.decode())
            ours = ink(text[start:end].replace("\u00ad", ""))
            strip = str.maketrans("", "", marks + "中文\n\f-")  # pdftotext joins words at hyphens; Vera lacks 中文
            assert seen.translate(strip) == ours.translate(strip), f"page {number}"

    def test_a_page_without_ink_has_an_empty_span(self):
        text = "first" + "\n" * 200 + "last"
        spans = [page.text_span for page in count(text, config(page_size="200,150"), "reference").pages]
        assert_contiguous(spans, text)
        assert text[slice(*spans[0])].startswith("first")
        assert text[slice(*spans[-1])] == "last"
        assert any(start == end for start, end in spans)

    def test_spans_survive_a_dropped_character(self):
        text = "alpha beta gamma delta epsilon zeta"
        assert page_spans(text, (), ["alpha bta", "gamma delta", "epsilon zeta"]) == ((0, 11), (11, 23), (23, 35))


@needs_poppler
class TestBehaviour:
    def test_count_agrees_with_render(self):
        text, made = prose(500), config(page_size="300,220", auto_crop_width=True, auto_crop_last_page=True)
        pages = draw(text, made)
        counted = count(text, made, "reference")
        assert [(p.number, p.width_px, p.height_px, p.text_span) for p in pages] == [
            (p.number, p.width_px, p.height_px, p.text_span) for p in counted.pages
        ]
        assert counted.engine == pages[0].engine == EngineUsed("reference", None)

    def test_cancelling_stops_between_pages(self):
        made, seen = config(page_size="300,220"), []
        pages = render(prose(600), made, "reference", cancelled=lambda: len(seen) == 2)
        seen.append(next(pages).number)
        seen.append(next(pages).number)
        with pytest.raises(RenderCancelled, match="page 3 of"):
            next(pages)
        assert seen == [1, 2]

    def test_cancelling_stops_the_layout_too(self):
        asked = []

        def cancelled() -> bool:
            asked.append(1)
            return len(asked) > 3

        with pytest.raises(RenderCancelled, match="laying out"):
            next(render("line\n" * 3000, config(), "reference", cancelled=cancelled))
        assert len(asked) == 4

    def test_progress_ends_at_the_last_page(self):
        heard = []
        list(render(prose(600), config(page_size="300,220"), "reference", on_progress=lambda *at: heard.append(at)))
        total = heard[-1][1]
        assert heard == [(0, None), *((n, total) for n in range(1, total + 1))]

    def test_threads_do_not_disturb_each_other(self):
        jobs = [
            (prose(300, seed), config(page_size="300,220", font_path=font))
            for seed, font in enumerate(("Vera.ttf", "DejaVuSans.ttf", "Vera.ttf", "DejaVuSans.ttf"))
        ]
        alone = [[page.png for page in draw(*job)] for job in jobs]
        together: list[list[bytes]] = [[] for _ in jobs]

        def work(index: int) -> None:
            together[index] = [page.png for page in draw(*jobs[index])]

        threads = [threading.Thread(target=work, args=(index,)) for index in range(len(jobs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert together == alone

    def test_text_is_never_taken_for_markup(self):
        hostile = '<img src="file:///etc/passwd"/> <b>bold</b> &amp; &#65; ]]> <a href="x">y</a> <!-- z -->'
        _, drawn = reference._make_pdf(hostile, config(), lambda: False)
        assert ink(drawn[0]) == ink(hostile)

    @needs_poppler
    @pytest.mark.parametrize(
        "markup", ["<BR/>", "<br\n/>", "<FONT  color = 'red' >&quot;<br /></FONT>", "&lt;br&gt;", "\x01"]
    )
    def test_every_markup_that_a_config_takes_is_drawn(self, markup):
        assert draw("one\n\ntwo\nthree", config(newline_markup=markup))

    def test_markup_that_reportlab_does_not_read_is_an_error_of_ours_without_the_books_text(self):
        unread = config()
        object.__setattr__(unread, "newline_markup", "<br>")  # past the checks
        with pytest.raises(LayoutFailed, match="could not lay this text out") as refused:
            reference._make_pdf("a secret " * 90 + "\nb", unread, lambda: False)
        assert len(str(refused.value)) < 300

    def test_missing_poppler_says_what_to_install(self, monkeypatch):
        monkeypatch.setenv("PATH", "/nonexistent")
        with pytest.raises(PopplerMissing, match="poppler-utils"):
            next(render("text", config(), "reference"))

    def test_a_page_too_low_for_two_lines_is_refused_in_one_sentence(self):
        with pytest.raises(LayoutFailed, match="200 x 52 pt"):
            draw("one\n" * 50, config(page_size="200,52", margin_y=15))

    @pytest.mark.parametrize("text", ["", " \n\t\u3000"])
    def test_nothing_to_render_is_refused_at_once(self, text):
        with pytest.raises(NothingToRender):
            render(text, config(), "reference")

    def test_half_a_character_is_refused_with_its_place(self):
        with pytest.raises(NothingToRender, match=r"Character 2 .*U\+D800"):
            render("ab\ud800", config(), "reference")

    @pytest.mark.parametrize("text", [b"bytes", None, 5, ["a"]])
    @pytest.mark.parametrize("asked", [render, count, choose_engine])
    def test_what_is_no_text_is_told_so_at_once(self, text, asked):
        with pytest.raises(TypeError, match=f"is {type(text).__name__}; give str"):
            asked(text, config())

    def test_an_unknown_engine_is_refused(self):
        with pytest.raises(EngineUnavailable, match="'turbo'"):
            render("text", config(), "turbo")

    @pytest.mark.parametrize(
        "text", ["\x00\x01\x1f a", "\ufeffa", "a\u0300 𝒳 😀 שלום", "x" * 5000, "&nbsp;" * 9, "a\r\nb\rc"]
    )
    def test_odd_characters_are_drawn_or_blank_but_never_fatal(self, text):
        pages = draw(text, config(page_size="200,200"))
        assert_contiguous([page.text_span for page in pages], text)


@needs_poppler
class TestSnapTo28:
    def test_every_side_is_a_multiple_of_28_and_the_ink_is_not_cut(self):
        text = prose(400)
        for dpi in (72, 96):
            for scale in (1.0, 0.83):
                made = config(
                    page_size="300,230",
                    dpi=dpi,
                    horizontal_scale=scale,
                    auto_crop_width=True,
                    auto_crop_last_page=True,
                    page_bg_color="#FFF8E0",
                    para_bg_color="#FFF8E0",
                    snap_to_28=True,
                )
                for page in draw(text, made):
                    assert page.width_px % 28 == page.height_px % 28 == 0
                    assert (page.width_px, page.height_px) >= (28, 28)

    def test_without_crops_an_a4_page_at_72_dpi_is_21_by_30_cells(self):
        page = draw("text", config(page_size="595,842", snap_to_28=True))[0]
        assert (page.width_px, page.height_px) == (588, 840)

    def test_columns_added_after_a_scale_have_the_page_colour(self):
        made = config(page_size="300,200", horizontal_scale=0.9, snap_to_28=True, page_bg_color="#204060")
        page = Image.open(io.BytesIO(draw("text", made)[0].png)).convert("RGB")
        assert page.size == (280, 196)  # 308 px * 0.9 = 277, rounded up
        assert page.getpixel((279, 100)) == (0x20, 0x40, 0x60)


@needs_poppler
class TestFallbackFonts:
    TEXT = "Latin, \u4e2d\u6587 and \u0416 & <more>\n" * 20

    def test_missing_characters_come_from_the_fallback_and_nothing_is_lost(self):
        made = config(fallback_fonts=["DejaVuSans.ttf"], page_size="300,220")
        assert fallback_choices(self.TEXT, made.font_path, made.fallback_fonts).keys() == {"\u0416"}
        _, drawn = reference._make_pdf(self.TEXT, made, lambda: False)
        assert ink("".join(drawn)) == ink(self.TEXT)
        assert pixels(draw(self.TEXT, made)[0].png) != pixels(draw(self.TEXT, config(page_size="300,220"))[0].png)

    def test_where_nothing_is_missing_the_pages_are_glyphs_own(self):
        text = prose(200)
        plain, with_fallback = (
            config(page_size="300,220"),
            config(page_size="300,220", fallback_fonts=["DejaVuSans.ttf"]),
        )
        assert [page.png for page in draw(text, plain)] == [page.png for page in draw(text, with_fallback)]

    def test_a_text_that_needs_them_is_never_given_to_the_fast_engine(self):
        made = config(fallback_fonts=["DejaVuSans.ttf"])
        assert choose_engine(self.TEXT, made).name == "reference"
        assert choose_engine(self.TEXT, made).reason


def test_widths_are_added_from_left_to_right_on_every_python(monkeypatch):
    pdfmetrics.registerFont(TTFont("PinnedSums", str(resolve_font("Vera.ttf")[0])))
    for module in (rl_accel, paragraph):  # as Python 3.12 and later add: compensated
        monkeypatch.setattr(module, "sum", math.fsum, raising=False)
    with reference.order_of_sums_pinned():
        assert rl_accel.sum([0.1] * 10) == paragraph.sum([0.1] * 10) == 0.9999999999999999 != math.fsum([0.1] * 10)
    assert rl_accel.sum is paragraph.sum is math.fsum, "another user of reportlab gets back what they had"
    monkeypatch.setattr(rl_accel, "sum", lambda widths: 1000.0)
    assert pdfmetrics.stringWidth("wide", "PinnedSums", 9) == 0.001 * 9 * 1000.0, (
        "reportlab no longer adds widths with this sum"
    )
