"""Books that browsers may ask for by an unguessable key: routes are outside Streamlit's sessions, so the key is the right.

Bounded: a book that many sessions have open gives up the key used least recently first, then the books used least
recently go. A session whose book went keeps its own reference and can put it back.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict

from app.books import Book
from app.unguessable import unguessable_key

MAX_BOOKS = 32
MAX_CHARACTERS = 200_000_000


class Shelf:
    def __init__(self, max_books: int = MAX_BOOKS, max_characters: int = MAX_CHARACTERS) -> None:
        self._books: OrderedDict[str, Book] = OrderedDict()
        self._max_books, self._max_characters = max_books, max_characters
        self._lock = threading.Lock()

    def put(self, book: Book) -> str:
        """Give the book's key."""
        key = unguessable_key()
        with self._lock:
            self._books[key] = book
            while len(self._books) > self._max_books:
                del self._books[self._most_dispensable(key)]
            while len(self._books) > 1 and self._characters() > self._max_characters:
                self._books.popitem(last=False)
        return key

    def _characters(self) -> int:
        return sum({id(book.text): len(book.text) for book in self._books.values()}.values())

    def _most_dispensable(self, newest: str) -> str:
        """A key of the book that has most of them, where one has several: a link opened often costs no other book its place."""
        keys = Counter(book.content_hash for book in self._books.values())
        most = max(keys.values())
        crowded = (key for key, book in self._books.items() if keys[book.content_hash] == most and key != newest)
        return next(crowded if most > 1 else iter(self._books))

    def get(self, key: str) -> Book | None:
        with self._lock:
            if key in self._books:
                self._books.move_to_end(key)
            return self._books.get(key)


_shelf = Shelf()


def shelf() -> Shelf:
    """The process's one shelf."""
    return _shelf
