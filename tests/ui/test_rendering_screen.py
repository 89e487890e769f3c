"""The Pages page's script and its settings: links, presets, settings files and uploaded fonts."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.paths import FONTS
from app.preview import font_choices
from app.preview.settings_query import (
    default_config,
    presets,
    read_settings,
    read_settings_file,
    settings_query,
    settings_values,
)
from renderer import Alignment, ConfigError
from renderer.errors import FontError
from renderer.settings.newline_markup import RED_MARK

VERA = FONTS / "Vera.ttf"
SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from app.endpoints.pair import ServerPair
from app.ui import frame
from app.ui.rendering import screen
screen.servers_now = lambda: ServerPair(None, None, "none in this test")
screen.draw_pages()
"""


@pytest.fixture
def page():
    root = str(Path(__file__).resolve().parents[2])
    return AppTest.from_string(SCRIPT.format(root=root), default_timeout=60)


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    monkeypatch.setattr(font_choices, "UPLOADED_FONTS", tmp_path / "fonts")
    return tmp_path / "fonts"


def test_without_a_book_the_page_offers_the_story_and_opens_it(page):
    page.run()
    assert not page.exception
    [button] = [one for one in page.main.button if one.label == "Begin with the sample story"]
    button.click().run()
    assert not page.exception
    assert page.session_state["glyph"].book is not None
    assert page.main.header[0].value == page.session_state["glyph"].book.title


def test_a_link_brings_its_settings(page):
    page.query_params.update({"d": "96", "n": "br", "s": "11", "l": "13", "at": "200"})
    page.run()
    settings = page.session_state["glyph"].settings
    assert (settings.dpi, settings.font_size_pt, settings.leading_pt, settings.newline_markup) == (96, 11, 13, "<br/>")
    assert page.session_state["pages_state"].at == 200


def test_of_a_broken_link_the_good_values_are_taken_and_the_bad_one_is_named(page):
    page.query_params.update({"d": "96", "mx": "4000"})
    page.run()
    assert not page.exception
    assert page.session_state["glyph"].settings == replace(default_config(), dpi=96)
    assert "Side margins of 4000 pt" in page.session_state["pages_state"].message.text


def test_a_broken_link_says_why_before_a_book_is_open(page):
    page.query_params.update({"d": "9999"})
    page.run()
    assert any("9999" in one.value for one in page.warning)


def test_a_link_opens_the_book_of_another_session_with_its_questions(page):
    root = str(Path(__file__).resolve().parents[2])
    page.run()
    next(one for one in page.main.button if one.label == "Begin with the sample story").click().run()
    opened, address = page.session_state["glyph"], page.session_state["glyph"].address
    other = AppTest.from_string(SCRIPT.format(root=root), default_timeout=60)
    other.query_params.update(address)
    other.run()
    assert not other.exception
    found = other.session_state["glyph"]
    assert (found.book, found.questions) == (opened.book, opened.questions)
    assert opened.questions
    assert found.book_key != opened.book_key  # what one session asks for must not stop the other's


def test_a_link_to_a_book_that_went_says_so_and_keeps_the_settings(page):
    page.query_params.update({"book": "never-given", "d": "96", "b": "d=60", "show": "g"})
    page.run()
    assert not page.exception
    assert any("no longer kept" in one.value for one in page.warning)
    state = page.session_state["pages_state"]
    assert (page.session_state["glyph"].settings.dpi, state.held.dpi, state.show) == (96, 60, "g")


def test_the_address_follows_the_settings(page):
    page.run()
    page.session_state["glyph"].settings = replace(default_config(), dpi=120)
    next(one for one in page.main.button if one.label == "Begin with the sample story").click().run()
    assert page.session_state["glyph"].address["d"] == "120"


