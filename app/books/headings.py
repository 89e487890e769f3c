"""Where the chapters of a plain text begin: lines that look like headings, less the table of contents.

Text in, marks (offset and title) out; knows nothing of files. The kinds of heading, best first: worded ones in several
languages ("CHAPTER IV. The Fete", "第三回 …", "PROLOGUE"), Markdown's "#", and bare numerals that count up from one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from .book import Chapter
from .limits import MAX_CHAPTERS, MAX_TITLE_CHARACTERS
from .text_cleaning import clean_title


@dataclass(frozen=True, slots=True)
class Mark:
    """A heading found in a text."""

    start: int  # of its line
    body: int  # where the text after the heading begins
    title: str
    label: str  # what a table of contents would repeat: "chapter 4"
    is_part: bool = False  # a part, book or volume that holds chapters


_ROMAN = r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ORDINALS = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|"
    "fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|last"
)
_WORDS = rf"(?:the\s+)?(?:(?:{_TENS})(?:[-\s](?:{_ONES}))?|{_TEENS}|{_ONES}|{_ORDINALS})"
_NUMBER = rf"(?:\d{{1,4}}|(?=[MDCLXVI])(?-i:{_ROMAN}|{_ROMAN.lower()})|(?=[mdclxvi])(?-i:{_ROMAN.lower()})|{_WORDS})"
_CHAPTER_NAMES = (
    "chapter|chap\\.?|letter|stave|canto|scene|lecture|chapitre|kapitel|cap[ií]tulo|capitolo|hoofdstuk|rozdzia[łl]|"
    "глава"
)
_PART_NAMES = "part|book|volume|vol\\.?|act|section|partie|livre|tome|teil|buch|band|parte|libro|часть|том|книга"
# The looks ahead at the begin of the patterns pass over empty and very short lines at once: a text may be all such lines.
_WORDED = re.compile(
    rf"^(?=[^\n]{{5}})[ \t]{{0,40}}[*_]{{0,2}}(?P<name>{_CHAPTER_NAMES}|{_PART_NAMES})[ \t]+(?P<number>{_NUMBER})\b"
    rf"(?P<rest>[^\n]{{0,120}})$",
    re.MULTILINE | re.IGNORECASE,
)
_ORDINAL_FIRST = re.compile(
    rf"^[ \t]{{0,40}}(?P<number>the[ \t]+(?:{_ORDINALS}))[ \t]+(?P<name>chapter|book|part|canto|letter)"
    rf"(?P<rest>[^\n]{{0,120}})$",
    re.MULTILINE | re.IGNORECASE,
)
_ALONE = re.compile(
    r"^(?=[^\n]{6})[ \t]{0,40}[*_]{0,2}(?P<name>prologue|epilogue|preface|foreword|introduction|afterword|postscript|interlude|"
    r"appendix(?:[ \t]+[A-Z0-9]{1,3})?|conclusion|prologo|épilogue|préface|prolog|epilog|vorwort|nachwort|"
    r"пролог|эпилог)[*_]{0,2}[.:]?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_HAN_NUMBER = "[0-9０-９〇零一二三四五六七八九十百千两兩廿卅]{1,9}"
_HAN = re.compile(
    rf"^(?=[^\n]{{2}})[ \t\u3000]{{0,20}}(?P<all>(?:(?P<part>第{_HAN_NUMBER}[卷部集篇編编][^\n第。，！？]{{0,20}})[ \t\u3000]*)?"
    rf"第{_HAN_NUMBER}[回章节節话話幕折](?![^\n]{{0,3}}[，。])[^\n。！？]{{0,60}}"
    rf"|第{_HAN_NUMBER}[卷部集篇編编](?:[ \t\u3000：:·][^\n。！？]{{0,40}})?"
    rf"|(?:楔子|序章|序言|序幕|自序|前言|引子|引言|尾声|尾聲|终章|終章|后记|後記|番外|プロローグ|エピローグ|あとがき)"
    rf"(?:[ \t\u3000：:][^\n。！？]{{0,40}})?)[ \t\u3000]*$",
    re.MULTILINE,
)
_HASHES = re.compile(r"^(?P<hashes>#{1,6})[ \t]{1,8}(?P<title>[^\n]{1,300})$", re.MULTILINE)
_UNDERLINED = re.compile(r"^(?P<title>[^\s#>*\-=|][^\n]{0,150})\n(?P<line>={3,}|-{3,})[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,}+|~{3,}+)[^\n]*+\n.*?(?:^ {0,3}\1[^\n]*+$|\Z)", re.MULTILINE | re.DOTALL)
_NUMERAL_LINE = re.compile(
    rf"(?<=\n\n)[ \t]{{0,40}}(?P<number>\d{{1,3}}|(?=[MDCLXVI]){_ROMAN}|[一二三四五六七八九十百]{{1,5}})"
    rf"(?P<rest>[.．、:]?(?:[ \t\u3000]+(?P<title>[^\n]{{1,80}}))?)[ \t]*(?=\n\s*\n)"
)
_TITLE_NEXT = re.compile(r"(?P<gap>[ \t]*\n(?:[ \t]*\n){0,2})(?P<title>[ \t]*[^\n]{1,80})(?=\n[ \t]*(?:\n|\Z))")
_MAX_MARKS = 4 * MAX_CHAPTERS  # of one kind; a text with more was made to waste time
_MIN_BODY = 60  # characters between two headings; fewer is a line of a table of contents
_LISTED_BODY = 160  # on average, where the table names what is in the chapters, too


def find_chapters(text: str, title: str, markdown: bool = False) -> tuple[Chapter, ...]:
    """The chapters of a text by its headings; one chapter of the book's title where there are none."""
    marks = find_marks(text, markdown)
    return chapters_from_marks(text, marks, title)


