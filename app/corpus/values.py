"""Texts, pages and bounds. No behaviour beyond sums; knows nothing of files, datatrove or how pages are drawn."""

from dataclasses import dataclass, field
from enum import StrEnum


class Shards(StrEnum):
    """In what the pages are kept."""

    TAR = "tar"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class SourceText:
    """One document. `name`: its id; `origin`: the file it came from, as a path below the folder."""

    name: str
    text: str = field(repr=False)
    origin: str = ""


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """One page of a document. `text`: what is on it, as it stands in the source; `text_span`: its characters there, end
    exclusive. `visual_tokens`: Glm4v's cells of 28 px, without the marks of begin and end."""

    document: str
    number: int  # from 1
    png: bytes = field(repr=False)
    width_px: int
    height_px: int
    text: str = field(repr=False)
    text_span: tuple[int, int]
    visual_tokens: int
    engine: str
    settings_key: str

    @property
    def facts(self) -> dict[str, int | str]:
        """What every kind of shard and row tells of a page, under these names, beside document, number, picture and text."""
        return {
            "text_begin": self.text_span[0],
            "text_end": self.text_span[1],
            "width_px": self.width_px,
            "height_px": self.height_px,
            "visual_tokens": self.visual_tokens,
            "engine": self.engine,
            "settings_key": self.settings_key,
        }


@dataclass(frozen=True, slots=True)
class DrawnText:
    """All pages of a document. `missing_glyphs`: places where its font shows a box or nothing."""

    pages: tuple[DrawnPage, ...] = field(repr=False)
    characters: int
    missing_glyphs: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one document; a larger one is left out, and written down. They bound what a worker holds at once."""

    most_characters: int = 2_000_000
    most_png_bytes: int = 256 << 20
    most_missing: float = 1.0
    """The share of its characters that the font may lack; 1: drawn all the same, and told."""

    @property
    def memory_bytes(self) -> int:
        """What a worker may hold at most: code and glyphs, the largest text laid out, its pages.

        Measured on glibc (`scripts/bench.py corpus`): 210 MB before the first text, 28 bytes a character of prose and up
        to 110 of a text of short lines, more than these; and a document's pages wait until the last is drawn.
        """
        return _BEFORE_ANY_TEXT + _BYTES_A_CHARACTER * self.most_characters + self.most_png_bytes + _IN_SHARDS


_BEFORE_ANY_TEXT = 400 << 20  # datatrove and pyarrow included
_BYTES_A_CHARACTER = 160
_IN_SHARDS = 64 << 20  # a row group of Parquet, twice
USUAL_BOUNDS = Bounds()
