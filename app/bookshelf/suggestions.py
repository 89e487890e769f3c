"""Questions to ask about a book: those that came with it, sorted so that the first ones show the point, or some made from it.

In: a book, its known questions, the span that was cut from the text model's document. Out: questions with where their facts
stand. Nothing is understood here: names are capitalised words in mid-sentence, counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.books import Book, chapter_at
from app.books.samples import Question
from app.bounded import Bounded

MOST_SHOWN = 4
MAX_MADE = 32
_SAMPLED_CHARACTERS = 400_000  # of a long book: names are counted at its beginning, in its middle and at its end
_NAME = re.compile(r"(?<=[a-z,;] )(?:(?:Mr|Mrs|Miss|Dr) )?[A-Z][a-zà-öø-ÿ]{2,}(?: [A-Z][a-zà-öø-ÿ]{2,})?")
_NO_NAME_LIST = (
    "Mr Mrs Miss God Lord Sir Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May "
    "June July August September October November December"
)
_NO_NAMES = frozenset(_NO_NAME_LIST.split())
_HAN = re.compile(r"[\u4e00-\u9fff]")


class Place(StrEnum):
    """Where in the book a question's fact stands."""

    BEGINNING = "Beginning"
    MIDDLE = "Middle"
    CUT = "Middle, cut from the text model"
    END = "End"
    ANYWHERE = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    question: str
    place: Place

    @property
    def label(self) -> str:
        return f"{self.place}: {self.question}" if self.place else self.question


def suggestions(
    book: Book, questions: Sequence[Question], asked: Collection[str], cut_span: tuple[int, int] | None
) -> tuple[Suggestion, ...]:
    """Up to MOST_SHOWN that were not asked yet: beginning, what only the pages side read, end, then the rest in turn."""
    if not questions:
        made = (Suggestion(question, Place.ANYWHERE) for question in _made_from(book))
        return tuple(one for one in made if one.question not in asked)[:MOST_SHOWN]
    placed = [(one.question, _place(one, len(book.text), cut_span)) for one in questions if one.question not in asked]
    order = (Place.BEGINNING, Place.CUT, Place.MIDDLE, Place.END, Place.ANYWHERE)
    groups = [[Suggestion(question, found) for question, found in placed if found is place] for place in order]
    shown: list[Suggestion] = []
    while any(groups) and len(shown) < MOST_SHOWN:
        for group in groups:
            if group and len(shown) < MOST_SHOWN:
                shown.append(group.pop(0))
    return tuple(shown)


def _place(question: Question, length: int, cut_span: tuple[int, int] | None) -> Place:
    if question.fact_span is None:
        return Place.ANYWHERE
    start, end = question.fact_span
    if cut_span is not None and start < cut_span[1] and cut_span[0] < end:
        return Place.CUT
    share = start / max(1, length)
    return Place.BEGINNING if share < 1 / 3 else Place.MIDDLE if share < 2 / 3 else Place.END


_kept: Bounded[tuple[str, ...]] = Bounded(MAX_MADE, lambda _: 1)


def _made_from(book: Book) -> tuple[str, ...]:
    key = (book.content_hash, book.title)
    found = _kept.get(key)
    if found is None:
        found = _made(book)
        _kept.put(key, found)
    return found


def _made(book: Book) -> tuple[str, ...]:
    if book.format.is_code:
        return ("What does this code do?", "Which functions does it define, and what for?", "Where could it fail?")
    chinese = len(_HAN.findall(book.text[:4000])) > 400
    if chinese:
        return ("主要人物有哪些？", "故事的中段发生了什么？", "结局如何？")
    names = _names(book.text)
    middle = chapter_at(book, len(book.text) // 2) if len(book.chapters) > 2 else None
    made = [f"Who is {names[0]}, and what happens to them?"] if names else ["Who are the main characters?"]
    made.append(
        f"What happens in “{middle.title}”?" if middle is not None else "What happens in the middle of this text?"
    )
    half = [name for name in _names(_middle(book.text)) if name not in names[:1]]
    made.append(f"What is said about {half[0]} in the middle of the book?" if half else "What does the end of it say?")
    return tuple(made)


def _names(text: str) -> list[str]:
    """The names that come most often, first the most frequent."""
    third = _SAMPLED_CHARACTERS // 3
    if len(text) > _SAMPLED_CHARACTERS:
        half = len(text) // 2
        text = text[:third] + text[half - third // 2 : half + third // 2] + text[-third:]
    counts = Counter(match.group() for match in _NAME.finditer(text) if match.group() not in _NO_NAMES)
    return [name for name, count in counts.most_common(12) if count > 2]


def _middle(text: str) -> str:
    return text[len(text) * 2 // 5 : len(text) * 3 // 5]