def test_settings_survive_the_way_through_an_address():
    config = replace(
        default_config(),
        dpi=110,
        font_path=FONTS / "DejaVuSans.ttf",
        alignment=Alignment.JUSTIFY,
        newline_markup=" / ",
        page_background="#1E1E1E",
        snap_to_28=True,
        auto_crop_width=False,
        horizontal_scale=0.875,
        first_line_indent_pt=-3.5,
    )
    query = settings_query(config)
    assert read_settings(query) == config
    assert settings_query(default_config()) == {}
    assert set(query) == {"d", "f", "a", "n", "pc", "k", "cw", "x", "fi"}
    assert read_settings(settings_values(config)) == config


def test_fallback_fonts_survive_an_address_and_a_settings_file():
    config = replace(default_config(), fallback_fonts=(FONTS / "DroidSansFallbackFull.ttf", FONTS / "DejaVuSans.ttf"))
    assert settings_query(config) == {"ff": "DroidSansFallbackFull.ttf/DejaVuSans.ttf"}
    assert read_settings(settings_query(config)) == config
    assert read_settings_file(json.dumps(config.to_mapping())).fallback_fonts == config.fallback_fonts


def test_presets_are_glyph_s_and_every_theme():
    names = {preset.name: preset.config for preset in presets()}
    assert {"Glyph 72", "Glyph 96", "Dark mode", "Document style", "Web style", "Code style"} <= set(names)
    assert (names["Glyph 72"].dpi, names["Glyph 96"].dpi) == (72, 96)
    assert names["Glyph 72"] == default_config()
    for config in names.values():
        assert read_settings(settings_query(config)) == config


def test_a_settings_file_in_glyph_s_format_is_read():
    settings = default_config().to_mapping() | {"dpi": "120", "newline-markup": RED_MARK}
    assert read_settings_file(json.dumps(settings)).dpi == 120


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "nonsense", '{"dpi": 72}', '{"font-path": "Vera.ttf", "dpi": "x"}', " " * 70_000]
)
def test_a_settings_file_that_is_none_is_refused(text):
    with pytest.raises(ConfigError):
        read_settings_file(text)


def test_a_settings_file_reaches_no_font_by_its_path(tmp_path):
    hidden = tmp_path / "hidden-font.ttf"
    shutil.copy(VERA, hidden)
    with pytest.raises(FontError):
        read_settings_file(json.dumps({"font-path": str(hidden)}))
    with pytest.raises(FontError):
        read_settings_file(json.dumps({"font-path": "Vera.ttf", "fallback-fonts": [str(hidden)]}))
    assert read_settings_file(json.dumps({"font-path": "C:\\Windows\\Fonts\\Vera.ttf"})).font_path == VERA


def test_an_uploaded_font_is_checked_kept_under_its_hash_and_drawn_with(uploads):
    token = font_choices.keep_font(VERA.read_bytes(), "mine.ttf")
    assert font_choices.keep_font(VERA.read_bytes(), "again.ttf") == token
    assert [path.name for path in uploads.iterdir()] == [f"{token.removeprefix('own-')}.ttf"]
    config = read_settings({"f": token})
    assert config.font_path.parent == uploads
    assert settings_query(config)["f"] == token
    assert [choice.token for choice in font_choices.font_choices((token,)) if choice.uploaded] == [token]


def test_a_damaged_font_is_refused_with_a_reason_and_not_kept(uploads):
    for data in (b"", b"OTTO" + bytes(400), VERA.read_bytes()[:3000], b"not a font at all" * 50):
        with pytest.raises(FontError, match=r"broken\.ttf"):
            font_choices.keep_font(data, "broken.ttf")
    assert not uploads.exists() or not list(uploads.iterdir())


def test_uploaded_fonts_are_bounded(uploads, monkeypatch):
    monkeypatch.setattr(font_choices, "MAX_UPLOADED_FONTS", 2)
    for number in range(4):
        font_choices.keep_font(VERA.read_bytes() + bytes(number), f"{number}.ttf")
    assert len(list(uploads.glob("*.ttf"))) == 2


def test_licences_and_scripts_are_listed(page):
    page.run()
    listed = " ".join(str(one.value) for one in page.sidebar.markdown) + " ".join(
        str(one.value) for one in page.sidebar.caption
    )
    assert "Bitstream Vera Sans" in listed
    assert "licence" in listed
    assert "Latin" in listed
