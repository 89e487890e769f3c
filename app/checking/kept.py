"""Books' indexes, made once a text and kept to a total weight, least recently used out first (LRU eviction)."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.bounded import Bounded

from .book_index import BookIndex

MAX_KEPT_BYTES = 400_000_000
_kept: Bounded[BookIndex] = Bounded(MAX_KEPT_BYTES, lambda index: index.weight)
_making = threading.Lock()  # one at a time: two threads that want the same book wait for one index
_preparing: set[str] = set()  # content hashes for which a thread was begun: one a book, however often it is asked for
_preparing_lock = threading.Lock()


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


def prepare(content_hash: str, text: str, wait: Callable[[], object] = lambda: None) -> None:
    """Make the index in a thread of its own, so that it is there when the first answer is. `wait` comes back once what
    somebody looks at is done: making an index takes the interpreter from whatever else runs."""
    with _preparing_lock:
        if content_hash in _preparing or _kept.get(content_hash) is not None:
            return
        _preparing.add(content_hash)
    threading.Thread(target=_prepare, args=(content_hash, text, wait), name="book-index", daemon=True).start()


def _prepare(content_hash: str, text: str, wait: Callable[[], object]) -> None:
    try:
        wait()
        index_of(content_hash, text)
    finally:
        with _preparing_lock:
            _preparing.discard(content_hash)


def forget() -> None:
    """Let go of all of them; they can be made again."""
    _kept.clear()
