"""Which legacy encoding some bytes are in, when nothing in them says so: chardet's judgement, ours where it has none.

Bytes that are neither UTF-8 nor UTF-16 in, a Guess out. Chardet weighs byte pairs against models of languages; it is
asked only for encodings of our table. Half-width kana alone, which its models lack, are known by their bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .encoding_names import ENCODINGS, codec_of, encoding_label

_SAMPLE_BYTES = 128 * 1024
_HIGH = re.compile(rb"[\x80-\xff]")
_LETTER = re.compile(rb"[A-Za-z]")
_NEVER_ASKED = frozenset(("utf-8", "utf-16-le", "utf-16-be"))  # told from legacy encodings before
# What chardet calls the encodings of our table where the names differ (its own registry's spelling).
_ASKED_AS = {
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "euc-jp": "euc_jis_2004",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "latin-1": "iso8859-1",
}
_LEAST_CONFIDENCE = 0.12  # running text of 36 languages has more in its own encoding
_NEAR = 0.98  # a rival this close might be meant as well
_LEAST_LETTERS = 6  # beyond ASCII; fewer say little
# What Macs and DOS wrote is rare beside Windows, which differs from it in a few letters only.
_RARE = ("latin-1", "mac-", "cp4", "cp7", "cp8", "iso-8859-")


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding's name in our table, and why it is doubtful (empty when it is not)."""

    name: str
    doubt: str = ""


def guess_encoding(data: bytes) -> Guess:
    """The likeliest legacy encoding. Looks at up to 128 kB of the lines that hold bytes beyond ASCII."""
    from chardet import detect_all  # 100 ms to import, and most texts are UTF-8

    sample = _lines_beyond_ascii(data)
    found = [
        (name, answer["confidence"])
        for answer in detect_all(
            sample,
            ignore_threshold=True,
            max_bytes=len(sample),
            compat_names=False,
            include_encodings=_asked(),
            no_match_encoding="cp1252",
        )
        if (name := _our_name(answer["encoding"], sample)) is not None
    ]
    if (not found or found[0][1] < _LEAST_CONFIDENCE) and _is_half_width_kana(sample):
        return Guess("shift_jis")
    if not found or (found[0][1] < _LEAST_CONFIDENCE and len(_HIGH.findall(sample)) < len(_LETTER.findall(sample))):
        # Too little to tell a language by: of a few odd bytes among plain letters most are Western accents.
        return Guess(_western(data), "no language was recognised in it")
    name = _usual_of_equals(sample, [name for name, confidence in found if confidence >= 0.9 * found[0][1]])
    name = _western(data) if name == "cp1252" else name
    return Guess(name, _doubt(sample, name, found))


def _western(data: bytes) -> str:
    """CP1252, or Latin-1 where there are bytes that CP1252 leaves undefined."""
    return "latin-1" if any(byte in data for byte in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")) else "cp1252"


def _doubt(sample: bytes, name: str, found: list[tuple[str, float]]) -> str:
    letters = len(_HIGH.findall(sample))
    if found[0][1] < _LEAST_CONFIDENCE:
        return "no language was recognised in it"
    if letters < _LEAST_LETTERS:
        return f"only {letters} of its bytes tell one from another"
    text = _decoded(sample, name)
    for rival, confidence in found[1:]:
        if confidence < _NEAR * found[0][1]:
            break
        if _decoded(sample, rival) != text and not (rival.startswith(_RARE) and not name.startswith(_RARE)):
            return f"{encoding_label(rival)} is as likely"
    return ""


@cache
def _asked() -> tuple[str, ...]:
    names = {_ASKED_AS.get(one.name, one.codec) for one in ENCODINGS if one.name not in _NEVER_ASKED}
    return tuple(sorted(names | {"euc_kr", "tis-620", "iso8859-8", "iso8859-9"}))


def _our_name(found: str | None, sample: bytes) -> str | None:
    """Our table's name of chardet's answer; the larger encoding where one contains the other."""
    if found is None:
        return None
    if found == "big5hkscs":
        return "big5" if _decoded(sample, "big5") == _decoded(sample, "big5-hkscs") else "big5-hkscs"
    if found == "iso8859-9" and _decoded(sample, "cp1254") is None:
        return None
    larger = {"euc_kr": "euc-kr", "tis-620": "cp874", "iso8859-8": "cp1255", "iso8859-9": "cp1254"}
    if found in larger:
        return larger[found]
    return next((one.name for one in ENCODINGS if _ASKED_AS.get(one.name, one.codec) == found), None)


def _usual_of_equals(sample: bytes, names: list[str]) -> str:
    """Of the encodings that give the same text as the best one, the earliest of the table: the commonest."""
    text = _decoded(sample, names[0])
    order = [one.name for one in ENCODINGS]
    same = [name for name in names if text is not None and _decoded(sample, name) == text]
    return min(same or names[:1], key=order.index)


def _decoded(sample: bytes, name: str) -> str | None:
    try:
        return sample.decode(codec_of(name))
    except UnicodeError:
        return None


def _lines_beyond_ascii(data: bytes) -> bytes:
    """The lines that hold bytes beyond ASCII, as many as the sample takes: plain English lines say nothing."""
    lines: list[bytes] = []
    size = position = 0
    while size < _SAMPLE_BYTES and (match := _HIGH.search(data, position)):
        start = data.rfind(b"\n", max(position, match.start() - _SAMPLE_BYTES // 8), match.start()) + 1
        start = start or max(position, match.start() - 64)  # no line end near: a few bytes before will do
        end = data.find(b"\n", match.end(), start + _SAMPLE_BYTES - size)
        end = start + _SAMPLE_BYTES - size if end < 0 else end + 1
        lines.append(data[start:end])
        size += len(lines[-1])
        position = end
    return b"".join(lines)


def _is_half_width_kana(sample: bytes) -> bool:
    """True where bytes beyond ASCII are runs of half-width kana, with their voicing marks or full stops."""
    high = b"".join(_HIGH.findall(sample))
    kana = sum(0xA6 <= byte <= 0xDD for byte in high)
    marks = sum(byte in b"\xa1\xa4\xde\xdf" for byte in high)
    return len(high) >= _LEAST_LETTERS and kana + marks >= 0.98 * len(high) and 0 < marks < 0.4 * len(high)
