"""The book card, its dialogs and what stands behind them: chapters with their costs, reflow, encodings, the caches."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.books import Book, BookEmpty, BookEncodingError, book_from_text, chapter_at
from app.bookshelf.costs import book_cost, chapter_costs, page_chapters, placed_pages
from app.bookshelf.reader import BookReader
from app.bookshelf.reflow_offers import OfferDesk
from app.bookshelf.source import BookSource, Reflow, reflowed
from app.bounded import Bounded
from app.tokens import count_text_tokens
from app.ui.book.card import facts
from app.ui.book.words import WrongRange, encoding_name, fewer_tokens, ranges, read_ranges
from app.ui.default_settings import default_settings

SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from app.endpoints.pair import ServerPair
from app.ui import session
from app.ui.book import chapters_dialog, chooser
chapters_dialog.servers_now = lambda: ServerPair(None, None, "none in this test")
now = session.session()
if now.book is None:
    chooser.draw_book_cards(now)
else:
    chooser.draw_book_panel(now)
"""
_WORDS = (
    "the keeper of the old light wrote down every ship that passed below his tower and every storm that broke on it "
)


def wrapped_novel(chapters: int = 6, paragraphs: int = 5) -> str:
    """Prose wrapped at some 70 columns, with chapter headings."""
    parts = []
    for number in range(1, chapters + 1):
        parts.append(f"CHAPTER {number}\n")
        for paragraph in range(paragraphs):
            words = f"In year {number}{paragraph} {_WORDS * 5}".split()
            lines, line = [], ""
            for word in words:
                if len(line) + 1 + len(word) > 70:
                    lines.append(line)
                    line = word
                else:
                    line = f"{line} {word}".strip()
            parts.append("\n".join([*lines, line]) + ".\n")
    return "\n".join(parts)


@pytest.fixture(scope="module")
def novel() -> Book:
    return book_from_text(wrapped_novel(), "The Keeper")


@pytest.fixture
def app():
    root = str(Path(__file__).resolve().parents[2])
    return AppTest.from_string(SCRIPT.format(root=root), default_timeout=60).run()


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    app.file_uploader[0].set_value((name, data, "text/plain")).run()
    return app


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label == label)


def opened(app: AppTest):
    return app.session_state["glyph"]


def test_chapters_cost_what_their_texts_cost_and_share_out_all_pages(novel):
    config = default_settings()
    costs = chapter_costs(novel, config)
    assert [cost.text_tokens for cost in costs] == [
        count_text_tokens(novel.chapter_text(c)).value for c in novel.chapters
    ]
    assert sum(cost.visual_tokens for cost in costs) == pytest.approx(
        book_cost(novel, config).visual_tokens, abs=len(costs)
    )


def test_a_page_is_named_after_the_chapters_on_it(novel):
    spans = [page.text_span for page in placed_pages(novel, default_settings())]
    names = page_chapters(novel, spans)
    for (first, last), name in zip(spans, names, strict=True):
        assert name.startswith(chapter_at(novel, first).title)
        assert name.endswith(chapter_at(novel, last - 1).title)


def test_reflow_is_measured_before_it_is_applied_and_is_a_gain(novel):
    source = BookSource("keeper.txt", novel)
    offer = OfferDesk().ask(source, default_settings()).result(60)
    best = offer.costs[offer.best]
    assert offer.best is not Reflow.AS_IS
    applied = book_cost(source.with_reflow(offer.best).book, default_settings())
    assert applied == best
    as_is = offer.costs[Reflow.AS_IS].visual_tokens
    assert offer.saving(offer.best) == pytest.approx((as_is - applied.visual_tokens) / as_is)
    assert offer.saving(offer.best) > 0


def test_reflow_keeps_the_chosen_chapters_and_all_their_words(novel):
    source = BookSource("keeper.txt", novel).with_chapters((1, 3))
    dense = source.with_reflow(Reflow.DENSE).book
    assert dense.text.split() == source.book.text.split()
    assert [chapter.title for chapter in dense.chapters] == [novel.chapters[1].title, novel.chapters[3].title]
    assert reflowed(novel, Reflow.DENSE) is reflowed(novel, Reflow.DENSE)


def test_all_chapters_are_the_whole_book(novel):
    source = BookSource("keeper.txt", novel)
    everything = source.with_chapters(tuple(range(len(novel.chapters))))
    assert everything == source
    assert "6 chapters" in facts(everything)
    assert "chapters 1-2 of 6" in facts(source.with_chapters((0, 1)))


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("1-3, 7", (0, 1, 2, 6)), ("2", (1,)), ("3–4", (2, 3)), ("", ()), ("5,1", (0, 4)), ("1，2", (0, 1))],
)
def test_typed_ranges_are_understood(typed, chosen):
    assert read_ranges(typed, 8) == chosen
    assert read_ranges(ranges(chosen), 8) == chosen


