"""Read JSON, numbers and words that a hostile server wrote.

In: bytes or text. Out: values, or ValueError and nothing else; numbers within bounds; text that UTF-8 can carry.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

MAX_COUNT = 10**12  # no count of tokens, no milliseconds and no rate is greater
_SURROGATES = re.compile("[\ud800-\udfff]")


def parse_json(data: bytes | str) -> Any:
    """json.loads that raises ValueError whatever it was given: 100,000 brackets are not JSON we read."""
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def number_of(value: Any) -> float | None:
    """A number from 0 to MAX_COUNT; None for anything else: infinite, negative, a truth value, a text."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # The comparison is exact for integers of any length; float() of those would overflow.
    return float(value) if 0 <= value <= MAX_COUNT and not math.isnan(value) else None


def whole_of(value: Any) -> int | None:
    number = number_of(value)
    return None if number is None else int(number)


def mended_text(text: str) -> str:
    """Two halves of a surrogate pair side by side become their character, a lone half U+FFFD: what UTF-8 can carry."""
    if not _SURROGATES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean_text(text: str, most: int) -> str:
    """A server's words on one line, without control characters, at most `most` characters and an ellipsis."""
    # Cut first, so that a megabyte costs no more than a sentence; escapes of terminals are control characters.
    words = mended_text(text[: 8 * most])
    words = " ".join("".join(character if character.isprintable() else " " for character in words).split())
    return words if len(words) <= most else f"{words[:most].rstrip()}…"
