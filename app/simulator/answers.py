"""What was received and what was asked in, an honest stand-in for an answer out: quotes, and where they stand.

No model runs. The first line of every answer says so. Text that was not received cannot be quoted. A passage on pages is found
in the manifest that was written when they were rendered, and quoted as an OCR program reads it on their pictures
(page_reading.py) or, without one, as the manifest has it.

How an answer begins (its reasoning and its first line) depends on the question alone, and every whole answer goes on from there:
an OCR program needs its own time, and none of it may stand before a first token that is simulated.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.legibility import percent
from app.simulator.exercises import Exercise, exercise_of, extracted, most_frequent, places, without_invitation
from app.simulator.manifests import PageText
from app.simulator.page_reading import PAGES_A_QUESTION, Piece, ReadBack
from app.simulator.retrieval import Findings, Passage, is_chinese, search, terms_of

MAX_QUOTE_CHARACTERS = 640
_BLANKS_AT_A_BREAK = 4


@dataclass(frozen=True, slots=True)
class Reply:
    reasoning: str
    content: str
    begun: int = 0
    """Characters of the content that were known before anything was looked up."""

    def going_on(self, more: str) -> Reply:
        return Reply(self.reasoning, self.content + more, len(self.content))

    @property
    def rest(self) -> str:
        """What was looked up."""
        return self.content[self.begun :]


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages' texts joined, where each begins, and which of the request's pages it is."""

    text: str
    starts: tuple[int, ...]
    numbers: tuple[int, ...]
    indexes: tuple[int, ...]

    def page_at(self, place: int) -> int:
        return self.numbers[max(0, bisect_right(self.starts, place) - 1)]

    def pieces(self, start: int, end: int) -> list[Piece]:
        """A stretch of the joined text by page."""
        found = []
        for begin, after, index in zip(self.starts, (*self.starts[1:], len(self.text)), self.indexes, strict=True):
            first, last = max(start, begin), min(end, after)
            if self.text[first:last].strip():
                found.append(Piece(index, first - begin, last - begin))
        return found


