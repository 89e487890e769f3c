"""Bytes in, text and the name of their encoding out.

Order: the caller's choice; a byte-order mark; UTF-16 and UTF-32 by their zero bytes; UTF-8, even with a few broken bytes
or with lines in another encoding; then the legacy encodings, of which `encoding_guess.py` says the likeliest. A doubtful
guess says so. Knows nothing of books; cleaning comes after (`text_cleaning.py`).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from .encoding_guess import Guess, guess_encoding
from .encoding_names import CHOOSABLE_ENCODINGS, codec_of, encoding_label
from .encoding_wide import decode_utf16, wide_without_mark
from .errors import BookEncodingError, BookNotText

_SAMPLE_BYTES = 128 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PADDING = re.compile(rb"\0{8,}")  # what tapes, record formats and interrupted copies leave
_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")  # the begin of a character of UTF-8
_LEAST_SEQUENCES = 6  # in a line that is UTF-8 beyond chance: of GBK's pairs one in three looks like it
_LEAST_UTF8_SHARE = 0.05  # of the bytes of lines beyond ASCII, for a text of two encodings
_LEAST_SHORT_SHARE = 0.25  # where lines with fewer sequences are counted, too
_MOST_LINES = 2_000_000  # looked at one by one
_DOUBT = "The encoding is a guess, {name} ({why}); where letters look wrong, choose another from the menu of encodings."


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text as it stood in the bytes, the encoding's name and what had to be guessed or replaced."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, filename: str, encoding: str | None = None) -> Decoded:
    """The text of some bytes. Raises BookNotText for binary data, BookEncodingError for a choice that does not fit."""
    if encoding:
        return _decode_as_asked(data, filename, encoding)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _decode_marked(data[len(mark) :], name)
    if wide := wide_without_mark(data):
        return _decode_marked(data, wide)
    if b"\x1b$" in data[:_SAMPLE_BYTES] and data.isascii():
        return _decode_marked(data, "iso2022_kr" if b"\x1b$)C" in data[:_SAMPLE_BYTES] else "iso2022_jp")
    data, padding = _without_padding(data)
    refuse_binary(data, filename)
    found = _decode_utf8(data)
    if found is None:
        guess = guess_encoding(data)
        text = data.decode(codec_of(guess.name), "replace")
        found = Decoded(text, guess.name, (*_replacement_notes(text, data, guess.name), *_doubt_notes(guess)))
    return replace(found, notes=(*found.notes, *padding))


def _decode_utf8(data: bytes) -> Decoded | None:
    """As UTF-8: whole, cut off inside its last character, with lines of another encoding, or with broken bytes."""
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data" and error.start:
            text = data[: error.start].decode("utf-8")
            if not text.isascii():
                return Decoded(text, "utf-8", ("The last character was cut off and is left out.",))
        # Lines in another encoding are looked for first: read as UTF-8 they would all be lost.
        return _with_surrogates(data, error) or _line_by_line(data) or _mostly_utf8(data, error)


def _with_surrogates(data: bytes, error: UnicodeDecodeError) -> Decoded | None:
    """CESU-8, as Java and Oracle write it: pairs of surrogates are one character, a lone half is none."""
    if data[error.start : error.start + 1] != b"\xed":
        return None
    try:
        halves = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    text = halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return Decoded(text, "utf-8", _replacement_notes(text, data, "utf-8"))


def refuse_binary(data: bytes, filename: str) -> None:
    """Raise BookNotText when control bytes are too many for text in any encoding but UTF-16."""
    step = max(1, len(data) // _SAMPLE_BYTES)
    sample = data if len(data) <= 4 * _SAMPLE_BYTES else data[:_SAMPLE_BYTES] + data[_SAMPLE_BYTES::step]
    # Everything below 0x20 but tab, line ends, form feed, substitute (DOS end of file) and escape (ISO-2022-JP).
    controls = len(sample) - len(sample.translate(None, bytes(set(range(32)) - {9, 10, 11, 12, 13, 26, 27})))
    if controls > max(2, len(sample) // 25):
        raise BookNotText(
            f"'{filename}' is not text: {100 * controls / len(sample):.0f} % of its bytes are control codes; "
            "give a text file, an EPUB, PDF, DOCX, HTML or ZIP."
        )


def _decode_as_asked(data: bytes, filename: str, encoding: str) -> Decoded:
    try:
        name = codecs.lookup(encoding).name
        if not getattr(codecs.lookup(encoding), "_is_text_encoding", True):
            raise LookupError(encoding)
    except (LookupError, ValueError):
        raise BookEncodingError(
            f"'{encoding}' is no known text encoding; choose one of {', '.join(CHOOSABLE_ENCODINGS)}."
        ) from None
    shown = encoding.lower() if encoding.lower() in CHOOSABLE_ENCODINGS else name
    try:
        text = data.decode(codec_of(shown), "replace")
    except (UnicodeError, ValueError):
        raise BookEncodingError(f"'{filename}' cannot be read as {shown}; choose another encoding.") from None
    text = text.removeprefix("\ufeff")
    if text and text.count("\ufffd") > len(text) // 4:
        raise BookEncodingError(
            f"'{filename}' is not {shown}: {text.count(chr(0xFFFD)):,} of {len(text):,} characters would be lost; "
            "choose another encoding, or let it be found."
        )
    return Decoded(text, shown, _replacement_notes(text, data, shown))


def _decode_marked(data: bytes, name: str) -> Decoded:
    """In the encoding that a mark or the bytes themselves name."""
    if name.startswith("utf-16"):
        text, left_out = decode_utf16(data, name)
        notes = (f"{left_out:,} bytes that are half a character of {name} were left out.",) if left_out else ()
        return Decoded(text, name, (*_replacement_notes(text, data, name), *notes))
    # The extended codec knows half-width kana too.
    text = data.decode("iso2022_jp_ext" if name == "iso2022_jp" else name, "replace")
    return Decoded(text, name, _replacement_notes(text, data, name))


def _replacement_notes(text: str, data: bytes, name: str) -> tuple[str, ...]:
    count = text.count("\ufffd")
    if name == "utf-8":
        count -= data.count(b"\xef\xbf\xbd")  # those that the file really contains
    if count <= 0:
        return ()
    return (
        f"{count:,} places are not valid {name} and are shown as \ufffd (the first at character "
        f"{text.index(chr(0xFFFD)):,}).",
    )


def _mostly_utf8(data: bytes, error: UnicodeDecodeError) -> Decoded | None:
    """UTF-8 with some broken bytes in it."""
    near = data[max(0, error.start - _SAMPLE_BYTES) :][: 2 * _SAMPLE_BYTES].decode("utf-8", "replace")
    if near.count("\ufffd") > 1_000:
        return None  # another encoding altogether; decoding all of it this way would take seconds
    if _is_damaged_utf8(data):
        text = data.decode("utf-8", "replace")
        return Decoded(text, "utf-8", _replacement_notes(text, data, "utf-8"))
    return None


def _is_damaged_utf8(data: bytes) -> bool:
    """True when whole sequences outweigh broken bytes; the longer a sequence, the less it comes by chance."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    whole = text.replace("\ufffd", "")
    return len(whole.encode("utf-8")) - len(whole) >= 2 * broken


