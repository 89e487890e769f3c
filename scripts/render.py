"""Render a text to page images, a manifest and one line of JSON.

    python scripts/render.py BOOK.txt --config configs/en.json --out DIR [--dpi 96] [--font DejaVuSans] [--newline mark]
    glyph-render BOOK.txt ...                                                the same, where the package is installed

Writes page_001.png … and manifest.json into DIR. Progress goes to stderr; the last line of stdout is one JSON object:
pages, sizes, visual_tokens, text_tokens, ratio, seconds, engine, missing_glyphs; with --clarity also clarity. Takes Glyph's own config files unchanged.
Exit status: 0 done, 2 refused (one sentence on stderr says why), 130 stopped by Ctrl-C.
"""

import argparse
import dataclasses
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.legibility import measured_clarity
from app.pagefiles.writer import PageSet, PagesUnwritable, write_pages
from app.tokens import TokensError
from renderer import RenderConfig, RenderError
from renderer.command_line import (
    Refused,
    add_arguments,
    ask_config,
    ask_text,
    notes_on_stderr,
    parse_arguments,
    prepare_engine,
    progress_on_stderr,
)
from scripts.stopping import ended


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line on stdout")
    parser.add_argument(
        "--clarity", action="store_true", help="tell how well an OCR program reads print at these settings"
    )
    args = parse_arguments(parser, argv)
    try:
        config = ask_config(args)
        text = ask_text(args.book)
        prepare_engine(args.engine)
        lacking = notes_on_stderr(text, config)
        with progress_on_stderr() as progress:
            page_set = write_pages(
                text, args.book.stem, config, args.out, args.engine, on_progress=progress, rgb_hashes=True
            )
    except (Refused, RenderError, TokensError, PagesUnwritable) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {args.out} cannot be written: {error.strerror or error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped; no half set of pages was left.", file=sys.stderr)
        return 130
    clarity = measured_clarity(config) if args.clarity else None
    if not args.json:
        print(card(page_set, config))
        if clarity:
            print(f"{clarity.words} Contrast {clarity.contrast_ratio:.1f} : 1.")
    told = {"clarity": dataclasses.asdict(clarity)} if clarity else {}
    print(json.dumps({**summary(page_set), "missing_glyphs": lacking, **told}))
    return 0


def summary(page_set: PageSet) -> dict:
    """The JSON line."""
    return {
        **dataclasses.asdict(page_set.totals),
        "ratio": round(page_set.totals.ratio, 4),
        "sizes": [[page.width_px, page.height_px] for page in page_set.pages],
        "tokens_per_page": [page.visual_tokens for page in page_set.pages],
        "png_bytes": page_set.png_bytes,
        "seconds": round(page_set.seconds, 3),
        "engine": page_set.engine.name,
        "engine_reason": page_set.engine.reason,
        "settings_key": page_set.settings_key,
        "manifest": str(page_set.manifest_path),
    }


def card(page_set: PageSet, config: RenderConfig) -> str:
    """The same for people."""
    totals = page_set.totals
    of_pages = f"{totals.pages} {'page' if totals.pages == 1 else 'pages'}"
    why = f" ({page_set.engine.reason})" if page_set.engine.reason else ""
    resampled = sum(page.resampled for page in page_set.pages)
    return "\n".join(
        (
            f"{of_pages}, {totals.visual_tokens:,} visual tokens for {totals.text_tokens:,} text tokens: "
            f"{totals.ratio:.2f}x",
            f"{config.font_path.name}, {config.font_size_pt:g}/{config.leading_pt:g} pt, {config.dpi} dpi; "
            f"{resampled} of {of_pages} will be resampled by the model's image processor",
            f"{page_set.engine.name} engine{why}, {page_set.seconds:.2f} s, {page_set.png_bytes / 1e6:.1f} MB of PNG "
            f"in {page_set.manifest_path.parent}",
        )
    )


if __name__ == "__main__":
    sys.exit(ended("render", main))
