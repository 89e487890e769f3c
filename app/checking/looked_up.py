"""What of an answer stands in the book, in words: one line, and a list. "In the book" is not "true", and the words never say so.

In: an answer and the book. Out: LookedUp, or None where there is nothing to look up. The last ones are kept, least recently used out
first (LRU eviction).
"""

from __future__ import annotations

from dataclasses import dataclass

from cachetools import LRUCache, cached

from .check import check
from .kept import index_of
from .values import Checked, Claim, ClaimKind, Found, Span

MAX_KEPT = 128  # checked answers: two a question
NOT_READ = "this side was not given that part of the book"
NOT_THE_SAME_AS_TRUE = "In the book is not the same as true."
_MOST_LISTED = 60
_SHOWN_CHARACTERS = 140
_KINDS = {ClaimKind.NAME: "name", ClaimKind.NUMBER: "number", ClaimKind.QUOTATION: "quotation"}


@dataclass(frozen=True, slots=True)
class ListedClaim:
    """One line of the list. `span`: characters of the book that hold it; None where the book does not have it."""

    kind: str
    text: str
    found: Found
    note: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class LookedUp:
    """`words`: "7 of 9 names, numbers and quotations are in the book, 1 differently"."""

    words: str
    claims: tuple[ListedClaim, ...]


def looked_up(
    answer: str, content_hash: str, text: str, unread: Span | None, question: str, *, is_simulated: bool
) -> LookedUp | None:
    """`content_hash` names the text; `unread`: characters of it that this side did not get."""
    if not answer.strip():
        return None
    checked = _checked(answer, content_hash, text, unread, question)
    claims = checked.claims
    if is_simulated:  # its own words about places and counts are no claims about the book
        claims = tuple(one for one in claims if one.kind is ClaimKind.QUOTATION)
    return LookedUp(_words(claims, checked), tuple(map(_listed, claims[:_MOST_LISTED]))) if claims else None


def _key(answer: str, content_hash: str, _text: str, unread: Span | None, question: str) -> tuple:
    return content_hash, answer, unread, question


@cached(LRUCache(MAX_KEPT), key=_key)
def _checked(answer: str, content_hash: str, text: str, unread: Span | None, question: str) -> Checked:
    return check(answer, index_of(content_hash, text), unread, question)


def _words(claims: tuple[Claim, ...], checked: Checked) -> str:
    found = sum(claim.found is Found.AS_WRITTEN for claim in claims)
    otherwise = sum(claim.found is Found.OTHERWISE for claim in claims)
    unread = sum(claim.place is not None and not claim.place.read for claim in claims)
    kinds = [name for kind, name in _KINDS.items() if any(claim.kind is kind for claim in claims)]
    if len(claims) == 1:
        how = "in the book" if found else "in the book, differently" if otherwise else "not in the book"
        said, otherwise = f"The {kinds[0]} is {how}", 0
    else:
        plural = [f"{kind}s" for kind in kinds]
        named = " and ".join([", ".join(plural[:-1]), plural[-1]] if len(plural) > 1 else plural)
        said = f"{found} of {len(claims)} {named} are in the book"
    more = [f"{otherwise} differently"] if otherwise else []
    more += [f"{unread} where this side did not read"] if unread else []
    more += [f"{checked.left_out} more were not looked up"] if checked.left_out else []
    more += ["the answer's end was not looked at"] if checked.cut_short else []
    return ", ".join([said, *more])


def _listed(claim: Claim) -> ListedClaim:
    place = claim.place
    notes = [place.note, "" if place.read else NOT_READ] if place else []
    note = "; ".join(filter(None, notes))
    return ListedClaim(_KINDS[claim.kind], _short(claim.text), claim.found, note, place.span if place else None)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"
