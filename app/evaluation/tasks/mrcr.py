"""MRCR: which of several alike messages was asked for? Source: openai/mrcr on Hugging Face (MIT), in the layout it is published in.

A folder with {2,4,8}needle/*.parquet or {n}needle.parquet; columns prompt (a JSON list of messages), answer,
random_string_to_prepend, n_needles. The turns become "User: … / Assistant: …" as in Glyph's own runs, the last message is the question.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.evaluation.errors import SourceError
from app.evaluation.values import Item, Metric
from app.tokens import count_text_tokens

NEEDLES = (2, 4, 8)
ANSWER_TOKENS = 4096
_COLUMNS = ("prompt", "answer", "random_string_to_prepend")
_BATCH_ROWS = 16


def mrcr_items(folder: Path, needles: int, length: int, count: int) -> tuple[Item, ...]:
    """The first `count` rows whose conversation fits `length` tokens of ours. Raises SourceError."""
    items: list[Item] = []
    for number, row in enumerate(_rows(folder, needles)):
        item = _item(row, needles, number)
        # A token is a character at least; most rows are far too long, so most are never counted.
        if len(item.context) <= 12 * length and count_text_tokens(item.context).value <= length:
            items.append(item)
            if len(items) == count:
                break
    return tuple(items)


def _item(row: dict[str, Any], needles: int, number: int) -> Item:
    try:
        messages = json.loads(row["prompt"])
        turns = [(str(one["role"]), str(one["content"])) for one in messages]
        answer, prefix = str(row["answer"]), str(row["random_string_to_prepend"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise SourceError(f"Row {number} of MRCR's {needles} needles is not as published: {error!r}.") from error
    if len(turns) < 2 or turns[-1][0] != "user":
        raise SourceError(f"Row {number} of MRCR's {needles} needles does not end with a question.")
    told = {"user": "User", "assistant": "Assistant", "system": "System"}
    context = "\n".join(f"{told.get(role, role)}: {content}" for role, content in turns[:-1])
    return Item(
        id=f"mrcr_{needles}/{number}",
        task=f"mrcr_{needles}",
        context=context,
        question=turns[-1][1],
        references=(answer,),
        metric=Metric.MRCR,
        answer_tokens=ANSWER_TOKENS,
        evidence=_place(context, answer.removeprefix(prefix)),
        prefix=prefix,
    )


def _place(context: str, message: str) -> tuple[tuple[int, int], ...]:
    at = context.find(message.strip()) if message.strip() else -1
    return ((at, at + len(message.strip())),) if at >= 0 else ()


def _rows(folder: Path, needles: int) -> Iterator[dict[str, Any]]:
    paths = sorted((folder / f"{needles}needle").glob("*.parquet")) or sorted(folder.glob(f"{needles}needle*.parquet"))
    if not paths:
        raise SourceError(f"{folder} holds no {needles}needle/*.parquet and no {needles}needle.parquet.")
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise SourceError(f"MRCR's Parquet files need the package pyarrow ({error}).") from error
    for path in paths:
        try:
            with parquet.ParquetFile(path) as file:
                missing = [name for name in _COLUMNS if name not in file.schema_arrow.names]
                if missing:
                    raise SourceError(f"{path} lacks the columns {', '.join(missing)}.")
                for batch in file.iter_batches(_BATCH_ROWS, columns=list(_COLUMNS)):
                    yield from batch.to_pylist()
        except (OSError, arrow.ArrowException) as error:
            raise SourceError(f"{path} cannot be read as Parquet: {error}.") from error