_ENGLISH = {
    "head": "**Simulated answer.** No model runs on this server; it looks up the words of the question in what it "
    "received and quotes what it finds.",
    "best": "Closest passage, {place}:",
    "more": "Also, {place}:",
    "nothing": "Nothing in {what} shares enough words with the question to be quoted. Looked for: {terms}.",
    "nothing_asked": "The question has no words to look for. Ask for a name, a thing or a number.",
    "no_pixels": "I received {pages} page image(s), but I cannot read pixels: no manifest.json with the text of these "
    "pages was found, so there is nothing to quote.",
    "no_document": "I received no document, only the question, so there is nothing to quote.",
    "read_back": "An OCR program read this from the picture that was sent, after the model's own resize; {share} of the "
    "characters are not as the manifest has them.",
    "not_read_back": "Quoted from the manifest: the OCR program could not read this passage from its picture.",
    "ocr_is_latin": "Quoted from the manifest: the OCR program here reads no Chinese.",
    "read_whole": "No manifest came with {read} of the {pages} pages: an OCR program read them, errors and all, {bound} new "
    "pages a question at most.",
    "missing": "For {missing} of the {pages} pages no text was found, so they were not searched.",
    "rule": "The question asks for something that a rule can find: the sentences of its form, and what they say.",
    "rule_all": "The question asks for something that a rule can count: words by how often they appear.",
    "read_pages": "An OCR program read {read} of the {pages} page(s), errors and all.",
    "text_place": "{percent} % into the text I received (character {start:,} of {length:,})",
    "page_place": "on page {page}",
    "pages_place": "on pages {page} to {last}",
    "text_what": "the {length:,} characters received",
    "pages_what": "the text of the {pages} page(s) received",
    "think": "Simulated reader: no model runs here. My prompt has {tokens:,} tokens. In {what} I look for these "
    "words: {terms}.",
    "none": "nothing",
}
_CHINESE = {
    "head": "**模拟回答。** 本服务器没有运行任何模型，只在收到的内容里查找问题中的词语，并引用找到的原文。",
    "best": "最相符的一段，{place}：",
    "more": "另见，{place}：",
    "nothing": "{what}中没有与问题足够相符、可以引用的段落。查找的词语：{terms}。",
    "nothing_asked": "问题里没有可以查找的词语。请问及人名、事物或数字。",
    "no_pixels": "我收到了 {pages} 页图像，但我不会识别像素：没有找到记录这些页文字的 manifest.json，因此无可引用。",
    "no_document": "我没有收到任何文档，只有问题，因此无可引用。",
    "read_back": "以上由 OCR 程序从收到的图像（按模型自己的方式缩放后）读出；与 manifest 不同的字符占 {share}。",
    "not_read_back": "引自 manifest：OCR 程序未能从图像中读出这一段。",
    "ocr_is_latin": "引自 manifest：这里的 OCR 程序不识中文。",
    "read_whole": "{pages} 页中有 {read} 页没有 manifest，由 OCR 程序读出，难免有错；每个问题最多新读 {bound} 页。",
    "missing": "{pages} 页中有 {missing} 页没有找到文字，未予查找。",
    "rule": "此题可按规则查找：找出该形式的句子及其内容。",
    "rule_all": "此题可按规则统计：各词出现的次数。",
    "read_pages": "OCR 程序读出了 {pages} 页中的 {read} 页，难免有错。",
    "text_place": "位于收到的文字的 {percent} % 处（{length:,} 个字符中的第 {start:,} 个）",
    "page_place": "第 {page} 页",
    "pages_place": "第 {page} 至 {last} 页",
    "text_what": "收到的 {length:,} 个字符",
    "pages_what": "收到的 {pages} 页的文字",
    "think": "模拟读者：这里没有运行任何模型。提示共 {tokens:,} 个 token。我在{what}里查找这些词语：{terms}。",
    "none": "无",
}


def opening_on_text(document: str, question: str, prompt_tokens: int) -> Reply:
    """How `answer_from_text` begins."""
    words = _CHINESE if is_chinese(question) else _ENGLISH
    return _opening(words, words["text_what"].format(length=len(document)), question, prompt_tokens)


def opening_on_pages(pages: int, document: str, question: str, prompt_tokens: int) -> Reply:
    """How `answer_from_pages` begins, whatever stands on so many pages."""
    if not pages and document.strip():
        return opening_on_text(document, question, prompt_tokens)
    words = _CHINESE if is_chinese(question) else _ENGLISH
    return _opening(words, words["pages_what"].format(pages=pages), question, prompt_tokens)


def _opening(words: dict[str, str], what: str, question: str, prompt_tokens: int) -> Reply:
    question, _ = without_invitation(question)
    if exercise := exercise_of(question):
        reasoning = _rule(words, exercise)
    else:
        reasoning = words["think"].format(tokens=prompt_tokens, what=what, terms=_listed(words, terms_of(question)))
    return Reply(reasoning, f"{words['head']}\n\n")


def answer_from_text(document: str, question: str, prompt_tokens: int) -> Reply:
    words = _CHINESE if is_chinese(question) else _ENGLISH
    opening = opening_on_text(document, question, prompt_tokens)
    question, invited = without_invitation(question)
    if (exercise := exercise_of(question)) and document.strip():
        if exercise.counts_all:
            return _exercised(opening, words, exercise, most_frequent(exercise, document))
        said = [extracted(exercise, document[a:b]) for a, b in places(exercise, document)]
        return _exercised(opening, words, exercise, said)
    findings = search(document, question)
    what = words["text_what"].format(length=len(document))

    def place(passage: Passage) -> str:
        percent = round(100 * passage.hit_start / len(document))
        return words["text_place"].format(start=passage.hit_start + 1, length=len(document), percent=percent)

    if document.strip():
        body = _body(words, findings, document, what, place)
    else:
        body = words["no_document"]
    return opening.going_on(body + _unknown(invited, findings))


