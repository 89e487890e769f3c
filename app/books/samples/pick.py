"""One of several, drawn by a book's own random numbers: what every word of a made book is chosen with."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

_One = TypeVar("_One")


class Pick:
    """The same seed draws the same."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def __call__(self, options: Sequence[_One]) -> _One:
        # Random.random() alone is promised to stay the same from one Python to the next.
        return options[int(self._rng.random() * len(options))]