@pytest.mark.parametrize("typed", ["9", "0", "4-2", "one", "1-", "1-99", "-3"])
def test_ranges_that_are_not_there_are_refused_in_one_sentence(typed):
    with pytest.raises(WrongRange, match=r"chapter"):
        read_ranges(typed, 8)


def test_a_range_that_runs_backwards_is_told_the_way_it_was_meant():
    with pytest.raises(WrongRange, match=r"'3-1' runs backwards: write chapters 1-3"):
        read_ranges("3-1", 8)


def test_words_for_people():
    assert fewer_tokens(0.2345) == "23 % fewer visual tokens"
    assert (fewer_tokens(0.071), fewer_tokens(-0.002)) == ("7.1 % fewer visual tokens", "0.2 % more visual tokens")
    assert encoding_name("gb18030").startswith("GB18030")


def test_a_file_is_read_once_and_shared():
    reader = BookReader()
    key = reader.keep(wrapped_novel().encode())
    first = reader.start(key, "keeper.txt")
    assert first.book() is reader.start(key, "keeper.txt").book()
    assert first.book() is not reader.start(key, "keeper.txt", "latin-1").book()


def test_a_refusal_is_not_remembered_and_reaches_everybody_who_waits():
    reader = BookReader()
    key = reader.keep(b"   \n")
    for _ in range(2):
        with pytest.raises(BookEmpty):
            reader.start(key, "empty.txt").book()
    odd = reader.keep("Grüße, wie geht es dir heute?\n".encode("cp1252") * 20)
    with pytest.raises(BookEncodingError):
        reader.start(odd, "letter.txt", "utf-16-le-nonsense").book()


def test_kept_files_are_bounded_and_a_file_that_went_is_told():
    reader = BookReader(max_file_bytes=3000)
    first, second = reader.keep(b"a" * 2000), reader.keep(b"b" * 2000)
    assert not reader.has_file(first)
    assert reader.has_file(second)
    with pytest.raises(KeyError):
        reader.start(first, "a.txt")


def test_a_bounded_store_keeps_what_was_used_last():
    store = Bounded(2, lambda _: 1)
    for key in "ab":
        store.put(key, key)
    store.get("a")
    store.put("c", "c")
    assert (store.get("a"), store.get("b"), store.get("c")) == ("a", None, "c")


def test_sessions_that_read_at_once_get_their_own_books():
    reader, got = BookReader(), {}
    texts = {f"{n}.txt": f"CHAPTER {n}\n\n{_WORDS * (n + 1)}\n" for n in range(5)}

    def read(name):
        got[name] = reader.start(reader.keep(texts[name].encode()), name).book().text

    threads = [threading.Thread(target=read, args=(name,)) for name in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {name: text.split() for name, text in got.items()} == {name: text.split() for name, text in texts.items()}


def test_an_upload_is_opened_told_reflowed_and_taken_back(app):
    upload(app, "keeper.txt", wrapped_novel().encode())
    assert not app.exception
    before = opened(app).book
    assert any("6 chapters" in one.value for one in app.caption)
    deadline = 60
    while not any(one.label == "Reflow" for one in app.button) and deadline:
        app.run()
        deadline -= 1
    assert any("% fewer visual tokens" in one.value for one in app.caption)
    button(app, "Reflow").click().run()
    assert opened(app).book.text.split() == before.text.split()
    assert opened(app).book.text.count("\n") < before.text.count("\n")
    button(app, "Undo the reflow").click().run()
    assert opened(app).book == before


def test_a_refused_upload_says_one_sentence_and_the_open_book_stays(app):
    upload(app, "keeper.txt", wrapped_novel().encode())
    before = opened(app).book
    app.segmented_control[0].set_value("Upload").run()
    upload(app, "noise.txt", bytes(range(256)) * 50)
    assert [one for one in app.error if "noise" in one.value]
    assert opened(app).book == before
    assert not app.exception


def test_the_conversation_stays_while_the_text_stays(app):
    upload(app, "keeper.txt", wrapped_novel().encode())
    now = opened(app)
    now.turns = ["a comparison"]
    now.open_book(now.book, now.book_key, source=now.source)
    assert now.turns == ["a comparison"]
    part = now.source.with_chapters((0,))
    now.open_book(part.book, "key", source=part)
    assert now.turns == []
    assert "conversation begins anew" in now.messages.kept[-1].text
