"""Random choices that are the same for the same words, on every machine, in every process and Python. In: words. Out: choices.

Only `Random.random()` is promised to stay the same from one Python to the next, so everything is made of it.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from random import Random
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


class Dice:
    def __init__(self, *words: object) -> None:
        self._random = Random(" ".join(map(str, words))).random

    def below(self, n: int) -> int:
        return int(self._random() * n)

    def between(self, low: int, high: int) -> int:
        """Both ends included."""
        return low + self.below(high - low + 1)

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def letters(self, alphabet: str, count: int) -> str:
        return "".join(self.pick(alphabet) for _ in range(count))

    def shuffle(self, values: MutableSequence[T]) -> None:
        for last in range(len(values) - 1, 0, -1):
            other = self.below(last + 1)
            values[last], values[other] = values[other], values[last]

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """Different places, in random order. Raises ValueError where there are not so many."""
        if count > len(options):
            raise ValueError(f"{count} of {len(options)} cannot be chosen")
        moved: dict[int, int] = {}  # a shuffle of places of which only the moved ones are written down
        chosen = []
        for first in range(count):
            other = first + self.below(len(options) - first)
            chosen.append(options[moved.get(other, other)])
            moved[other] = moved.get(first, first)
        return chosen

    def uuid4(self) -> str:
        bits = 0
        for _ in range(4):
            bits = (bits << 32) | self.below(1 << 32)
        return str(UUID(int=bits, version=4))
