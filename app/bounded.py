"""The bounded cache of this app: values by key up to a total weight, least recently used out first (LRU eviction).

cachetools' LRUCache with a lock around it. Where a module has a lock of its own it uses LRUCache as it is. What every cache
holds at most, and why, is told in docs/bounds.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from cachetools import LRUCache

_Kept = TypeVar("_Kept")


class Bounded(Generic[_Kept]):
    """Safe from several threads at once. A value heavier than the whole cache is not kept."""

    def __init__(self, max_weight: int, weigh: Callable[[_Kept], int]) -> None:
        self._kept: LRUCache[object, _Kept] = LRUCache(max_weight, getsizeof=weigh)
        self._lock = threading.Lock()

    def get(self, key: object) -> _Kept | None:
        with self._lock:
            return self._kept.get(key)

    def put(self, key: object, value: _Kept) -> None:
        with self._lock:
            if self._kept.getsizeof(value) <= self._kept.maxsize:
                self._kept[key] = value
            else:
                self._kept.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
