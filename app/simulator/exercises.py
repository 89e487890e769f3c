"""Questions with a rule of their own (needles, chains of variables, most frequent words) in, what they ask for out.

Searching for the words of "What are the 10 most common words in the above list?" finds nothing; a rule answers it. A rule reads no
meaning, so what goes wrong on pages is what the OCR program misread. Knows nothing of servers or manifests.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum

from rapidfuzz import fuzz

_NEEDLE_QUESTION = re.compile(r"What (?:is|are all) the special magic \w+ for (.+) mentioned in the provided text\?")
_NEEDLE = re.compile(
    r"One\s+of\s+the\s+special\s+magic\s+\w+\s+for\s+(?P<key>\S{1,200})\s+is:\s+(?P<value>\S{1,200}?)\.(?=\s|\Z)"
)
_CHAIN_QUESTION = re.compile(r"Find all variables that are assigned the value (\w+)")
_STATEMENT = re.compile(r"VAR\s+(?P<name>\w+)\s+=\s+(?:VAR\s+)?(?P<value>\w+)")
_COMMON_QUESTION = re.compile(r"What are the (\d{1,2}) most common words in the above list\?")
_FREQUENT_QUESTION = re.compile(r"What are the (\w+) most frequently appeared words")
_INVITATION = re.compile(r"\s*(?:If you cannot tell, answer only:|如果无法得知，只回答：)\s*unknown\s*\Z")
_WORDS = {"three": 3, "five": 5, "ten": 10}
_LISTED = re.compile(r"\d+[.,]\s*([^\W\d_][\w'-]*)")
_CODED = re.compile(r"[^\W\d_]+")
_SAME_WORD = 85.0  # of 100: spellings of one word as an OCR program gives them
_READ_NEEDLE = re.compile(r"is[:;.,]?\s*(.+?)[.,]?\s*\Z")
_READ_STATEMENT = re.compile(r"V\S*\s+(\S+)\s*[=-]")


class Kind(Enum):
    NEEDLE = "needle"
    CHAIN = "chain"
    LISTED = "listed"
    CODED = "coded"


@dataclass(frozen=True, slots=True)
class Exercise:
    kind: Kind
    wanted: str = ""
    count: int = 0

    @property
    def counts_all(self) -> bool:
        """Whether the whole text must be read; else the places that `places` finds."""
        return self.kind in (Kind.LISTED, Kind.CODED)


def without_invitation(question: str) -> tuple[str, bool]:
    """The question alone, and whether it ended with an invitation to answer "unknown"."""
    bare = _INVITATION.sub("", question)
    return bare, bare != question


def exercise_of(question: str) -> Exercise | None:
    if match := _NEEDLE_QUESTION.search(question):
        return Exercise(Kind.NEEDLE, match.group(1))
    if match := _CHAIN_QUESTION.search(question):
        return Exercise(Kind.CHAIN, match.group(1))
    if match := _COMMON_QUESTION.search(question):
        return Exercise(Kind.LISTED, count=int(match.group(1)))
    if match := _FREQUENT_QUESTION.search(question):
        return Exercise(Kind.CODED, count=_WORDS.get(match.group(1), 3))
    return None


def places(exercise: Exercise, text: str) -> list[tuple[int, int]]:
    """The sentences that hold the answer: characters of the text, end exclusive."""
    if exercise.kind is Kind.NEEDLE:
        keys = [part.strip() for part in re.split(r",\s*(?:and\s+)?", exercise.wanted) if part.strip()]
        flat = {key: " ".join(key.split()) for key in keys}.values()
        return [match.span() for match in _NEEDLE.finditer(text) if " ".join(match["key"].split()) in flat]
    known, found = {exercise.wanted}, []
    for match in _STATEMENT.finditer(text):
        if match["value"] in known:
            known.add(match["name"])
            found.append(match.span())
    return found


def extracted(exercise: Exercise, read: str) -> str:
    """What one of those sentences says, as it was read; empty where it says nothing of the kind."""
    match = (_READ_NEEDLE if exercise.kind is Kind.NEEDLE else _READ_STATEMENT).search(" ".join(read.split()))
    return match.group(1) if match else ""


def most_frequent(exercise: Exercise, read: str) -> list[str]:
    """The most frequent words. Spellings that are nearly the same count for the commonest of them."""
    pattern = _LISTED if exercise.kind is Kind.LISTED else _CODED
    spelt = Counter(word.lower() for word in pattern.findall(read))
    totals: Counter[str] = Counter()
    heads: list[str] = []
    for word, times in sorted(spelt.items(), key=lambda one: (-one[1], one[0])):
        same = next((head for head in heads if times < spelt[head] and fuzz.ratio(word, head) >= _SAME_WORD), None)
        if same is None and len(heads) < 4 * exercise.count:
            heads.append(word)
        totals[same or word] += times
    return [word for word, _ in sorted(totals.items(), key=lambda one: (-one[1], one[0]))[: exercise.count]]
