"""How books are told to people: names of encodings, ranges of chapters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.books import encoding_label

EMBEDDED = "embedded"  # as app.books calls the encoding of formats that have their own
_RANGE = re.compile(r"(\d{1,6})(?:\s*(?:-|–|—|\.\.|to|bis)\s*(\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class WrongRange(Exception):
    """What cannot be understood of typed chapters; shown as it is."""

    message: str

    def __str__(self) -> str:
        return self.message


def encoding_name(encoding: str) -> str:
    """'gb18030' -> 'GB18030 (Chinese, simplified)'."""
    return encoding_label(encoding)


def short_encoding_name(encoding: str) -> str:
    """'gb18030' -> 'GB18030'."""
    return encoding_name(encoding).split(" (")[0]


def fewer_tokens(saving: float) -> str:
    """0.2345 -> '23 % fewer visual tokens'; small ones with a decimal. Negative ones are more tokens, and said so."""
    share = abs(100 * saving)
    told = f"{share:.1f} %" if share < 9.95 else f"{share:.0f} %"
    return f"{told} {'fewer' if saving >= 0 else 'more'} visual tokens"


def ranges(indices: Iterable[int]) -> str:
    """[0, 1, 2, 6] -> '1-3, 7': as `read_ranges` takes it."""
    runs: list[list[int]] = []
    for index in sorted(set(indices)):
        if runs and runs[-1][1] == index - 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return ", ".join(str(a + 1) if a == b else f"{a + 1}-{b + 1}" for a, b in runs)


def read_ranges(typed: str, chapter_count: int) -> tuple[int, ...]:
    """'1-3, 7' -> (0, 1, 2, 6). Raises WrongRange for what is no number, or no chapter of this book."""
    chosen: set[int] = set()
    for part in filter(None, (part.strip() for part in re.split(r"[,;，、\n]", typed))):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise WrongRange(f"'{part[:40]}' is no chapter: write numbers and ranges, such as 1-12, 20.")
        first = int(match[1])
        last = int(match[2] or first)
        if last < first:
            raise WrongRange(f"'{part}' runs backwards: write chapters {last}-{first}.")
        if not 1 <= first <= last <= chapter_count:
            wrong = last if 1 <= first <= chapter_count else first
            raise WrongRange(f"'{wrong}' is not there: this book has chapters 1 to {chapter_count:,}.")
        chosen.update(range(first - 1, last))
    return tuple(sorted(chosen))
