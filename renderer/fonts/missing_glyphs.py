"""What a font lacks of a text: the characters that no font of a setting draws, and which fallback draws which. Knows nothing of folders."""

from collections import Counter
from pathlib import Path

import numpy as np

from renderer.glyph_rules import REMOVED

from .font_file import check_font_file


def missing_glyphs(text: str, font_path: Path, fallback_fonts: tuple[Path, ...] = ()) -> tuple[tuple[str, int], ...]:
    """Characters of `text` that no font of these can draw, with their counts, most frequent first."""
    fonts = [check_font_file(Path(path)).codepoints for path in (font_path, *fallback_fonts)]
    missing = [c for c in _distinct(text) if not _is_invisible(c) and not any(ord(c) in covered for covered in fonts)]
    # Counting each is faster than counting all, as long as few are missing.
    counts = Counter(text) if len(missing) > 100 else {c: text.count(c) for c in missing}
    counted = [(c, counts[c]) for c in missing]
    return tuple(sorted(counted, key=lambda pair: (-pair[1], pair[0])))


def fallback_choices(text: str, font_path: Path, fallback_fonts: tuple[Path, ...]) -> dict[str, Path]:
    """For each character of `text` that the font lacks, the first fallback that has it; empty where none is needed."""
    choices: dict[str, Path] = {}
    lacking = [c for c, _ in missing_glyphs(text, font_path)] if fallback_fonts else []
    for path in fallback_fonts:
        covered = check_font_file(path).codepoints
        for character in lacking:
            if ord(character) in covered:
                choices.setdefault(character, path)
    return choices


def _distinct(text: str) -> list[str]:
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    seen = np.zeros(int(points.max(initial=0)) + 1, dtype=np.bool_)
    seen[points] = True  # by index: a set of characters hashes every one, and takes some five times as long
    return [chr(point) for point in np.flatnonzero(seen).tolist()]


def _is_invisible(character: str) -> bool:
    # Removed before layout (soft hyphen, zero-width space) or turned into a space or a break.
    return character.isspace() or character in REMOVED
