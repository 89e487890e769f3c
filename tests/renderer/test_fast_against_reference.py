"""Random small texts and settings: the fast engine draws the reference engine's pixels, or says why it does not.

The texts are made of what has special treatment somewhere on the way: spaces of every kind, mark-up characters, breaks,
long words, CJK, characters without glyphs. A failure prints the text, the setting and the first differing pixel.
"""

import io
import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from renderer import Alignment, ConfigError, LayoutFailed, RenderConfig, count, render
from renderer.errors import EndlessLayout
from renderer.fast import engine as fast
from renderer.fonts.catalogue import resolve_font
from renderer.reference import engine as reference
from renderer.settings.newline_markup import BREAK, RED_MARK

pytestmark = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs poppler-utils")

LATIN = ["the", "of", "a", "“Well,”", "extraordinarily", "I", "--", "it’s", "naïve", "e\u0301", "ﬁne", "1847"]
CHINESE = ["的", "一", "，", "。", "《红楼梦》", "宝玉", "！", "（", "ABC", "12", "、", "ー"]
ODD = [
    "\t",
    "\xa0",
    "\u3000",
    "&",
    "<",
    ">",
    "<b>",
    "&nbsp;",
    "\u00ad",
    "\u200b",
    "\u2028",
    "\x0c",
    "😀",
    "☃",
    "א",
    "a\xa0b",
    "w" * 90,
    "\\",
    "(",
    ")",
]
GAPS = [" "] * 8 + ["", "  ", "    ", "\n", "\n", "\n\n", " \n ", "\n" * 31]
LEAST_DRAWN_FAST = 0.6  # of the random settings: those the fast engine declines prove nothing
COLORS = ["#000000", "#FFFFFF", "#1E1E1E", "#D4D4D4", "#FF0000", "#06AECC"]


@st.composite
def texts(draw) -> str:
    pool = draw(st.sampled_from([LATIN, LATIN + ODD, LATIN + CHINESE, CHINESE + ODD]))
    words = draw(st.lists(st.tuples(st.sampled_from(pool), st.sampled_from(GAPS)), min_size=1, max_size=120))
    return "".join(word + gap for word, gap in words)


@st.composite
def configs(draw) -> RenderConfig:
    size = draw(st.sampled_from([9.0, 8.0, 7.5, 11.25, 13.3]))
    points = st.sampled_from([0.0, 0.0, 3.3, 6.0, 12.0])
    page = draw(st.sampled_from(COLORS[1:4]))
    try:
        return RenderConfig(
            font_path=resolve_font("Vera.ttf")[0],
            page_width_pt=draw(st.sampled_from([150.0, 211.3, 300.0])),
            page_height_pt=draw(st.sampled_from([120.0, 140.7, 220.0])),
            dpi=draw(st.sampled_from([60, 72, 80, 96, 100, 131])),
            margin_x_pt=draw(st.sampled_from([10.0, 0.0, 7.7])),
            margin_y_pt=draw(st.sampled_from([10.0, 0.0, 7.7])),
            font_size_pt=size,
            leading_pt=size + draw(st.sampled_from([0.0, 1.0, 2.6])),
            font_color=draw(st.sampled_from(COLORS)),
            alignment=draw(st.sampled_from(list(Alignment))),
            horizontal_scale=draw(st.sampled_from([1.0, 1.0, 1.0, 0.8])),
            first_line_indent_pt=draw(st.sampled_from([0.0, 0.0, 9.5, -4.0])),
            left_indent_pt=draw(points),
            right_indent_pt=draw(points),
            space_before_pt=draw(points),
            space_after_pt=draw(points),
            border_width_pt=draw(st.sampled_from([0.0, 0.0, 1.0, 0.4])),
            border_padding_pt=draw(st.sampled_from([0.0, 0.0, 2.5, 6.0])),
            border_color=draw(st.sampled_from(COLORS)),
            page_background=page,
            paragraph_background=draw(st.sampled_from([page, page, COLORS[5]])),
            auto_crop_width=draw(st.booleans()),
            auto_crop_last_page=draw(st.booleans()),
            newline_markup=draw(st.sampled_from([BREAK, RED_MARK, " ", "<br/><br/>", '<font color="blue">|</font>'])),
        )
    except ConfigError:
        assume(False)


