#!/usr/bin/env python3
"""Where does it stop being read? Numbers hidden in a book, read by an OCR program at each resolution, beside the compression.

    python scripts/needle_curve.py BOOK.txt                   72 numbers at each of nine resolutions, configs/en.json
    python scripts/needle_curve.py BOOK.txt --config configs/zh.json --dpi 60,72,96 --items 200

A Markdown table. Each number is right only as a whole; ranges are Wilson's 95 %. An OCR program stands in for the vision model.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.books import BookError
from app.legibility import percent, table_clarity
from app.paths import CONFIGS
from app.search import Documents, ItemSet, NeedleReader, SearchError
from renderer import RenderError
from scripts.named_inputs import named_book, named_config
from scripts.option_types import positive, positives
from scripts.stopping import ended

DPIS = "40,45,54,60,66,72,80,96,120"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("book", type=Path)
    parser.add_argument("--config", type=Path, default=CONFIGS / "en.json")
    parser.add_argument("--dpi", type=positives, default=DPIS, help="resolutions, by commas (default: %(default)s)")
    parser.add_argument("--items", type=positive, default=72, help="numbers at each resolution (default: %(default)s)")
    options = parser.parse_args(argv)
    try:
        book = named_book(options.book)
        documents = Documents.of(options.book.name, (book.text,))
        reader = NeedleReader(documents, validation=1, held_out=options.items)
        base = named_config(options.config)
        print("| DPI | numbers read rightly (95 % range) | probe characters misread (stored table) | compression |")
        print("|---|---|---|---|")
        for dpi in options.dpi:
            config = dataclasses.replace(base, dpi=dpi)
            found = reader.read(config, ItemSet.HELD_OUT)
            clarity = percent(table_clarity(config).share_wrong)
            told = f"{found.accuracy:.1%} ({found.low:.1%} to {found.high:.1%})"
            print(f"| {dpi} | {told} | {clarity} | {documents.compression(config):.2f}× |", flush=True)
    except (SearchError, BookError, RenderError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(ended("needle_curve", main))
