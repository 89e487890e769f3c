"""One page for whoever drags a slider: the same bytes as from the whole book's layout, without that layout."""

from dataclasses import replace

import pytest

from app.books.samples import story, synthetic_novel
from app.preview.laid_book import Drawing
from app.preview.previews import Previews
from app.preview.settings_query import read_settings
from renderer import EngineUsed, Plan, plan
from renderer.fast import document
from renderer.fast.laid_text import LayoutTooLarge
from renderer.settings.newline_markup import BREAK


@pytest.fixture(scope="module")
def book():
    return synthetic_novel(characters=60_000, seed=5).book


def test_a_font_and_markup_seen_for_the_first_time_are_left_to_the_whole_layout(book):
    previews = Previews()
    assert previews.picture(book, read_settings({"d": "80"})) is None
    previews.look(book, read_settings({"d": "72"}))
    assert previews.picture(book, read_settings({"d": "80"})) is not None
    assert previews.picture(book, replace(read_settings({"d": "80"}), newline_markup=BREAK)) is None
    assert previews.picture(story().book, read_settings({"d": "80"})) is None


@pytest.mark.parametrize(
    "query", [{"d": "90"}, {"s": "12", "l": "14"}, {"k": "1"}, {"cw": "0"}, {"x": "0.8"}, {"cl": "1", "mx": "40"}]
)
def test_a_page_alone_is_the_page_of_the_whole_book(book, query):
    alone, whole = Previews(), Previews()
    alone.look(book, read_settings({"d": "72"}))
    config = read_settings(query)
    laid = whole.look(book, config)
    for at in (0, 1, 20_000, 41_234, len(book.text) - 1, len(book.text), 10**9, -3):
        found = alone.picture(book, config, at=at)
        assert (found.number, found.png) == (laid.number_at(at), laid.draw(laid.number_at(at))), at
    for number in (1, 2, laid.page_count, laid.page_count + 5):
        found = alone.picture(book, config, number)
        assert (found.number, found.png) == (min(number, laid.page_count), laid.draw(min(number, laid.page_count))), (
            number
        )


def test_a_page_alone_lays_out_no_whole_book(book, monkeypatch):
    previews = Previews()
    previews.look(book, read_settings({"d": "72"}))
    document = previews.prepared(book).document()
    monkeypatch.setattr(document, "layout", lambda config: pytest.fail("laid out to the end"))
    assert previews.picture(book, read_settings({"d": "101"}), at=100).number == 1


def test_what_the_reference_draws_has_no_page_by_itself(book, monkeypatch):
    previews = Previews()
    with monkeypatch.context() as patch:
        patch.setattr(
            "app.preview.previews.plan", lambda text, config: Plan(EngineUsed("reference", "of a reason"), None)
        )
        assert isinstance(previews.look(book, read_settings({}), settled=False), Drawing)
        assert previews.picture(book, read_settings({})) is None
        assert previews.picture(book, read_settings({"d": "80"})) is None
    previews.look(book, read_settings({"d": "90"}))

    def refuse(config, **until):
        raise LayoutTooLarge("a paragraph does not fit")

    monkeypatch.setattr(previews.prepared(book).document(), "layout_until", refuse)
    assert previews.picture(book, read_settings({"d": "81"})) is None


def test_a_book_is_laid_out_once_a_step_however_many_others_were_open(book, monkeypatch):
    previews = Previews()
    previews.look(book, read_settings({"d": "72"}))
    for n in range(9):
        plan(f"another text, number {n}", read_settings({}))
    made = []
    laid_text, tokenise = document.Layout, document.tokenise
    monkeypatch.setattr(document, "Layout", lambda *args: made.append("layout") or laid_text(*args))
    monkeypatch.setattr(document, "tokenise", lambda *args: made.append("tokens") or tokenise(*args))
    for dpi in ("80", "90", "100"):
        made.clear()
        previews.look(book, read_settings({"d": dpi}))
        assert made.count("layout") == 1
    assert "tokens" not in made  # nor cut up at each step
