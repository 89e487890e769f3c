"""One document, a style and a seeded generator in; request and answer of one task out.

Each task is a function in TASKS. Sentences to the model are ours; the paper publishes none. A row's tokens are counted
after it is made and never exceed the budget: what would is skipped.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from renderer import RenderConfig

from .errors import RowSkipped
from .escaping import escape
from .excerpts import LEAST_CHARACTERS, Span, cost_of, draw, ends_at_blank, fitted, start_for
from .kinds import Task
from .questions import reasoning
from .values import AskedQuestion, Document, Part, Words

RESERVE = 96  # tokens kept for the sentence to the model and for seams
_ANY_NUMBER = 0  # of pages
_READ = (
    "Read the page and write out its text.",
    "Write down all text of the pages, in order.",
    "Transcribe these pages word for word.",
)
_MISSING = {
    "beginning": "The beginning of this text is missing. Write what comes before it.",
    "middle": "Between the two parts a piece of this text is missing. Write the missing piece.",
    "end": "The end of this text is missing. Write what comes next.",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A row before it is counted. `solution` unescaped."""

    span: Span
    request: tuple[Part, ...]
    answer: str
    solution: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What a task is made from."""

    rng: random.Random
    document: Document
    config: RenderConfig
    budget: int
    question: AskedQuestion | None = None


def _start(ground: Ground) -> int:
    return start_for(ground.rng, ground.document, min(len(ground.document.text) // 2, 4 * ground.budget))


def _text(ground: Ground, span: Span) -> str:
    return ground.document.text[span[0] : span[1]]


def _words(ground: Ground, span: Span) -> Words:
    return Words(escape(_text(ground, span)), span)


def ocr(ground: Ground) -> Draft:
    """Write out the text of one or more pages: of a few, or of as many as the budget holds."""
    return _ocr(ground, ground.rng.choice((1, 2, 4, 8, _ANY_NUMBER, _ANY_NUMBER)))


def _few_pages(ground: Ground) -> Draft:
    return _ocr(ground, ground.rng.choice((1, 1, 2, 4, 8)))


def _ocr(ground: Ground, most: int) -> Draft:
    span = fitted(ground.document, _start(ground), ground.budget - RESERVE, ground.config, True, most)
    text = _text(ground, span)
    pictures = draw(ground.document, span, ground.config)
    return Draft(span, (*pictures, Words(ground.rng.choice(_READ))), escape(text), text)


def interleaved(ground: Ground) -> Draft:
    """A text of which some stretches are pages and the others text; the answer is the last stretch of text."""
    document = ground.document
    pieces = ground.rng.choice((2, 4, 6))
    cuts = _cuts_that_fit(ground, [number % 2 == 0 for number in range(pieces)])
    parts: list[Part] = []
    for number, span in enumerate(cuts[:-1]):
        parts += draw(document, span, ground.config) if number % 2 == 0 else (_words(ground, span),)
    text = _text(ground, cuts[-1])
    return Draft((cuts[0][0], cuts[-1][1]), tuple(parts), escape(text), text)


def generation(ground: Ground) -> Draft:
    """Pages of a text without its beginning, middle or end; the answer is what is missing."""
    rng, document = ground.rng, ground.document
    missing = rng.choice(tuple(_MISSING))
    drawn = {"beginning": [False, True], "middle": [True, False, True], "end": [True, False]}[missing]
    cuts = _cuts_that_fit(ground, drawn)
    gap = cuts[0] if missing == "beginning" else cuts[1]
    parts: list[Part] = []
    for span in cuts:
        parts += (Words("[…]"),) if span == gap else draw(document, span, ground.config)
    text = _text(ground, gap)
    return Draft((cuts[0][0], cuts[-1][1]), (*parts, Words(_MISSING[missing])), escape(text), text)


def _cuts_that_fit(ground: Ground, drawn: list[bool]) -> list[Span]:
    """Parts that follow each other, some drawn and the others text, as long as the budget allows. Raises RowSkipped."""
    start, budget = _start(ground), ground.budget - RESERVE
    # `fitted` reckons all as both drawn and written; a mixture takes about half of that, so the longest is tried first.
    for factor in (2.2, 1.8, 1.5, 1.2, 0.9, 0.6):
        cuts = _cuts(ground, fitted(ground.document, start, int(budget * factor), ground.config, True), len(drawn))
        costs = [cost_of(ground.document, span, ground.config) for span in cuts]
        if sum(cost.drawn if page else cost.text for cost, page in zip(costs, drawn, strict=True)) <= budget:
            return cuts
    raise RowSkipped("page ends take more than the number of tokens")


def _cuts(ground: Ground, span: Span, pieces: int) -> list[Span]:
    """A span in that many parts, cut at blanks, each long enough to be drawn. Raises RowSkipped."""
    start, end = span
    share = (end - start) // pieces
    places = [start]
    for number in range(1, pieces):
        wanted = start + share * number + ground.rng.randint(-share // 4, share // 4)
        places.append(ends_at_blank(ground.document, places[-1], min(wanted, end)))
    places.append(end)
    cuts = list(pairwise(places))
    if any(b - a < LEAST_CHARACTERS or not _text(ground, (a, b)).strip() for a, b in cuts):
        raise RowSkipped("the part is too short to be cut")
    return cuts


def sft_ocr(ground: Ground) -> Draft:
    """The auxiliary OCR row of the second and third stage; nothing to think about, and the format stays."""
    draft = _few_pages(ground)
    return Draft(draft.span, draft.request, f"<think></think>{draft.answer}", draft.solution)


def question_answer(ground: Ground) -> Draft:
    """A question about pages; the answer thinks first. The part holds the fact where it is known, else all of the text."""
    asked = ground.question
    if asked is None:
        raise RowSkipped("there is no question about the document")
    thought = reasoning(asked, ground.document)
    if not thought:
        raise RowSkipped("the question has neither reasoning nor a sentence that holds the answer")
    span, request = _asked(ground, asked)
    return Draft(span, request, f"<think>{escape(thought)}</think>{escape(asked.answer)}", asked.answer)


def grpo_question(ground: Ground) -> Draft:
    """A question about pages with its reference answer; the model's own answers are what is trained."""
    asked = ground.question
    if asked is None:
        raise RowSkipped("there is no question about the document")
    span, request = _asked(ground, asked)
    return Draft(span, request, "", asked.answer)


