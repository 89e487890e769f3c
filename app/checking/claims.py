"""What of an answer can be looked up: quotations first, then the numbers and names outside of them.

In: an answer and the book's index. Out: (kind, span) in the answer's order. Left alone: code, addresses, headings, the numbers of
lists, of citations and of pages ("page 37" speaks of the pictures, not of the book), and numbers in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .book_index import BookIndex
from .named import Word, names
from .plain_text import WORD, is_number
from .quoted import quotations
from .values import ClaimKind, Span

_LEFT_ALONE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|https?://[^\s<>]+|^[ \t]{0,3}#{1,6}[ \t][^\n]*$", re.DOTALL | re.MULTILINE
)
_LIST_NUMBER_AFTER = re.compile(r"[.)、．][ \t]|[ \t]*[.)][ \t]")
_LIST_NUMBER_BEFORE = re.compile(r"(?:\A|\n)[ \t>*_-]*\Z")
_OF_PAGES = re.compile(
    r"(?:\b(?:pages?|pp?\.|figures?|fig\.|steps?|option)[ \t]*|第[ \t]*|[-–][ \t]*)\Z", re.IGNORECASE
)
_OF_CHINESE_PAGES = re.compile(r"[ \t]*(?:页|頁)")


def claims_of(answer: str, index: BookIndex) -> list[tuple[ClaimKind, Span]]:
    answer = _LEFT_ALONE.sub(lambda match: " " * len(match.group()), answer)
    taken = quotations(answer)
    found = [(ClaimKind.QUOTATION, span) for span in taken]
    words = _words(answer)
    others = [(ClaimKind.NUMBER, span) for span in _numbers(answer, words)]
    others += [(ClaimKind.NAME, span) for span in names(answer, words, index)]
    found += _outside(taken, sorted(others, key=lambda claim: (claim[1][0], -claim[1][1])))
    return sorted(found, key=lambda claim: claim[1])


def _words(answer: str) -> list[Word]:
    found, end = [], 0
    for match in WORD.finditer(answer):
        found.append(Word(match.group(), match.span(), answer[end : match.start()]))
        end = match.end()
    return found


def _numbers(answer: str, words: list[Word]) -> Iterator[Span]:
    """Each number once, where it is first a claim."""
    told: set[str] = set()
    for word in words:
        if not word.text[0].isdigit() or word.text in told or not is_number(word.text):
            continue
        start, end = word.span
        before, after = answer[max(0, start - 24) : start], answer[end : end + 4]
        if _LIST_NUMBER_BEFORE.search(before) and _LIST_NUMBER_AFTER.match(after):
            continue
        if before.endswith("[") and after.startswith("]"):
            continue
        if _is_of_a_page(before, after):
            continue
        told.add(word.text)
        yield start, end


def _is_of_a_page(before: str, after: str) -> bool:
    if _OF_CHINESE_PAGES.match(after) and before.rstrip().endswith("第"):
        return True
    match = _OF_PAGES.search(before)
    if match is None:
        return False
    if match.group()[0] in "-–":  # the second of "pages 3-5"
        return re.search(r"\bpages?[ \t]*\d+[ \t]*\Z", before[: match.start()], re.IGNORECASE) is not None
    return match.group()[0] != "第"


def _outside(taken: list[Span], claims: list[tuple[ClaimKind, Span]]) -> list[tuple[ClaimKind, Span]]:
    """The claims that overlap no quotation nor each other; both lists in order."""
    kept: list[tuple[ClaimKind, Span]] = []
    at, reached = 0, 0
    for kind, (start, end) in claims:
        while at < len(taken) and taken[at][1] <= start:
            at += 1
        if start >= reached and not (at < len(taken) and taken[at][0] < end):
            kept.append((kind, (start, end)))
            reached = end
    return kept
