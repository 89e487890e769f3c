"""Rows and what they are made of. No behaviour beyond sums; knows nothing of trainers, files or how rows are made.

A row is a conversation of one request and one answer, whose parts are texts and pictures in their order.
"""

from dataclasses import dataclass, field

from app.tokens import VISUAL_OVERHEAD_PER_PAGE
from renderer import RenderConfig

from .kinds import Split, Task


@dataclass(frozen=True, slots=True)
class Document:
    """One text to draw from. `name` is unique among a corpus; `sha256` is that of the text in UTF-8."""

    name: str
    text: str = field(repr=False)
    sha256: str = ""
    split: Split = Split.TRAIN


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question about one document. `think`: the reasoning for SFT, "" where none is known.

    `fact_span`: characters of the document that hold the answer, end exclusive; None: not known.
    """

    document: str
    question: str
    answer: str
    think: str = ""
    fact_span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """A RenderConfig and how it was drawn: the theme, or "" for Table 8's free sampling, and a word for each choice."""

    config: RenderConfig
    theme: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """One page. `text_span`: characters of the document that are on it, end exclusive. `visual_tokens` without its marks."""

    png: bytes = field(repr=False)
    width_px: int
    height_px: int
    text_span: tuple[int, int]
    visual_tokens: int
    engine: str


@dataclass(frozen=True, slots=True)
class Words:
    """Text of a turn, as a trainer gets it: escaped (see escaping.py). `text_span` where it is the document's own."""

    text: str
    text_span: tuple[int, int] | None = None


Part = Words | Picture


@dataclass(frozen=True, slots=True)
class Tokens:
    """Exact counts. `text`: Qwen's tokenizer over each text part by itself, <think> and </think> one token each, no chat
    template; `visual`: Glm4v's cells of
    28 px; `marks`: begin and end of each image."""

    text: int
    visual: int
    marks: int

    @property
    def total(self) -> int:
        return self.text + self.visual + self.marks


@dataclass(frozen=True, slots=True)
class Row:
    """One training row. `solution`: what a reward compares with, as the document or the question set has it, unescaped.

    `span`: characters of the document that the row was made of, end exclusive. `seed` makes it again (see making.py).
    """

    id: str
    task: Task
    split: Split
    seed: int
    document: str
    document_sha256: str
    span: tuple[int, int]
    style: Style
    request: tuple[Part, ...]
    answer: str
    solution: str
    tokens: Tokens

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(part for part in self.request if isinstance(part, Picture))


def tokens_of(pictures: tuple[Picture, ...], text_tokens: int) -> Tokens:
    visual = sum(picture.visual_tokens for picture in pictures)
    return Tokens(text_tokens, visual, VISUAL_OVERHEAD_PER_PAGE * len(pictures))
