"""A folder of .txt and .jsonl files in; their list, and the texts of each file, out.

A .txt file is one document. A line of a .jsonl (or .jsonl.gz) file is one: a JSON object with its text under one key.
Everything is read in bounded pieces, as UTF-8. Knows nothing of pipelines.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .errors import InputError, Undrawn
from .values import SourceText

TEXT, LINES, PACKED_LINES = ".txt", ".jsonl", ".jsonl.gz"
KINDS = (TEXT, LINES, PACKED_LINES)
_MOST_BYTES_A_CHARACTER = 12  # of JSON, where a character beyond U+FFFF is written as two escapes
_BESIDE_THE_TEXT = 1 << 20  # bytes of a line for its other keys
_AT_ONCE = 1 << 20
_MOST_NAME = 1_000  # characters; each page of a document repeats its name


@dataclass(frozen=True, slots=True)
class InputFile:
    """`path`: below the folder, with slashes. Size and time of change tell whether it is still the same."""

    path: str
    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a job reads. `passed_over`: files of other kinds, or of names that no list of lines can hold."""

    files: tuple[InputFile, ...]
    passed_over: int

    @property
    def digest(self) -> str:
        lines = "".join(f"{file.size} {file.changed_ns} {file.path}\n" for file in self.files)
        return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Keys:
    """Of a line of JSON: where its text is and, where there is such a key, its name."""

    text: str = "text"
    name: str = "id"


@dataclass(frozen=True, slots=True)
class Unread:
    """A file or line that gave no text, and why."""

    name: str
    origin: str
    reason: str


def list_inputs(folder: Path) -> Inputs:
    """Every text below `folder`, hidden files and links left out, by name. Raises InputError where there is none."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {str(folder)!r}; give one that holds {', '.join(KINDS)} files.")
    files: list[InputFile] = []
    passed_over = 0
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if any(part.startswith(".") for part in relative.parts) or path.is_symlink() or not path.is_file():
            continue
        name = relative.as_posix()
        if not name.endswith(KINDS) or not _fits_a_line(name):
            passed_over += 1
            continue
        about = path.stat()
        files.append(InputFile(name, about.st_size, about.st_mtime_ns))
    if not files:
        other = f" ({passed_over:,} files of other kinds are there)" if passed_over else ""
        raise InputError(f"{str(folder)!r} holds no {', '.join(KINDS)} file{other}.")
    return Inputs(tuple(sorted(files, key=lambda file: file.path)), passed_over)


def _fits_a_line(name: str) -> bool:
    return name.isprintable() and name == name.strip() and name.encode("utf-8", "replace").decode() == name


def read_texts(path: Path, origin: str, keys: Keys, most_characters: int) -> Iterator[SourceText | Unread]:
    """The documents of a file, each with why it cannot be read where it cannot. `origin`: its path below the folder."""
    try:
        if origin.endswith(TEXT):
            yield _whole_file(path, origin, most_characters)
            return
        with _opened(path, origin) as lines:
            yield from _lines(lines, origin, keys, most_characters)
    except Undrawn as undrawn:
        yield Unread(origin, origin, undrawn.reason)
    except zlib.error:
        yield Unread(origin, origin, "it cannot be read further: its packing is damaged")
    except (OSError, EOFError) as error:
        yield Unread(origin, origin, f"it cannot be read further ({type(error).__name__})")


def _whole_file(path: Path, origin: str, most_characters: int) -> SourceText:
    with path.open("rb") as file:
        # No more is asked for than there is: Python sets aside all that is asked for.
        data = file.read(min(4 * most_characters + 4, os.fstat(file.fileno()).st_size + 1))
        if file.read(1):
            raise Undrawn(f"it has more than {most_characters:,} characters")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Undrawn("it is not UTF-8") from None
    return SourceText(origin, text.replace("\r\n", "\n").replace("\r", "\n"), origin)


def _opened(path: Path, origin: str) -> BinaryIO:
    return gzip.open(path, "rb") if origin.endswith(PACKED_LINES) else path.open("rb")  # type: ignore[return-value]


def _lines(lines: BinaryIO, origin: str, keys: Keys, most_characters: int) -> Iterator[SourceText | Unread]:
    most = _MOST_BYTES_A_CHARACTER * most_characters + _BESIDE_THE_TEXT
    number = 0
    while line := lines.readline(most):
        number += 1
        name = f"{origin}:{number}"
        if len(line) == most and not line.endswith(b"\n"):
            _pass_over_rest(lines)
            yield Unread(name, origin, f"its line has more than {most:,} bytes")
        elif line.strip():
            try:
                yield _text_of(line, name, origin, keys)
            except Undrawn as undrawn:
                yield Unread(name, origin, undrawn.reason)


def _pass_over_rest(lines: BinaryIO) -> None:
    while (piece := lines.readline(_AT_ONCE)) and not piece.endswith(b"\n"):
        pass


def _text_of(line: bytes, name: str, origin: str, keys: Keys) -> SourceText:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise Undrawn("its line is not JSON") from None
    text = found.get(keys.text) if isinstance(found, dict) else None
    if not isinstance(text, str):
        raise Undrawn(f"its line has no text under {keys.text!r}")
    named = found.get(keys.name)
    if isinstance(named, str | int) and not isinstance(named, bool) and 0 < len(str(named)) <= _MOST_NAME:
        # Shards hold UTF-8: half a character, which JSON can write, is written out.
        name = str(named).encode("utf-8", "backslashreplace").decode()
    return SourceText(name, text, origin)
