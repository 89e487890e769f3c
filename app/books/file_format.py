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
from .encoding_wide import wide_without_mark
from .errors import BookDamaged, BookEncrypted, BookTooLarge, BookUnsafe, BookUnsupported
from .limits import MAX_UPLOAD_BYTES, megabytes

MARKDOWN_EXTENSIONS = frozenset("md markdown mdown mkd mkdn mdx".split())
CODE_EXTENSIONS = frozenset(
    """py pyi pyx js mjs cjs jsx ts tsx c h cc cpp cxx hpp hh java kt kts scala go rs rb php pl pm swift m mm cs fs vb
    lua r jl hs ml mli ex exs erl clj lisp el scm sql sh bash zsh fish ps1 bat cmd make mk cmake gradle toml yaml yml
    json jsonl ini cfg conf css scss less vue svelte xml xsd xsl proto graphql tf nix dart zig asm s tex bib ipynb
    dockerfile log csv tsv diff patch""".split()
)
# Comments are taken once and for all (atomic): trying each way to share them out takes exponential time.
_HTML_START = re.compile(
    rb"\s*+(?:<\?xml[^>]*+>\s*+)?+(?><!--.*?-->\s*+)*+"
    rb"<(?:!doctype\s+(?:[\w-]{1,20}:)?html|(?:[\w-]{1,20}:)?(?:html|head|body))\b",
    re.I | re.S,
)
_MHTML_START = re.compile(rb"(?:[\w-]{1,40}:[^\n]{0,500}\n(?:[ \t][^\n]{0,500}\n){0,20}){1,60}", re.I)
_GZIP = b"\x1f\x8b"
_MAX_GZIP_MEMBERS = 100_000  # bgzip makes one for each 64 kB
_GZIP_STEP = 1024  # bytes; small, since what follows a member is copied
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
    if is_packed(data):
        packed_name = filename
        data, filename = unpack_gzip(data, filename), re.sub(r"(?i)\.gz$", "", filename)
        if is_packed(data):
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


def is_packed(data: bytes) -> bool:
    """True for .gz."""
    return data.startswith(_GZIP)


def unpack_gzip(data: bytes, filename: str) -> bytes:
    """What a .gz holds, never more than an upload may have. Time by the length of both, however many members it has."""
    out = bytearray()
    members, position = 0, 0
    while data.startswith(_GZIP, position):
        members += 1
        if members > _MAX_GZIP_MEMBERS:
            raise BookUnsafe(
                f"'{filename}' is packed in more than {_MAX_GZIP_MEMBERS:,} pieces, which is made to waste time; "
                "unpack it and give that file."
            )
        position = _unpack_member(data, position, out, filename)
        while data.startswith(b"\0", position):
            position += 1
    return bytes(out)


def _unpack_member(data: bytes, position: int, out: bytearray, filename: str) -> int:
    """Append what one member holds; where the next one may begin."""
    unpacker = zlib.decompressobj(wbits=31)
    step = _GZIP_STEP
    while not unpacker.eof:
        piece = unpacker.unconsumed_tail or data[position : position + step]
        if not piece:
            raise BookDamaged(f"'{filename}' is cut short: its gzip data has no end; fetch it again.")
        if not unpacker.unconsumed_tail:
            position += len(piece)
            step = min(64 * step, 1 << 20)
        try:
            out += unpacker.decompress(piece, 1 << 20)
        except zlib.error as error:
            raise BookDamaged(f"'{filename}' is damaged: its gzip data cannot be unpacked ({error}).") from None
        if len(out) > MAX_UPLOAD_BYTES:
            raise BookTooLarge(
                f"'{filename}' unpacks to more than {megabytes(MAX_UPLOAD_BYTES)}, which is all that is read; "
                "give a part of it."
            )
    return position - len(unpacker.unused_data)


def extension(filename: str) -> str:
    """'a/b.TXT' -> 'txt'; 'Makefile' -> 'makefile'."""
    name = re.split(r"[/\\]", filename)[-1].lower()
    return name.rpartition(".")[2]


def is_mhtml(data: bytes, filename: str) -> bool:
    """True for a web page that a browser saved with its pictures in one file: a MIME message of related parts."""
    head = _MHTML_START.match(data[:8192].lstrip(b"\r\n \t\xef\xbb\xbf"))
    if head is None:
        return False
    headers = head.group().lower()
    if b"content-type:" not in headers:
        return False
    return b"multipart/related" in headers or (extension(filename) in ("mht", "mhtml") and b"mime-version:" in headers)


