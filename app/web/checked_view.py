"""What of an answer stands in the book, as the answer panes show it: one line, and a list with pages to open.

In: a side of a snapshot. Out: plain JSON values, or None where there is nothing to look up.
"""

from __future__ import annotations

from typing import Any

from app.checking import NOT_THE_SAME_AS_TRUE, ListedClaim
from app.comparisons import ComparisonSnapshot, Passages, SideSnapshot
from app.recordings import looked_up_on


def checked_view(side: SideSnapshot, snapshot: ComparisonSnapshot) -> dict[str, Any] | None:
    passages = snapshot.spec.passages
    found = looked_up_on(side, snapshot)
    if passages is None or found is None:
        return None
    claims = [_claim(one, passages) for one in found.claims]
    return {"words": found.words, "caveat": NOT_THE_SAME_AS_TRUE, "claims": claims, "query": passages.query}


def _claim(claim: ListedClaim, passages: Passages) -> dict[str, Any]:
    start, end = claim.span or (0, 0)
    return {
        "kind": claim.kind,
        "text": claim.text,
        "found": claim.found.value,
        "sign": claim.found.sign,
        "note": claim.note,
        "page": passages.page_at(start) if claim.span else 0,
        "from": start,
        "to": end,
    }
