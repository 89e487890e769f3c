"""Rows from a corpus: a plan of seeds, each of which makes one row, by itself and in any process, byte for byte.

A row depends on its seed, its task, the corpus and the limits, and on nothing else: neither on the rows before it nor on
how many processes work. `make_row` makes any row again from its seed.
"""

import hashlib
import multiprocessing
import random
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from renderer import RenderError

from .documents import Corpus
from .errors import RowSkipped, TrainingError, WorkerLost
from .excerpts import row_tokens
from .kinds import Split, Task
from .styles import check_glyphs, sample_style
from .tasks import TASKS, Draft, Ground
from .values import AskedQuestion, Document, Row, Style, Words, tokens_of

_AHEAD = 2  # rows in work or waiting for each process: memory stays bounded however slow the writer is


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one row, in tokens of all of it. `theme`: one theme's name, "" for Table 8 only, None for both."""

    least_tokens: int = 1_024
    most_tokens: int = 131_072
    theme: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.least_tokens <= self.most_tokens:
            raise TrainingError(
                f"The least number of tokens of a row is {self.least_tokens:,} and the most {self.most_tokens:,}; "
                "give a least from 1 up to the most."
            )


@dataclass(frozen=True, slots=True)
class Source:
    """All that rows are made from."""

    corpus: Corpus
    questions: tuple[AskedQuestion, ...] = ()
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Order:
    """One row to make."""

    task: Task
    split: Split
    seed: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """No row came of an order, and why."""

    order: Order
    reason: str


def plan(seed: int, tasks: Sequence[Task], counts: dict[Split, int]) -> tuple[Order, ...]:
    """`counts` orders of each task for each split. A row's seed does not change when others are added or left out."""
    return tuple(
        Order(task, split, _seed(f"{seed} {task} {split} {number}"))
        for split in counts
        for task in tasks
        for number in range(counts[split])
    )


def _seed(words: str) -> int:
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big")


def make_row(source: Source, order: Order) -> Row:
    """The row of an order. Raises RowSkipped or, for a style that cannot be found, StyleError."""
    rng = random.Random(order.seed)
    document, asked = _subject(rng, source, order)
    low, high = source.limits.least_tokens, source.limits.most_tokens
    budget = int(
        low * (high / low) ** rng.random()
    )  # evenly over orders of magnitude: short rows are as frequent as long
    style = sample_style(rng, document.text, theme=source.limits.theme)
    try:
        draft = TASKS[order.task](Ground(rng, document, style.config, budget, asked))
    except RenderError as error:
        raise RowSkipped(f"the pages cannot be drawn ({type(error).__name__})") from error
    check_glyphs(document.text[draft.span[0] : draft.span[1]], style.config)
    return _row(order, document, style, draft, budget)


def _subject(rng: random.Random, source: Source, order: Order) -> tuple[Document, AskedQuestion | None]:
    documents = source.corpus.of(order.split)
    if not documents:
        raise RowSkipped("the split has no document")
    if not order.task.needs_questions:
        return rng.choice(documents), None
    by_name = {document.name: document for document in documents}
    questions = [question for question in source.questions if question.document in by_name]
    if not questions:
        raise RowSkipped("there is no question about a document of the split")
    asked = rng.choice(questions)
    return by_name[asked.document], asked


def _row(order: Order, document: Document, style: Style, draft: Draft, budget: int) -> Row:
    pictures = tuple(part for part in draft.request if not isinstance(part, Words))
    texts = [part.text for part in draft.request if isinstance(part, Words)] + [draft.answer]
    row = Row(
        id=f"{order.task}-{order.split}-{order.seed:016x}",
        task=order.task,
        split=order.split,
        seed=order.seed,
        document=document.name,
        document_sha256=document.sha256,
        span=draft.span,
        style=style,
        request=draft.request,
        answer=draft.answer,
        solution=draft.solution,
        tokens=tokens_of(pictures, sum(row_tokens(text) for text in texts)),
    )
    if row.tokens.total > budget:
        raise RowSkipped("with its sentences the part is longer than the budget")
    return row


def make_rows(source: Source, orders: Sequence[Order], workers: int = 1) -> Iterator[Row | Skipped]:
    """One result for each order, in their order. At most twice `workers` rows are held at once. Raises WorkerLost."""
    if workers <= 1:
        yield from (_result(source, order) for order in orders)
        return
    context = multiprocessing.get_context("spawn")  # a fork of a process with numba's threads may hang
    with ProcessPoolExecutor(workers, context, _remember, (source,)) as pool:
        waiting: deque[Future[Row | Skipped]] = deque()
        try:
            for order in orders:
                waiting.append(pool.submit(_in_worker, order))
                if len(waiting) >= _AHEAD * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise WorkerLost(
                "A process that made rows was killed; where memory ran out, give fewer --workers or smaller --most-tokens."
            ) from None
        finally:
            for left in waiting:
                left.cancel()


def _result(source: Source, order: Order) -> Row | Skipped:
    try:
        return make_row(source, order)
    except RowSkipped as skipped:
        return Skipped(order, skipped.reason)


_source: Source | None = None  # of this worker process


def _remember(source: Source) -> None:
    global _source
    _source = source


def _in_worker(order: Order) -> Row | Skipped:
    assert _source is not None
    return _result(_source, order)