def find_marks(text: str, markdown: bool = False) -> list[Mark]:
    """Headings in order, without those that a table of contents repeats."""
    if markdown and len(marks := _one_level(_markdown_marks(text))) >= 2:
        return marks
    worded = _without_contents(text, _worded_marks(text))
    if sum(not mark.is_part for mark in worded) >= 2:
        return worded
    for marks in (_one_level(_markdown_marks(text)), _numeral_marks(text)):
        if len(marks) >= 2 and len(marks) > len(worded):
            return marks
    return worded


def chapters_from_marks(text: str, marks: Sequence[Mark], title: str) -> tuple[Chapter, ...]:
    """Marks as chapters that reach to the next one's start; a part's heading belongs to its first chapter."""
    merged = _merge_parts(marks)[:MAX_CHAPTERS]
    if not merged:
        return (Chapter(title, 0, len(text)),)
    ends = [mark.start for mark in merged[1:]] + [len(text)]
    return tuple(
        Chapter(clean_title(mark.title, f"Chapter {number}", MAX_TITLE_CHARACTERS), mark.start, end)
        for number, (mark, end) in enumerate(zip(merged, ends, strict=True), 1)
    )


def _worded_marks(text: str) -> list[Mark]:
    marks = []
    for pattern in (_WORDED, _ORDINAL_FIRST, _ALONE):
        for match in islice(pattern.finditer(text), _MAX_MARKS):
            if mark := _worded_mark(text, match):
                marks.append(mark)
    for match in islice(_HAN.finditer(text), _MAX_MARKS):
        line = match.group("all").strip()
        is_part = re.match(rf"第{_HAN_NUMBER}[卷部集篇編编]", line) is not None and not re.search(
            r"[回章节節话話]", line
        )
        label = re.match(rf"(?:.*?第{_HAN_NUMBER}[回章节節话話幕折]|第{_HAN_NUMBER}.|\w+)", line)
        marks.append(Mark(match.start(), match.end(), line, label.group() if label else line, is_part))
    marks.sort(key=lambda mark: mark.start)
    return marks


def _worded_mark(text: str, match: re.Match[str]) -> Mark | None:
    """A worded line is a heading when it stands apart and what follows the number reads like a title."""
    groups = match.groupdict()
    rest = (groups.get("rest") or "").strip(" \t*_")
    if not _stands_apart(text, match.start()) or not _reads_like_title(rest):
        return None
    name = groups["name"].lower().rstrip(".")
    is_part = re.fullmatch(_PART_NAMES, name, re.IGNORECASE) is not None
    label = " ".join(f"{name} {groups.get('number') or ''}".lower().split())
    title, body = _plain(match.group()), match.end()
    after_blank = _blank_follows(text, body)
    if following := _TITLE_NEXT.match(text, body):
        line = _plain(following.group("title"))
        own_line = "\n" not in following.group("gap")[following.group("gap").index("\n") + 1 :]
        if not rest.strip(".:—- ") and _is_title_line(line, own_line) and "name" in groups and groups.get("number"):
            joint = " " if title[-1] in ".:" else ". "
            return Mark(match.start(), following.end(), title + joint + line, label, is_part)
    if not after_blank and rest and rest[-1:] not in ".:!?—-" and not _WORDED.match(text, min(body + 1, len(text))):
        # A title that runs over two lines: take the second when it ends the paragraph.
        second = re.compile(r"\n([^\n]{1,80})(?=\n[ \t]*(?:\n|\Z))").match(text, body)
        if not second:
            return None
        return Mark(match.start(), second.end(), f"{title} {second.group(1).strip()}", label, is_part)
    return Mark(match.start(), body, title, label, is_part)


