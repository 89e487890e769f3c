"""What of an answer stands in the book, as the answer panes show it: one line, and a list with pages to open.

In: a side of a snapshot. Out: plain JSON values, or None where there is nothing to look up. "In the book" is not "true", and the
words never say so.
"""

from __future__ import annotations

from typing import Any

from cachetools import LRUCache, cached

from app.checking import Checked, Claim, ClaimKind, Found, check, index_of
from app.checking.values import Span
from app.clients import Role
from app.comparisons import ComparisonSnapshot, Passages, SideSnapshot
from app.measurement import Provenance

MAX_KEPT = 128  # checked answers: two a question
_MOST_LISTED = 60
_SHOWN_CHARACTERS = 140
NOT_READ = "this side was not given that part of the book"
_KINDS = {ClaimKind.NAME: "name", ClaimKind.NUMBER: "number", ClaimKind.QUOTATION: "quotation"}


def checked_view(side: SideSnapshot, snapshot: ComparisonSnapshot) -> dict[str, Any] | None:
    passages = snapshot.spec.passages
    if passages is None or not side.answer.strip():
        return None
    cut = snapshot.spec.cut if side.role is Role.TEXT else None
    checked = _checked(passages, side.answer, cut.removed_span if cut else None, snapshot.spec.question)
    claims = checked.claims
    if side.provenance is Provenance.SIMULATED:  # its own words about places and counts are no claims about the book
        claims = tuple(one for one in claims if one.kind is ClaimKind.QUOTATION)
    if not claims:
        return None
    return {
        "words": _words(claims, checked),
        "claims": [_claim(one, passages) for one in claims[:_MOST_LISTED]],
        "query": passages.query,
    }


def _key(passages: Passages, answer: str, unread: Span | None, question: str) -> tuple:
    return passages.content_hash, answer, unread, question


@cached(LRUCache(MAX_KEPT), key=_key)
def _checked(passages: Passages, answer: str, unread: Span | None, question: str) -> Checked:
    return check(answer, index_of(passages.content_hash, passages.text), unread, question)


def _words(claims: tuple[Claim, ...], checked: Checked) -> str:
    """ "7 of 9 names, numbers and quotations are in the book, 1 differently"."""
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


def _claim(claim: Claim, passages: Passages) -> dict[str, Any]:
    place = claim.place
    start, end = place.span if place else (0, 0)
    notes = [place.note, "" if place.read else NOT_READ] if place else []
    return {
        "kind": _KINDS[claim.kind],
        "text": _short(claim.text),
        "found": claim.found.value,
        "note": "; ".join(filter(None, notes)),
        "page": passages.page_at(start) if place else 0,
        "from": start,
        "to": end,
    }


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"
