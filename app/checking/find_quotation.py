"""A quotation in, its place in the book out, or None.

As written: its words follow each other in the book, whatever the case, the marks between them and the line breaks; what stands for an
ellipsis or for words in brackets may be some thousand characters. Differently: all its parts are there in another order, or, of a long
quotation, three words of four are there in their order. A short one has no near misses.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher

from .asked import Asked
from .plain_text import UNSPACED, PlainText, is_unspaced, plain
from .values import Found, Place

_ELLIPSIS = re.compile(r"\[[^\[\]\n]{0,60}\]|…+|\.(?:[ ]?\.){2,5}|。{3,6}")
_ELLIPSIS_GAP = 4_000  # characters
_MOST_PARTS = 8
_PART_PLACES = 12
_SEED_WORDS, _SEED_UNSPACED = 3, 5
_LONG_WORDS, _LONG_UNSPACED = 6, 10
_SAME_SHARE = 0.75
_ALIGNED_UNITS = 90
_MOST_SEEDS = 8
_ROUND_ABOUT = 12  # characters of the book at either end of what is aligned
_UNIT = re.compile(rf"[{UNSPACED}]|[^ {UNSPACED}]+")


def find_quotation(text: str, asked: Asked) -> Place | None:
    parts = [part for part in (plain(one) for one in _ELLIPSIS.split(text)) if part][:_MOST_PARTS]
    if not parts:
        return None
    found = asked.first(parts[0]) if len(parts) == 1 else _in_order(parts, asked)
    if found is not None:
        return found
    longest = max(parts, key=len)
    if _is_long(longest) and asked.budget.alignments > 0:
        asked.budget.alignments -= 1
        return _with_words_changed(longest, asked)
    return None


def _in_order(parts: list[str], asked: Asked) -> Place | None:
    """The parts between ellipses, each as written: one after the other, or anywhere in the book."""
    following = [sorted(asked.find(part, _PART_PLACES), key=lambda place: place.span) for part in parts]
    if not all(following):
        return None
    for head in following[0]:
        end, read = head.span[1], head.read
        for places in following[1:]:
            after = next((one for one in places if end <= one.span[0] <= end + _ELLIPSIS_GAP), None)
            if after is None:
                break
            end, read = after.span[1], read and after.read
        else:
            return Place(Found.AS_WRITTEN, (head.span[0], end), read)
    longest = following[max(range(len(parts)), key=lambda number: len(parts[number]))][0]
    return Place(Found.OTHERWISE, longest.span, longest.read, "its parts are in the book, but not one after the other")


def _is_long(words: str) -> bool:
    units = _UNIT.findall(words)
    unspaced = sum(is_unspaced(unit[0]) for unit in units)
    return unspaced >= _LONG_UNSPACED or len(units) - unspaced >= _LONG_WORDS


def _with_words_changed(words: str, asked: Asked) -> Place | None:
    """Seed and extend: where a few words in a row agree, the surroundings are aligned with the whole quotation."""
    reading = asked.index.main_reading
    units = [(match.group(), match.start()) for match in _UNIT.finditer(words)][:_ALIGNED_UNITS]
    begin = _likeliest_beginning(words, units, reading)
    if begin is None:
        return None
    reach = begin + len(words) + 2 * _ROUND_ABOUT
    window = [(match.group(), begin + match.start()) for match in _UNIT.finditer(reading.plain[begin:reach])]
    matcher = SequenceMatcher(None, [one for one, _ in units], [one for one, _ in window], autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if sum(block.size for block in blocks) < _SAME_SHARE * len(units):
        return None
    start, (last, at) = window[blocks[0].b][1], window[blocks[-1].b + blocks[-1].size - 1]
    return asked.otherwise(reading.span(start, at + len(last) - start))


def _likeliest_beginning(words: str, units: list[tuple[str, int]], reading: PlainText) -> int | None:
    """Where in the plain text the most of the quotation's words stand together; None where too few do."""
    seed = _SEED_UNSPACED if is_unspaced(units[0][0][0]) else _SEED_WORDS
    wanted = Counter(unit for unit, _ in units)
    most, where = 0, 0
    for number in range(0, len(units) - seed + 1, max(1, (len(units) - seed) // _MOST_SEEDS)):
        at, (last, last_at) = units[number][1], units[number + seed - 1]
        for place in reading.places(words[at : last_at + len(last)], 3):
            begin = max(0, place - at - _ROUND_ABOUT)
            window = reading.plain[begin : begin + len(words) + 2 * _ROUND_ABOUT]
            shared = sum((wanted & Counter(_UNIT.findall(window))).values())
            if shared > most:
                most, where = shared, begin
    return where if most and most >= _SAME_SHARE * len(units) else None