def reference_pages(text: str, config: RenderConfig) -> list[tuple[np.ndarray, tuple[int, int]]]:
    pages = reference._images(text, config, lambda: False, lambda done, total: None)
    return [(np.asarray(image.convert("RGB")), span) for _, image, span in pages]


def difference(found: np.ndarray, expected: np.ndarray) -> str:
    """Empty where equal; else the first pixel that is not, found and expected."""
    if found.shape != expected.shape:
        return f"size {found.shape[1]}x{found.shape[0]}, expected {expected.shape[1]}x{expected.shape[0]}"
    wrong = np.argwhere((found != expected).any(axis=2))
    if not len(wrong):
        return ""
    row, column = wrong[0]
    return f"{len(wrong)} pixels, first (x={column}, y={row}): {found[row, column]}, expected {expected[row, column]}"


def check(text: str, config: RenderConfig) -> bool:
    """Assert that both engines agree; whether the fast one drew."""
    try:
        reason = fast.supports(text, config)
    except EndlessLayout:
        with pytest.raises(EndlessLayout):
            reference_pages(text, config)
        return False
    try:
        expected = reference_pages(text, config)
    except LayoutFailed:
        assert reason is not None, "the reference refuses this text and the fast engine does not"
        return False
    if reason is not None:
        return False
    layout = fast.prepare(text).layout(config)
    counted = [(page.width_px, page.height_px) for page in layout.counts]
    assert counted == [(pixels.shape[1], pixels.shape[0]) for pixels, _ in expected]
    for i, (pixels, _) in enumerate(expected):
        assert difference(layout.page_array(i), pixels) == "", f"page {i + 1} of {len(expected)}"
        alone = fast.prepare(text).layout_until(config, page=i + 1)  # as a screen asks for it: by two threads
        png = np.asarray(Image.open(io.BytesIO(alone.page_png(i))).convert("RGB"))
        assert difference(png, pixels) == "", f"PNG of page {i + 1} of {len(expected)}"
    return True


def test_random_texts_and_settings_give_the_reference_pixels():
    drawn_fast = []

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(text=texts(), config=configs())
    def agree(text, config):
        assume(text.strip())
        drawn_fast.append(check(text, config))

    agree()
    assert sum(drawn_fast) >= LEAST_DRAWN_FAST * len(drawn_fast)


def plain() -> RenderConfig:
    return RenderConfig(
        font_path=resolve_font("Vera.ttf")[0],
        page_width_pt=200.0,
        page_height_pt=140.0,
        margin_x_pt=10.0,
        margin_y_pt=10.0,
        alignment=Alignment.LEFT,
        auto_crop_width=True,
        auto_crop_last_page=True,
    )


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 70 + "end",
        "x" * 3000,
        "的" * 900,
        "one line " * 200,
        "a\n\n\nb\n" * 50,
        "\xa0 \xa0 a " * 60,
        "红 & 楼\n" * 60,
        "a é\n é b\n" * 20,
    ],
    ids=[
        "empty lines",
        "one long word",
        "one CJK line",
        "one long line",
        "blank lines",
        "no-break spaces",
        "CJK markup",
        "lines that begin with a space",
    ],
)
@pytest.mark.parametrize("alignment", list(Alignment))
@pytest.mark.parametrize("markup", [BREAK, RED_MARK], ids=["break", "mark"])
def test_awkward_texts_give_the_reference_pixels(text, alignment, markup):
    assert check(text, replace(plain(), alignment=alignment, newline_markup=markup))


