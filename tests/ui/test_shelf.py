"""The shelf gives books back by unguessable keys, and is bounded."""

from app.books import book_from_text
from app.ui.shelf import Shelf


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
