"""A text and a question in, the sentences that share the question's rarest words out.

BM25's idea on sentences: a word counts by its rarity in this text, and the sentences beside a hit lend it a little of
their own words. English by word stems, Chinese by pairs of characters. Understands nothing.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from dataclasses import dataclass

MAX_TERMS = 40
_MAX_PLACES_PER_TERM = 20_000
_NEIGHBOUR_SHARE = 0.35
_MIN_COVERAGE = 0.22  # of the question's total rarity; below it a hit says nothing

_STOP_LIST = (
    "a about after again all also am an and any are as asked at author be because been before being between book "
    "both but by can chapter chapters could described did do does doing down dr during each end ends exactly find "
    "first for from full further give given had has have having he her here hers him himself his how i if in into "
    "is it its itself just kind know let like make me might mention mentioned more most mr mrs ms much must my name "
    "named no nor not novel of off on once one only or other our out over own page pages passage please quote say "
    "said says she should show so some story such tell text than that the their them then there these they thing "
    "this those through to too under until up upon us very was we were what whats when where which while who whom "
    "whose why will with word words would you your "
)
_STOP_WORDS = frozenset(_STOP_LIST.split())
_CHINESE_STOP = re.compile("[的了是在吗呢吧啊么什怎谁哪和与就都也还又很有这那个们把被请问为何几叫住里上下着]+")
_SUFFIXES = ("'s", "ying", "ing", "edly", "ied", "ed", "ies", "es", "s", "ly", "y")
_TAILS = frozenset(("", "s", "es", "ed", "d", "ing", "ly", "er", "ers", "e", "edly", "y", "ies", "ied", "ying"))
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+(?:[.,]\d+)*")
_SAXON = re.compile("['’]s$")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
# Begins with one set of characters, so that the regular expression engine skips from one to the next.
_SENTENCE_END = re.compile(
    r"[.!?…。！？；\n](?:(?<=[.!?…])[.!?…]*[\"'”’)\]]*\s+|(?<=[。！？；…])[。！？；…]*[”’」』）]*\s*"
    r"|(?<=\n)[ \t\r]*\n+|(?<=[\u3400-\u9fff，、：”」]\n))"
)
_ABBREVIATIONS = tuple(f"{before}{title}" for before in " \n\"'“‘(" for title in ("Mr", "Mrs", "Ms", "Dr", "St"))
_ENDINGS = tuple(".!?…。！？；\"'”’)]」』）")
_SHORT_CHARACTERS = 60  # a heading, or a sentence of a word or two, is shown with what follows it
_VERY_SHORT_CHARACTERS = 20


@dataclass(frozen=True, slots=True)
class Passage:
    start: int  # characters of the text searched
    end: int  # exclusive
    score: float


@dataclass(frozen=True, slots=True)
class Findings:
    terms: tuple[str, ...]  # what was looked for
    passages: tuple[Passage, ...]  # best first, empty when nothing matched


@dataclass(frozen=True, slots=True)
class _Term:
    text: str
    shown: str
    whole_word: bool  # must begin at a word's beginning, and end within a suffix of its end
    weight: float


def search(text: str, question: str, limit: int = 3) -> Findings:
    terms = _terms(question)
    shown = tuple(term.shown for term in terms)
    if not terms or not text.strip():
        return Findings(shown, ())
    lowered = _lowered(text)
    starts = _sentence_starts(text)
    counts: dict[int, dict[int, int]] = {}  # sentence -> term -> how often
    for index, term in enumerate(terms):
        for place in _places(lowered, term):
            found = counts.setdefault(bisect_right(starts, place) - 1, {})
            found[index] = found.get(index, 0) + 1
    ranked = _rank(terms, counts, starts, len(text))
    best = _best(ranked, limit)
    return Findings(shown, tuple(_with_what_follows(passage, starts, text) for passage in best))


def is_chinese(text: str) -> bool:
    han = sum(len(run) for run in _HAN.findall(text))
    return han * 2 > len("".join(text.split()))


def _terms(question: str) -> list[_Term]:
    terms: dict[str, _Term] = {}
    for match in _WORD.finditer(question):
        word = match.group()
        if _HAN.search(word):
            continue
        lowered = word.lower().replace("’", "'")
        if lowered in _STOP_WORDS or (len(lowered) < 2 and not lowered.isdigit()):
            continue
        name = word[0].isupper() and question[: match.start()].strip()[-1:] not in ("", ".", "?", "!", ":")
        stem = _stem(lowered)
        terms.setdefault(stem, _Term(stem, _SAXON.sub("", word), True, 1.5 if name else 1.0))
    for run in _HAN.findall(question):
        for part in _CHINESE_STOP.split(run):
            for pair in [part[i : i + 2] for i in range(len(part) - 1)] or [part]:
                if pair:
                    terms.setdefault(pair, _Term(pair, pair, False, 1.0))
    return list(terms.values())[:MAX_TERMS]


def _stem(word: str) -> str:
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word.removesuffix(suffix)
    return word.removesuffix("'s")


def _lowered(text: str) -> str:
    """Lower case of the same length: a few letters grow when lowered, and positions must stay."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


