"""Read a book of any format without the app: its text, chapters and token counts.

    python scripts/read_book.py FILE [--reflow] [--blank-lines keep|drop] [--out TEXT] [--json] [--encoding E] [--keep-gutenberg]

The last line of standard output is one JSON object: format, encoding, title, characters, text_tokens, chapters (title,
start, end, text_tokens) and notes. A file that is refused gives one sentence on standard error and exit code 2.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.books import CHOOSABLE_ENCODINGS, Book, BookError, reflow_book
from app.tokens import count_text_tokens
from renderer.command_line import named_place
from scripts.named_inputs import ResultUnwritable, named_book, write_result
from scripts.stopping import ended

REFUSED = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Read the file named in the arguments and print what it is."""
    args = _arguments(argv)
    started = time.perf_counter()
    try:
        book = _read(args)
    except BookError as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    if args.out is not None:
        try:
            write_result(args.out, book.text)
        except ResultUnwritable as error:
            print(error, file=sys.stderr)
            return REFUSED
    summary = summarise(book)
    summary["seconds"] = round(time.perf_counter() - started, 3)
    if not args.json:
        print(_for_people(book, summary))
    print(json.dumps(summary, ensure_ascii=False))
    return 0


def summarise(book: Book) -> dict[str, Any]:
    """What the JSON line says of a book."""
    return {
        "format": book.format.value,
        "encoding": book.encoding,
        "title": book.title,
        "characters": len(book.text),
        "text_tokens": count_text_tokens(book.text).value,
        "chapters": [
            {
                "title": chapter.title,
                "start": chapter.start,
                "end": chapter.end,
                "text_tokens": count_text_tokens(book.chapter_text(chapter)).value,
            }
            for chapter in book.chapters
        ],
        "notes": list(book.notes),
        "content_hash": book.content_hash,
        "bytes": book.byte_count,
    }


def _read(args: argparse.Namespace) -> Book:
    book = named_book(args.file, encoding=args.encoding, keep_gutenberg=args.keep_gutenberg)
    if args.reflow or args.blank_lines == "drop":
        book = reflow_book(book, blank_lines=args.blank_lines)
    return book


def _for_people(book: Book, summary: dict[str, Any]) -> str:
    lines = [
        f"{book.title}: {book.format.label}, {book.encoding}, {summary['characters']:,} characters, "
        f"{summary['text_tokens']:,} text tokens"
    ]
    lines += [f"  {c['text_tokens']:>8,}  {c['title']}" for c in summary["chapters"]]
    lines += [f"  note: {note}" for note in book.notes]
    return "\n".join(lines)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Read a book: text, chapters and token counts, as one JSON line.")
    parser.add_argument(
        "file", type=Path, help="txt, md, EPUB, PDF, DOCX, HTML, source code, ZIP of text files, or .gz"
    )
    parser.add_argument("--reflow", action="store_true", help="join the lines of hard-wrapped prose")
    parser.add_argument(
        "--blank-lines", choices=("keep", "drop"), default="keep", help="with --reflow: blank lines (default: keep)"
    )
    parser.add_argument("--out", type=named_place, metavar="TEXT", help="write the clean text to this file")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    parser.add_argument("--encoding", help=f"read as this encoding, e.g. {', '.join(CHOOSABLE_ENCODINGS[:6])}")
    parser.add_argument("--keep-gutenberg", action="store_true", help="leave Project Gutenberg's header and licence in")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(ended("read_book", main))
