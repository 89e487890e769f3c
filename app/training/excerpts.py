"""A part of a document that fits a number of tokens, with its pages. Knows nothing of tasks, trainers or files."""

import random
import re
from dataclasses import dataclass

from app.tokens import VISUAL_OVERHEAD_PER_PAGE, count_text_tokens, visual_tokens
from renderer import NothingToRender, RenderConfig, count, render

from .errors import RowSkipped
from .escaping import escape
from .values import Document, Picture

LEAST_CHARACTERS = 40
_MOST_STEPS = 40
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a part of a document would take, in tokens, without being drawn. `page_ends`: characters of the document."""

    pages: int
    visual: int
    text: int
    page_ends: tuple[int, ...]

    @property
    def drawn(self) -> int:
        return self.visual + VISUAL_OVERHEAD_PER_PAGE * self.pages


_TAG = re.compile(r"(</?think>)")


def row_tokens(text: str) -> int:
    """Tokens of a text as a row carries it, by Qwen's tokenizer; <think> and its end are one each, as in Qwen3's and GLM's."""
    pieces = _TAG.split(text)
    return len(pieces) // 2 + sum(count_text_tokens(piece).value for piece in pieces[::2])


def cost_of(document: Document, span: Span, config: RenderConfig) -> Cost:
    """Raises RowSkipped where the part has nothing to draw."""
    text = document.text[span[0] : span[1]]
    try:
        pages = count(text, config).pages
    except NothingToRender:
        raise RowSkipped("the part has nothing to draw") from None
    visual = sum(visual_tokens(page.width_px, page.height_px) for page in pages)
    return Cost(len(pages), visual, row_tokens(escape(text)), tuple(span[0] + page.text_span[1] for page in pages))


def draw(document: Document, span: Span, config: RenderConfig) -> tuple[Picture, ...]:
    """The pages of a part; their spans are the document's. Raises RowSkipped where the part has nothing to draw."""
    try:
        return tuple(
            Picture(
                page.png,
                page.width_px,
                page.height_px,
                (span[0] + page.text_span[0], span[0] + page.text_span[1]),
                visual_tokens(page.width_px, page.height_px),
                page.engine.name,
            )
            for page in render(document.text[span[0] : span[1]], config)
        )
    except NothingToRender:
        raise RowSkipped("the part has nothing to draw") from None


def start_for(rng: random.Random, document: Document, characters: int) -> int:
    """Where a part of some `characters` may begin: at a line, else behind a blank."""
    wanted = rng.randint(0, max(0, len(document.text) - characters))
    if wanted == 0:
        return 0
    for mark in ("\n", " "):
        found = document.text.find(mark, wanted - 1, wanted + 400)
        if found >= 0 and found + 1 < len(document.text):
            return found + 1
    return wanted


def ends_at_blank(document: Document, start: int, end: int) -> int:
    """`end`, or a little before it where a blank lies."""
    if end >= len(document.text):
        return len(document.text)
    found = max(document.text.rfind(mark, max(start + LEAST_CHARACTERS, end - 200), end) for mark in ("\n", " "))
    return found + 1 if found > 0 else end


def fitted(document: Document, start: int, budget: int, config: RenderConfig, with_text: bool, pages: int = 0) -> Span:
    """The longest stretch from `start`, in whole pages where it has several, that costs at most `budget` tokens.

    The cost is that of its pages and, `with_text`, of its text as well: both are counted, not estimated. `pages`: at most so
    many, 0 for any number. Raises RowSkipped where not even a line fits.
    """
    # A token of these tokenizers is hardly ever more than eight characters; more cannot fit, so no more is laid out.
    end = min(len(document.text), start + 8 * budget * (1 if with_text else 8))
    if pages:
        end = min(end, start + 20_000 * pages)
    for _ in range(_MOST_STEPS):
        if end - start < LEAST_CHARACTERS:
            break
        cost = cost_of(document, (start, end), config)
        total = cost.drawn + (cost.text if with_text else 0)
        if total <= budget and (not pages or cost.pages <= pages):
            return start, end
        share = min(1.0, budget / total)
        keep = int(cost.pages * share) if share < 1 else cost.pages
        keep = min(keep, pages) if pages else keep
        if keep >= 1 and cost.page_ends[keep - 1] < end:
            end = cost.page_ends[keep - 1]
        else:
            end = ends_at_blank(document, start, start + int((end - start) * min(share, 0.9)))
    raise RowSkipped("not even a line fits the number of tokens")