def grpo_ocr(ground: Ground) -> Draft:
    """Few pages: the model samples a whole group of such answers."""
    draft = _few_pages(ground)
    return Draft(draft.span, draft.request, "", draft.solution)


def _asked(ground: Ground, asked: AskedQuestion) -> tuple[Span, tuple[Part, ...]]:
    # A token is a byte or more, so that bytes bound tokens from above.
    said = f"{asked.question}{asked.answer}{reasoning(asked, ground.document)}"
    budget = ground.budget - len(escape(said).encode()) - RESERVE
    if budget <= 0:
        raise RowSkipped("question and answer leave no room for pages")
    span = _whole(ground, budget) if asked.fact_span is None else _around(ground, budget, asked.fact_span)
    return span, (*draw(ground.document, span, ground.config), Words(escape(asked.question)))


def _whole(ground: Ground, budget: int) -> Span:
    span = fitted(ground.document, 0, budget, ground.config, False)
    if span != (0, len(ground.document.text)):
        raise RowSkipped("the whole text does not fit, and where the answer stands is not known")
    return span


def _around(ground: Ground, budget: int, fact: Span) -> Span:
    """A stretch that holds the fact: it begins anywhere before it, and nearer where that turns out too far."""
    text = ground.document.text
    distance = int(min(fact[0], 8 * budget) * ground.rng.random())
    while True:
        marks = "\n" if distance else "\n "  # at last the nearest of both: Chinese has no blanks
        start = max(text.rfind(mark, 0, fact[0] - distance) for mark in marks) + 1
        span = fitted(ground.document, start, budget, ground.config, False)
        if span[1] >= fact[1]:
            return span
        if not distance:
            raise RowSkipped("the part that fits does not hold the answer")
        distance = distance // 2 if distance > 200 else 0


TASKS: dict[Task, Callable[[Ground], Draft]] = {
    Task.OCR: ocr,
    Task.INTERLEAVED: interleaved,
    Task.GENERATION: generation,
    Task.SFT_OCR: sft_ocr,
    Task.SFT_QA: question_answer,
    Task.GRPO_OCR: grpo_ocr,
    Task.GRPO_QA: grpo_question,
}