def _plain(line: str) -> str:
    """A heading without emphasis marks, doubled spaces and a bracket that was opened elsewhere."""
    line = re.sub(r"[ \t]+", " ", re.sub(r"_([^_\n]*)_", r"\1", line)).strip(" *_")
    return line.rstrip("]") if "[" not in line else line


def _stands_apart(text: str, start: int) -> bool:
    """True after a blank line, at the start, or right below another heading-like line."""
    before = text[max(0, start - 200) : start]
    if not before.strip(" \t\n") and start <= 200:
        return True
    if re.search(r"\n[ \t]*\n\Z", before):
        return True
    previous = before.rstrip("\n").rpartition("\n")[2].strip()
    if _WORDED.match(previous) or _ALONE.match(previous):
        return True
    # In texts of one paragraph a line a heading follows a full sentence or another heading.
    return bool(previous) and (previous[-1] in ".!?\"'”’»」。！？…*—-_)]" or len(previous) > 150 or previous.isupper())


def _blank_follows(text: str, end: int) -> bool:
    return re.compile(r"[ \t]*(?:\n[ \t]*(?:\n|\Z)|\n?\Z)").match(text, end) is not None or _long_line_follows(
        text, end
    )


def _long_line_follows(text: str, end: int) -> bool:
    """One paragraph a line: the text goes on right below its heading."""
    stop = text.find("\n", end + 1)
    line = text[end + 1 : stop if stop >= 0 else len(text)]
    return len(line) > 100 or line[:1] in "\"“'‘«「—" or line.rstrip()[-1:] in '.!?"”'


def _reads_like_title(rest: str) -> bool:
    if not rest:
        return True
    if rest[0] in ".:—–-–,([" or rest.startswith("--"):
        words = rest.lstrip(".:—–-,([ \t")
        return rest[0] != "," and (not words[:1].islower() or rest[0] in ":—–-.")
    if rest.rstrip()[-1:] in ",;" or len(rest) > 100:
        return False
    return rest[0].isupper() or rest[0] in "\"“‘'«「《" or rest[0].isdigit()


def _is_title_line(line: str, own_line: bool) -> bool:
    """The line below 'CHAPTER IV' is its title when it is short and no sentence."""
    if not line or len(line) > 80 or line[0] in "\"“‘'«([" or line[0].islower():
        return False
    if _WORDED.match(line) or _ALONE.match(line):
        return False
    if line.isupper():
        return True
    words = line.split()
    if line[-1] in ",;:" or (line[-1] in '.!?"”’' and not own_line):
        return False
    return own_line or len(words) <= 9


def _without_contents(text: str, marks: list[Mark]) -> list[Mark]:
    """Drop the tables of contents: headings in a row with next to nothing between them, whose labels come again."""
    for _ in range(4):  # a table for each volume, at most so many
        span = _contents_span(text, marks)
        if span is None:
            break
        marks = marks[: span[0]] + marks[span[1] :]
    return marks


def _contents_span(text: str, marks: list[Mark]) -> tuple[int, int] | None:
    """First and last mark (exclusive) of a table of contents."""
    seen: dict[tuple[str, str], int] = {}
    part = ""
    for index, mark in enumerate(marks):
        part = mark.label if mark.is_part else part
        first = seen.setdefault((part, mark.label), index)
        if first == index:
            continue
        bodies = [len(text[a.body : b.start].strip()) for a, b in pairwise(marks[first:index])]
        later = len(text) - mark.start
        listed = min(_LISTED_BODY, 0.5 * later / (len(marks) - index))  # the book's own chapters are longer
        if index - first >= 2 and sum(bodies) < listed * len(bodies):
            while first and len(text[marks[first - 1].body : marks[first].start].strip()) < _MIN_BODY:
                first -= 1  # lines of the table that the book spells differently
            return first, index
        seen[part, mark.label] = index
    return None


