"""Page pictures in, what the OCR program reads on them out: a passage whose place is roughly known, or whole pages.

Always what the vision model would get: after its own resize. To read a passage costs some tenths of a second, for only a strip of
the page is read: where on the page a share of its characters lies, the page's ink tells. The rest is alignment.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from app.legibility.model_view import as_the_model_sees_it
from app.legibility.ocr import OcrUnavailable, read_blocks, read_pages
from app.tokens import TokensError

MAX_DECODED_PIXELS = 24_000_000  # of a picture as it came: four times what the model ever gets
_MARGIN_SHARE, _MARGIN_PX = 0.06, 30  # of the page's height, above and below the place guessed by ink
_INK = 60  # of 255 away from the page's own grey
_RIM_PX = 6
_NEWLINE_MARK = re.compile(r"\s*\\[nN]\b\s*")  # Glyph's red mark for a line end, drawn on the page


@dataclass(frozen=True, slots=True)
class PassageOnPage:
    """`begins`, `ends`: which share of the page's characters lies before its beginning and before its end, 0 to 1."""

    png: bytes
    text: str  # what should stand there; only to find where it begins and ends in what was read
    begins: float
    ends: float


def read_passages(passages: Sequence[PassageOnPage]) -> list[str]:
    """Each as it was read, on one line. Raises OcrUnavailable, also for a picture that cannot be decoded."""
    strips = [_strip(decoded(one.png), one.begins, one.ends) for one in passages]
    return [
        _aligned(_one_line(one.text), _one_line(read)) for one, read in zip(passages, read_blocks(strips), strict=True)
    ]


def read_whole_pages(pngs: Sequence[bytes]) -> list[str]:
    """Seconds a page. Raises OcrUnavailable, also for a picture that cannot be decoded."""
    return read_pages([decoded(png) for png in pngs])


def decoded(png: bytes) -> Image.Image:
    """As the model sees it, in grey. Raises OcrUnavailable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(png)) as picture:
                if picture.width * picture.height > MAX_DECODED_PIXELS:
                    raise OcrUnavailable(
                        f"A picture of {picture.width:,} x {picture.height:,} px is too large to be read."
                    )
                return as_the_model_sees_it(picture).convert("L")
    except (OSError, SyntaxError, ValueError, TokensError, Image.DecompressionBombError, Warning) as error:
        raise OcrUnavailable(f"A picture cannot be decoded: {error}") from error


def share_wrong(text: str, read: str) -> float:
    """Edits from the one to the other (Levenshtein), of the text's characters; blanks are all alike. At most 1."""
    text, read = _one_line(text), _one_line(read)
    return min(1.0, Levenshtein.distance(text, read) / max(1, len(text)))


def _strip(page: Image.Image, begins: float, ends: float) -> Image.Image:
    grey = np.asarray(page).astype(np.int16)
    ground = int(np.bincount(np.asarray(page).ravel(), minlength=256).argmax())
    inked = np.abs(grey - ground) > _INK
    across = np.flatnonzero(inked.any(axis=0))
    before = np.cumsum(inked.sum(axis=1, dtype=np.int64))
    if not across.size:
        return page
    margin = max(_MARGIN_PX, round(_MARGIN_SHARE * page.height))
    top = int(np.searchsorted(before, begins * before[-1])) - margin
    bottom = int(np.searchsorted(before, ends * before[-1])) + margin
    box = int(across[0]), max(0, top), int(across[-1]) + 1, min(page.height, bottom)
    return ImageOps.expand(page.crop(box), _RIM_PX, ground)


def _one_line(text: str) -> str:
    return " ".join(_NEWLINE_MARK.sub(" ", text).split())


def _aligned(text: str, read: str) -> str:
    """The part of what was read that is most like the text, in whole words."""
    if len(read) <= len(text):
        return read
    found = fuzz.partial_ratio_alignment(text, read)
    if found is None:
        return read[: len(text)]
    start, end = found.dest_start, found.dest_end
    while start > 0 and read[start - 1] != " ":
        start -= 1
    while end < len(read) and read[end] != " ":
        end += 1
    return read[start:end].strip()
