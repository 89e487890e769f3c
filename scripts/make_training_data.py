#!/usr/bin/env python3
"""Make training rows for the paper's tasks from a folder of texts.

    python scripts/make_training_data.py FOLDER --out DIR --seed 1 --count 100
    python scripts/make_training_data.py FOLDER --out DIR --tasks ocr,interleaved,generation --most-tokens 32768
    python scripts/make_training_data.py FOLDER --out DIR --questions QA.jsonl --tasks sft-qa,grpo-qa --trainers ms-swift
    python scripts/make_training_data.py --samples --out DIR --count 5      the bundled story and its questions

`--count` orders of each task go to the training split, a share of them to the held-out documents. What makes no row
within the limits is skipped and counted by reason. The same seed gives the same bytes, whatever `--workers` is. Progress
goes to stderr, a summary as one JSON line to stdout. Exit status: 0 done, 1 broken off, 2 refused, 130 stopped by Ctrl-C.
A folder without summary.json is of a job that did not end.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.books.samples import story, synthetic_novel
from app.training.documents import Corpus, Unread, make_corpus, read_folder
from app.training.errors import SourceError, TrainingError
from app.training.kinds import Split, Task
from app.training.making import Limits, Order, Skipped, Source, make_rows, plan
from app.training.pixel_limits import shrunk_warning
from app.training.questions import from_samples, read_questions
from app.training.values import AskedQuestion, Document
from app.training.writers import RowFolder, Trainer
from renderer.command_line import named_place
from renderer.settings.training_ranges import STYLE_THEMES
from scripts.option_types import positive
from scripts.stopping import ended, stopped

_NOVEL_CHARACTERS = 120_000


_NOT_WHOLE = "The rows in --out are not whole: take that folder away, or name another, and give the command again."


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        source = _source(options)
        counts = {Split.TRAIN: options.count}
        if source.corpus.of(Split.HELD_OUT):
            counts[Split.HELD_OUT] = math.ceil(options.count * options.held_out)
        tasks = options.tasks or [task for task in Task if source.questions or not task.needs_questions]
        print(json.dumps(_make(options, source, plan(options.seed, tasks, counts)), ensure_ascii=False))
    except TrainingError as error:
        print(f"make_training_data: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # of stdout: the rows are whole
        raise
    except (OSError, KeyboardInterrupt) as error:
        return stopped("make_training_data", error, _NOT_WHOLE)
    return 0


def _source(options: argparse.Namespace) -> Source:
    documents: tuple[Document, ...] = ()
    questions: tuple[AskedQuestion, ...] = ()
    unread: tuple[Unread, ...] = ()
    if options.samples:
        documents, questions = from_samples([story(), synthetic_novel(characters=_NOVEL_CHARACTERS, seed=options.seed)])
    if options.folder is not None:
        read, unread = read_folder(options.folder)
        documents += read
    if not documents:
        raise SourceError("There is nothing to make rows from; give a folder of texts, or --samples.")
    if options.questions is not None:
        questions += read_questions(options.questions, {document.name: document for document in documents})
    corpus = make_corpus(
        documents, unread, held_out=options.held_out, seed=options.seed, keep_alike=options.keep_near_duplicates
    )
    _tell(corpus)
    return Source(corpus, questions, Limits(options.least_tokens, options.most_tokens, options.theme))


def _tell(corpus: Corpus) -> None:
    for unread in corpus.unread:
        print(f"not read: {unread.name}: {unread.reason}", file=sys.stderr)
    for alike in corpus.near_duplicates:
        print(f"near-duplicate: {alike.name} is {alike.similarity:.0%} like {alike.of}", file=sys.stderr)


def _make(options: argparse.Namespace, source: Source, orders: Sequence[Order]) -> dict[str, Any]:
    skipped: Counter[str] = Counter()
    sizes: Counter[tuple[int, int]] = Counter()
    tokens = 0
    inside, shards = options.pictures_inside, options.webdataset
    with RowFolder(options.out, options.trainers, pictures_inside=inside, shards=shards) as folder:
        for number, result in enumerate(make_rows(source, orders, options.workers), start=1):
            if isinstance(result, Skipped):
                skipped[f"{result.order.task}: {result.reason}"] += 1
            else:
                folder.add(result)
                tokens += result.tokens.total
                sizes.update((picture.width_px, picture.height_px) for picture in result.pictures)
            if number % 100 == 0:
                print(f"{number:,} of {len(orders):,}", file=sys.stderr)
    warnings = [said for trainer in options.trainers if (said := shrunk_warning(trainer, sizes.elements()))]
    if not folder.written:
        warnings.append(f"no row was made of {len(orders):,} orders; `skipped` says why.")
    for said in warnings:
        print(f"warning: {said}", file=sys.stderr)
    summary = {
        "seed": options.seed,
        "rows": {f"{stage}.{split}": count for (stage, split), count in sorted(folder.written.items())},
        "skipped": dict(sorted(skipped.items())),
        "pages": sizes.total(),
        "tokens": tokens,
        "documents": {str(split): [d.name for d in source.corpus.of(split)] for split in Split},
        "near_duplicates": {alike.name: alike.of for alike in source.corpus.near_duplicates},
        "limits": {"least_tokens": options.least_tokens, "most_tokens": options.most_tokens, "theme": options.theme},
        "warnings": warnings,
    }
    (options.out / "summary.json").write_text(
        json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return summary


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="texts, EPUBs, PDFs, web pages: what the app reads")
    parser.add_argument("--out", type=named_place, required=True, help="a folder that is not there yet")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tasks", type=_list_of(Task), help=f"of {', '.join(Task)}; default: all that can be made")
    parser.add_argument("--count", type=positive, default=10, help="rows to try of each task (10)")
    parser.add_argument("--trainers", type=_list_of(Trainer), default=list(Trainer), help=f"of {', '.join(Trainer)}")
    parser.add_argument("--questions", type=Path, help="JSON Lines: document, question, answer, think or says")
    parser.add_argument("--samples", action="store_true", help="the bundled story and a novel, with their questions")
    parser.add_argument("--held-out", type=_share, default=0.1, help="share of documents kept apart (0.1)")
    parser.add_argument("--keep-near-duplicates", action="store_true", help="do not leave them out")
    parser.add_argument("--least-tokens", type=positive, default=1_024)
    parser.add_argument("--most-tokens", type=positive, default=131_072)
    parser.add_argument("--theme", choices=(*STYLE_THEMES, ""), help='one theme, or "" for Table 8 only; default: both')
    parser.add_argument("--pictures-inside", action="store_true", help="TRL's rows as Parquet with the pictures in it")
    parser.add_argument("--webdataset", action="store_true", help="WebDataset shards too, with the pictures in them")
    parser.add_argument("--workers", type=positive, default=1, help="processes")
    return parser


def _list_of(kind: type[Task] | type[Trainer]) -> Any:
    def parse(words: str) -> list[Any]:
        try:
            return [kind(word.strip()) for word in words.split(",")]
        except ValueError:
            raise argparse.ArgumentTypeError(f"{words!r}; choose of {', '.join(kind)}") from None

    return parse


def _share(word: str) -> float:
    try:
        share = float(word)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise argparse.ArgumentTypeError(f"{word!r} is no share from 0 to below 1")
    return share


if __name__ == "__main__":
    sys.exit(ended("make_training_data", main))
