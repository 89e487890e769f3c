"""Decoded text in, clean text out, with a note for each thing done. A clean text is not changed by a character.

Line ends become "\\n"; control characters go; soft hyphens go; letters with detached accents are composed where
that changes nothing visible; UTF-8 that was once read as CP1252 ("â€œ", "Ã©") is repaired. Knows nothing of bytes.
"""

from __future__ import annotations

import re
import unicodedata

# One character after another: each is looked for in one pass over the text, however many there are.
_LINE_ENDS = ("\r\r\n", "\r\n", "\r", "\x0b", "\x85", "\u2028")  # the first: CRLF once converted too often
_PARAGRAPH_ENDS = ("\x0c", "\u2029")
_FIRST_LINE_END = re.compile("[\r\n]")
_SOFT_HYPHEN_AT_LINE_END = re.compile("\u00ad[ \t]*\n[ \t]*(?=\\w)([^\\s]{1,80})[ \t]?")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_C1 = re.compile("[\x80-\x9f]")
_C1_OTHER = re.compile("[\x80-\x84\x86-\x9f]")
# Up to thirty marks on a letter, as Unicode's Stream-Safe Text Format has it: ordering a longer run takes quadratic time.
_DETACHED = re.compile("(?:[^\\W\\d_][\u0300-\u036f]{1,30}|[\u3041-\u30ff][\u3099\u309a])")
_JAMO = re.compile("[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?")
_BIDI_AND_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SPACES = re.compile(r"\s+")

# UTF-8 sequences of two to four bytes, each byte shown as its CP1252 character.
_CONTINUATION = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_MOJIBAKE = re.compile(f"[\xc2-\xdf]{_CONTINUATION}|[\xe0-\xef]{_CONTINUATION}{{2}}|[\xf0-\xf4]{_CONTINUATION}{{3}}")
_MIN_MOJIBAKE = 3  # fewer may be meant, as in a text about encodings


def clean_text(text: str, was_unicode: bool = True) -> tuple[str, tuple[str, ...]]:
    """The text without what would confuse a reader or a renderer, and notes on what was done.

    `was_unicode`: False for text decoded from a legacy encoding. Its bytes are no UTF-8, so that what looks like UTF-8
    read as CP1252 are letters of its own.
    """
    notes: list[str] = []
    if not text.isascii():
        if was_unicode:
            text = _repair_mojibake(text, notes)
        text = _name_c1(text, notes)
    text = _one_line_end(text)
    text, controls = _CONTROLS.subn("", text)
    if controls:
        notes.append(f"{controls:,} control characters were taken out.")
    if "\u00ad" in text:
        count = text.count("\u00ad")
        text = _SOFT_HYPHEN_AT_LINE_END.sub(r"\1\n", text).replace("\u00ad", "")
        notes.append(f"{count:,} soft hyphens were taken out.")
    return _compose(text), tuple(notes)


def clean_title(title: str, default: str = "Untitled", limit: int = 160) -> str:
    """A title on one line, without direction marks, invisible characters or controls."""
    title = _SPACES.sub(" ", _CONTROLS.sub("", _C1.sub("", title[: 20 * limit])))
    title = _BIDI_AND_INVISIBLE.sub("", title).strip()
    if len(title) > limit:
        title = title[: limit - 1].rstrip() + "…"
    return title or default


def title_of_file(filename: str) -> str:
    """A title from a file's name: no folder, no extension, underscores as spaces."""
    name = re.split(r"[/\\]", filename)[-1]
    name = re.sub(r"(?i)\.gz$", "", name)
    stem = re.sub(r"(?<=.)\.[A-Za-z0-9]{1,8}$", "", name)
    title = clean_title(stem.replace("_", " "))
    return title.title() if title.isascii() and title.islower() and title.replace(" ", "").isalpha() else title


def _repair_mojibake(text: str, notes: list[str]) -> str:
    if not re.search("[\xc2-\xf4][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]", text):
        return text
    repaired = 0

    def repair(match: re.Match[str]) -> str:
        nonlocal repaired
        try:
            # Bytes that CP1252 leaves undefined pass through as the control of the same number.
            raw = bytes(ord(c) if ord(c) < 256 else c.encode("cp1252")[0] for c in match.group())
            found = raw.decode("utf-8")
        except UnicodeError:
            return match.group()
        repaired += 1
        return found

    better = _MOJIBAKE.sub(repair, text)
    if repaired < _MIN_MOJIBAKE:
        return text
    notes.append(f"{repaired:,} garbled sequences (UTF-8 once read as CP1252) were repaired.")
    return better


def _one_line_end(text: str) -> str:
    """The text with "\\n" for every kind of line end, and a blank line where a page or paragraph ends."""
    if "\n\r" in text and _ends_in_lfcr(text):
        text = text.replace("\n\r", "\n")
    for end in _LINE_ENDS:
        text = text.replace(end, "\n")
    for end in _PARAGRAPH_ENDS:
        text = text.replace(end, "\n\n")
    return text


def _ends_in_lfcr(text: str) -> bool:
    """True for lines that end the other way round (RISC OS): CRLF text has "\\n\\r" at blank lines only."""
    first = _FIRST_LINE_END.search(text)
    return first is not None and text.startswith("\n\r", first.start()) and text.count("\n\r") > 0.9 * text.count("\n")


def _name_c1(text: str, notes: list[str]) -> str:
    """Controls U+0080–U+009F are CP1252 punctuation that lost its way; U+0085 alone is a line end."""
    if not _C1_OTHER.search(text):
        return text
    text, count = _C1.subn(lambda match: bytes([ord(match.group())]).decode("cp1252", "ignore"), text)
    notes.append(f"{count:,} control characters were read as the CP1252 punctuation of the same number.")
    return text


def _compose(text: str) -> str:
    """NFC for letters with detached accents and for Hangul in parts; compatibility ideographs stay as they are."""
    if text.isascii():
        return text

    def compose(match: re.Match[str]) -> str:
        return unicodedata.normalize("NFC", match.group())

    return _JAMO.sub(compose, _DETACHED.sub(compose, text))
