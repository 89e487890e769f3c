"""Text in; its number of tokens, where each token ends, or the text cut in the middle to a number of tokens out."""

import hashlib
import threading
import unicodedata
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from cachetools import LRUCache

from . import qwen
from .counts import CountSource, TokenCount

_MAX_COUNTED = 16_384  # texts whose counts are remembered; a book may have 5,000 chapters
_counted: LRUCache[str, Future[int]] = LRUCache(_MAX_COUNTED)
_lock = threading.Lock()
_FIRST_COMBINING = "\u0300"  # below it no character joins the one before it under NFC


@dataclass(frozen=True, slots=True)
class MiddleCut:
    """A text whose middle was taken out. `removed_span`: characters of the original, end exclusive; None if whole."""

    text: str
    kept_tokens: int
    removed_tokens: int
    removed_span: tuple[int, int] | None


def count_text_tokens(text: str, content_hash: str | None = None) -> TokenCount:
    """Exact number of Qwen tokens of `text`, without any special tokens or chat template.

    Counted once: whoever asks for a text that is being counted or was counted lately gets that count. `content_hash`: the
    SHA-256 of the text where it is known already, as a Book knows its own; a long text is then not hashed again.
    """
    key = content_hash or hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    with _lock:
        found = _counted.get(key)
        is_new = found is None
        count: Future[int] = Future() if found is None else found
        if is_new:
            _counted[key] = count
    if is_new:
        try:
            count.set_result(qwen.count_ids(text))
        except BaseException as error:
            count.set_exception(error)
            with _lock:
                _counted.pop(key, None)
    return TokenCount(count.result(), CountSource.TOKENIZER)


def encode_spans(text: str) -> np.ndarray:
    """Where each token ends, in characters of `text`: int32, non-decreasing, the last is len(text).

    A token that ends inside a character (rare scripts are spelt in bytes) ends with the last whole one before it.
    """
    plain = qwen.normalised(text)
    ends = _ends_in_characters(plain)[0]
    if plain == text or not len(ends):
        return ends
    original_end = _normal_to_original(text)
    return original_end[np.minimum(ends, len(original_end) - 1)].astype(np.int32)


def cut_middle(text: str, max_tokens: int) -> MiddleCut:
    """At most `max_tokens` tokens of `text`: its beginning and its end in equal parts, as LongBench cuts.

    Cuts lie between tokens and never inside a character. The joined text is counted anew: at the seam tokens can merge
    or part, and `kept_tokens` must be what a server will count.
    """
    if max_tokens < 0:
        raise ValueError(f"max_tokens is {max_tokens}; 0 or more is needed")
    total = count_text_tokens(text).value
    if total <= max_tokens:
        return MiddleCut(text, total, 0, None)
    plain = qwen.normalised(text)
    floors, ceilings = _ends_in_characters(plain)
    to_original = None if plain == text else _normal_to_original(text)
    budget = max_tokens
    while True:
        head, tail = budget - budget // 2, budget // 2
        begin = int(floors[head - 1]) if head else 0
        end = int(ceilings[total - tail - 1]) if tail else len(plain)
        if to_original is not None:
            begin, end = int(to_original[begin]), int(to_original[end])
        kept = text[:begin] + text[end:]
        kept_tokens = qwen.count_ids(kept)
        if kept_tokens <= max_tokens:
            return MiddleCut(kept, kept_tokens, total - kept_tokens, (begin, end))
        budget -= kept_tokens - max_tokens


def _ends_in_characters(plain: str) -> tuple[np.ndarray, np.ndarray]:
    """For each token, the characters wholly before its end, and those at least begun before it; int32."""
    ids = qwen.token_ids(plain)
    if not len(ids):
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
    byte_ends = np.cumsum(qwen.token_lengths()[ids], dtype=np.int64)
    if plain.isascii():
        ends = byte_ends.astype(np.int32)
        return ends, ends
    raw = np.frombuffer(plain.encode("utf-8"), dtype=np.uint8)
    begins = (raw & 0xC0) != 0x80  # first byte of a character
    begun = np.concatenate(([0], np.cumsum(begins, dtype=np.int32)))[byte_ends]
    inside = np.zeros(len(byte_ends), dtype=np.int32)
    before_end = byte_ends < len(raw)
    inside[before_end] = ~begins[byte_ends[before_end]]
    return (begun - inside).astype(np.int32), begun.astype(np.int32)


def _normal_to_original(text: str) -> np.ndarray:
    """For each offset into NFC(text), the offset into `text` behind the characters it was made from."""
    ends = [0]
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or _starts_cluster(text, start, index):
            ends.extend([index] * len(unicodedata.normalize("NFC", text[start:index])))
            start = index
    return np.array(ends, dtype=np.int32)


def _starts_cluster(text: str, start: int, index: int) -> bool:
    character = text[index]
    if character < _FIRST_COMBINING:
        return True
    if unicodedata.combining(character):
        return False
    joined = unicodedata.normalize("NFC", text[start : index + 1])
    return joined == unicodedata.normalize("NFC", text[start:index]) + unicodedata.normalize("NFC", character)
