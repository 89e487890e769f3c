"""RULER's two question tasks: a question's documents among others. Source: NVIDIA/RULER, scripts/data/synthetic/qa.py (Apache-2.0).

qa_1 reads SQuAD 2.0's file ("data" → "paragraphs" → "qas"), qa_2 HotpotQA's distractor file (a list with "question", "answer",
"context"); the user has them, nothing is fetched. Without them paragraphs of generated novels with planted facts stand in, which the
evaluation says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.books.samples import synthetic_novel
from app.evaluation.errors import SourceError
from app.evaluation.tasks.dice import Dice
from app.evaluation.tasks.haystacks import joined
from app.evaluation.tasks.sizing import Draft, Make

MAX_FILE_BYTES = 1024 * 1024 * 1024  # HotpotQA's is 46 MB, SQuAD's 4 MB
_STAND_IN_NOVELS, _STAND_IN_TOKENS, _STAND_IN_FACTS = 6, 12_000, 24


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its own documents, and those of the same article, by their places in the list of all documents."""

    question: str
    answers: tuple[str, ...]
    documents: tuple[int, ...]
    related: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionSet:
    documents: tuple[str, ...]
    asked: tuple[Asked, ...]
    stand_in: bool = False


@lru_cache(maxsize=4)
def squad(path: Path) -> QuestionSet:
    """A folder with dev-v2.0.json (or any one .json), or the file itself. Raises SourceError."""
    value = _json(path)
    try:
        articles = [[str(one["context"]) for one in article["paragraphs"]] for article in value["data"]]
        documents = tuple(sorted({text for article in articles for text in article}))
        place = {text: number for number, text in enumerate(documents)}
        asked = []
        for article, texts in zip(value["data"], articles, strict=True):
            places = [place[text] for text in texts]
            for paragraph in article["paragraphs"]:
                own = place[str(paragraph["context"])]
                related = tuple(one for one in dict.fromkeys(places) if one != own)
                for qa in paragraph["qas"]:
                    answers = tuple(dict.fromkeys(str(answer["text"]) for answer in qa["answers"]))
                    if not qa.get("is_impossible", False) and answers:
                        asked.append(Asked(str(qa["question"]), answers, (own,), related))
    except (KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"{path} is not laid out as SQuAD 2.0 is (data, paragraphs, qas): {error!r}.") from error
    return _checked(QuestionSet(documents, tuple(asked)), path)


@lru_cache(maxsize=4)
def hotpotqa(path: Path) -> QuestionSet:
    """A folder with hotpot_dev_distractor_v1.json (or any one .json), or the file. Raises SourceError."""
    value = _json(path)
    try:
        texts = [[f"{title}\n{''.join(sentences)}" for title, sentences in one["context"]] for one in value]
        documents = tuple(sorted({text for own in texts for text in own}))
        place = {text: number for number, text in enumerate(documents)}
        asked = tuple(
            Asked(str(one["question"]), (str(one["answer"]),), tuple(dict.fromkeys(place[text] for text in own)))
            for one, own in zip(value, texts, strict=True)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(f"{path} is not laid out as HotpotQA is (question, answer, context): {error!r}.") from error
    return _checked(QuestionSet(documents, asked), path)


@lru_cache(maxsize=2)
def stand_in(which: str) -> QuestionSet:
    """Paragraphs of generated novels, and the questions whose facts stand in them."""
    documents: list[str] = []
    asked = []
    for number in range(_STAND_IN_NOVELS):
        novel = synthetic_novel(text_tokens=_STAND_IN_TOKENS, seed=1000 * len(which) + number, facts=_STAND_IN_FACTS)
        starts, at = [], 0
        own: list[str] = []
        for line in novel.book.text.split("\n"):
            if len(line) > 80:
                starts.append((at, at + len(line), len(documents) + len(own)))
                own.append(line)
            at += len(line) + 1
        documents += own
        for question in novel.questions:
            begin = question.fact_span[0] if question.fact_span else -1
            home = next((place for first, last, place in starts if first <= begin < last), None)
            if home is not None:
                asked.append(Asked(question.question, (question.key,), (home,)))
    order = list(asked)
    Dice("stand-in", which).shuffle(order)
    return QuestionSet(tuple(documents), tuple(order), stand_in=True)


def documents_maker(questions: QuestionSet, index: int) -> Make:
    """`size`: how many documents. `index`: which question, the first ones first, as in RULER."""

    def make(dice: Dice, size: int) -> Draft:
        asked = questions.asked[index % len(questions.asked)]
        own = list(asked.documents)
        more = max(0, size - len(own))
        related = list(asked.related)
        if more <= len(related):
            chosen = own + dice.sample(related, more)
        else:
            taken = {*own, *related}
            others = [place for place in range(len(questions.documents)) if place not in taken]
            chosen = own + related + dice.sample(others, min(len(others), more - len(related)))
        dice.shuffle(chosen)
        pieces = [(f"Document {n}:\n{questions.documents[place]}", place in own) for n, place in enumerate(chosen, 1)]
        context, homes = joined(pieces, "\n\n")
        question = (
            "Answer the question based on the given documents. Only give me the answer and do not output any other "
            f"words.\n\nQuestion: {asked.question}"
        )
        return Draft(context, question, asked.answers, _answer_places(context, homes, asked.answers))

    return make


def _answer_places(
    context: str, homes: tuple[tuple[int, int], ...], answers: tuple[str, ...]
) -> tuple[tuple[int, int], ...]:
    """Where an answer's own words stand in its documents, else those documents whole."""
    for answer in answers:
        for begin, end in homes:
            at = context.find(answer, begin, end)
            if at >= 0:
                return ((at, at + len(answer)),)
    return homes


def _checked(found: QuestionSet, path: Path) -> QuestionSet:
    if not found.asked:
        raise SourceError(f"{path} holds no question that has an answer.")
    return found


def _json(path: Path) -> Any:
    try:
        if path.is_dir():
            named = sorted(one for one in path.glob("*.json") if one.is_file())
            if len(named) != 1:
                dev = [one for one in named if "dev" in one.name]
                if len(dev) != 1:
                    raise SourceError(f"{path} must hold one .json file of the data set; it holds {len(named)}.")
                named = dev
            path = named[0]
        if path.stat().st_size > MAX_FILE_BYTES:
            raise SourceError(
                f"{path} is larger than {MAX_FILE_BYTES // 1024**2} MB, which no file of the data set is."
            )
        return json.loads(path.read_bytes())
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path} is no JSON: {error}.") from error
