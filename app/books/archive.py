"""A ZIP of text or code files in, one text out: each file under its path as heading, and a chapter for each."""

from __future__ import annotations

import re

from .book import BookFormat, Chapter
from .encodings import decode
from .errors import BookEmpty, BookError, BookTooLarge
from .file_format import detect
from .limits import MAX_CHAPTERS, MAX_TEXT_CHARACTERS, MAX_TITLE_CHARACTERS
from .parsed_text import Draft, Progress
from .safezip import SafeZip
from .text_cleaning import clean_text, clean_title, title_of_file

# Folders and files that tools leave behind and nobody reads.
_SKIPPED = re.compile(
    r"(?:^|/)(?:\.[^/]+|__MACOSX|__pycache__|node_modules|Thumbs\.db|desktop\.ini)(?:/|$)|\.(?:min\.js|map|lock)$"
)
_READ = (BookFormat.TXT, BookFormat.MARKDOWN, BookFormat.CODE, BookFormat.HTML)


def read_zip(data: bytes, filename: str, encoding: str | None, keep_gutenberg: bool, progress: Progress) -> Draft:
    """All text files of the archive, one after another, in the order of their paths."""
    archive = SafeZip(data, filename)
    names = sorted((name for name in archive.names if not _SKIPPED.search(name)), key=_path_order)
    pieces: list[str] = []
    chapters: list[Chapter] = []
    encodings: dict[str, None] = {}
    left_out: list[str] = []
    length = 0
    for number, name in enumerate(names):
        progress(number / len(names), f"File {number + 1} of {len(names)}")
        shown = clean_title(_readable_name(archive, name), "file", MAX_TITLE_CHARACTERS)
        decoded = _text_of(archive.read(name), shown, encoding)
        if decoded is None:
            left_out.append(shown)
            continue
        text, found = decoded
        encodings[found] = None
        piece = f"{shown}\n\n{text.strip(chr(10))}\n\n"
        chapters.append(Chapter(shown, length, length + len(piece)))
        pieces.append(piece)
        length += len(piece)
        if length > MAX_TEXT_CHARACTERS:
            raise BookTooLarge(
                f"'{filename}' holds more than {MAX_TEXT_CHARACTERS:,} characters of text; give a part of it."
            )
    if not chapters:
        raise BookEmpty(
            f"'{filename}' holds no text or code file; give the documents inside it one by one (EPUB, PDF, DOCX, HTML)."
        )
    notes = [f"{len(chapters):,} files, one after another."]
    if left_out:
        more = f" and {len(left_out) - 3:,} more" if len(left_out) > 3 else ""
        notes.append(f"Left out, being no text: {', '.join(left_out[:3])}{more}.")
    found = next(iter(encodings)) if len(encodings) == 1 else "several"
    return Draft(
        title_of_file(filename), "".join(pieces), BookFormat.ZIP, found, tuple(chapters[:MAX_CHAPTERS]), tuple(notes)
    )


def _text_of(content: bytes, name: str, encoding: str | None) -> tuple[str, str] | None:
    """Clean text and its encoding; None for what is no text."""
    if not content.strip():
        return None
    try:
        if detect(content, name)[2] not in _READ or content.startswith(b"\x1f\x8b"):
            return None
        decoded = decode(content, name, encoding)
    except BookError:
        return None
    return clean_text(decoded.text)[0], decoded.encoding


def _readable_name(archive: SafeZip, name: str) -> str:
    """Names without the UTF-8 flag come out as CP437; most were UTF-8 or GBK after all."""
    if archive.infos[name].flag_bits & 0x800 or name.isascii():
        return name
    for guess in ("utf-8", "gb18030"):
        try:
            return name.encode("cp437").decode(guess)
        except UnicodeError:
            continue
    return name


def _path_order(path: str) -> tuple:
    """README first, then folders by name; numbers count as numbers, so that chapter2 precedes chapter10."""
    first = re.match(r"(?i)readme", path) is None
    parts = [
        tuple(
            (0, int(bit), "") if bit.isdigit() and len(bit) < 10 else (1, 0, bit.lower())
            for bit in re.split(r"(\d+)", part)
            if bit
        )
        for part in path.split("/")
    ]
    return (first, parts)
