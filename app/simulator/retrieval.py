"""A text and a question in, the sentences that share the question's rarest words out.

BM25's idea on sentences: a word counts by its rarity in this text, and the sentences beside a hit lend it a little of
their own words. The best sentences then grow into windows: neighbours are taken in while they add words of the question, or
the kind of thing it asks for (a number, a name). English by word stems, Chinese by pairs of characters. Understands nothing.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

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
_INITIAL = re.compile(r"(?<![^\W\d_])[A-Z]\Z")  # "W. P.": no sentence ends there
WINDOW_CHARACTERS = 620  # what is quoted at most
_LEAST_CHARACTERS = 230  # a shorter quotation is shown with what follows it: answers often stand one sentence on
_CANDIDATES = 40  # sentences that windows are grown from
_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    "nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand"
)
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBER_WORDS})\b|[一二三四五六七八九十百千]{{2,}}", re.IGNORECASE)
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w'’]+")  # a capital in mid-sentence
_ASKS_NUMBER = re.compile(
    r"\b(how (?:many|much|old|far|long|high)|what time|what number|which year|score)\b|多少|几", re.IGNORECASE
)
_ASKS_NAME = re.compile(
    r"\b(who|whose|whom|what name|name of|which (?:firm|ship|man|woman))\b|谁|叫什么", re.IGNORECASE
)
_COUNTED = re.compile(r"\bhow (?:many|much)\s+(\w+)|\bwhat\s+(\w+)", re.IGNORECASE)
_COUNTED_WEIGHT = 2.0  # "how many steps": the thing that is counted
_KIND_BONUS = 1.5  # for a window with the kind of thing that is asked for
# Words that ask for a name, and words that give one.
_GIVES_A_NAME = ("name", "call")


@dataclass(frozen=True, slots=True)
class Passage:
    """What is quoted, and the sentence in it that matched best. Characters of the text searched, ends exclusive."""

    start: int
    end: int
    hit_start: int
    hit_end: int


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


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Sentences that hold words of the question, best first; how rare each term is, all of them together; where sentences begin."""

    sentences: tuple[int, ...]
    rarity: tuple[float, ...]
    total: float
    starts: list[int]


class _Window(NamedTuple):
    """Sentences that are quoted together, both ends included, and the one they were grown from."""

    first: int
    last: int
    hit: int
    score: float = 0.0


def terms_of(question: str) -> tuple[str, ...]:
    """What `search` looks for, as it is shown: known before anything is searched."""
    return tuple(term.shown for term in _terms(question))


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
    kinds = _kinds_asked_for(question)
    windows = (_window(sentence, text, starts, counts, kinds) for sentence in ranked.sentences[:_CANDIDATES])
    best = _best([_scored(window, text, ranked, counts, kinds) for window in windows], limit)
    return Findings(shown, tuple(_passage(window, starts, len(text)) for window in best))


def is_chinese(text: str) -> bool:
    han = sum(len(run) for run in _HAN.findall(text))
    return han * 2 > len("".join(text.split()))


def _terms(question: str) -> list[_Term]:
    terms: dict[str, _Term] = {}
    counted = {(match.group(1) or match.group(2)).lower() for match in _COUNTED.finditer(question)}
    for match in _WORD.finditer(question):
        word = match.group()
        if _HAN.search(word):
            continue
        lowered = word.lower().replace("’", "'")
        if lowered in _STOP_WORDS or (len(lowered) < 2 and not lowered.isdigit()):
            continue
        name = word[0].isupper() and question[: match.start()].strip()[-1:] not in ("", ".", "?", "!", ":")
        stem = _stem(lowered)
        weight = _COUNTED_WEIGHT if lowered in counted else 1.5 if name else 1.0
        terms.setdefault(stem, _Term(stem, _SAXON.sub("", word), True, weight))
    if re.search(r"\bwhat name\b", question, re.IGNORECASE):
        for word in _GIVES_A_NAME:
            terms.setdefault(word, _Term(word, word, True, 1.0))
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
        if not text.endswith(_ABBREVIATIONS, 0, match.start()) and not _INITIAL.search(
            text, max(0, match.start() - 2), match.start()
        ):
            starts.append(match.end())
    if len(starts) > 1 and starts[-1] >= len(text):
        starts.pop()
    return starts


def _places(lowered: str, term: _Term) -> list[int]:
    places: list[int] = []
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


