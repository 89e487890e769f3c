"""What of an item's right answers a reader has nearly, but not exactly: "1234567" given as "12E4567". Item and answer in, pairs out."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz

from app.evaluation.values import Item

MAX_ANSWER_CHARACTERS = 20_000
_NEARLY = 60.0  # of 100


@dataclass(frozen=True, slots=True)
class Misreading:
    """`nearest`: the part of the answer that is most like the reference; empty where nothing is."""

    reference: str
    nearest: str


def misreadings(item: Item, answer: str) -> tuple[Misreading, ...]:
    """One for each reference that does not stand in the answer. Spellings of a fact ("|", ";") are looked for one by one."""
    said = answer[:MAX_ANSWER_CHARACTERS]
    found = []
    for reference in item.references:
        for part in reference.split(";"):
            spellings = [one.strip() for one in part.split("|") if one.strip()]
            if spellings and not any(one.lower() in said.lower() for one in spellings):
                found.append(Misreading(spellings[0], _nearest(spellings[0], said)))
    return tuple(found)


def _nearest(reference: str, said: str) -> str:
    place = fuzz.partial_ratio_alignment(reference.lower(), said.lower(), score_cutoff=_NEARLY)
    if place is None:
        return ""
    start, end = place.dest_start, place.dest_end
    while start > 0 and not said[start - 1].isspace():
        start -= 1
    while end < len(said) and not said[end].isspace():
        end += 1
    return said[start:end].strip(" ,.;>")
