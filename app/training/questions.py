"""Question/answer sets: JSON Lines in, AskedQuestions out; the bundled samples' own questions too.

A line: {"document": name, "question": …, "answer": …, "think": reasoning, "says": the sentence that holds the answer};
the last two may be missing. "says" must stand in the document, word for word.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.books.samples import Sample

from .documents import document_of
from .errors import SourceError
from .values import AskedQuestion, Document

MOST_LINE_BYTES = 1024 * 1024
_REQUIRED = ("document", "question", "answer")


def read_questions(path: Path, documents: Mapping[str, Document]) -> tuple[AskedQuestion, ...]:
    """Every line. Raises SourceError with the number of the first line that is wrong."""
    try:
        with path.open("rb") as lines:
            return tuple(
                _question(line, f"{path.name}, line {number}", documents)
                for number, line in enumerate(lines, start=1)
                if line.strip()
            )
    except OSError as error:
        raise SourceError(f"The questions {str(path)!r} cannot be read: {error.strerror}.") from None


def _question(line: bytes, place: str, documents: Mapping[str, Document]) -> AskedQuestion:
    if len(line) > MOST_LINE_BYTES:
        raise SourceError(f"{place} has {len(line):,} bytes; up to {MOST_LINE_BYTES:,} are read.")
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{place} is not JSON: {error}.") from None
    if not isinstance(values, dict):
        raise SourceError(f"{place} is no JSON object; give {{{', '.join(_REQUIRED)}}}.")
    for key in (*_REQUIRED, "think", "says"):
        value = values.get(key, "")
        if not isinstance(value, str) or (key in _REQUIRED and not value.strip()):
            raise SourceError(f"{place}: {key!r} must be a text{' that is not empty' if key in _REQUIRED else ''}.")
        if value.encode("utf-8", "replace").decode() != value:
            raise SourceError(f"{place}: {key!r} has half a character (a surrogate by itself), which no row can hold.")
    document = documents.get(values["document"])
    if document is None:
        raise SourceError(f"{place} asks about {values['document']!r}, which is not among the documents.")
    says = values.get("says", "")
    start = document.text.find(says) if says else -1
    if says and start < 0:
        raise SourceError(f"{place}: what it says that {document.name!r} says does not stand there word for word.")
    span = (start, start + len(says)) if says else None
    return AskedQuestion(document.name, values["question"], values["answer"], values.get("think", ""), span)


def from_samples(samples: Iterable[Sample]) -> tuple[tuple[Document, ...], tuple[AskedQuestion, ...]]:
    """The samples' books as documents, and their questions."""
    documents: list[Document] = []
    asked: list[AskedQuestion] = []
    for sample in samples:
        documents.append(document_of(sample.book.title, sample.book.text))
        asked += [
            AskedQuestion(sample.book.title, q.question, q.answer, fact_span=q.fact_span) for q in sample.questions
        ]
    return tuple(documents), tuple(asked)


def reasoning(question: AskedQuestion, document: Document) -> str:
    """What stands between <think> and </think>: the set's own, else a quotation of what the text says; "" for neither."""
    if question.think or question.fact_span is None:
        return question.think
    start, end = question.fact_span
    return f"The pages say: “{document.text[start:end].strip()}”"
