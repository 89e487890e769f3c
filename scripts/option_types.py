"""What options of several command lines may be: words in, a checked value out, or argparse's own error."""

import argparse


def positive(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word!r} is no whole number from 1")
    return int(word)
