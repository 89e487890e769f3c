"""All that answers are held against, made once a book: its plain spelling, its numbers, its capitalised words.

In: a text. Out: places of words in it, those that a side has read before those that were cut from its document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .number_places import NumberPlaces
from .plain_text import UNSPACED, PlainText, has_divided_words, key_of
from .values import Span

_MOST_WORDS = 60_000  # of either vocabulary: a long novel has some 20,000
_MOST_IN_BUCKET = 400
_PLACES_LOOKED_AT = 64
_CAPITALISED = re.compile(rf"(?<![^\W_])[^\W\d_{UNSPACED}](?:[^\W\d_{UNSPACED}]|[\u0300-\u036f])+")


class BookIndex:
    """A book as it is looked up in. Safe to read from several threads."""

    def __init__(self, text: str) -> None:
        self.text = text
        # Where a line's end divides words, "light-house" may be one word or two: both readings are kept.
        self._readings = [PlainText(text)]
        if has_divided_words(text):
            self._readings.insert(0, PlainText(text, joined=True))
        self.numbers = NumberPlaces(self._readings[-1])
        self.small_words: set[str] = set()
        """Words that the book writes small somewhere: what begins a sentence with one of these need not be a name."""
        self.names: dict[str, int] = {}
        """Words that it writes with a capital, and where first."""
        self._by_shape: dict[tuple[str, int], list[str]] = {}
        self._read_vocabulary()

    def _read_vocabulary(self) -> None:
        seen: set[str] = set()
        for match in _CAPITALISED.finditer(self.text):
            word = match.group()
            if word in seen:
                continue
            if len(seen) < 2 * _MOST_WORDS:
                seen.add(word)
            key = key_of(word)
            if word[0].isupper():
                if key not in self.names and len(self.names) < _MOST_WORDS and key:
                    self.names[key] = match.start()
                    bucket = self._by_shape.setdefault((key[0], len(key)), [])
                    if len(bucket) < _MOST_IN_BUCKET:
                        bucket.append(key)
            elif len(self.small_words) < _MOST_WORDS:
                self.small_words.add(key)

    def find(self, words: str, unread: Span | None = None, most: int = 1) -> Iterator[tuple[Span, bool]]:
        """Where these plain words stand, at most so many places, and whether outside of `unread`; those that were read first."""
        for reading in self._readings:
            unread_ones = []
            for at in reading.places(words, _PLACES_LOOKED_AT):
                span = reading.span(at, len(words))
                if overlap(span, unread):
                    unread_ones.append(span)
                else:
                    yield span, True
                    most -= 1
                    if not most:
                        return
            if unread is not None and len(unread_ones) == _PLACES_LOOKED_AT:  # all the first ones were cut away
                for at in reading.places(words, most, reading.offset_from(unread[1])):
                    yield reading.span(at, len(words)), True
                    return
            for span in unread_ones[:most]:
                yield span, False
            if unread_ones:
                return

    @property
    def main_reading(self) -> PlainText:
        return self._readings[0]

    def alike_names(self, key: str) -> Iterator[str]:
        """Capitalised words of the book with the same first letter and about the same length."""
        for length in range(len(key) - 2, len(key) + 3):
            yield from self._by_shape.get((key[0], length), ())

    @property
    def weight(self) -> int:
        """Bytes, about; the text counts too, because it is held."""
        wide = 1 if self.text.isascii() else 2
        vocabulary = 120 * (len(self.names) + len(self.small_words))
        return wide * len(self.text) + vocabulary + self.numbers.weight + sum(one.weight for one in self._readings)


def overlap(span: Span, unread: Span | None) -> bool:
    """Whether some of the span was cut away: half a passage was not read."""
    return unread is not None and span[0] < unread[1] and unread[0] < span[1]
