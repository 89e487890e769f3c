"""Books that browsers may ask for by an unguessable key: routes are outside Streamlit's sessions, so the key is the right.

Bounded: the books used least recently go first. A session whose book went keeps its own reference and can put it back.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict

from app.books import Book

MAX_BOOKS = 32
MAX_CHARACTERS = 200_000_000


class Shelf:
    def __init__(self, max_books: int = MAX_BOOKS, max_characters: int = MAX_CHARACTERS) -> None:
        self._books: OrderedDict[str, Book] = OrderedDict()
        self._max_books, self._max_characters = max_books, max_characters
        self._lock = threading.Lock()

    def put(self, book: Book) -> str:
        """Give the book's key."""
        key = secrets.token_urlsafe(16)
        with self._lock:
            self._books[key] = book
            while len(self._books) > 1 and (
                len(self._books) > self._max_books
                or sum(len(kept.text) for kept in self._books.values()) > self._max_characters
            ):
                self._books.popitem(last=False)
        return key

    def get(self, key: str) -> Book | None:
        with self._lock:
            if key in self._books:
                self._books.move_to_end(key)
            return self._books.get(key)


_shelf = Shelf()


def shelf() -> Shelf:
    """The process's one shelf."""
    return _shelf