def note_on_name(filename: str, format: BookFormat) -> tuple[str, ...]:
    """What to tell where the name promises another kind of file than the content is."""
    promised = _PROMISES.get(extension(filename)) if "." in filename else None
    if promised is None or format is promised or format not in _TEXTS:
        return ()
    return (
        f"Its name ends in .{extension(filename)}, but it holds {format.label}, no {promised.label}; it is read as that.",
    )


_PROMISES = {"pdf": BookFormat.PDF, "epub": BookFormat.EPUB, "docx": BookFormat.DOCX}
_TEXTS = (BookFormat.TXT, BookFormat.MARKDOWN, BookFormat.CODE, BookFormat.HTML)


def _kind_of_text(data: bytes, filename: str) -> BookFormat:
    head, ending = _readable_head(data), extension(filename)
    if b"<FictionBook" in head:
        raise BookUnsupported(f"'{filename}' is a FictionBook (FB2), which is not read here; convert it to EPUB.")
    if _HTML_START.match(head) or (ending in ("html", "htm", "xhtml") and _HTML_INSIDE.search(head)):
        return BookFormat.HTML
    if is_mhtml(data, filename):
        return BookFormat.HTML
    if ending in MARKDOWN_EXTENSIONS:
        return BookFormat.MARKDOWN
    if ending in CODE_EXTENSIONS or ending in ("makefile", "dockerfile"):
        return BookFormat.CODE
    return BookFormat.TXT


def _readable_head(data: bytes) -> bytes:
    """The begin of a text as bytes in which tags can be seen, whatever its encoding."""
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data[2:8192].replace(b"\0", b"")  # good enough to see the tags of a UTF-16 page
    if name := wide_without_mark(data[:8192]):
        return data[:8192].decode(name, "replace").encode("utf-8")
    return head[3:] if head.startswith(b"\xef\xbb\xbf") else head


def _kind_of_zip(data: bytes, filename: str) -> BookFormat:
    """EPUB, DOCX or plain archive, by the names inside (the directory alone is read here, nothing is unpacked)."""
    # Cheap bound before zipfile builds an object for each entry; the directory has 46 bytes or more an entry.
    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist()) if data.count(b"PK\x01\x02") < 20_000 else set()
    except Exception:
        # Which zip it was meant to be no longer matters: the reader in the child says what is wrong with it.
        names = set()
    paths = {name.replace("\\", "/").lower() for name in names}
    holds_book = any(path.endswith((".epub", ".pdf", ".docx")) for path in paths)  # beside what a shelf keeps with it
    if data[30:58] == b"mimetypeapplication/epub+zip" or (
        not holds_book and any(_IN_EPUB.search(name) for name in names)
    ):
        return BookFormat.EPUB
    if data[30:38] == b"mimetype" and b"opendocument" in data[38:100]:
        raise BookUnsupported(f"'{filename}' is an OpenDocument file, which is not read here; save it as DOCX.")
    if "[content_types].xml" in paths or "word/document.xml" in paths:
        return _kind_of_package(paths, filename)
    return BookFormat.ZIP


def _kind_of_package(paths: set[str], filename: str) -> BookFormat:
    """Files of Office are packages (ECMA-376 part 2), told apart by their folders; none is a plain ZIP of texts."""
    for folder, what in _OTHER_PACKAGES.items():
        if any(path.startswith(folder) for path in paths) and not any(path.startswith("word/") for path in paths):
            raise BookUnsupported(f"'{filename}' is {what}, which is not read here; save its text as DOCX or PDF.")
    return BookFormat.DOCX  # its relationships say where the text is


_OTHER_PACKAGES = {
    "xl/": "an Excel workbook",
    "ppt/": "a PowerPoint file",
    "visio/": "a Visio drawing",
    "fixeddocseq.fdseq": "an XPS document",
    "documents/1/fixeddoc.fdoc": "an XPS document",
    "3d/": "a 3D model",
}


def _is_zip_behind_junk(data: bytes) -> bool:
    """An archive with something before it (a download's header, a line end): ZIP is read from its end."""
    if b"PK\x05\x06" not in data[-65_558:] or b"PK\x03\x04" not in data[:4096]:
        return False
    return zipfile.is_zipfile(io.BytesIO(data))


def _refuse_compound(data: bytes, filename: str) -> None:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise BookEncrypted(f"'{filename}' is an Office file with a password; save it without one.")
    raise BookUnsupported(f"'{filename}' is an old Office file (before 2007), which is not read here; save it as DOCX.")
