"""What options of several command lines may be: words in, a checked value out, or argparse's own error."""

import argparse
from pathlib import Path

_MOST = 10**9  # of whatever is counted: far above every use, far below what memory, floats and file sizes break at


def positive(word: str) -> int:
    """From 1 to a thousand millions."""
    if not word.isdecimal() or len(word) > 10 or not 1 <= int(word) <= _MOST:
        shown = word if len(word) <= 40 else f"{word[:40]}…"
        raise argparse.ArgumentTypeError(f"{shown!r} is no whole number from 1 to {_MOST:,}")
    return int(word)


def existing_file(word: str) -> Path:
    """A file that is there: found out before anything is measured, not when its turn comes."""
    path = Path(word)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {word}")
    return path
