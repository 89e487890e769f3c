"""A long synthetic novel: plain prose about invented people, with facts planted evenly from beginning to end.

Size and seed in, a Sample out. The prose is made from sentence patterns, so it means little, but it is divided into
chapters and paragraphs like a novel and its words vary; the planted facts are unique, and no other sentence states
them. Knows nothing of tokens: a size in tokens is met through the usual characters per token, within some 5 %.
"""

from __future__ import annotations

from random import Random

from app.books.book import Book, BookFormat, Chapter, text_hash

from . import words_en, words_zh
from .pick import Pick
from .sample import Question, Sample

# Measured with the Qwen tokenizer on this generator's own prose.
_CHARACTERS_PER_TOKEN = {"en": 4.45, "zh": 1.36}
_CHAPTER_CHARACTERS = {"en": 14_000, "zh": 5_000}
_CHARACTERS_PER_FACT = {"en": 12_000, "zh": 4_000}
_MAX_FACTS = 64
_WORDS = {"en": words_en, "zh": words_zh}


def synthetic_novel(
    *,
    characters: int | None = None,
    text_tokens: int | None = None,
    seed: int = 0,
    facts: int | None = None,
    language: str = "en",
) -> Sample:
    """A novel of about so many characters or text tokens, with `facts` planted facts and a question for each."""
    if language not in _WORDS:
        raise ValueError(f"Language {language!r} is not written; choose one of {', '.join(_WORDS)}.")
    if characters is not None and text_tokens is None:
        length = characters
    elif text_tokens is not None and characters is None:
        length = round(text_tokens * _CHARACTERS_PER_TOKEN[language])
    else:
        raise ValueError("Give either characters or text_tokens.")
    if not 500 <= length <= 20_000_000:
        raise ValueError(f"A novel of {length:,} characters is not made; choose from 500 to 20,000,000.")
    if facts is None:
        facts = min(_MAX_FACTS, max(3, length // _CHARACTERS_PER_FACT[language]))
    if not 0 <= facts <= _MAX_FACTS:
        raise ValueError(f"{facts} facts cannot be planted; choose from 0 to {_MAX_FACTS}.")
    return _write(length, facts, Random(f"{language} {seed}"), language)


def _write(length: int, facts: int, rng: Random, language: str) -> Sample:
    words = _WORDS[language]
    pick = Pick(rng)
    title = words.book_title(pick)
    planted = words.facts(pick, facts)
    places = [(index + 0.5) / facts * length for index in range(facts)]
    pieces: list[str] = [title + "\n"]
    written = len(pieces[0])
    chapters: list[tuple[str, int]] = []
    questions: list[Question] = []
    next_chapter = 0.0
    while written < length:
        enough_left = length - written > _CHAPTER_CHARACTERS[language] // 3
        if not chapters or (written >= next_chapter and enough_left):
            heading = words.chapter_title(pick, len(chapters) + 1)
            chapters.append((heading, written + 1))
            pieces.append(f"\n{heading}\n\n")
            written += len(pieces[-1])
            next_chapter = written + _CHAPTER_CHARACTERS[language]
        paragraph = words.paragraph(pick)
        if len(questions) < facts and written + len(paragraph) >= places[len(questions)]:
            fact = planted[len(questions)]
            head = paragraph.rstrip() + words.JOINT
            start = written + len(head)
            questions.append(Question(fact[1], fact[2], (start, start + len(fact[0]))))
            paragraph = head + fact[0]
        pieces.append(paragraph + "\n")
        written += len(pieces[-1])
    for fact in planted[len(questions) :]:  # a very short book: the rest at its end
        questions.append(Question(fact[1], fact[2], (written, written + len(fact[0]))))
        pieces.append(fact[0] + "\n")
        written += len(pieces[-1])
    text = "".join(pieces)
    starts = [start for _, start in chapters]
    spans = tuple(
        Chapter(heading, start, end) for (heading, start), end in zip(chapters, [*starts[1:], len(text)], strict=True)
    )
    book = Book(
        title=title,
        text=text,
        format=BookFormat.TXT,
        encoding="utf-8",
        chapters=spans,
        content_hash=text_hash(text),
        byte_count=len(text.encode()),
        notes=("Generated, with planted facts.",),
    )
    return Sample(book, tuple(questions))
