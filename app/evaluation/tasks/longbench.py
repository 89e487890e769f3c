"""LongBench v1 from a local folder. Source: THUDM/LongBench (MIT), its .jsonl files and config/dataset2prompt.json.

A folder with <dataset>.jsonl, or data/<dataset>.jsonl: input, context, answers, all_classes, _id. Texts longer than the length are cut
in the middle, as upstream does. The questions are upstream's prompts less what stands before the text, for the text may be pictures.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.evaluation.errors import SourceError
from app.evaluation.scoring.longbench import chinese_words_missing
from app.evaluation.values import Item, Metric
from app.tokens import cut_middle

MAX_LINE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Dataset:
    """`question`: what is asked, with {input} where the row's own question stands."""

    metric: Metric
    answer_tokens: int
    category: str
    question: str


_ONLY = "Only give me the answer and do not output any other words."
_PASSAGES = f"Answer the question based on the given passages. {_ONLY}\n\nQuestion: {{input}}\nAnswer:"
_NEXT_LINE = "Please complete the code given above.\nNext line of code:\n"
_F1, _ROUGE = Metric.QA_F1, Metric.ROUGE_L

DATASETS: dict[str, Dataset] = {
    "narrativeqa": Dataset(
        _F1,
        128,
        "single-document QA",
        "Now, answer the question based on the story as concisely as you can, using a single phrase if possible. Do not "
        "provide any explanation.\n\nQuestion: {input}\n\nAnswer:",
    ),
    "qasper": Dataset(
        _F1,
        128,
        "single-document QA",
        "Answer the question based on the above article as concisely as you can, using a single phrase or sentence if "
        "possible. If the question cannot be answered based on the information in the article, write “unanswerable”. If the "
        "question is a yes/no question, answer “yes”, “no”, or “unanswerable”. Do not provide any explanation.\n\nQuestion: "
        "{input}\n\nAnswer:",
    ),
    "multifieldqa_en": Dataset(
        _F1,
        64,
        "single-document QA",
        "Now, answer the following question based on the above text, only give me the answer and do not output any other "
        "words.\n\nQuestion: {input}\nAnswer:",
    ),
    "multifieldqa_zh": Dataset(
        Metric.QA_F1_ZH,
        64,
        "single-document QA",
        "现在请基于上面的文章回答下面的问题，只告诉我答案，不要输出任何其他字词。\n\n问题：{input}\n回答：",
    ),
    "hotpotqa": Dataset(_F1, 32, "multi-document QA", _PASSAGES),
    "2wikimqa": Dataset(_F1, 32, "multi-document QA", _PASSAGES),
    "musique": Dataset(_F1, 32, "multi-document QA", _PASSAGES),
    "dureader": Dataset(
        Metric.ROUGE_ZH, 128, "multi-document QA", "请基于上述文章回答下面的问题。\n\n问题：{input}\n回答："
    ),
    "gov_report": Dataset(_ROUGE, 512, "summarisation", "Now, write a one-page summary of the report.\n\nSummary:"),
    "qmsum": Dataset(
        _ROUGE,
        512,
        "summarisation",
        "Now, answer the query based on the above meeting transcript in one or more sentences.\n\nQuery: {input}\nAnswer:",
    ),
    "multi_news": Dataset(_ROUGE, 512, "summarisation", "Now, write a one-page summary of all the news.\n\nSummary:"),
    "vcsum": Dataset(Metric.ROUGE_ZH, 512, "summarisation", "请写一段总结，总结上面会议的内容。\n\n会议总结："),
    "trec": Dataset(
        Metric.CLASSIFICATION,
        64,
        "few-shot",
        "Please determine the type of the question below, as in the examples above.\n\n{input}",
    ),
    "triviaqa": Dataset(_F1, 32, "few-shot", f"Answer the question based on the given passage. {_ONLY}\n\n{{input}}"),
    "samsum": Dataset(
        _ROUGE,
        128,
        "few-shot",
        "Summarize the dialogue into a few short sentences, as in the examples above.\n\n{input}",
    ),
    "lsht": Dataset(Metric.CLASSIFICATION, 64, "few-shot", "请按上面的例子判断给定新闻的类别。\n\n{input}"),
    "passage_count": Dataset(
        Metric.COUNT,
        32,
        "synthetic",
        "Some of the paragraphs above may be duplicates. Please enter the final count of unique paragraphs after removing "
        "duplicates. The output format should only contain the number, such as 1, 2, 3, and so on.\n\nThe final answer is: ",
    ),
    "passage_retrieval_en": Dataset(
        Metric.RETRIEVAL,
        32,
        "synthetic",
        "The following is an abstract.\n\n{input}\n\nPlease enter the number of the paragraph that the abstract is from. The "
        "answer format must be like “Paragraph 1”, “Paragraph 2”, etc.\n\nThe answer is: ",
    ),
    "passage_retrieval_zh": Dataset(
        Metric.RETRIEVAL_ZH,
        32,
        "synthetic",
        "下面是一个摘要\n\n{input}\n\n请输入摘要所属段落的编号。答案格式必须是“段落1”，“段落2”等格式\n\n答案是：",
    ),
    "lcc": Dataset(Metric.CODE, 64, "code", _NEXT_LINE),
    "repobench-p": Dataset(Metric.CODE, 64, "code", f"{{input}}{_NEXT_LINE}"),
}
_CHINESE = (Metric.QA_F1_ZH, Metric.ROUGE_ZH)


def longbench_items(folder: Path, name: str, length: int, count: int) -> tuple[Item, ...]:
    """The first `count` rows. Raises SourceError."""
    dataset = DATASETS[name]
    if dataset.metric in _CHINESE and (reason := chinese_words_missing()):
        raise SourceError(f"{name}: {reason}")
    items: list[Item] = []
    for number, row in enumerate(_rows(folder, name)):
        if number == count:
            break
        items.append(_item(row, name, dataset, number, length))
    return tuple(items)


def _item(row: dict[str, Any], name: str, dataset: Dataset, number: int, length: int) -> Item:
    try:
        context = cut_middle(str(row["context"]), length).text
        answers = tuple(str(one) for one in row["answers"])
        classes = tuple(str(one) for one in row.get("all_classes") or ())
        # replace, not format: a text may hold braces of its own
        question = dataset.question.replace("{input}", str(row["input"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"{name}.jsonl, line {number + 1}, is not as published: {error!r}.") from error
    task = f"longbench/{name}"
    return Item(
        f"{task}/{number}", task, context, question, answers, dataset.metric, dataset.answer_tokens, (), classes
    )


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    path = next((one for one in (folder / f"{name}.jsonl", folder / "data" / f"{name}.jsonl") if one.is_file()), None)
    if path is None:
        raise SourceError(f"{folder} holds no {name}.jsonl and no data/{name}.jsonl.")
    at = 0
    try:
        with path.open("rb") as file:
            while line := file.readline(MAX_LINE_BYTES + 1):
                at += 1
                if len(line) > MAX_LINE_BYTES:
                    raise SourceError(f"{path}, line {at}, is longer than {MAX_LINE_BYTES // 1024**2} MB.")
                if line.strip():
                    value = json.loads(line)
                    if not isinstance(value, dict):
                        raise ValueError("no JSON object")
                    yield value
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path}, line {at}: {error}.") from error