def _unknown(invited: bool, findings: Findings) -> str:
    """Who was invited to say "unknown" and found nothing says so."""
    return "\n\nunknown" if invited and not findings.passages else ""


def _exercised(opening: Reply, words: dict[str, str], exercise: Exercise, found: list[str], told: str = "") -> Reply:
    said = [one for one in found if one]
    return opening.going_on("\n\n".join(filter(None, (_rule(words, exercise), told, ", ".join(said) or "unknown"))))


def _rule(words: dict[str, str], exercise: Exercise) -> str:
    return words["rule_all" if exercise.counts_all else "rule"]


def answer_from_pages(
    pages: Sequence[PageText | None],
    document: str,
    question: str,
    prompt_tokens: int,
    read_back: Callable[[Sequence[Piece]], ReadBack | None] | None = None,
    read_whole: int = 0,
    read_all: Callable[[], tuple[str, int]] | None = None,
) -> Reply:
    """`document`: text that came beside the pages; it is searched only when there are no pages at all. `read_back` reads a passage
    from its pictures: what is quoted is then what was read. `read_whole`: pages whose text was read from their pictures.
    `read_all` reads the pages whole from their pictures, as far as a bound: their text, and how many of them."""
    if not pages and document.strip():
        return answer_from_text(document, question, prompt_tokens)
    words = _CHINESE if is_chinese(question) else _ENGLISH
    opening = opening_on_pages(len(pages), document, question, prompt_tokens)
    question, invited = without_invitation(question)
    joined = _joined([(index, page) for index, page in enumerate(pages) if page is not None])
    if (exercise := exercise_of(question)) and joined.text.strip():
        return _exercise_on_pages(opening, words, exercise, joined, len(pages), read_back, read_all)
    findings = search(joined.text, question)
    what = words["pages_what"].format(pages=len(pages))

    def place(passage: Passage) -> str:
        first = joined.page_at(passage.hit_start)
        last = joined.page_at(_trimmed_end(joined.text, passage.hit_start, passage.hit_end) - 1)
        return words["page_place" if first == last else "pages_place"].format(page=first, last=last)

    missing = sum(page is None for page in pages)
    if not pages:
        body = words["no_document"]
    elif missing == len(pages):
        body = words["no_pixels"].format(pages=len(pages))
    else:
        body = _body(words, findings, joined.text, what, place, _quoter(words, joined, findings, pages, read_back))
        if read_whole:
            body += "\n\n" + words["read_whole"].format(read=read_whole, pages=len(pages), bound=PAGES_A_QUESTION)
        if missing:
            body += "\n\n" + words["missing"].format(missing=missing, pages=len(pages))
    return opening.going_on(body + _unknown(invited, findings))


def _exercise_on_pages(
    opening: Reply,
    words: dict[str, str],
    exercise: Exercise,
    joined: _Pages,
    pages: int,
    read_back: Callable[[Sequence[Piece]], ReadBack | None] | None,
    read_all: Callable[[], tuple[str, int]] | None,
) -> Reply:
    """By the rule, on what was read from the pictures; on the manifest's text where nothing reads pictures here."""
    if exercise.counts_all:
        text, read = read_all() if read_all is not None else (joined.text, 0)
        told = words["read_pages"].format(read=read, pages=pages) if read else ""
        return _exercised(opening, words, exercise, most_frequent(exercise, text or joined.text), told)
    said, wrong = [], []
    for start, end in places(exercise, joined.text):
        found = read_back(joined.pieces(start, end)) if read_back is not None else None
        said.append(extracted(exercise, found.text if found else joined.text[start:end]))
        wrong += [found.share_wrong] if found else []
    told = words["read_back"].format(share=percent(sum(wrong) / len(wrong))) if wrong else ""
    if read_back is not None and len(wrong) < len(said):
        told = words["not_read_back"]
    return _exercised(opening, words, exercise, said, told)


