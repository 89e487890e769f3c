"""A ZIP of files that can be read in, one text out.

One book inside is that book, whatever lies beside it (covers, style sheets, a catalogue's record). Web pages are joined
as the chapters of one book. All else is read file by file, each under its path as heading and a chapter of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .book import BookFormat, Chapter
from .encodings import decode
from .errors import BookDamaged, BookEmpty, BookError, BookTooLarge
from .file_format import detect, extension, is_packed
from .html_page import main_part, page_tree, without_gutenberg
from .html_text import add_page
from .limits import MAX_CHAPTERS, MAX_TEXT_CHARACTERS, MAX_TITLE_CHARACTERS
from .page_source import title_of_page
from .parsed_text import Draft, Progress
from .readers import TEXT_FORMATS, reader_of
from .safezip import SafeZip
from .text_builder import TextBuilder
from .text_cleaning import clean_text, clean_title, title_of_file

# Folders and files that tools leave behind and nobody reads.
_SKIPPED = re.compile(
    r"(?:^|/)(?:\.[^/]+|__MACOSX|__pycache__|node_modules|Thumbs\.db|desktop\.ini)(?:/|$)|\.(?:min\.js|map|lock)$"
)
_DOCUMENTS = (BookFormat.EPUB, BookFormat.PDF, BookFormat.DOCX)
# What stands beside a page or a book and is none: its looks, its scripts, its record in a catalogue.
_ASIDE = frozenset(
    ("css", "js", "mjs", "json", "xml", "opf", "ncx", "svg", "nfo", "url", "webmanifest", "plist", "ini")
)
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Member:
    """A file inside that can be read."""

    name: str  # in the archive
    shown: str  # its path for people
    format: BookFormat
    content: bytes


def read_zip(data: bytes, filename: str, encoding: str | None, keep_gutenberg: bool, progress: Progress) -> Draft:
    """The one book inside, or all texts of the archive, one after another, in the order of their paths."""
    archive = SafeZip(data, filename)
    members, left_out = _members(archive, progress)
    has_book = any(member.format in _DOCUMENTS or member.format is BookFormat.HTML for member in members)
    books = [member for member in members if not (has_book and _goes_with_books(member))]
    if len(books) == 1 and books[0].format is not BookFormat.CODE:
        return _one_book(books[0], len(members) + len(left_out) - 1, encoding, keep_gutenberg, progress)
    documents = [member.shown for member in members if member.format in _DOCUMENTS]
    texts = [member for member in members if member.format not in _DOCUMENTS]
    if not texts:
        raise BookEmpty(_nothing_to_read(filename, documents))
    pages = [member for member in texts if member.format is BookFormat.HTML]
    if pages and all(member.format is BookFormat.HTML or extension(member.name) in _ASIDE for member in texts):
        draft = without_gutenberg(_joined_pages(pages, filename, encoding, progress), keep_gutenberg)
    else:
        draft = _joined_texts(texts, filename, encoding, left_out)
    notes = [f"{len(draft.chapters) if draft.format is BookFormat.ZIP else len(pages):,} files, one after another."]
    if left_out:
        notes.append(f"Left out, being no text: {_named(left_out)}.")
    if documents:
        notes.append(f"Left out, to be opened by themselves: {_named(documents)}.")
    return replace(draft, notes=(*notes, *draft.notes))


def _members(archive: SafeZip, progress: Progress) -> tuple[list[_Member], list[str]]:
    """The files that can be read, and the paths of those that cannot."""
    names = sorted((name for name in archive.names if not _SKIPPED.search(_path(name))), key=_path_order)
    members: list[_Member] = []
    left_out: list[str] = []
    for number, name in enumerate(names):
        progress(0.5 * number / len(names), f"File {number + 1} of {len(names)}")
        shown = clean_title(_path(_readable_name(archive, name)), "file", MAX_TITLE_CHARACTERS)
        content = archive.read(name)
        format = _format_inside(content, shown)
        if format is None:
            left_out.append(shown)
        else:
            members.append(_Member(name, shown, format, content))
    return members, left_out


def _format_inside(content: bytes, name: str) -> BookFormat | None:
    """What a file inside can be read as; None for what is no text, and for an archive in the archive."""
    if not content.strip() or is_packed(content):
        return None
    try:
        format = detect(content, name)[2]
        if format in TEXT_FORMATS:
            decode(content[:4096], name)  # refuses what is binary
    except BookError:
        return None
    return None if format is BookFormat.ZIP else format


def _goes_with_books(member: _Member) -> bool:
    """True for what is a style, a script or the like: beside a book it is no book of its own."""
    return member.format not in _DOCUMENTS and member.format is not BookFormat.HTML and extension(member.name) in _ASIDE


def _one_book(member: _Member, beside: int, encoding: str | None, keep_gutenberg: bool, progress: Progress) -> Draft:
    name = re.split(r"[/\\]", member.shown)[-1]
    draft = reader_of(member.format)(member.content, name, encoding, keep_gutenberg, progress)
    more = f"; {beside:,} other files beside it are left out" if beside else ""
    return draft.with_notes(f"The one book inside, '{name}', is read{more}.")


def _joined_pages(pages: Sequence[_Member], filename: str, encoding: str | None, progress: Progress) -> Draft:
    """Web pages as the chapters of one book."""
    builder = TextBuilder()
    starts: list[tuple[int, str]] = []
    encodings: dict[str, None] = {}
    broken: list[str] = []
    for number, page in enumerate(pages):
        progress(0.5 + 0.5 * number / len(pages), f"Page {number + 1} of {len(pages)}")
        try:
            root, found = page_tree(page.content, page.shown, encoding)
        except BookDamaged:
            broken.append(page.shown)
            continue
        encodings[found] = None
        builder.gap()
        builder.anchor(page.name)
        before = len(builder.headings)
        add_page(main_part(root), builder)
        if page.name in builder.anchors:
            heading = builder.headings[before].title if len(builder.headings) > before else None
            title = heading or title_of_page(root) or title_of_file(page.shown)
            starts.append((builder.anchors[page.name], clean_title(title, page.shown, MAX_TITLE_CHARACTERS)))
    text = builder.finish()
    ends = [start for start, _ in starts[1:]] + [len(text)]
    chapters = [Chapter(title, start, end) for (start, title), end in zip(starts, ends, strict=True) if start < end]
    notes = (f"Left out, being damaged: {_named(broken)}.",) if broken else ()
    found = next(iter(encodings)) if len(encodings) == 1 else "several"
    return Draft(title_of_file(filename), text, BookFormat.HTML, found, tuple(chapters[:MAX_CHAPTERS]), notes)


def _joined_texts(members: Sequence[_Member], filename: str, encoding: str | None, left_out: list[str]) -> Draft:
    """Each file under its path."""
    pieces: list[str] = []
    chapters: list[Chapter] = []
    encodings: dict[str, None] = {}
    length = 0
    for member in members:
        decoded = _text_of(member, encoding)
        if decoded is None:
            left_out.append(member.shown)
            continue
        text, found = decoded
        encodings[found] = None
        piece = f"{member.shown}\n\n{text.strip(chr(10))}\n\n"
        chapters.append(Chapter(member.shown, length, length + len(piece)))
        pieces.append(piece)
        length += len(piece)
        if length > MAX_TEXT_CHARACTERS:
            raise BookTooLarge(
                f"'{filename}' holds more than {MAX_TEXT_CHARACTERS:,} characters of text; give a part of it."
            )
    if not chapters:
        raise BookEmpty(_nothing_to_read(filename, []))
    found = next(iter(encodings)) if len(encodings) == 1 else "several"
    return Draft(title_of_file(filename), "".join(pieces), BookFormat.ZIP, found, tuple(chapters[:MAX_CHAPTERS]))


def _text_of(member: _Member, encoding: str | None) -> tuple[str, str] | None:
    """Clean text of a file and its encoding; None for what cannot be read. Pages go through the HTML reader."""
    try:
        if member.format is BookFormat.HTML:
            root, found = page_tree(member.content, member.shown, encoding)
            builder = TextBuilder()
            add_page(main_part(root), builder)
            return builder.finish(), found
        decoded = decode(member.content, member.shown, encoding)
    except BookTooLarge:
        raise
    except BookError:
        return None
    return clean_text(decoded.text, decoded.encoding.startswith("utf-"))[0], decoded.encoding


def _nothing_to_read(filename: str, documents: Sequence[str]) -> str:
    if documents:
        return f"'{filename}' holds {len(documents):,} books: {_named(documents)}; unpack it and give them one by one."
    return f"'{filename}' holds no text or code file; give the documents inside it one by one (EPUB, PDF, DOCX, HTML)."


def _named(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _MOST_NAMED:,} more" if len(paths) > _MOST_NAMED else ""
    return ", ".join(clean_title(path, "file", 60) for path in paths[:_MOST_NAMED]) + more


def _path(name: str) -> str:
    """Some packers on Windows write "\\" between folders."""
    return name.replace("\\", "/")


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
