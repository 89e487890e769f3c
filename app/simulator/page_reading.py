"""Pages and passages in, what an OCR program reads on their pictures out: the simulated reader's eyes (app.legibility).

A passage that was found by the manifest is read again from its pictures, so that what is quoted comes from the pixels that were
sent. Pages without a manifest are read whole, a few a question, and kept: asked again, the next ones are read. Whatever was read is
kept by its picture's hash (LRU): the same picture is never read twice for the same words.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from cachetools import LRUCache

from app.legibility import OcrUnavailable, PassageOnPage, read_passages, read_whole_pages, share_wrong, why_not
from app.simulator.images import PageImage
from app.simulator.manifests import PageText

PAGES_A_QUESTION = 6  # read whole: seconds each
MAX_PICTURE_BYTES = 256 * 1024 * 1024  # of pictures that came inside requests
MAX_TEXTS = 512  # pages read whole
MAX_PASSAGES = 4096  # some 640 characters each


class ReadingLeft(Exception):
    """Nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A passage as it was read; `share_wrong`: of the characters that the manifest has for it, 0 to 1."""

    text: str
    share_wrong: float


@dataclass(frozen=True, slots=True)
class Piece:
    """What of a passage stands on one page: characters of that page's text, end exclusive."""

    page: int  # index among the pages of the request
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Wanted:
    page: PageImage
    words: str  # as the manifest has them
    begins: float  # which share of the page's characters lies before it
    ends: float

    @property
    def key(self) -> tuple[str, float, float, str]:
        """The picture by what is on it, not by its file or the name it came under."""
        return self.page.sha256, self.begins, self.ends, self.words


class PageReader:
    """Safe from several threads at once."""

    def __init__(self) -> None:
        self._pictures: LRUCache[str, bytes] = LRUCache(MAX_PICTURE_BYTES, getsizeof=len)
        self._texts: LRUCache[str, str] = LRUCache(MAX_TEXTS)
        self._passages: LRUCache[tuple[str, float, float, str], str] = LRUCache(MAX_PASSAGES)
        self._lock = threading.Lock()

    def keep(self, page: PageImage, data: bytes) -> None:
        """A picture that lies in no file, for when it is to be read: a later request may name it without sending it."""
        with self._lock:
            if len(data) <= self._pictures.maxsize:
                self._pictures[page.sha256] = data

    def read_back(
        self,
        pages: Sequence[PageImage],
        texts: Sequence[PageText | None],
        pieces: Sequence[Piece],
        left: threading.Event | None = None,
    ) -> ReadBack | None:
        """None where a picture is not here any more or cannot be read. Raises ReadingLeft once `left` is set: no new picture is begun."""
        wanted: list[_Wanted] = []
        for piece in pieces:
            page, text = pages[piece.page], texts[piece.page]
            if text is None:
                return None
            length = max(1, len(text.text))
            passage = text.text[piece.start : piece.end]
            wanted.append(_Wanted(page, passage, piece.start / length, piece.end / length))
        with self._lock:
            known = {one: words for one in wanted if (words := self._passages.get(one.key)) is not None}
        if new := [one for one in wanted if one not in known]:
            _check(left)
            if (read := self._read_new(new)) is None:
                return None
            known.update(zip(new, read, strict=True))
        read_text = " ".join(known[one] for one in wanted)
        return ReadBack(read_text, share_wrong(" ".join(one.words for one in wanted), read_text))

    def _read_new(self, wanted: Sequence[_Wanted]) -> list[str] | None:
        found = []
        for one in wanted:
            if (data := self._data(one.page)) is None:
                return None
            found.append(PassageOnPage(data, one.words, one.begins, one.ends))
        try:
            read = read_passages(found)
        except OcrUnavailable:
            return None
        with self._lock:
            self._passages.update({one.key: words for one, words in zip(wanted, read, strict=True)})
        return read

    def read_missing(
        self, pages: Sequence[PageImage], texts: Sequence[PageText | None], left: threading.Event | None = None
    ) -> tuple[list[PageText | None], int]:
        """The texts, with those that no manifest has read from the pictures as far as PAGES_A_QUESTION goes; how many were read."""
        if why_not():
            return list(texts), 0
        missing = [index for index, text in enumerate(texts) if text is None]
        with self._lock:
            new = [index for index in missing if pages[index].sha256 not in self._texts][:PAGES_A_QUESTION]
        for index in new:
            _check(left)
            self._read_whole(pages[index])
        with self._lock:
            found = {index: self._texts.get(pages[index].sha256) for index in missing}
        made = [
            PageText(index + 1, read, None, "") if (read := found.get(index)) is not None else text
            for index, text in enumerate(texts)
        ]
        return made, sum(read is not None for read in found.values())

    def read_all(self, pages: Sequence[PageImage], left: threading.Event | None = None) -> tuple[str, int]:
        """The pages' texts as their pictures show them, PAGES_A_QUESTION pages at most; how many were read."""
        if why_not():
            return "", 0
        texts = []
        for page in pages[:PAGES_A_QUESTION]:
            with self._lock:
                known = page.sha256 in self._texts
            if not known:
                _check(left)
                self._read_whole(page)
            with self._lock:
                if (text := self._texts.get(page.sha256)) is not None:
                    texts.append(text)
        return "\n".join(texts), len(texts)

    def _read_whole(self, page: PageImage) -> None:
        data = self._data(page)
        if data is None:
            return
        try:
            (read,) = read_whole_pages([data])
        except OcrUnavailable:
            return
        with self._lock:
            self._texts[page.sha256] = read

    def _data(self, page: PageImage) -> bytes | None:
        """The very bytes that were sent; a file that changed since is another picture."""
        with self._lock:
            if (kept := self._pictures.get(page.sha256)) is not None:
                return kept
        try:
            data = page.path.read_bytes() if page.path is not None else None
        except OSError:
            return None
        return data if data is not None and hashlib.sha256(data).hexdigest() == page.sha256 else None


def _check(left: threading.Event | None) -> None:
    if left is not None and left.is_set():
        raise ReadingLeft