def _kinds_asked_for(question: str) -> tuple[re.Pattern[str], ...]:
    kinds = ((_ASKS_NUMBER, _NUMBER), (_ASKS_NAME, _NAME))
    return tuple(kind for asks, kind in kinds if asks.search(question))


def _rank(terms: list[_Term], counts: dict[int, dict[int, int]], starts: list[int], length: int) -> _Ranked:
    """Sentences, best first, and how rare each term is."""
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
        own = sum(rarity[index] * (2.2 * times / (1.2 + times)) for index, times in found.items())
        around = {i for other in (sentence - 1, sentence + 1) for i in counts.get(other, ()) if i not in found}
        covered = sum(rarity[index] for index in found) + _NEIGHBOUR_SHARE * sum(rarity[index] for index in around)
        if covered < _MIN_COVERAGE * total:
            continue
        own += _NEIGHBOUR_SHARE * sum(rarity[index] for index in around)
        # Many different words of the question beat one of them said often; very long sentences hit by chance.
        size = (_end(starts, sentence, length) - starts[sentence]) / mean_length
        ranked.append((own * (covered / total) / (0.75 + 0.25 * max(1.0, size)), sentence))
    ranked.sort(key=lambda one: (-one[0], one[1]))
    return _Ranked(tuple(sentence for _, sentence in ranked), tuple(rarity), total, starts)


def _window(
    sentence: int, text: str, starts: list[int], counts: dict[int, dict[int, int]], kinds: tuple[re.Pattern[str], ...]
) -> _Window:
    """First and last sentence of what is quoted around a hit: neighbours that add a word of the question or what it asks for."""
    first = last = sentence
    have = set(counts[sentence])
    wanted = [kind for kind in kinds if not kind.search(text, starts[sentence], _end(starts, sentence, len(text)))]

    def adds(candidate: int) -> bool:
        if set(counts.get(candidate, ())) - have:
            return True
        return any(kind.search(text, starts[candidate], _end(starts, candidate, len(text))) for kind in wanted)

    def room(a: int, b: int) -> bool:
        return a >= 0 and b < len(starts) and _end(starts, b, len(text)) - starts[a] <= WINDOW_CHARACTERS

    reach = 1
    while reach <= 4:
        for a, b, fresh in ((first, last + reach, last + reach), (first - reach, last, first - reach)):
            if room(a, b) and adds(fresh):
                for taken in range(a, b + 1):
                    have |= set(counts.get(taken, ()))
                first, last, reach = a, b, 0
                break
        reach += 1
    while room(first, last + 1) and _end(starts, last, len(text)) - starts[first] < _LEAST_CHARACTERS:
        last += 1
    return _Window(first, last, sentence)


def _scored(
    window: _Window, text: str, ranked: _Ranked, counts: dict[int, dict[int, int]], kinds: tuple[re.Pattern[str], ...]
) -> _Window:
    """The window with its score: the share of the question's rarity that it covers, its hits, and what was asked for."""
    first, last = window.first, window.last
    hits: dict[int, int] = {}
    for sentence in range(first, last + 1):
        for index, times in counts.get(sentence, {}).items():
            hits[index] = hits.get(index, 0) + times
    covered = sum(ranked.rarity[index] for index in hits)
    own = sum(ranked.rarity[index] * (2.2 * times / (1.2 + times)) for index, times in hits.items())
    score = own * (covered / ranked.total) ** 2 / (1 + 0.03 * (last - first))
    for kind in kinds:
        found = kind.search(text, ranked.starts[first], _end(ranked.starts, last, len(text)))
        score *= _KIND_BONUS if found else 1.0
    return window._replace(score=score)


def _best(windows: list[_Window], limit: int) -> list[_Window]:
    """The best ones that do not overlap; of those far below the best one nothing is shown."""
    found: list[_Window] = []
    for window in sorted(windows, key=lambda window: (-window.score, window.first)):
        near_best = not found or window.score >= 0.6 * found[0].score
        if len(found) < limit and near_best and all(window.last < a.first or a.last < window.first for a in found):
            found.append(window)
    return found


def _passage(window: _Window, starts: list[int], length: int) -> Passage:
    end, hit_end = (_end(starts, sentence, length) for sentence in (window.last, window.hit))
    return Passage(starts[window.first], end, starts[window.hit], hit_end)


def _end(starts: list[int], sentence: int, length: int) -> int:
    return starts[sentence + 1] if sentence + 1 < len(starts) else length
