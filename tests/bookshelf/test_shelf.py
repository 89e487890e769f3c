"""The shelf gives books back by unguessable keys, and is bounded."""

from app.books import book_from_text
from app.bookshelf.shelf import Shelf, shelf
from app.bookshelf.source import BookSource
from app.ui.book.opening import open_kept, open_source
from app.ui.default_settings import default_settings
from app.ui.session import AppSession


def test_a_book_comes_back_by_its_key():
    shelf, book = Shelf(), book_from_text("Once upon a time.", "Tale")
    assert shelf.get(shelf.put(book)) is book
    assert shelf.get("nothing") is None


def test_keys_cannot_be_guessed():
    shelf, book = Shelf(), book_from_text("Once.", "Tale")
    keys = {shelf.put(book) for _ in range(50)}
    assert len(keys) == 50
    assert all(len(key) >= 20 for key in keys)


def test_the_book_used_least_recently_goes_first():
    shelf = Shelf(max_books=2)
    first, second = (shelf.put(book_from_text(text, text)) for text in ("one", "two"))
    shelf.get(first)
    shelf.put(book_from_text("three", "three"))
    assert shelf.get(first) is not None
    assert shelf.get(second) is None


def test_characters_are_bounded_too():
    shelf = Shelf(max_characters=100)
    first = shelf.put(book_from_text("a" * 80, "a"))
    shelf.put(book_from_text("b" * 80, "b"))
    assert shelf.get(first) is None


def test_a_link_opened_often_pushes_out_no_other_book():
    shelf = Shelf(max_books=4)
    other = shelf.put(book_from_text("another", "another"))
    book = book_from_text("one", "one")
    keys = [shelf.put(book) for _ in range(40)]
    assert shelf.get(other) is not None
    assert [shelf.get(key) is not None for key in keys] == [False] * 37 + [True] * 3


def test_characters_shared_by_sessions_count_once():
    shelf = Shelf(max_characters=100)
    book = book_from_text("a" * 80, "a")
    keys = [shelf.put(book) for _ in range(3)]
    assert all(shelf.get(key) is book for key in keys)


def test_where_characters_are_too_many_the_book_used_least_recently_goes():
    shelf = Shelf(max_characters=1000)
    small = book_from_text("small", "small")
    keys = [shelf.put(small) for _ in range(8)]
    first = shelf.put(book_from_text("a" * 600, "a"))
    for key in keys:
        shelf.get(key)
    shelf.put(book_from_text("b" * 600, "b"))
    assert shelf.get(first) is None
    assert all(shelf.get(key) for key in keys)


def test_a_key_that_the_shelf_let_go_still_opens_its_book():
    book = book_from_text("Once upon a time.", "Tale")
    mine, another = AppSession(settings=default_settings()), AppSession(settings=default_settings())
    open_source(mine, BookSource(book.title, book))
    del shelf()._books[mine.book_key]
    assert open_kept(another, mine.book_key)
    assert another.book is book
    assert not open_kept(another, "never given")
