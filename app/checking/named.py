"""The names of an answer, as far as something marks them as names.

In: an answer's words and what is known of the book's own spelling. Out: spans. In scripts with capitals: runs of capitalised
words with "of", "de", "van" between, less what only begins a sentence. In Chinese: titles in 《》, foreign names with a dot,
and a surname before 先生, 小姐 and the like; a bare Chinese name cannot be told from other words and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.verdict.plain_words import NUMBER_WORDS

from .book_index import BookIndex
from .plain_text import UNSPACED, key_of
from .values import Span

MAX_NAME_WORDS = 8
_TITLE_LIST = (
    "mr mrs ms miss dr prof professor sir lady lord captain capt colonel general major doctor father mother brother sister "
    "uncle aunt king queen prince princess madame monsieur mister saint st reverend judge president"
)
TITLES = frozenset(_TITLE_LIST.split())
_PARTICLE_LIST = "of de del della der den des di da du la le van von bin ibn al el y"
_PARTICLES = frozenset(_PARTICLE_LIST.split())
_COMMON_LIST = (
    "the a an it he she they them we you i in on at by for from with as and but or nor if when whenever where who whom whose "
    "what which why how this that these those there here his her their its my your our not no yes so then than after "
    "before while during according based also however thus therefore hence finally first second third fourth last next "
    "chapter page pages text book novel story answer question passage summary note overall nevertheless nonetheless moreover "
    "furthermore additionally meanwhile instead although though because since until unless despite given regarding "
    "concerning to of into onto upon once both each every some many most few all any another other others one only even "
    "still just rather perhaps maybe please let key main none nothing nobody everyone someone part section closest "
    "simulated looked is are was were be been do does did has have had can could will would shall should may might must "
    "about above across against along among around behind below beneath beside between beyond near over under through "
    "throughout within without later earlier now today yet again never always often sometimes such same source sources "
    "evidence quote quotes context conclusion introduction theme themes character characters plot setting details detail "
    "example yes no sorry sure certainly here's following follows like unlike"
)
_COMMON = frozenset(_COMMON_LIST.split())
_TAILS = ("ly", "ing", "ed", "ally", "ions", "ness")
_END_OF_SENTENCE = re.compile(r"[.!?…。！？:：;；\n]")
_WITHIN_NAME = re.compile(r"[ \t]{1,2}|[ \t]?\n[ \t]?|['’\-‐‑]|\.[ \t]?")
_TITLE_MARKS = re.compile(r"《([^《》\n]{1,40})》")
_DOTTED = re.compile(rf"[{UNSPACED}]{{1,8}}(?:[·•‧・][{UNSPACED}]{{1,8}}){{1,4}}")
_BEFORE_DOTTED = re.compile("^.*[他她它叫是的了在和与被把给对由从向说及为名到见着过找]")
_AFTER_DOTTED = re.compile("[说是的在和与了被把给对为有也就都不去来走看问答道回].*$")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤"
    "柳费倪毕安常葛鲁俞薄温傅康齐"
)
HONORIFIC = "先生|小姐|女士|太太|夫人|老师|医生|大夫|教授|船长|上校|将军|博士|师傅|掌柜"
_WITH_HONORIFIC = re.compile(rf"[{_SURNAMES}][{UNSPACED}]{{0,2}}?(?:{HONORIFIC})")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an answer; `gap`: what stands between the word before and this one."""

    text: str
    span: Span
    gap: str

    @property
    def is_capitalised(self) -> bool:
        return self.text[0].isupper() and self.text != "I"


def names(answer: str, words: list[Word], index: BookIndex) -> Iterator[Span]:
    """Spans of names, in no order; some may overlap quotations."""
    capitals_inside = {word.text for before, word in pairwise(words) if not _begins(before.text, word.gap)}
    at = 0
    while at < len(words):
        if not words[at].is_capitalised:
            at += 1
            continue
        end = _end_of_run(words, at)
        if span := _name_in(answer, words, at, end, capitals_inside, index):
            yield span
        at = end
    yield from _chinese_names(answer)


def _begins(before: str, gap: str) -> bool:
    """Whether a sentence begins after this word and this gap; after "Mr." or an initial none does."""
    if gap.startswith(".") and gap.strip() == "." and (len(before) == 1 or before.lower() in TITLES):
        return False
    return _END_OF_SENTENCE.search(gap) is not None or gap.strip()[-1:] in ("*", "_", "“", '"', "(", "[", "#", ">")


def _end_of_run(words: list[Word], at: int) -> int:
    """The word after the last one of the name that begins here."""
    end = at + 1
    while end < len(words) and end - at < MAX_NAME_WORDS:
        reach = end
        while reach < min(len(words), end + 2) and words[reach].text in _PARTICLES and words[reach].gap == " ":
            reach += 1
        if reach >= len(words) or not words[reach].is_capitalised or not _WITHIN_NAME.fullmatch(words[reach].gap):
            break
        if words[reach].gap.startswith(".") and _begins(words[reach - 1].text, words[reach].gap):
            break
        end = reach + 1
    return end


def _name_in(
    answer: str, words: list[Word], at: int, end: int, capitals_inside: set[str], index: BookIndex
) -> Span | None:
    """The name among these capitalised words, less the words that only begin a sentence or label a line."""
    begins = at == 0 or _begins(words[at - 1].text, words[at].gap)
    first = at
    while first < end and (key_of(words[first].text) in _COMMON or key_of(words[first].text) in NUMBER_WORDS):
        first += 1
    while end > first and key_of(words[end - 1].text) in NUMBER_WORDS:
        end -= 1
    if first == end:
        return None
    start, stop = words[first].span[0], words[end - 1].span[1]
    keys = [key_of(word.text) for word in words[first:end]]
    if begins and first == at and _is_label(answer, start, stop) and all(key in index.small_words for key in keys):
        return None
    if len(keys) == 1:
        word = words[first].text
        if len(word) == 1 or (word.isupper() and len(word) > 1 and keys[0] in index.small_words):
            return None
        if begins and first == at and not _is_name_anyway(answer, word, keys[0], stop, capitals_inside, index):
            return None
    return start, stop


def _is_name_anyway(answer: str, word: str, key: str, stop: int, capitals_inside: set[str], index: BookIndex) -> bool:
    """Whether a capitalised word at a sentence's beginning is a name: told by the answer, or by the book's own spelling."""
    if word in capitals_inside or re.match(r"['’]s\b", answer[stop : stop + 3]):
        return True
    return len(word) >= 3 and key not in index.small_words and not key.endswith(_TAILS)


def _is_label(answer: str, start: int, stop: int) -> bool:
    """**Key Theme:** at a line's beginning."""
    line = answer.rfind("\n", max(0, start - 40), start) + 1
    lead = answer[max(line, start - 40) : start]
    return re.match(r"[*_ ]{0,4}[:：]", answer[stop : stop + 6]) is not None and not any(map(str.isalnum, lead))


def _chinese_names(answer: str) -> Iterator[Span]:
    for match in _TITLE_MARKS.finditer(answer):
        yield match.span(1)
    for match in _DOTTED.finditer(answer):
        first, _, rest = match.group().partition(re.findall("[·•‧・]", match.group())[0])
        head = _BEFORE_DOTTED.match(first)
        start = match.start() + (head.end() if head and head.end() < len(first) else 0)
        tail = re.split("[·•‧・]", rest)[-1]
        cut = _AFTER_DOTTED.search(tail, 1)
        yield start, match.end() - (len(tail) - cut.start() if cut else 0)
    for match in _WITH_HONORIFIC.finditer(answer):
        yield match.span()