def _line_by_line(data: bytes) -> Decoded | None:
    """A text of two encodings: lines of UTF-8 and lines of a legacy one, as files put together of others are."""
    if not _SEQUENCE.search(data) or data.count(b"\n") > _MOST_LINES:
        return None
    lines = data.split(b"\n")
    legacy: dict[int, bytes] = {}
    sure = unsure = 0  # bytes of lines that are UTF-8 beyond chance, and of all that are
    for number, line in enumerate(lines):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            if not _is_damaged_utf8(line):
                legacy[number] = line
        else:
            unsure += len(line)
            sure += len(line) if len(_SEQUENCE.findall(line)) >= _LEAST_SEQUENCES else 0
    whole = unsure + sum(map(len, legacy.values()))
    if not legacy or (sure < _LEAST_UTF8_SHARE * whole and unsure < _LEAST_SHORT_SHARE * whole):
        return None
    guess = guess_encoding(b"\n".join(legacy.values()))
    codec = codec_of(guess.name)
    pieces = [line.decode(codec if number in legacy else "utf-8", "replace") for number, line in enumerate(lines)]
    text = "\n".join(pieces)
    note = f"{len(legacy):,} lines are not in UTF-8 like the rest; they are read as {encoding_label(guess.name)}."
    return Decoded(text, "utf-8", (note, *_replacement_notes(text, data, "utf-8"), *_doubt_notes(guess)))


def _doubt_notes(guess: Guess) -> tuple[str, ...]:
    return (_DOUBT.format(name=encoding_label(guess.name), why=guess.doubt),) if guess.doubt else ()


def _without_padding(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The bytes less runs of zeros and zeros at the end."""
    bare = _PADDING.sub(b"", data.rstrip(b"\0")) if b"\0" in data else data
    if len(bare) == len(data) or not bare:
        return data, ()
    return bare, (f"{len(data) - len(bare):,} zero bytes of padding were left out.",)
