"""vLLM's three caches, by their effect: keys and values of prompt beginnings, processed images, encoded images.

Each is bounded and forgets what was not used for longest. Not safe to use from several threads: the engine's loop
alone touches them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from cachetools import LRUCache

from app.simulator.images import PageImage

BLOCK_TOKENS = 16
# vLLM's encoder cache holds about one step's worth of image tokens; seen from outside: 10 pages stay, 100 do not.
ENCODER_CACHE_TOKENS = 16_384
PROCESSOR_CACHE_BYTES = 4_000_000_000  # --mm-processor-cache-gb 4, the default
_BYTES_PER_PATCH = 3 * 2 * 14 * 14 * 4  # float32 pixels of a patch, two frames


def blocks_of(identity: np.ndarray, salt: str) -> list[bytes]:
    """One hash a whole block, each chained to the one before; the salt goes into the first."""
    raw = identity.tobytes()
    step = BLOCK_TOKENS * identity.itemsize
    chain = hashlib.blake2b(salt.encode("utf-8", "replace"), digest_size=16).digest()
    blocks = []
    for start in range(0, len(raw) - step + 1, step):
        chain = hashlib.blake2b(chain + raw[start : start + step], digest_size=16).digest()
        blocks.append(chain)
    return blocks


class PrefixCache:
    """Which beginnings of prompts have their keys and values kept, in whole blocks of 16 tokens."""

    def __init__(self, capacity_tokens: int) -> None:
        self._capacity_blocks = max(1, capacity_tokens // BLOCK_TOKENS)
        self._blocks: LRUCache[bytes, None] = LRUCache(self._capacity_blocks)

    def cached_tokens(self, blocks: Sequence[bytes], prompt_tokens: int) -> int:
        """How much of the prompt is there already. The last token is always computed: it gives the first answer."""
        hits = 0
        for block in blocks:
            if block not in self._blocks:
                break
            self._blocks[block] = None  # used: the last to go
            hits += 1
        return min(hits, max(0, prompt_tokens - 1) // BLOCK_TOKENS) * BLOCK_TOKENS

    def add(self, blocks: Sequence[bytes]) -> None:
        for block in blocks:
            self._blocks[block] = None

    def clear(self) -> None:
        self._blocks.clear()


class EncoderCache:
    """Pages whose encoding by the vision encoder is kept, by their key."""

    def __init__(self, capacity_tokens: int = ENCODER_CACHE_TOKENS) -> None:
        self._pages: LRUCache[str, PageImage] = LRUCache(capacity_tokens, getsizeof=lambda page: page.tokens)

    def encode(self, pages: Sequence[PageImage]) -> list[PageImage]:
        """Take the pages through the cache, one after the other as the engine does; those that had to be encoded.
        More pages than fit push each other out, so that nothing of them is found the next time either."""
        encoded = []
        for page in pages:
            if page.key not in self._pages:
                encoded.append(page)
            if page.tokens <= self._pages.maxsize:
                self._pages[page.key] = page
        return encoded

    def clear(self) -> None:
        self._pages.clear()


class ProcessorCache:
    """Images that were fetched and preprocessed, by uuid or content: a request may name them without sending them."""

    def __init__(self, capacity_bytes: int = PROCESSOR_CACHE_BYTES) -> None:
        self._pages: LRUCache[str, PageImage] = LRUCache(capacity_bytes, getsizeof=_size)
        self.queries = 0
        self.hits = 0

    def get(self, key: str) -> PageImage | None:
        self.queries += 1
        page = self._pages.get(key)
        if page is not None:
            self.hits += 1
        return page

    def add(self, page: PageImage) -> None:
        if _size(page) <= self._pages.maxsize:
            self._pages[page.key] = page

    def clear(self) -> None:
        self._pages.clear()


def _size(page: PageImage) -> int:
    return page.patches * _BYTES_PER_PATCH