def _markdown_marks(text: str) -> list[tuple[int, Mark]]:
    fences = [(match.start(), match.end()) for match in islice(_FENCE.finditer(text), _MAX_MARKS)]
    fence_starts = [start for start, _ in fences]
    found = []
    for match in islice(_HASHES.finditer(text), _MAX_MARKS):
        found.append((len(match.group("hashes")), match))
    for match in islice(_UNDERLINED.finditer(text), _MAX_MARKS):
        found.append((1 if match.group("line")[0] == "=" else 2, match))
    marks = []
    for level, match in sorted(found, key=lambda item: item[1].start()):
        before = bisect_right(fence_starts, match.start()) - 1
        inside = before >= 0 and match.start() < fences[before][1]
        if match.group("title").strip() and not inside:
            title = re.sub(r"[*_`]|\[([^\]]*)\]\([^)]*\)", r"\1", match.group("title")).rstrip("# \t")
            marks.append((level, Mark(match.start(), match.end(), title, title.lower())))
    return marks


def _one_level(marks: list[tuple[int, Mark]]) -> list[Mark]:
    """The headings of the highest level that has at least two."""
    for level in range(1, 7):
        chosen = [mark for own, mark in marks if own == level]
        if len(chosen) >= 2:
            return chosen
    return [mark for _, mark in marks]


def _numeral_marks(text: str) -> list[Mark]:
    """Bare numerals on lines of their own that count up from one; with titles where they have them."""
    best: list[Mark] = []
    matches = list(islice(_NUMERAL_LINE.finditer("\n\n" + text), _MAX_MARKS))
    for titled in (True, False):
        marks, expected = [], 1
        for match in matches:
            title = match.group("title")
            if bool(title) != titled or (title and (title[0].islower() or title.rstrip()[-1] in ",;")):
                continue
            if number_value(match.group("number")) == expected:
                start = match.start() - 2
                marks.append(Mark(start, match.end() - 2, match.group().strip(), match.group("number")))
                expected += 1
        if len(marks) >= 3 and len(marks) > len(best):
            best = marks
    return best


def number_value(numeral: str) -> int | None:
    """12, XII or 十二 as an integer."""
    if numeral.isascii() and numeral.isdigit():
        return int(numeral)
    if re.fullmatch(_ROMAN, numeral):
        values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}[c] for c in numeral]
        return sum(-v if v < n else v for v, n in zip(values, [*values[1:], 0], strict=True))
    total = digit = 0
    for c in numeral:
        if c in "一二三四五六七八九":
            digit = "一二三四五六七八九".index(c) + 1
        elif c in "十百":
            total += max(digit, 1) * (10 if c == "十" else 100)
            digit = 0
        else:
            return None
    return total + digit


def _merge_parts(marks: Sequence[Mark]) -> list[Mark]:
    """A part's heading right above a chapter's joins it; chapter titles that repeat get their part's in front."""
    titles = [mark.title for mark in marks if not mark.is_part]
    repeat = len(set(titles)) < len(titles)
    merged: list[Mark] = []
    part: Mark | None = None
    for i, mark in enumerate(marks):
        if mark.is_part:
            part = mark
            follows = i + 1 < len(marks) and marks[i + 1].start - mark.body < 400
            if not follows:
                merged.append(mark)
            continue
        opens = i > 0 and marks[i - 1].is_part and mark.start - marks[i - 1].body < 400
        start = marks[i - 1].start if opens else mark.start
        title = f"{part.title} — {mark.title}" if part and repeat else mark.title
        merged.append(Mark(start, mark.body, title, mark.label))
    return merged


def is_chapter_title(title: str) -> bool:
    """True for 'Chapter 4', 'IV. The Fete', '12', '第三回 …'."""
    if match := _WORDED.match(title):
        return re.fullmatch(_PART_NAMES, match.group("name").rstrip("."), re.IGNORECASE) is None
    if match := _HAN.match(title):
        return not _HAN_PART.match(title) or re.search(r"[回章節节话話幕折]", title) is not None
    return re.match(rf"(?:\d{{1,3}}|(?=[MDCLXVI]){_ROMAN})(?:[.:—–-]|[ \t]|$)", title) is not None


def is_part_title(title: str) -> bool:
    """True for 'Part One', 'Book II: The Golden Thread', '第一卷'."""
    if match := _WORDED.match(title) or _ORDINAL_FIRST.match(title):
        return re.fullmatch(_PART_NAMES, match.group("name").rstrip("."), re.IGNORECASE) is not None
    return _HAN_PART.match(title) is not None and re.search(r"[回章節节话話]", title) is None


_HAN_PART = re.compile(rf"第{_HAN_NUMBER}[卷部集篇編编]")
