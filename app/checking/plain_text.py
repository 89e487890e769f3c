"""A text in a plain spelling (one case, one space for what lies between words), and where each of its words came from.

In: text. Out: a string that can be searched, an inverted index of its words, and the way back to the text's own characters.
Numbers lose their thousand separators and ordinal endings, letters their case and accents; apostrophes and hyphens part words.
Chinese and Japanese are written without spaces: what lies between two of their characters is left out, so that a line break in
mid-sentence changes nothing. Knows nothing of claims.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from .values import Span

UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # kana and Han
_LETTERS = rf"[^\W_{UNSPACED}]+(?:[\u0300-\u036f]+[^\W_{UNSPACED}]*)*"
_NUMBER = r"\d+(?:[.,:]\d+|['’\u00a0\u2009\u202f]\d{3}(?!\d))*(?:st|nd|rd|th)?(?![^\W_" + UNSPACED + "])"
WORD = re.compile(rf"{_NUMBER}|[{UNSPACED}]+|{_LETTERS}")
# A word that a line's end divides, or that has soft hyphens in it.
_DIVISION = r"(?:\u00ad[ \t\r\n]{0,8}|[-‐][ \t\r]{0,8}\n[ \t]{0,40})"
_DIVIDED = re.compile(rf"{_DIVISION}(?=[^\W\d_{UNSPACED}])")
_JOINED_WORD = re.compile(rf"{_NUMBER}|[{UNSPACED}]+|{_LETTERS}(?:{_DIVISION}{_LETTERS})*")
_ANY_DIVISION = re.compile(_DIVISION)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\Z", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}([,'’\u00a0\u2009\u202f])\d{3}(?:\1\d{3})*(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}")
NUMBER = re.compile(rf"(?<![^\W_{UNSPACED}]){_NUMBER}")
_UNSPACED_ONE = re.compile(f"[{UNSPACED}]")
_UNIT = re.compile(rf"[{UNSPACED}]|[^ {UNSPACED}]+")
_MEMO_KEYS = 50_000
_MOST_UNITS, _SHARED_UNITS = 400_000, 4_096  # a long novel has 20,000; random letters have millions


def is_unspaced(character: str) -> bool:
    return _UNSPACED_ONE.match(character) is not None


def has_unspaced(text: str) -> bool:
    return _UNSPACED_ONE.search(text) is not None


def is_number(word: str) -> bool:
    return NUMBER.fullmatch(word) is not None


def key_of(word: str) -> str:
    """One word of WORD in plain spelling; it may hold nothing (a lone accent)."""
    if _UNSPACED_ONE.match(word):
        return word
    if word[0].isdigit():
        return _number_key(word)
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word)
    plain = "".join(one for one in decomposed if not unicodedata.combining(one)).lower()
    return "".join(filter(str.isalnum, plain))


def _number_key(word: str) -> str:
    word = _ORDINAL.sub("", word if word.isascii() else unicodedata.normalize("NFKC", word))
    if _THOUSANDS.fullmatch(word):
        if word.count(".") > 1:
            return word.replace(".", "")
        return re.sub(r"[^\d.]", "", word)
    return word.lower().replace(" ", "")


def plain(text: str) -> str:
    """The text in plain spelling, without a space at either end."""
    return _join(key_of(match.group()) for match in WORD.finditer(text))


def _join(keys: Iterator[str]) -> str:
    parts: list[str] = []
    unspaced = True
    for key in keys:
        if key:
            now = is_unspaced(key[0])
            if parts and not (now and unspaced):
                parts.append(" ")
            parts.append(key)
            unspaced = now
    return "".join(parts)


def has_divided_words(text: str) -> bool:
    return any(match.start() and text[match.start() - 1].isalpha() for match in _DIVIDED.finditer(text))


class PlainText:
    """`joined`: words that a line's end divides are one word here; else they are two.

    `plain` begins and ends with a space. Memory: some 10 bytes a character of English, 8 of Chinese.
    """

    def __init__(self, text: str, joined: bool = False) -> None:
        self.text = text
        self._word = _JOINED_WORD if joined else WORD
        self._joined = joined
        self._postings: dict[str, array[int]] = {}  # unit -> where in `plain`, in order
        self._offsets, self._starts = array("I"), array("I")  # of words, in `plain` and in the text
        self.plain = self._build()

    def _build(self) -> str:
        """One look at every word; what a word gives (its key, and where its places are noted) is kept by its spelling."""
        memo: dict[str, tuple[str, array[int] | None]] = {}
        parts, length, unspaced = [" "], 1, False
        note_offset, note_start, note_part = self._offsets.append, self._starts.append, parts.append
        for match in self._word.finditer(self.text):
            word = match.group()
            known = memo.get(word)
            if known is None:
                if len(memo) > _MEMO_KEYS:
                    memo.clear()
                known = memo[word] = self._known(word)
            key, places = known
            if places is None:
                if not key:
                    continue
                if unspaced:
                    parts.pop()
                    length -= 1
                for at, unit in enumerate(key, length):
                    self._postings.setdefault(unit, array("I")).append(at)
            else:
                places.append(length)
            note_offset(length)
            note_start(match.start())
            note_part(key)
            note_part(" ")
            length += len(key) + 1
            unspaced = places is None
        return "".join(parts)

    def _known(self, word: str) -> tuple[str, array[int] | None]:
        """A word's key, and the list of its places; none for Chinese, whose characters have one each."""
        key = key_of(_ANY_DIVISION.sub("", word) if self._joined else word)
        if not key or is_unspaced(key[0]):
            return key, None
        return key, self._postings.setdefault(self._unit(key), array("I"))

    def _unit(self, key: str) -> str:
        """What a word's places are noted under: the word; in a text of a great many words the late ones share."""
        if key in self._postings or len(self._postings) < _MOST_UNITS:
            return key
        return f" {hash(key) % _SHARED_UNITS}"

    def places_of_any(self, units: Iterable[str]) -> list[tuple[int, str]]:
        """Where any of these single words stand, in order."""
        return sorted((at, unit) for unit in units for at in self._postings.get(unit, ()))

    def places(self, words: str, most: int, begin: int = 0) -> Iterator[int]:
        """Where `plain` has these plain words as whole words, from `begin` on, at most so many."""
        if not words:
            return
        units = [(match.group(), match.start()) for match in _UNIT.finditer(words)]
        lists = [(self._postings.get(self._unit(unit)), at) for unit, at in units]
        if any(found is None for found, _ in lists):
            return
        postings, shift = min(((found, at) for found, at in lists if found is not None), key=lambda one: len(one[0]))
        ends_open = is_unspaced(words[-1])
        needle = words if ends_open else f"{words} "
        begins_open = is_unspaced(words[0])
        starts_with = self.plain.startswith
        for number in range(bisect_left(postings, begin + shift), len(postings)):
            at = postings[number]
            if starts_with(needle, at - shift) and (begins_open or self.plain[at - shift - 1] == " "):
                yield at - shift
                most -= 1
                if not most:
                    return

    def span(self, at: int, length: int) -> Span:
        """The text's own characters that `length` characters of `plain` from `at` came from."""
        return self._origin(at), self._end(at + length - 1)

    def _origin(self, at: int) -> int:
        ordinal = bisect_right(self._offsets, at) - 1
        shift = at - self._offsets[ordinal] if is_unspaced(self.plain[at]) else 0
        return self._starts[ordinal] + shift

    def _end(self, last: int) -> int:
        ordinal = bisect_right(self._offsets, last) - 1
        if is_unspaced(self.plain[last]):
            return self._starts[ordinal] + last - self._offsets[ordinal] + 1
        match = self._word.match(self.text, self._starts[ordinal])
        assert match is not None, "a word stands where its start was kept"
        return match.end()

    def offset_from(self, character: int) -> int:
        """Where in `plain` the first word at or after this character of the text stands."""
        ordinal = bisect_right(self._starts, character - 1)
        return self._offsets[ordinal] if ordinal < len(self._offsets) else len(self.plain)

    @property
    def weight(self) -> int:
        """Bytes, about."""
        words = sum(map(len, self._postings.values()))
        wide = 1 if self.plain.isascii() else 2
        return 4 * words + 8 * len(self._offsets) + wide * len(self.plain) + 200 * len(self._postings)
