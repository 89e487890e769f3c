"""A number in, its place in the book out, or None.

As written: the same digits by some of the same words, or anywhere where it has three digits and more. Differently: the same value in
words; another number where most of the words around it are the same; a short number by none of the same words, since the book's other
twelves say nothing of this one. Digits are never nearly the same.
"""

from __future__ import annotations

from .asked import Asked
from .contexts import context
from .number_places import REACH, NumberPlace, Shared
from .plain_text import plain
from .values import Found, Place, Span

_STRONG_WORDS = 3
_SPECIFIC_DIGITS = 3


def find_number(text: str, span: Span, asked: Asked) -> Place | None:
    value, words = plain(text), context(asked.answer, span, REACH) | asked.question
    same: list[Shared] = []
    others: list[Shared] = []
    if asked.budget.neighbourhoods > 0:
        asked.budget.neighbourhoods -= 1
        same, others = asked.index.numbers.near(words, value)
    if same:
        _, best = min(same, key=lambda one: (not asked.has_read(one[1].span), one[1].spelled, -one[0]))
        return _as_it_stands(best, asked)
    said = plain(asked.answer[max(0, span[0] - REACH) : span[1] + REACH]).split()
    for shared, place in others:
        if shared >= max(_STRONG_WORDS, len(words) // 2) and place.value not in said:
            return asked.otherwise(place.span, "by the same words the book has")
    return _anywhere(value, asked)


def _as_it_stands(place: NumberPlace, asked: Asked) -> Place:
    if place.spelled:
        return asked.otherwise(place.span, "in words:")
    return Place(Found.AS_WRITTEN, place.span, asked.has_read(place.span))


def _anywhere(value: str, asked: Asked) -> Place | None:
    if found := asked.first(value):
        if sum(map(str.isdigit, value)) >= _SPECIFIC_DIGITS:
            return found
        return Place(Found.OTHERWISE, found.span, found.read, "in the book, but by none of the same words")
    spelled = min(asked.index.numbers.of_value(value), key=lambda place: not asked.has_read(place.span), default=None)
    return _as_it_stands(spelled, asked) if spelled else None
