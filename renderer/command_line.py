"""What the two command lines (python -m renderer, scripts/render.py) share: options, reading, progress."""

import argparse
import dataclasses
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from renderer import places
from renderer.fonts.catalogue import resolve_font
from renderer.fonts.first_use import install_on_first_use
from renderer.fonts.missing_glyphs import missing_glyphs
from renderer.settings.config import RenderConfig
from renderer.settings.newline_markup import BREAK, RED_MARK

from . import ENGINES
from .fast.freed_memory import keep_freed_memory
from .fast.machine_code import is_whole

DEFAULT_CONFIG = places.CONFIGS / "en.json"


class Refused(Exception):
    """An input that cannot be read. Shown to the user as it is."""


def named_place(word: str) -> Path:
    """A path. Nothing at all, as a shell makes of a variable that is not set, would be the folder one happens to be in."""
    if not word.strip() or "\0" in word:
        raise argparse.ArgumentTypeError(f"{word!r} names no place; for the folder at hand write .")
    return Path(word)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("book", type=Path, metavar="BOOK.txt", help="a UTF-8 text")
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="render settings in Glyph's config format")
    parser.add_argument(
        "--out", type=named_place, metavar="DIR", help="where the page files go (default: BOOK-pages here)"
    )
    parser.add_argument("--dpi", type=int, help="instead of the config's")
    parser.add_argument("--font", metavar="FAMILY_OR_FILE", help="a family or file in fonts/, or a path to a .ttf")
    parser.add_argument(
        "--fallback-font",
        action="append",
        metavar="FAMILY_OR_FILE",
        default=[],
        help="draws what the font lacks (may be repeated; Glyph's script has none)",
    )
    parser.add_argument("--newline", choices=("br", "mark"), help="a line break, or Glyph's red \\n mark")
    parser.add_argument("--engine", choices=ENGINES, default="auto", help="default: auto")
    parser.add_argument("--snap-to-28", action="store_true", help="page sides in multiples of 28 px: not resampled")


def parse_arguments(parser: argparse.ArgumentParser, argv: list[str] | None) -> argparse.Namespace:
    """The arguments, with what depends on another filled in."""
    args = parser.parse_args(argv)
    args.out = args.out or Path(f"{args.book.stem}-pages")
    return args


def ask_config(args: argparse.Namespace) -> RenderConfig:
    """The config file with the options laid over it; an installed copy fetches its fonts first."""
    install_on_first_use()
    config = RenderConfig.load(args.config)
    changes: dict = {}
    if args.dpi is not None:
        changes["dpi"] = args.dpi
    if args.font is not None:
        changes["font_path"], note = resolve_font(args.font)
        changes["notes"] = (*(n for n in config.notes if "stands in" not in n), *((note,) if note else ()))
    if args.fallback_font:
        changes["fallback_fonts"] = tuple(resolve_font(name)[0] for name in args.fallback_font)
    if args.newline is not None:
        changes["newline_markup"] = BREAK if args.newline == "br" else RED_MARK
    if args.snap_to_28:
        changes["snap_to_28"] = True
    return dataclasses.replace(config, **changes) if changes else config


def ask_text(path: Path) -> str:
    """The book's text: UTF-8, a leading byte-order mark dropped, line ends as newlines."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Refused(f"There is no file {str(path)!r}.") from None
    except OSError as error:
        raise Refused(f"{str(path)!r} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise Refused(
            f"{str(path)!r} is not UTF-8 text (byte {error.start} is 0x{error.object[error.start]:02X}); "
            "convert it first, for example with iconv, or upload it in the app, which detects encodings."
        ) from None


def tell_notes(config: RenderConfig) -> None:
    """What was ignored or substituted in a settings file, on stderr."""
    for note in config.notes:
        print(f"note: {note}", file=sys.stderr)


def notes_on_stderr(text: str, config: RenderConfig) -> int:
    """Tell what the config says of itself and what its font lacks; returns how many places of the text that is.

    A ratio of pages that show boxes is worth nothing, so this comes before the pages.
    """
    tell_notes(config)
    lacking = missing_glyphs(text, config.font_path, config.fallback_fonts)
    total = sum(count for _, count in lacking)
    if lacking:
        some = ", ".join(f"{character} U+{ord(character):04X} ({count:,}x)" for character, count in lacking[:6])
        print(
            f"note: {config.font_path.name} lacks {len(lacking):,} of this text's characters, {total:,} places "
            f"({total / len(text):.1%}), which show a box or nothing: {some}{', …' if len(lacking) > 6 else ''}. "
            "Choose another --font or a --fallback-font.",
            file=sys.stderr,
        )
    return total


def prepare_engine(engine: str) -> None:
    """Compile the fast engine where this machine lacks it, once, told on stderr; and malloc's setting, for this process is ours."""
    keep_freed_memory()
    if engine == "reference" or is_whole():
        return
    try:
        from .fast.warm_up import warm_up
    except ImportError:  # numba cannot be loaded: the reference engine draws, and its result says why
        return
    print("Compiling the fast engine, once (a minute of an idle machine) ...", file=sys.stderr, flush=True)
    warm_up()


@contextmanager
def progress_on_stderr() -> Iterator[Callable[[int, int | None], None]]:
    """A callback that keeps one line up to date on a terminal, and writes every tenth of the way elsewhere."""
    live = sys.stderr.isatty()
    said = -1

    def show(done: int, total: int | None) -> None:
        nonlocal said
        line = f"page {done} of {total}" if total else "laying out ..."
        if live:
            print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)
        elif total and (tenth := 10 * done // total) > said:
            said = tenth
            print(line, file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
