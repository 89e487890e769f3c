"""Names, numbers and quotations of an answer held against the words of the book: found, found otherwise, or not found.

In: an answer and a book's index. Out: each claim with its place in the answer and, where it was found, in the book. What is
found in the book need not be true of the question, and nothing here says it is. Short strings and numbers are looked up
exactly, never fuzzily: 28045 is not "nearly" 28054. A name is looked up as written, then word by word ("found otherwise"); a
quotation as written, then without regard to case, quotation marks and line breaks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from .plain_words import spellings_of

MAX_CLAIMS = 200  # of one answer; what comes after is not looked up, and that is told
MIN_QUOTATION_CHARACTERS = 12
MAX_ANSWER_CHARACTERS = 200_000
_KEPT_BOOKS = 4
_QUOTATION = re.compile(rf"[“\"«„]([^“”\"«»„\n]{{{MIN_QUOTATION_CHARACTERS},600}})[”\"»“]")
_BLOCK_QUOTE = re.compile(r"^[ \t]*>[ \t]?(.+)$", re.MULTILINE)
_NUMBER = re.compile(r"(?<![\w.])\d[\d,.:/-]*\d|(?<![\w.])\d(?![\w])")
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w'’-]*[\w](?:\s+(?:of|de|von|van|the)?\s*[A-ZÀ-ÖØ-Þ][\w'’-]*\w)*")
_SENTENCE_BEGIN = re.compile(r"(?:\A|[.!?:\n]['\"”’)*_ ]*\s*|^[#>*\-\d. ]+)\Z", re.MULTILINE)
# Words that a sentence may begin with without being a name.
_COMMON_LIST = (
    "The A An It He She They We You I In On At By For From With As And But Or If When Where Who What Why "
    "How This That These Those There Here His Her Their Its My Your Our Not No Yes So Then After Before "
    "While During According Based Also However Thus Therefore Finally First Second Third Chapter Page "
    "Pages Text Book Answer Question Closest Simulated Passage Looked None Nothing"
)
_COMMON = frozenset(_COMMON_LIST.split())
_FOLD = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "\u00a0": " "})


class ClaimKind(StrEnum):
    NAME = "name"
    NUMBER = "number"
    QUOTATION = "quotation"


class Found(StrEnum):
    """How the book has it."""

    AS_WRITTEN = "found"
    OTHERWISE = "found otherwise"
    NOT = "not found"


@dataclass(frozen=True, slots=True)
class Claim:
    """Something of an answer that can be looked up. Spans are characters, end exclusive; `book_span` is its first place."""

    kind: ClaimKind
    text: str
    answer_span: tuple[int, int]
    found: Found
    book_span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Grounding:
    """`left_out`: claims beyond MAX_CLAIMS, which were not looked up."""

    claims: tuple[Claim, ...]
    left_out: int = 0

    def count(self, found: Found) -> int:
        return sum(claim.found is found for claim in self.claims)


class BookIndex:
    """A book's text in a plain spelling (one case, one space for white space), and where each of its characters came from."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._plain = " ".join(_lowered(text.translate(_FOLD)).split())

    def find_exact(self, words: str) -> tuple[int, int] | None:
        """Where the book has exactly these characters as whole words."""
        at = self.text.find(words)
        while at >= 0:
            end = at + len(words)
            if not _joins(self.text, at - 1, at) and not _joins(self.text, end - 1, end):
                return at, end
            at = self.text.find(words, at + 1)
        return None

    def find_plain(self, words: str) -> tuple[int, int] | None:
        """The same without regard to case, kinds of quotation marks and line breaks."""
        wanted = " ".join(_lowered(words.translate(_FOLD)).split()).rstrip(".,;:… ").lstrip("… ")
        at = self._plain.find(wanted) if wanted else -1
        while at >= 0:
            end = at + len(wanted)
            if not _joins(self._plain, at - 1, at) and not _joins(self._plain, end - 1, end):
                return self._origin(at), self._origin(end - 1) + 1
            at = self._plain.find(wanted, at + 1)
        return None

    def _origin(self, at: int) -> int:
        """A place of the plain text in the book: in the same word, as far from its beginning."""
        word = self._plain.count(" ", 0, at)
        begin = self._plain.rfind(" ", 0, at) + 1
        return self._word_starts[word] + at - begin

    @cached_property
    def _word_starts(self) -> list[int]:
        return [match.start() for match in re.finditer(r"\S+", self.text)]