def _quoter(
    words: dict[str, str],
    joined: _Pages,
    findings: Findings,
    pages: Sequence[PageText | None],
    read_back: Callable[[Sequence[Piece]], ReadBack | None] | None,
) -> Callable[[Passage], str]:
    """A passage to its quotation: from the manifest, or as it was read from the pictures, which is then said."""

    def quote(passage: Passage) -> str:
        start, end, before, after = _cut(joined.text, passage, findings.terms)
        quoted = f"> {before}{_one_line(joined.text[start:end])}{after}"
        pieces = joined.pieces(start, end)
        if read_back is None or any(not _has_manifest(pages[piece.page]) for piece in pieces):
            return quoted
        if is_chinese(joined.text[start:end]):
            return f"{quoted}\n\n{words['ocr_is_latin']}"
        if (found := read_back(pieces)) is None:
            return f"{quoted}\n\n{words['not_read_back']}"
        said = words["read_back"].format(share=percent(found.share_wrong))
        return f"> {before}{_one_line(found.text)}{after}\n\n{said}"

    return quote


def _has_manifest(page: PageText | None) -> bool:
    return page is not None and bool(page.source)


def _joined(pages: Sequence[tuple[int, PageText]]) -> _Pages:
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    before: PageText | None = None
    for _, page in pages:
        gap = _gap(before, page) if before else ""
        starts.append(length + len(gap))
        parts.append(gap + page.text)
        length += len(gap) + len(page.text)
        before = page
    return _Pages(
        "".join(parts), tuple(starts), tuple(page.number for _, page in pages), tuple(index for index, _ in pages)
    )


def _gap(before: PageText, page: PageText) -> str:
    """Pages that follow each other in one source are joined as they were cut, so that a sentence over a page break can
    be found and quoted whole. A few characters between them are the blanks at which the page was broken."""
    if before.source == page.source and before.span and page.span:
        missing = page.span[0] - before.span[1]
        if 0 <= missing <= _BLANKS_AT_A_BREAK:
            return " " if missing else ""
    return "\n\n"


def _body(words: dict[str, str], findings: Findings, text: str, what: str, place, quote=None) -> str:
    if not findings.terms:
        return words["nothing_asked"]
    if not findings.passages:
        return words["nothing"].format(what=what, terms=_listed(words, findings.terms))
    blocks = []
    for index, passage in enumerate(findings.passages):
        label = words["best" if index == 0 else "more"].format(place=place(passage))
        quoted = quote(passage) if quote else f"> {_quote(text, passage, findings.terms)}"
        blocks.append(f"{label}\n\n{quoted}")
    return "\n\n".join(blocks)


def _listed(words: dict[str, str], terms: Sequence[str]) -> str:
    return ", ".join(terms[:12]) or words["none"]


def _trimmed_end(text: str, start: int, end: int) -> int:
    while end > start + 1 and text[end - 1].isspace():
        end -= 1
    return end


def _quote(text: str, passage: Passage, terms: Sequence[str]) -> str:
    """The passage on one line."""
    start, end, before, after = _cut(text, passage, terms)
    return before + _one_line(text[start:end]) + after


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _cut(text: str, passage: Passage, terms: Sequence[str]) -> tuple[int, int, str, str]:
    """Where a passage is quoted from and to, and what stands for what was left out; a long one is cut around the first word that
    was looked for."""
    start, end = passage.start, _trimmed_end(text, passage.start, passage.end)
    before = after = ""
    if end - start > MAX_QUOTE_CHARACTERS:
        lowered = text[start:end].lower()
        places = [at for term in terms if (at := lowered.find(term.lower())) >= 0]
        middle = start + min(places, default=0)
        first = max(start, min(middle - MAX_QUOTE_CHARACTERS // 3, end - MAX_QUOTE_CHARACTERS))
        last = min(end, first + MAX_QUOTE_CHARACTERS)
        before, after = ("… " if first > start else ""), (" …" if last < end else "")
        start, end = first, last
    return start, end, before, after