def _sentence_starts(text: str) -> list[int]:
    starts = [0]
    for match in _SENTENCE_END.finditer(text):
        if not text.endswith(_ABBREVIATIONS, 0, match.start()):
            starts.append(match.end())
    if len(starts) > 1 and starts[-1] >= len(text):
        starts.pop()
    return starts


def _places(lowered: str, term: _Term) -> list[int]:
    places = []
    at = lowered.find(term.text)
    while at >= 0 and len(places) < _MAX_PLACES_PER_TERM:
        end = at + len(term.text)
        if not term.whole_word or _is_word(lowered, at, end):
            places.append(at)
        at = lowered.find(term.text, end)
    return places


def _is_word(lowered: str, start: int, end: int) -> bool:
    if start and lowered[start - 1].isalnum():
        return False
    tail = end
    while tail < len(lowered) and tail - end <= 4 and lowered[tail].isalnum():
        tail += 1
    return lowered[end:tail] in _TAILS


def _rank(terms: list[_Term], counts: dict[int, dict[int, int]], starts: list[int], length: int) -> list[Passage]:
    sentences = len(starts)
    holding = [0] * len(terms)
    for found in counts.values():
        for index in found:
            holding[index] += 1
    rarity = [
        term.weight * math.log(1 + (sentences - held + 0.5) / (held + 0.5)) if held else 0.0
        for term, held in zip(terms, holding, strict=True)
    ]
    # A word that is nowhere in the text counts as rare as one that is there once: its absence is a finding too.
    absent = math.log(1 + (sentences - 0.5) / 1.5)
    total = sum(value if value else absent * term.weight for term, value in zip(terms, rarity, strict=True))
    mean_length = length / sentences
    ranked = []
    for sentence, found in counts.items():
        start = starts[sentence]
        end = starts[sentence + 1] if sentence + 1 < sentences else length
        own = sum(rarity[index] * (2.2 * times / (1.2 + times)) for index, times in found.items())
        around = {i for other in (sentence - 1, sentence + 1) for i in counts.get(other, ()) if i not in found}
        covered = sum(rarity[index] for index in found) + _NEIGHBOUR_SHARE * sum(rarity[index] for index in around)
        if covered < _MIN_COVERAGE * total:
            continue
        own += _NEIGHBOUR_SHARE * sum(rarity[index] for index in around)
        # Many different words of the question beat one of them said often; very long sentences hit by chance.
        score = own * (covered / total) / (0.75 + 0.25 * max(1.0, (end - start) / mean_length))
        ranked.append(Passage(start, end, score))
    ranked.sort(key=lambda passage: (-passage.score, passage.start))
    return ranked


def _best(ranked: list[Passage], limit: int) -> list[Passage]:
    """The best ones; of those far below the best one nothing is shown."""
    if not ranked:
        return []
    floor = 0.6 * ranked[0].score
    return [passage for passage in ranked[:limit] if passage.score >= floor]


def _with_what_follows(passage: Passage, starts: list[int], text: str) -> Passage:
    end = passage.end
    whole = text[passage.start : end].rstrip().endswith(_ENDINGS)
    wanted = _VERY_SHORT_CHARACTERS if whole else _SHORT_CHARACTERS
    while end - passage.start < wanted and end < len(text):
        following = bisect_right(starts, end)
        end = starts[following] if following < len(starts) else len(text)
    return Passage(passage.start, end, passage.score)
