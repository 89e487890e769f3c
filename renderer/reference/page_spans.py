"""Which characters of the source stand on which page, from what was drawn there.

In: the source text, the pieces of the newline markup, and per page the characters that the layout drew, in order.
Out: contiguous spans over the whole text. Knows nothing of points or pixels.
"""

from collections.abc import Sequence

from renderer.glyph_rules import LINES_PER_PARAGRAPH, REMOVED, SPACES
from renderer.settings.newline_markup import NewlinePiece

_DROP = {ord(c): None for c in SPACES}


def ink(text: str) -> str:
    """`text` without white space: what must come out in the same order as it went in, however lines break."""
    return text.translate(_DROP)


def page_spans(text: str, mark: Sequence[NewlinePiece], drawn: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """One span a page. `drawn`: the characters on each page, white space or not."""
    expected, positions = _expected_ink(text, ink("".join(piece.text for piece in mark)))
    starts = []
    seen = 0
    cursor = 0
    for page in drawn:
        page_ink = ink(page)
        if expected[seen : seen + len(page_ink)] == page_ink:
            begin, seen = seen, seen + len(page_ink)
        else:  # a character was dropped or doubled: look for the page's own beginning nearby instead of counting
            begin = _find_near(expected, page_ink, seen)
            seen = min(len(expected), begin + len(page_ink))
        if page_ink and begin < len(positions):
            cursor = max(cursor, positions[begin])
        starts.append(cursor)
        if page_ink and seen:
            cursor = max(cursor, positions[seen - 1] + 1)  # where a page without ink starts
    if starts:
        starts[0] = 0
    ends = [*starts[1:], len(text)]
    return tuple(zip(starts, ends, strict=True))


def _expected_ink(text: str, mark_ink: str) -> tuple[str, Sequence[int]]:
    """The ink characters in drawing order and, for each, where in the source it comes from."""
    skipped = SPACES.union(REMOVED)
    characters: list[str] = []
    positions: list[int] = []
    lines = 0
    for index, character in enumerate(text):
        if character == "\n":
            lines += 1
            if mark_ink and lines % LINES_PER_PARAGRAPH:
                characters.append(mark_ink)
                positions.extend([index] * len(mark_ink))
        elif character not in skipped:
            characters.append(character)
            positions.append(index)
    return "".join(characters), positions


def _find_near(expected: str, page_ink: str, seen: int, reach: int = 4000) -> int:
    """Where the page's ink begins, searched from shortly before `seen`; `seen` itself where nothing fits."""
    low = max(0, seen - reach)
    for length in (40, 16, 6):
        probe = page_ink[:length]
        found = expected.find(probe, low, seen + reach + len(probe)) if probe else -1
        if found >= 0:
            return found
    return min(seen, len(expected))