def _lowered(text: str) -> str:
    """Lower case of the same length: a few letters grow when lowered, and places must stay."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


def _joins(text: str, left: int, right: int) -> bool:
    """Whether these two characters stand inside one word or one number."""
    if left < 0 or right >= len(text):
        return False
    return text[left].isalnum() and text[right].isalnum() and not _is_han(text[left]) and not _is_han(text[right])


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


@lru_cache(maxsize=_KEPT_BOOKS)
def _kept_index(content_hash: str, text: str) -> BookIndex:
    return BookIndex(text)


def index_of(content_hash: str, text: str) -> BookIndex:
    """The book's index, made once a text."""
    return _kept_index(content_hash, text)


def ground(answer: str, index: BookIndex) -> Grounding:
    """Look up what an answer says. The parts of an answer that were looked up already as a quotation are not looked up again."""
    answer = answer[:MAX_ANSWER_CHARACTERS]
    found: list[tuple[ClaimKind, int, int]] = []
    taken: list[tuple[int, int]] = []
    for pattern in (_BLOCK_QUOTE, _QUOTATION):
        for match in pattern.finditer(answer):
            if len(match.group(1).strip()) >= MIN_QUOTATION_CHARACTERS and not _overlaps(taken, *match.span(1)):
                taken.append(match.span(1))
                found.append((ClaimKind.QUOTATION, *match.span(1)))
    for kind, pattern in ((ClaimKind.NUMBER, _NUMBER), (ClaimKind.NAME, _NAME)):
        for match in pattern.finditer(answer):
            start, end = match.span()
            if kind is ClaimKind.NAME:
                start, end = _without_common(answer, start, end)
            if start < end and not _overlaps(taken, start, end):
                found.append((kind, start, end))
    found.sort(key=lambda claim: claim[1])
    places: dict[
        tuple[ClaimKind, str], tuple[Found, tuple[int, int] | None]
    ] = {}  # what is said twice is looked up once
    claims = []
    for kind, start, end in found[:MAX_CLAIMS]:
        text = answer[start:end].strip()
        if (kind, text) not in places:
            places[kind, text] = _looked_up(kind, text, index)
        claims.append(Claim(kind, text, (start, end), *places[kind, text]))
    return Grounding(tuple(claims), max(0, len(found) - MAX_CLAIMS))


def _without_common(answer: str, start: int, end: int) -> tuple[int, int]:
    """A name less the capitalised word that only begins a sentence; empty where nothing is left."""
    words = answer[start:end].split()
    while words and (words[0] in _COMMON):
        start = answer.index(words[1], start + len(words[0])) if len(words) > 1 else end
        words = words[1:]
    if len(words) == 1 and _SENTENCE_BEGIN.search(answer[max(0, start - 40) : start]):
        return end, end  # a single capitalised word at a sentence's beginning need not be a name
    return start, end


def _overlaps(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in spans)


def _looked_up(kind: ClaimKind, text: str, index: BookIndex) -> tuple[Found, tuple[int, int] | None]:
    if span := index.find_exact(text):
        return Found.AS_WRITTEN, span
    if kind is ClaimKind.QUOTATION:
        span = index.find_plain(text)  # other line breaks or marks: the same words in the same order
        return (Found.AS_WRITTEN if span else Found.NOT), span
    if kind is ClaimKind.NUMBER:
        digits = text.replace(",", "")
        spellings = spellings_of(int(digits)) if digits.isdigit() and len(digits) <= 4 else ()
        span = next((place for words in spellings if (place := index.find_plain(words))), None)
    else:
        span = index.find_plain(text) or _word_by_word(text, index)
    return (Found.OTHERWISE if span else Found.NOT), span


def _word_by_word(name: str, index: BookIndex) -> tuple[int, int] | None:
    """Where the first word of a name stands, if all its words are in the book."""
    words = [re.sub("['’]s$", "", word) for word in name.split() if word[:1].isupper()]
    places = [index.find_exact(word) for word in words]
    return places[0] if places and all(places) else None
