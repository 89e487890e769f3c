"""The one bounded cache: values by key up to a total weight, least recently used first out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

_Kept = TypeVar("_Kept")


class Bounded(Generic[_Kept]):
    """Values by key, up to a total weight; the newest one always stays. Safe from several threads at once."""

    def __init__(self, max_weight: int, weigh: Callable[[_Kept], int]) -> None:
        self._kept: OrderedDict[object, _Kept] = OrderedDict()
        self._max_weight, self._weigh = max_weight, weigh
        self._lock = threading.Lock()

    def get(self, key: object) -> _Kept | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: object, value: _Kept) -> None:
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(map(self._weigh, self._kept.values())) > self._max_weight:
                self._kept.popitem(last=False)
