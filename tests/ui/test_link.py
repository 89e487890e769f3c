"""The Pages page's address: what a link carries, and what happens to one that does not hold."""

from dataclasses import replace

from app.preview.settings_query import default_config
from app.ui.link import MAX_LINKED_QUESTION_CHARACTERS, PageLink, handed_on, read_link, write_link


def test_a_view_survives_the_way_through_an_address():
    held = replace(default_config(), dpi=96, newline_markup=" & / ".replace("&", "and"), page_background="#1E1E1E")
    link = PageLink("the-key", replace(default_config(), dpi=120), held, 4321, "gr")
    assert read_link(write_link(link)) == link


def test_a_held_setting_that_is_the_usual_one_is_still_held():
    assert read_link(write_link(PageLink(held=default_config()))).held == default_config()


def test_an_address_that_says_nothing_changes_nothing():
    assert read_link({}) == PageLink()
    assert read_link({"utm_source": "elsewhere"}) == PageLink()
    assert write_link(PageLink(settings=default_config())) == {}


def test_a_link_with_a_book_means_its_settings_even_where_they_are_the_usual_ones():
    assert read_link({"book": "some-key"}).settings == default_config()


def test_a_part_that_does_not_hold_is_named_and_leaves_the_others():
    link = read_link({"d": "9999", "b": "d=96", "at": "7", "show": "h"})
    assert (link.settings, link.held.dpi, link.at, link.show) == (None, 96, 7, "h")
    assert len(link.troubles) == 1
    assert "9999" in link.troubles[0]
    link = read_link({"d": "96", "b": "d=many"})
    assert (link.settings.dpi, link.held) == (96, None)
    assert "settings B" in link.troubles[0]
    assert "'many'" in link.troubles[0]


def test_one_bad_value_is_named_and_the_others_are_taken():
    link = read_link({"d": "96", "s": "many", "mx": "12", "book": "some-key"})
    assert (link.settings.dpi, link.settings.margin_x_pt) == (96, 12)
    assert link.settings.font_size_pt == default_config().font_size_pt
    (trouble,) = link.troubles
    assert "Font size" in trouble
    assert "'many'" in trouble


def test_of_two_settings_that_contradict_each_other_one_is_taken():
    link = read_link({"d": "96", "mx": "400", "l": "2"})  # margins wider than the page, lines that overlap
    assert (link.settings.dpi, link.settings.margin_x_pt) == (96, default_config().margin_x_pt)
    assert link.settings.leading_pt == default_config().leading_pt
    assert len(link.troubles) == 2


def test_garbage_in_an_address_raises_nothing():
    long = "x" * 300 + ".ttf"
    for query in (
        {"f": long},
        {"ff": long},
        {"b": f"f={long}"},
        {"f": "\0.ttf"},
        {"at": "-1"},
        {"at": "٣"},
        {"at": "9" * 400},
        {"show": "xyz\n"},
        {"b": ";;&&=%"},
        {"b": "&".join(["a"] * 2000)},
        {"book": "x" * 9000},
    ):
        link = read_link(query)
        assert (link.at >= 0, set(link.show) <= set("ghr")) == (True, True), query


def test_a_link_that_is_handed_on_names_the_sample_and_no_key_of_this_server():
    address = write_link(PageLink("the-key", replace(default_config(), dpi=96), talk="a1", run="b2"))
    link = handed_on(address, "story", "Who kept the light?", "Qwen3-8B and Glyph")
    assert not {"book", "talk", "run"} & set(link)
    read = read_link(link)
    assert (read.sample, read.question, read.servers) == ("story", "Who kept the light?", "Qwen3-8B and Glyph")
    assert read.settings.dpi == 96
    assert read.opens_something


def test_a_link_to_a_book_of_one_s_own_keeps_the_key_that_it_is_found_by():
    address = write_link(PageLink("thekey", default_config(), talk="a1"))
    read = read_link(handed_on(address, "", "Who?", ""))
    assert (read.book_key, read.talk, read.sample, read.question) == ("thekey", "a1", "", "Who?")


def test_what_a_link_says_is_one_bounded_line_without_unseen_marks():
    read = read_link({"sample": "s" * 500, "ask": "Who\n\u202e is it? " * 9_000, "with": "m" * 9_000})
    assert len(read.sample) <= 64
    assert len(read.question) <= MAX_LINKED_QUESTION_CHARACTERS
    assert read.question.startswith("Who is it? Who")
    assert len(read.servers) <= 200
