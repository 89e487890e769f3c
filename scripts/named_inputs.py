"""What command lines share about the files a user names: books and settings in, results out. Run by nobody alone."""

from __future__ import annotations

import os
from pathlib import Path

from app.books import MAX_UPLOAD_BYTES, Book, BookError, read_book
from renderer import RenderConfig
from renderer.command_line import tell_notes


class ResultUnwritable(Exception):
    """A file of results that was asked for is not there; what it would hold is nowhere lost. Shown to the user as it is."""


def named_book(path: Path, *, encoding: str | None = None, keep_gutenberg: bool = False) -> Book:
    """The book in a file. Raises BookError, for a file that cannot be opened too."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_UPLOAD_BYTES + 1)  # enough to be refused for its size
    except OSError as error:
        raise BookError(f"'{path}' cannot be opened: {error.strerror or error}; check its path.") from error
    return read_book(data, path.name, encoding=encoding, keep_gutenberg=keep_gutenberg)


def named_config(path: Path) -> RenderConfig:
    """The settings in a file; what was ignored or substituted in it is told on stderr. Raises ConfigError."""
    config = RenderConfig.load(path)
    tell_notes(config)
    return config


def write_result(path: Path, text: str) -> None:
    """Write a file whole or not at all: what stopped halfway must not look like a result. Raises ResultUnwritable."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.exists() and not path.is_file():  # /dev/stdout, a pipe: nothing there could be half a file
            path.write_text(text, encoding="utf-8", errors="replace", newline="")
            return
        try:
            part.write_text(text, encoding="utf-8", errors="replace", newline="")
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ResultUnwritable(f"{path} cannot be written ({why}); name another file.") from error