@pytest.mark.parametrize("alignment", list(Alignment))
def test_a_page_that_ends_before_a_word_too_long_for_any_line_gives_the_reference_pixels(alignment):
    # The word's first piece is empty and ends the line before it; what stays on the page is measured without it.
    narrow = replace(
        plain(),
        font_path=resolve_font("DejaVuSerif.ttf")[0],
        font_size_pt=60.0,
        leading_pt=60.0,
        page_height_pt=300.0,
        margin_x_pt=33.3,
        right_indent_pt=20.0,
        alignment=alignment,
        auto_crop_width=False,
    )
    assert check("... tsamyl ... ... emxdye tsamyl", narrow)


def test_a_paragraph_over_the_corner_of_the_page_gives_the_reference_sizes():
    covered = replace(plain(), paragraph_background="#336699", border_padding_pt=40.0, right_indent_pt=100.0)
    for changes in ({}, {"horizontal_scale": 0.8}, {"border_width_pt": 2.0, "border_color": "#000000"}):
        assert check("of all the lamplighters " * 30, replace(covered, page_width_pt=300.0, **changes))


def test_a_column_in_which_chinese_text_grows_from_page_to_page_is_refused_by_both_engines():
    # A line holds one character and not the space that reportlab puts behind it when a page ends: 5.7 + 5.7 > 10.
    narrow = replace(
        plain(),
        page_width_pt=60.0,
        page_height_pt=96.0,
        margin_x_pt=19.0,
        margin_y_pt=2.0,
        font_size_pt=9.5,
        leading_pt=13.0,
        newline_markup=RED_MARK,
    )
    text = ("的一是不了人我在有他这" * 30 + "\n") * 3
    for engine in ("auto", "fast", "reference"):
        with pytest.raises(EndlessLayout, match=r"Lines of 10 pt .* font size of 9.5 pt"):
            list(render(text, narrow, engine=engine))
        with pytest.raises(EndlessLayout):
            count(text, narrow, engine=engine)
    assert check(("的一是不了人我在有他这" + "\n") * 3, narrow)  # a shorter text comes to an end


def test_ink_beyond_the_page_background_gives_the_reference_pixels():
    # At 80 dpi these pages end in half a pixel that the background does not reach.
    config = replace(
        plain(),
        dpi=80,
        margin_x_pt=0.0,
        margin_y_pt=0.0,
        border_padding_pt=9.0,
        border_width_pt=1.0,
        border_color="#FF0000",
        page_background="#1E1E1E",
        page_width_pt=199.9,
        page_height_pt=140.2,
    )
    assert check("the lamps are lit\n" * 60, config)


CHINESE_LINES = {
    "no space at all": "红楼梦，“开卷第一回。”一名石头记（又）" * 90,
    "spaces between sentences": "红楼梦 开卷第一回。 一名 石头记 ABC de f " * 80,
    "marks that make fragments": "红楼&梦，开卷<第一>回也。" * 90,
    "double spaces": "红楼梦  开卷第一回。 AB  一名石头记" * 80,
    "Latin words": "a lamp 红楼 stairs of the 梦 lamplighter " * 60,
    "several paragraphs": ("红楼梦 & 开卷第一回，" * 60 + "\n" * 29) * 4,
}


@pytest.mark.parametrize("name", CHINESE_LINES)
@pytest.mark.parametrize("width", [96.0, 131.7, 200.0])
def test_chinese_without_line_ends_gives_the_reference_pixels_on_every_page(name, width):
    """reportlab joins and breaks what is left anew at each page; lines that come out the same are not broken again."""
    chinese = replace(
        plain(),
        page_width_pt=width,
        font_path=resolve_font("DroidSansFallbackFull.ttf")[0],
        alignment=Alignment.JUSTIFY,
    )
    for changes in (
        {},
        {"newline_markup": RED_MARK, "font_size_pt": 8.3, "leading_pt": 9.0, "first_line_indent_pt": 9.0},
    ):
        assert check(CHINESE_LINES[name], replace(chinese, **changes))
