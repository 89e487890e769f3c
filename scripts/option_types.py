"""What options of several command lines may be: words in, a checked value out, or argparse's own error."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path

_MOST = 10**9  # of whatever is counted: far above every use, far below what memory, floats and file sizes break at


def positive(word: str) -> int:
    """From 1 to a thousand millions."""
    if not word.isdecimal() or len(word) > 10 or not 1 <= int(word) <= _MOST:
        raise argparse.ArgumentTypeError(f"{_shown(word)} is no whole number from 1 to {_MOST:,}")
    return int(word)


def existing_file(word: str) -> Path:
    """A file that is there: found out before anything is measured, not when its turn comes."""
    path = Path(word)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {word}")
    return path


def above_zero(word: str) -> float:
    """Minutes, a speed, gigabytes: a finite number above zero."""
    number = _finite(word)
    if number is None or number <= 0:
        raise argparse.ArgumentTypeError(f"{_shown(word)} is no number above 0")
    return number


def not_below_zero(word: str) -> float:
    """A price: a finite number, zero included."""
    number = _finite(word)
    if number is None or number < 0:
        raise argparse.ArgumentTypeError(f"{_shown(word)} is no number from 0 up")
    return number


def token_count(word: str) -> int:
    """ "4K" is 4,096; "1.5K" is 1,536."""
    plain = word.strip().upper()
    number = _finite(plain.removesuffix("K"))
    count = 0 if number is None or number > _MOST else round(number * (1024 if plain.endswith("K") else 1))
    if not 1 <= count <= _MOST:
        raise argparse.ArgumentTypeError(f"{_shown(word)} is no number of tokens; write 4096 or 4K")
    return count


def token_counts(words: str) -> tuple[int, ...]:
    """ "1K,4096,1.5K"."""
    return _several(words, token_count)


def positives(words: str) -> tuple[int, ...]:
    """ "72,96"."""
    return _several(words, positive)


def _several(words: str, one: Callable[[str], int]) -> tuple[int, ...]:
    found = tuple(one(word.strip()) for word in words.split(",") if word.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{_shown(words)} holds no number")
    return found


def _finite(word: str) -> float | None:
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _shown(word: str) -> str:
    return repr(word if len(word) <= 40 else f"{word[:40]}…")
