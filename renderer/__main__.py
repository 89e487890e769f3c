"""python -m renderer BOOK.txt --config configs/en.json --out DIR: page files, without token counts or a manifest."""

import argparse
import json
import sys
import time

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
                (args.out / f"page_{page.number:03d}.png").write_bytes(page.png)
                sizes.append([page.width_px, page.height_px])
    except (Refused, RenderError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {args.out} cannot be written: {error.strerror or error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    engine = page.engine if page else None
    print(
        json.dumps(
            {
                "pages": len(sizes),
                "sizes": sizes,
                "seconds": round(time.perf_counter() - began, 3),
                "engine": engine.name if engine else None,
                "engine_reason": engine.reason if engine else None,
                "missing_glyphs": lacking,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
