"""Every number of a book with the words around it: what finds the place that a number of an answer speaks of.

In: a text's plain spelling. Out: places by value, and the places whose words are most like given ones. Numbers in words count with their value
("forty-one" is 41, 二万八千 is 28000), but "one", "first" and 一 by themselves do not: they stand everywhere.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from app.verdict.plain_words import HAN_NUMERALS, NUMBER_WORDS, han_value, number_at

from .contexts import context
from .plain_text import NUMBER, PlainText, key_of
from .values import Span

MAX_PLACES = 20_000  # of one book; a table of figures may have more, and those are only looked up by their digits
REACH = 90  # characters: about a sentence to either side
_COMMON_POSTINGS = 400  # a word by so many numbers tells nothing
_MOST_STEMS = 40
_MOST_OTHERS = 16
_HAN = re.compile(f"[{HAN_NUMERALS}两万亿]+")
_ALONE = frozenset(("one", "first", "一"))
_WITHIN_NUMBER = re.compile(r"[\s-]{1,3}(?:and\s{1,3})?")


@dataclass(frozen=True, slots=True)
class NumberPlace:
    """`value`: the digits in plain spelling. `spelled`: it stands in words."""

    span: Span
    value: str
    spelled: bool


Shared = tuple[int, NumberPlace]
"""A place, and how many of the words around it are the same."""


class NumberPlaces:
    """The numbers of one book."""

    def __init__(self, reading: PlainText) -> None:
        text = reading.text
        self._places: list[NumberPlace] = sorted(_numbers_of(reading), key=lambda place: place.span)[:MAX_PLACES]
        self._by_value: dict[str, array[int]] = {}
        self._by_stem: dict[str, array[int]] = {}
        for number, place in enumerate(self._places):
            self._by_value.setdefault(place.value, array("I")).append(number)
            for stem in context(text, place.span, REACH):
                self._by_stem.setdefault(stem, array("I")).append(number)

    def of_value(self, value: str) -> list[NumberPlace]:
        return [self._places[number] for number in self._by_value.get(value, ())]

    def near(self, words: Iterable[str], value: str) -> tuple[list[Shared], list[Shared]]:
        """The numbers that stand by some of these words, with how many: those of this value, and the best of the others."""
        votes: Counter[int] = Counter()
        for stem in sorted(words, key=lambda one: (len(self._by_stem.get(one, ())), one))[:_MOST_STEMS]:
            postings = self._by_stem.get(stem, ())
            if len(postings) <= _COMMON_POSTINGS:
                votes.update(postings)
        own = set(self._by_value.get(value, ()))
        same = [(shared, self._places[number]) for number, shared in votes.items() if number in own]
        others = sorted((-shared, number) for number, shared in votes.items() if number not in own)
        return same, [(-shared, self._places[number]) for shared, number in others[:_MOST_OTHERS]]

    @property
    def weight(self) -> int:
        """Bytes, about."""
        return 200 * len(self._places) + sum(150 + 4 * len(found) for found in self._by_stem.values())


def _numbers_of(reading: PlainText) -> Iterable[NumberPlace]:
    yield from islice(_in_digits(reading.text), MAX_PLACES)
    yield from islice(_in_words(reading), MAX_PLACES)
    yield from islice(_in_han(reading.text), MAX_PLACES)


def _in_digits(text: str) -> Iterator[NumberPlace]:
    for match in NUMBER.finditer(text):
        yield NumberPlace(match.span(), key_of(match.group()), False)


def _in_words(reading: PlainText) -> Iterator[NumberPlace]:
    """Runs of number words, with "and" between; "nine two" are two numbers, and left out."""
    run: list[str] = []
    span: Span = (0, 0)
    for at, word in reading.places_of_any(NUMBER_WORDS):
        start, end = reading.span(at, len(word))
        gap = reading.text[span[1] : start] if run and start - span[1] <= 8 else "."
        if run and _WITHIN_NUMBER.fullmatch(gap):
            run += ["and", word] if "and" in gap else [word]
            span = span[0], end
            continue
        yield from _spelled(run, span)
        run, span = [word], (start, end)
    yield from _spelled(run, span)


def _spelled(run: list[str], span: Span) -> Iterator[NumberPlace]:
    if run and not (len(run) == 1 and run[0] in _ALONE):
        value, end = number_at(run, 0)
        if end == len(run):
            yield NumberPlace(span, str(value), True)


def _in_han(text: str) -> Iterator[NumberPlace]:
    for match in _HAN.finditer(text):
        run = match.group()
        if run not in _ALONE and len(run) <= 16 and run.strip("万亿"):
            yield NumberPlace(match.span(), str(han_value(run)), True)
