"""python -m renderer BOOK.txt --config configs/en.json --out DIR: page files, without token counts or a manifest."""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from . import RenderError, render
from .command_line import (
    Refused,
    add_arguments,
    ask_config,
    ask_text,
    notes_on_stderr,
    parse_arguments,
    prepare_engine,
    progress_on_stderr,
)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m renderer", description=__doc__, allow_abbrev=False)
    add_arguments(parser)
    args = parse_arguments(parser, argv)
    sizes: list[list[int]] = []
    written: list[Path] = []
    page = None
    try:
        config = ask_config(args)
        text = ask_text(args.book)
        prepare_engine(args.engine)
        began = time.perf_counter()
        lacking = notes_on_stderr(text, config)
        with progress_on_stderr() as progress:
            pages = render(text, config, args.engine, on_progress=progress)
            args.out.mkdir(parents=True, exist_ok=True)
            for page in pages:
                written.append(_write(args.out, page.number, page.png))
                sizes.append([page.width_px, page.height_px])
    except (Refused, RenderError) as error:
        _remove(written)
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        _remove(written)
        print(
            f"error: {args.out} cannot be written: {error.strerror or error}. Name another --out or make room.",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        _remove(written)
        print("Stopped; no half set of pages was left.", file=sys.stderr)
        return 130
    _tell_others(args.out, written)
    engine = page.engine if page else None
    line = json.dumps(
        {
            "pages": len(sizes),
            "sizes": sizes,
            "seconds": round(time.perf_counter() - began, 3),
            "engine": engine.name if engine else None,
            "engine_reason": engine.reason if engine else None,
            "missing_glyphs": lacking,
        }
    )
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads it; the pages are there
    return 0


def _write(folder: Path, number: int, png: bytes) -> Path:
    """A page file, whole or not at all."""
    path = folder / f"page_{number:03d}.png"
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(png)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _remove(written: Sequence[Path]) -> None:
    """The pages of a run that did not end: alone they would look like all of a book."""
    for path in written:
        path.unlink(missing_ok=True)


def _tell_others(folder: Path, written: Sequence[Path]) -> None:
    """What lies there of another run is left, and named: who takes the whole folder would take it for this book's."""
    others = sorted(
        path.name for path in (*folder.glob("page_*.png"), *folder.glob("manifest.json")) if path not in written
    )
    if others:
        some = ", ".join(others[:4]) + (", …" if len(others) > 4 else "")
        print(f"note: {folder} also holds what is not of this run: {some}.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
