"""The values every engine gives back. No behaviour, no imports: both engines and all callers share them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineUsed:
    """Which engine drew the pages: "fast" or "reference", and why this one (None when it was asked for)."""

    name: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page as the model receives it.

    `text_span`: characters of the source text, end exclusive. Spans are contiguous and cover the whole text: a page's
    span starts at its first character with ink (the first page's at 0; a newline drawn as a mark counts as ink) and
    ends where the next page's starts (the last page's at the end of the text). A page without ink starts right behind
    the last character with ink before it.
    """

    number: int  # from 1
    png: bytes
    width_px: int
    height_px: int
    text_span: tuple[int, int]
    engine: EngineUsed


@dataclass(frozen=True, slots=True)
class PageCount:
    """One page without its pixels; the fields mean what they mean in PageImage."""

    number: int
    width_px: int
    height_px: int
    text_span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PageCounts:
    """All pages of a text without pixels, and the engine that laid them out."""

    pages: tuple[PageCount, ...]
    engine: EngineUsed
