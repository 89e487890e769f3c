"""Hold an answer against a book: every name, number and quotation once, with where the book has it.

In: an answer, the book's index, the span that was cut from what this side read, the question. Out: Checked. Bounded work whatever
a model wrote: so many characters, so many claims, and a budget for the costly lookups.
"""

from __future__ import annotations

import re

from .asked import Asked, Budget
from .book_index import BookIndex
from .claims import claims_of
from .contexts import stems
from .find_name import find_name
from .find_number import find_number
from .find_quotation import find_quotation
from .values import Checked, Claim, ClaimKind, Place, Span

MAX_ANSWER_CHARACTERS = 60_000  # three times the longest answer that the app asks for
MAX_CLAIMS = 120
_THINKING = re.compile(r"<think>.*?(?:</think>|\Z)|\A.*?</think>", re.DOTALL)
_SHORT_ANSWER = 400  # characters: up to here the question's words count as the answer's own


def check(answer: str, index: BookIndex, unread: Span | None = None, question: str = "") -> Checked:
    """What is said twice is looked up, and counted, once. `unread`: characters of the book that this side did not get."""
    looked_at = answer[:MAX_ANSWER_CHARACTERS]
    looked_at = _THINKING.sub(lambda match: " " * len(match.group()), looked_at)
    words = stems(question) if len(answer) <= _SHORT_ANSWER else frozenset()
    asked = Asked(looked_at, index, unread, words, Budget())
    seen: set[tuple[ClaimKind, str]] = set()
    claims: list[Claim] = []
    for kind, span in claims_of(looked_at, index):
        text = looked_at[slice(*span)]
        if (kind, text) in seen:
            continue
        seen.add((kind, text))
        if len(claims) < MAX_CLAIMS:
            claims.append(Claim(kind, text, _place(kind, text, span, asked)))
    return Checked(tuple(claims), len(seen) - len(claims), len(answer) > MAX_ANSWER_CHARACTERS)


def _place(kind: ClaimKind, text: str, span: Span, asked: Asked) -> Place | None:
    if kind is ClaimKind.QUOTATION:
        return find_quotation(text, asked)
    if kind is ClaimKind.NUMBER:
        return find_number(text, span, asked)
    return find_name(text, span, asked)
