"""Books' indexes, made once a text and kept to a total weight, least recently used out first (LRU eviction)."""

from __future__ import annotations

import threading

from app.bounded import Bounded

from .book_index import BookIndex

MAX_KEPT_BYTES = 400_000_000
_kept: Bounded[BookIndex] = Bounded(MAX_KEPT_BYTES, lambda index: index.weight)
_making = threading.Lock()  # one at a time: two threads that want the same book wait for one index


def index_of(content_hash: str, text: str) -> BookIndex:
    """The book's index. `content_hash` names the text; making it takes some 0.4 s a megabyte."""
    found = _kept.get(content_hash)
    if found is None:
        with _making:
            found = _kept.get(content_hash)
            if found is None:
                found = BookIndex(text)
                _kept.put(content_hash, found)
    return found


def prepare(content_hash: str, text: str) -> None:
    """Make the index in a thread of its own, so that it is there when the first answer is."""
    if _kept.get(content_hash) is None and not _making.locked():
        threading.Thread(target=index_of, args=(content_hash, text), name="book-index", daemon=True).start()


def forget() -> None:
    """Let go of all of them; they can be made again."""
    _kept.clear()
