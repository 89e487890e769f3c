# ruff: noqa: SIM905 — a list of words is read more easily as a line of text
"""Which format some bytes are: by their first bytes and, among texts, by the name. Unpacks .gz within bounds.

Knows the marks of kinds that are not read too, so as to refuse them by name.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from .book import BookFormat
from .errors import BookDamaged, BookEncrypted, BookTooLarge, BookUnsupported
from .limits import MAX_UPLOAD_BYTES, megabytes

MARKDOWN_EXTENSIONS = frozenset("md markdown mdown mkd mkdn mdx".split())
CODE_EXTENSIONS = frozenset(
    """py pyi pyx js mjs cjs jsx ts tsx c h cc cpp cxx hpp hh java kt kts scala go rs rb php pl pm swift m mm cs fs vb
    lua r jl hs ml mli ex exs erl clj lisp el scm sql sh bash zsh fish ps1 bat cmd make mk cmake gradle toml yaml yml
    json jsonl ini cfg conf css scss less vue svelte xml xsd xsl proto graphql tf nix dart zig asm s tex bib ipynb
    dockerfile log csv tsv diff patch""".split()
)
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
# At the top, or in the folder that somebody packed whole; some packers write "\\" for "/".
_IN_EPUB = re.compile(
    r"(?i)^(?!__MACOSX)(?:[^/\\]+[/\\])?(?:META-INF[/\\]container\.xml|(?:[^/\\]+[/\\])?[^/\\]+\.opf)$"
)
_HTML_INSIDE = re.compile(rb"<(?:html|head|body|title|div|article|h[1-6]|p)\b[^>]*>", re.I)

# (offset, bytes, what it is, what to do instead)
_FOREIGN = (
    (60, b"BOOKMOBI", "a Kindle book (MOBI/AZW)", "convert it to EPUB"),
    (0, b"{\\rtf", "a rich text file (RTF)", "save it as DOCX or plain text"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "give a ZIP"),
    (0, b"Rar!\x1a\x07", "a RAR archive", "give a ZIP"),
    (0, b"BZh", "a bzip2 file", "unpack it or give a .gz"),
    (0, b"\xfd7zXZ\x00", "an xz file", "unpack it or give a .gz"),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard file", "unpack it or give a .gz"),
    (257, b"ustar", "a tar archive", "give a ZIP"),
    (0, b"\x89PNG\r\n\x1a\n", "a picture (PNG)", "give the text itself"),
    (0, b"\xff\xd8\xff", "a picture (JPEG)", "give the text itself"),
    (0, b"GIF8", "a picture (GIF)", "give the text itself"),
    (0, b"II*\x00", "a picture (TIFF)", "give the text itself"),
    (0, b"MM\x00*", "a picture (TIFF)", "give the text itself"),
    (8, b"WEBP", "a picture (WebP)", "give the text itself"),
    (0, b"AT&TFORM", "a DjVu book", "convert it to PDF with a text layer"),
    (0, b"ITSF", "a compiled help file (CHM)", "give its HTML pages"),
    (0, b"%!PS", "a PostScript file", "convert it to PDF"),
    (0, b"\x7fELF", "a program", "give a text"),
    (0, b"MZ\x90\x00", "a program", "give a text"),
    (0, b"\xca\xfe\xba\xbe", "a program", "give a text"),
    (0, b"\x00asm", "a program", "give a text"),
    (0, b"SQLite format 3\x00", "a database", "give a text"),
    (0, b"ID3", "a sound file (MP3)", "give a text"),
    (0, b"OggS", "a sound file (Ogg)", "give a text"),
    (0, b"fLaC", "a sound file (FLAC)", "give a text"),
    (4, b"ftyp", "a film or sound file (MP4)", "give a text"),
    (0, b"\x1aE\xdf\xa3", "a film (Matroska)", "give a text"),
)


def detect(data: bytes, filename: str) -> tuple[bytes, str, BookFormat]:
    """The content (unpacked, if it was .gz), its name and its format. Raises for kinds that are not read."""
    if data.startswith(b"\x1f\x8b"):
        packed_name = filename
        data, filename = unpack_gzip(data, filename), re.sub(r"(?i)\.gz$", "", filename)
        if data.startswith(b"\x1f\x8b"):
            raise BookUnsupported(f"'{packed_name}' is packed twice with gzip; unpack it once and give that file.")
    if b"%PDF-" in data[:1024]:
        return data, filename, BookFormat.PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")) or _is_zip_behind_junk(data):
        return data, filename, _kind_of_zip(data, filename)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        _refuse_compound(data, filename)
    for offset, mark, what, instead in _FOREIGN:
        if data[offset : offset + len(mark)] == mark:
            raise BookUnsupported(f"'{filename}' is {what}, which is not read here; {instead}.")
    return data, filename, _kind_of_text(data, filename)


def unpack_gzip(data: bytes, filename: str) -> bytes:
    """What a .gz holds, never more than an upload may have."""
    out: list[bytes] = []
    size, rest = 0, data
    while rest.startswith(b"\x1f\x8b"):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            piece = unpacker.decompress(rest, MAX_UPLOAD_BYTES + 1 - size)
        except zlib.error as error:
            raise BookDamaged(f"'{filename}' is damaged: its gzip data cannot be unpacked ({error}).") from None
        size += len(piece)
        out.append(piece)
        if size > MAX_UPLOAD_BYTES:
            raise BookTooLarge(
                f"'{filename}' unpacks to more than {megabytes(MAX_UPLOAD_BYTES)}, which is all that is read; "
                "give a part of it."
            )
        if not unpacker.eof:
            raise BookDamaged(f"'{filename}' is cut short: its gzip data has no end; fetch it again.")
        rest = unpacker.unused_data.lstrip(b"\0")
    return b"".join(out)


def extension(filename: str) -> str:
    """'a/b.TXT' -> 'txt'; 'Makefile' -> 'makefile'."""
    name = re.split(r"[/\\]", filename)[-1].lower()
    return name.rpartition(".")[2]


def _kind_of_text(data: bytes, filename: str) -> BookFormat:
    head, ending = data[:4096], extension(filename)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = data[2:8192].replace(b"\0", b"")  # good enough to see the tags of a UTF-16 page
    if head.startswith(b"\xef\xbb\xbf"):
        head = head[3:]
    if b"<FictionBook" in head:
        raise BookUnsupported(f"'{filename}' is a FictionBook (FB2), which is not read here; convert it to EPUB.")
    if _HTML_START.match(head) or (ending in ("html", "htm", "xhtml") and _HTML_INSIDE.search(head)):
        return BookFormat.HTML
    if ending in MARKDOWN_EXTENSIONS:
        return BookFormat.MARKDOWN
    if ending in CODE_EXTENSIONS or ending in ("makefile", "dockerfile"):
        return BookFormat.CODE
    return BookFormat.TXT


def _kind_of_zip(data: bytes, filename: str) -> BookFormat:
    """EPUB, DOCX or plain archive, by the names inside (the directory alone is read here, nothing is unpacked)."""
    # Cheap bound before zipfile builds an object for each entry; the directory has 46 bytes or more an entry.
    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist()) if data.count(b"PK\x01\x02") < 20_000 else set()
    except Exception:
        # Which zip it was meant to be no longer matters: the reader in the child says what is wrong with it.
        names = set()
    if data[30:58] == b"mimetypeapplication/epub+zip" or any(_IN_EPUB.search(name) for name in names):
        return BookFormat.EPUB
    if "word/document.xml" in names:
        return BookFormat.DOCX
    for inside, what in (("xl/workbook.xml", "an Excel workbook"), ("ppt/presentation.xml", "a PowerPoint file")):
        if inside in names:
            raise BookUnsupported(f"'{filename}' is {what}, which is not read here; save its text as DOCX or PDF.")
    if data[30:38] == b"mimetype" and b"opendocument" in data[38:100]:
        raise BookUnsupported(f"'{filename}' is an OpenDocument file, which is not read here; save it as DOCX.")
    return BookFormat.ZIP


def _is_zip_behind_junk(data: bytes) -> bool:
    """An archive with something before it (a download's header, a line end): ZIP is read from its end."""
    if b"PK\x05\x06" not in data[-65_558:] or b"PK\x03\x04" not in data[:4096]:
        return False
    return zipfile.is_zipfile(io.BytesIO(data))


def _refuse_compound(data: bytes, filename: str) -> None:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise BookEncrypted(f"'{filename}' is an Office file with a password; save it without one.")
    raise BookUnsupported(f"'{filename}' is an old Office file (before 2007), which is not read here; save it as DOCX.")
