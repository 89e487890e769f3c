"""The rule of the factsheet: which strings are easily misread, which of them go first, and how many fit.

Kinds, the riskiest first: long IDs (UUIDs, hashes, keys of letters and digits), names of code (snake_case, camelCase, dotted paths,
addresses), long numbers (four digits and more, with separators), short numbers with a unit or a decimal point. What fits the bound is
then listed in the order of the text, each once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.tokens import count_text_tokens

DEFAULT_TOKENS = 512
MAX_TOKENS = 8_192
MAX_CHARACTERS = 20_000_000  # of a text: the longest book that is read
MAX_FOUND = 200_000  # different strings looked at
MAX_STRING = 120  # characters: a longer run is data, not a name
HEAD = "Exact strings of this document, spelt as in its text, in the order of their first appearance:"

_EDGE = r"(?<![\w])"
# Every repetition that can fail is bounded: a text made to be slow must not be.
_KINDS: tuple[re.Pattern[str], ...] = (
    # IDs: letters and digits mixed, hyphens allowed
    re.compile(
        _EDGE + r"(?=[\w-]{0,119}\d)(?=[\w-]{0,119}[A-Za-z])[A-Za-z0-9]{1,120}(?:[-_][A-Za-z0-9]{1,119}){0,60}(?![\w])"
    ),
    # addresses and paths
    re.compile(
        r"(?:https?://|/|\b[A-Za-z]:\\)[\w.~%/\\:@?&=#+-]{4,118}[\w/]"
        r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}"
    ),
    # names of code: snake_case, camelCase, dotted and called
    re.compile(
        _EDGE + r"(?:[A-Za-z]\w{0,118}_\w{1,119}|[a-z]{1,119}[A-Z]\w{0,118}|[A-Z][a-z0-9]{1,118}[A-Z]\w{0,118}"
        r"|[A-Za-z_]\w{0,60}(?:\.[A-Za-z_]\w{1,60}){1,8}(?:\(\))?)(?!\w)"
    ),
    # names in capitals, as codes have: QLMZA
    re.compile(_EDGE + r"[A-Z]{4,120}(?!\w)"),
    # numbers with their separators; four digits and more are kept
    re.compile(r"(?<![\w.,])(?:[$€£¥]\s?)?\d[\d.,:/-]{2,118}\d(?![\w])"),
    # shorter ones with a unit or a point
    re.compile(
        r"(?<![\w.,])(?:[$€£¥]\s?)?\d{1,20}(?:[.,:]\d{1,20}){0,4}\s?(?:%|km|kg|cm|mm|mg|dpi|px|ms|[kMG]B|°C)(?!\w)"
        r"|(?<![\w.,])[$€£¥]\s?\d{1,20}(?:[.,]\d{1,20}){0,4}(?!\w)|(?<![\w.,])\d{1,20}\.\d{1,20}(?!\w)"
    ),
)
_ID, _LONG_NUMBER = 0, 4


@dataclass(frozen=True, slots=True)
class Factsheet:
    """`strings`: in the order of the text. `left_out`: found, but beyond the bound. `text` is what is sent, empty without strings."""

    strings: tuple[str, ...]
    left_out: int
    text: str
    tokens: int

    @property
    def words(self) -> str:
        """For people: what is sent beside the pages."""
        if not self.strings:
            return "No exact strings were found, so no factsheet is sent."
        rest = f"; {self.left_out:,} more did not fit" if self.left_out else ""
        return (
            f"A factsheet of {len(self.strings):,} exact strings ({self.tokens:,} tokens{rest}) goes beside the pages."
        )


def make_factsheet(text: str, max_tokens: int = DEFAULT_TOKENS) -> Factsheet:
    """At most `max_tokens` tokens, its heading included. Raises ValueError for a bound that is none."""
    if not 1 <= max_tokens <= MAX_TOKENS:
        raise ValueError(f"A factsheet of {max_tokens} tokens is not made; choose from 1 to {MAX_TOKENS:,}.")
    found = _found(text[:MAX_CHARACTERS])
    ranked = sorted(found, key=lambda one: (found[one][0], found[one][1]))
    # Binary search over how many of the riskiest fit: tokens of a list grow with it, but not by a fixed step.
    low, high = 0, len(ranked)
    while low < high:
        middle = (low + high + 1) // 2
        if count_text_tokens(_sheet(ranked[:middle], found)).value <= max_tokens:
            low = middle
        else:
            high = middle - 1
    sheet = _sheet(ranked[:low], found)
    return Factsheet(
        tuple(_in_order(ranked[:low], found)), len(ranked) - low, sheet, count_text_tokens(sheet).value if sheet else 0
    )


def _found(text: str) -> dict[str, tuple[int, int]]:
    """Each string's kind and first place; a string inside another kind's is not taken apart."""
    found: dict[str, tuple[int, int]] = {}
    taken: list[tuple[int, int]] = []
    for kind, pattern in enumerate(_KINDS):
        own = []
        for match in pattern.finditer(text):
            word = match.group().strip()
            if len(word) > MAX_STRING or _inside(taken, *match.span()):
                continue
            if kind == _ID and len(word) < 6:
                continue  # "3rd", "A4"
            if kind == _LONG_NUMBER and sum(character.isdigit() for character in word) < 4:
                continue
            own.append(match.span())
            if word not in found:
                found[word] = (kind, match.start())
            if len(found) >= MAX_FOUND:
                return found
        taken = sorted([*taken, *own])
    return found


def _inside(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether the stretch touches a sorted, disjoint one."""
    low, high = 0, len(taken)
    while low < high:
        middle = (low + high) // 2
        if taken[middle][1] <= start:
            low = middle + 1
        else:
            high = middle
    return low < len(taken) and taken[low][0] < end


def _in_order(words: list[str], found: dict[str, tuple[int, int]]) -> list[str]:
    return sorted(words, key=lambda one: found[one][1])


def _sheet(words: list[str], found: dict[str, tuple[int, int]]) -> str:
    return f"{HEAD}\n{'; '.join(_in_order(words, found))}" if words else ""
