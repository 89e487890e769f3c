"""A ZIP archive that may be hostile: its directory judged before anything is unpacked, its files read within bounds.

Nothing is ever written to disk. Knows nothing of books.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

from .errors import BookDamaged, BookEncrypted, BookTooLarge, BookUnsafe, BookUnsupported
from .limits import (
    MAX_ARCHIVE_FILES,
    MAX_ARCHIVE_TOTAL_BYTES,
    MAX_COMPRESSION_RATIO,
    MAX_MEMBER_BYTES,
    RATIO_FREE_BYTES,
    megabytes,
)

_LEADS_OUT = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:|\0")


_UTF8_FLAG = 0x800  # bit 11 of the general purpose flags: the name is UTF-8 (PKWARE's APPNOTE, 4.4.4)
# What programs wrote names in without that flag; zipfile reads them as CP437.
_NAME_ENCODINGS = (
    "utf-8",
    "gb18030",
    "cp932",
    "big5",
    "cp949",
    "cp866",
    "cp1251",
    "cp1250",
    "cp1252",
    "cp850",
    "mac-roman",
)


class SafeZip:
    """The files of an archive by name. Raises a BookError for bombs, wrong paths, passwords and damage."""

    def __init__(self, data: bytes, filename: str) -> None:
        self.filename = filename
        if data.count(b"PK\x01\x02") > 2 * MAX_ARCHIVE_FILES:  # before an object is built for each
            raise self._too_many(data.count(b"PK\x01\x02"))
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except Exception:
            raise BookDamaged(
                f"'{filename}' is cut short or damaged: its ZIP directory cannot be read; fetch it again."
            ) from None
        infos = self._zip.infolist()
        if len(infos) > MAX_ARCHIVE_FILES:
            raise self._too_many(len(infos))
        total = 0
        for info in infos:
            self._judge(info)
            total += info.file_size
        if total > MAX_ARCHIVE_TOTAL_BYTES:
            raise BookUnsafe(
                f"'{filename}' would unpack to {megabytes(total)}; up to {megabytes(MAX_ARCHIVE_TOTAL_BYTES)} are "
                "unpacked: give a smaller archive."
            )
        self.infos = {info.filename: info for info in infos if not info.is_dir()}
        self._folded: dict[str, str] | None = None  # made when a name is not spelled as the archive has it
        self._left = MAX_ARCHIVE_TOTAL_BYTES

    @property
    def names(self) -> list[str]:
        """The names of all files, in the order of the directory."""
        return list(self.infos)

    def find(self, name: str) -> str | None:
        """The name as the archive spells it.

        When it is not spelled alike: case, composed or detached accents, \"\\\" for "/", escapes (%20) and the encoding of
        names without the UTF-8 flag make no difference.
        """
        if name in self.infos:
            return name
        if self._folded is None:
            self._folded = {}
            for stored, info in self.infos.items():
                for spelling in _spellings(stored, info):
                    self._folded.setdefault(_folded(spelling), stored)
        return self._folded.get(_folded(name))

    def read(self, name: str) -> bytes:
        """One file, unpacked; never more than its bound, whatever its directory entry says."""
        bound = min(MAX_MEMBER_BYTES, self._left)
        try:
            with self._zip.open(self.infos[name]) as stream:
                content = stream.read(bound + 1)
        except NotImplementedError:
            raise BookUnsupported(
                f"'{self.filename}' packs '{_short(name)}' in a way that is not read here; pack it as a usual ZIP."
            ) from None
        except RuntimeError:
            raise self._encrypted() from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError):
            raise BookDamaged(
                f"'{self.filename}' is damaged: '{_short(name)}' inside it cannot be unpacked; fetch it again."
            ) from None
        if len(content) > bound:
            raise BookUnsafe(
                f"'{self.filename}' unpacks '{_short(name)}' to more than {megabytes(bound)}; give a smaller archive."
            )
        self._left -= len(content)
        return content

    def _judge(self, info: zipfile.ZipInfo) -> None:
        if _LEADS_OUT.search(info.filename) or "\0" in getattr(info, "orig_filename", ""):
            raise BookUnsafe(
                f"'{self.filename}' holds a file named '{_short(info.filename)}', a path that leads out of the archive; "
                "it is not opened."
            )
        if info.flag_bits & 1:
            raise self._encrypted()
        if info.file_size > RATIO_FREE_BYTES and info.file_size > MAX_COMPRESSION_RATIO * max(info.compress_size, 1):
            raise BookUnsafe(
                f"'{self.filename}' packs '{_short(info.filename)}' {info.file_size // max(info.compress_size, 1):,} to 1, "
                f"as zip bombs do (up to {MAX_COMPRESSION_RATIO} to 1 is unpacked); it is not opened."
            )

    def _encrypted(self) -> BookEncrypted:
        return BookEncrypted(f"'{self.filename}' is protected by a password; pack it without one.")

    def _too_many(self, count: int) -> BookTooLarge:
        return BookTooLarge(
            f"'{self.filename}' holds {count:,} files; up to {MAX_ARCHIVE_FILES:,} are read: give a smaller archive."
        )


def _folded(name: str) -> str:
    name = unicodedata.normalize("NFC", unquote(name.replace("\\", "/"))).casefold()
    return name.removeprefix("./")


def _spellings(name: str, info: zipfile.ZipInfo) -> Iterator[str]:
    """A name as zipfile decoded it, and as it was meant where the archive does not say its encoding."""
    yield name
    if info.flag_bits & _UTF8_FLAG or name.isascii():
        return
    for encoding in _NAME_ENCODINGS:
        try:
            yield name.encode("cp437").decode(encoding)
        except UnicodeError:
            continue


def _short(name: str) -> str:
    from .text_cleaning import clean_title

    return clean_title(name, "?", 80)
