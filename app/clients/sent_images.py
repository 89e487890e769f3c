"""Remember which page images a server already holds, so that a second question need not send them again.

In: an endpoint and image hashes. Out: whether to name them by uuid alone. Knows nothing of requests on the wire.
The server may forget at any time; stream_chat then sends in full, and tells this ledger.
Bounded: the newest MAX_IMAGES hashes of each of MAX_SERVERS servers.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from cachetools import LRUCache

from app.clients.values import Dialect, Endpoint

MAX_IMAGES = 4000
MAX_SERVERS = 16


class ImageLedger:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: LRUCache[tuple[str, str], LRUCache[str, None]] = LRUCache(MAX_SERVERS)
        self._without_uuids: LRUCache[str, None] = LRUCache(MAX_SERVERS)

    def takes_uuids(self, endpoint: Endpoint) -> bool:
        """vLLM since 0.11 does; one that refused a uuid alone is not asked in that way again.

        Nor are several that share an address: the next question may reach one that never saw the pages.
        """
        with self._lock:
            vllm = endpoint.dialect is Dialect.VLLM
            return vllm and endpoint.has_one_cache and endpoint.api_base not in self._without_uuids

    def holds_all(self, endpoint: Endpoint, image_ids: Iterable[str]) -> bool:
        ids = tuple(image_ids)
        with self._lock:
            held: Mapping[str, None] = self._held.get(_key(endpoint), {})
            return bool(ids) and all(image_id in held for image_id in ids)

    def remember(self, endpoint: Endpoint, image_ids: Iterable[str]) -> None:
        with self._lock:
            held = self._held.setdefault(_key(endpoint), LRUCache(MAX_IMAGES))
            for image_id in image_ids:
                held[image_id] = None

    def forget(self, endpoint: Endpoint) -> None:
        with self._lock:
            self._held.pop(_key(endpoint), None)

    def uuids_refused(self, endpoint: Endpoint) -> None:
        with self._lock:
            self._without_uuids[endpoint.api_base] = None
            self._held.pop(_key(endpoint), None)


def _key(endpoint: Endpoint) -> tuple[str, str]:
    return (endpoint.api_base, endpoint.model)


_shared = ImageLedger()


def image_ledger() -> ImageLedger:
    """The one of this process."""
    return _shared
