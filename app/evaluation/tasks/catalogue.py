"""Every task by name, and its items from a length, a seed and sources. The same arguments give the same items, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.evaluation.errors import PlanError, SourceError
from app.evaluation.tasks import documents, longbench, mrcr, planted
from app.evaluation.tasks.needles import NEEDLE_TASKS, Hay, needle_maker
from app.evaluation.tasks.sizing import Draft, Make, fitting_draft, size_for
from app.evaluation.tasks.sources import Sources
from app.evaluation.tasks.tracing import HOPS, variables_draft
from app.evaluation.tasks.word_counts import COMMON, common_words_maker, frequent_words_maker
from app.evaluation.values import Item, Metric

MAX_ITEMS = 5_000  # of one task
LENGTHS = (512, 1_000_000)  # tokens


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """`paper_name`: its column in Table 3 of Glyph's paper; empty: not there. `needs`: the source without which it has no items.

    `category`: which of LongBench's six it belongs to; empty elsewhere.
    """

    name: str
    family: str
    metric: Metric
    answer_tokens: int
    about: str
    paper_name: str = ""
    needs: str = ""
    category: str = ""


_NIAH_ABOUT = {
    "niah_single_1": "one number in noise",
    "niah_single_2": "one number in prose",
    "niah_single_3": "one UUID in prose",
    "niah_multikey_1": "one of four numbers in prose",
    "niah_multikey_2": "one number among nothing but such",
    "niah_multikey_3": "one UUID among nothing but such",
    "niah_multivalue": "four numbers of one name in prose",
    "niah_multiquery": "four named numbers in prose",
}
_PAPER = {
    "niah_single_1": "S1",
    "niah_single_2": "S2",
    "niah_multikey_1": "M1",
    "niah_multikey_2": "M2",
    "niah_multivalue": "V",
    "niah_multiquery": "Q",
    "vt": "VT",
    "cwe": "CWE",
    "fwe": "FWE",
    "qa_1": "QA1",
    "qa_2": "QA2",
}


def _infos() -> tuple[TaskInfo, ...]:
    ruler = [TaskInfo(name, "RULER", Metric.ALL, 128, about) for name, about in _NIAH_ABOUT.items()]
    ruler += [
        TaskInfo("vt", "RULER", Metric.ALL, 30, "a chain of five variables"),
        TaskInfo("cwe", "RULER", Metric.ALL, 120, "the ten most common words of a list"),
        TaskInfo("fwe", "RULER", Metric.ALL, 50, "the three most frequent made-up words"),
        TaskInfo("qa_1", "RULER", Metric.PART, 32, "SQuAD 2.0's questions among other paragraphs"),
        TaskInfo("qa_2", "RULER", Metric.PART, 32, "HotpotQA's questions among other articles"),
    ]
    named = [
        TaskInfo(one.name, one.family, one.metric, one.answer_tokens, one.about, _PAPER.get(one.name, ""))
        for one in ruler
    ]
    own = [
        TaskInfo("facts", "own", Metric.FACT, 64, "planted facts of generated novels"),
        TaskInfo("book_needle", "own", Metric.ALL, 128, "one number in your own book", needs="book"),
    ]
    conversations = [
        TaskInfo(f"mrcr_{n}", "MRCR", Metric.MRCR, mrcr.ANSWER_TOKENS, f"one of {n} alike messages", needs="mrcr")
        for n in mrcr.NEEDLES
    ]
    long = [
        TaskInfo(
            f"longbench/{name}",
            "LongBench",
            one.metric,
            one.answer_tokens,
            one.category,
            needs="longbench",
            category=one.category,
        )
        for name, one in longbench.DATASETS.items()
    ]
    return (*named, *own, *conversations, *long)


TASKS: dict[str, TaskInfo] = {info.name: info for info in _infos()}
TABLE_3_TASKS = tuple(_PAPER)
LONGBENCH_CATEGORIES = len({one.category for one in longbench.DATASETS.values()})


def source_note(name: str, sources: Sources) -> str:
    """What stands in for a source that is not there, in words; empty where nothing does."""
    needle = NEEDLE_TASKS.get(name)
    if needle is not None and needle.hay is Hay.PROSE and sources.essays is None:
        return "prose of a generated novel instead of essays"
    if name == "qa_1" and sources.squad is None:
        return "planted facts of generated novels instead of SQuAD"
    if name == "qa_2" and sources.hotpotqa is None:
        return "planted facts of generated novels instead of HotpotQA"
    return ""


def missing_source(name: str, sources: Sources) -> str:
    """Why a task has no items with these sources, in words; empty where it has."""
    needs = TASKS[name].needs
    if needs == "book" and not sources.book_text.strip():
        return "it needs a book"
    if needs in ("mrcr", "longbench") and getattr(sources, needs) is None:
        return f"it needs a local folder of {TASKS[name].family}"
    return ""


def make_items(name: str, length: int, count: int, seed: int, sources: Sources) -> tuple[Item, ...]:
    """`length`: tokens of document, question and answer together. Raises PlanError, SourceError."""
    info = TASKS.get(name)
    if info is None:
        raise PlanError(f"There is no task {name!r}. Choose from: {', '.join(TASKS)}.")
    if reason := missing_source(name, sources):
        raise SourceError(f"{name} has no items: {reason}.")
    if info.family == "MRCR":
        assert sources.mrcr is not None
        return _some(mrcr.mrcr_items(sources.mrcr, int(name.removeprefix("mrcr_")), length, count), name, length)
    if info.family == "LongBench":
        assert sources.longbench is not None
        return longbench.longbench_items(sources.longbench, name.removeprefix("longbench/"), length, count)
    draft = _drafter(info, length, count, seed, sources)
    # Our own facts hold spellings and parts in one reference ("|", ";"), which only their own metric reads.
    metric = Metric.FACT if info.metric is Metric.PART and source_note(name, sources) else info.metric
    return tuple(_item(info, metric, length, seed, index, draft(index)) for index in range(count))


def _some(items: tuple[Item, ...], name: str, length: int) -> tuple[Item, ...]:
    if not items:
        raise SourceError(f"{name}: no conversation has {length:,} tokens or fewer; choose a greater length.")
    return items


def _item(info: TaskInfo, metric: Metric, length: int, seed: int, index: int, draft: Draft) -> Item:
    return Item(
        id=f"{info.name}/{length}/{seed}/{index}",
        task=info.name,
        context=draft.context,
        question=draft.question,
        references=draft.references,
        metric=metric,
        answer_tokens=info.answer_tokens,
        evidence=draft.evidence,
    )


def _drafter(info: TaskInfo, length: int, count: int, seed: int, sources: Sources) -> Callable[[int], Draft]:
    budget = length - info.answer_tokens
    words = f"{info.name} {length} {seed}"
    if info.name == "facts":
        return lambda index: planted.novel_draft(seed, index, budget)
    if info.name == "book_needle":
        return lambda index: planted.book_needle_draft(
            sources.book_title, sources.book_text, seed, index, count, budget
        )
    if info.name in ("qa_1", "qa_2"):
        questions = _questions(info.name, sources)
        size = size_for(documents.documents_maker(questions, 0), budget, 1, len(questions.documents), words)
        return lambda index: fitting_draft(
            documents.documents_maker(questions, index), f"{words} {index}", size, budget, 1
        )
    make, least, most = _haystack(info, length, budget, sources)
    size = size_for(make, budget, least, most, words)
    return lambda index: fitting_draft(make, f"{words} {index}", size, budget, least)


def _haystack(info: TaskInfo, length: int, budget: int, sources: Sources) -> tuple[Make, int, int]:
    """The maker, and the least and the most of its units that can fill the budget."""
    if info.name == "vt":
        return variables_draft, HOPS + 1, budget
    if info.name == "cwe":
        return common_words_maker(length), COMMON + 1, budget
    if info.name == "fwe":
        return frequent_words_maker(length, info.answer_tokens), 60, 3 * budget
    task = NEEDLE_TASKS[info.name]
    return needle_maker(task, sources.essays), 40 if task.hay is Hay.PROSE else 5, 2 * budget


def _questions(name: str, sources: Sources) -> documents.QuestionSet:
    if name == "qa_1":
        return documents.squad(sources.squad) if sources.squad else documents.stand_in("a")
    return documents.hotpotqa(sources.hotpotqa) if sources.hotpotqa else documents.stand_in("bb")
