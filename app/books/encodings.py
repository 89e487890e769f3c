"""Bytes in, text and the name of their encoding out.

Order: the caller's choice; a byte-order mark; UTF-16 by its zero bytes; UTF-8, even with a few broken bytes; then the
East Asian encodings by how many of their characters are common ones; then CP1252, unless its letters make no words,
in which case charset-normalizer judges a sample. Knows nothing of books; cleaning comes after (`clean.py`).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from .errors import BookEncodingError, BookNotText

# What a person may choose from, in the order of a menu.
CHOOSABLE_ENCODINGS = (
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "cp1252",
    "latin-1",
    "cp1250",
    "cp1251",
    "koi8-r",
    "cp1253",
    "mac-roman",
)

_SAMPLE_BYTES = 128 * 1024
# The codec that reads what people call by the name: Microsoft's supersets are what files are written in.
_CODECS = {"shift_jis": "cp932", "big5": "cp950", "euc-kr": "cp949", "utf-8": "utf-8-sig"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_EAST_ASIAN = ("gb18030", "big5", "shift_jis", "euc-jp", "euc-kr")
_MIN_COMMON_SHARE = 0.3  # of the characters beyond ASCII, in running text of the right encoding it is 0.5 or more

# Frequent characters of modern and classical Chinese (both scripts), kana, frequent kanji and Hangul syllables.
_COMMON_HAN = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然"
    "家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日者意无力它与长把"
    "机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应向头文体美相见被什二等或新己身果加西月话"
    "回特代内信老给世位次门任先海通教儿原东声及比水名真走义各入几口认条平气题活更别打女变四神总何电数安少才反受"
    "目太再感做接必场件计花老死眼书非则听白却界光放强即难且王像红笑道宝玉便呢吗啊吧哥姐爷娘云山风雨夜春秋门"
    "這個們來為國說時會對過發後裡經麼學當沒動還進樣開從實無與長機將兩間問關點業應頭體見話給門東聲條氣題變總電"
    "數聽難寶紅爺雲風書萬樓馬魚鳥龍卻讓覺處邊親愛請誰嗎"
    "日本今何思言見彼私僕君時間年月手目心気持前後先生学校家父母子供男女分自前出入合方事物者所"
)
_COMMON_HANGUL = frozenset(
    "이다는에을의가고하를은지도로사어한그들나기서해있라만대인시자일아수리면보게정것전으니여과부원"
)
_PLAUSIBLE_1252 = frozenset("àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿßœšžƒ’")
_CP1252_WORD = re.compile("[A-Za-z\x80-\xff\u0152-\u2122]{2,}")


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
    if name := _wide_without_mark(data):
        return _decode_marked(data, name)
    if b"\x1b$" in data[:_SAMPLE_BYTES] and data.isascii():
        return _decode_marked(data, "iso2022_jp")
    refuse_binary(data, filename)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        if damaged := _mostly_utf8(data, error):
            return damaged
    name = _best_east_asian(data) or _best_single_byte(data)
    text = data.decode(_CODECS.get(name, name), "replace")
    return Decoded(text, name, _replacement_notes(text, data, name))


def refuse_binary(data: bytes, filename: str) -> None:
    """Raise BookNotText when control bytes are too many for text in any encoding but UTF-16."""
    step = max(1, len(data) // _SAMPLE_BYTES)
    sample = data if len(data) <= 4 * _SAMPLE_BYTES else data[:_SAMPLE_BYTES] + data[_SAMPLE_BYTES::step]
    # Everything below 0x20 but tab, line ends, form feed, substitute (DOS end of file) and escape (ISO-2022-JP).
    controls = len(sample) - len(sample.translate(None, bytes(set(range(32)) - {9, 10, 11, 12, 13, 26, 27})))
    if controls > max(2, len(sample) // 25):
        raise BookNotText(
            f"'{filename}' is not text: {controls / len(sample):.0%} of its bytes are control codes; "
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
        text = data.decode(_CODECS.get(shown, shown), "replace")
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
    text = data.decode(name, "replace")
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


def _wide_without_mark(data: bytes) -> str | None:
    """UTF-16 gives itself away by zero bytes, and by making sense one way round and none the other."""
    sample = data[:16_384]
    if len(data) % 2 or len(sample) < 4 or b"\0" not in sample:
        return None
    sense = {name: _sense(sample.decode(name, "replace")) for name in ("utf-16-le", "utf-16-be")}
    best, other = sorted(sense, key=sense.__getitem__, reverse=True)
    return best if sense[best] > 0.6 and sense[other] < 0.5 * sense[best] else None


def _sense(text: str) -> float:
    """Share of characters that running text in any of the usual scripts is made of."""
    return sum(" " <= c <= "\u052f" or c in "\t\n\r" or c in _COMMON_HAN or _is_kana_or_mark(c) for c in text) / len(
        text
    )


def _is_kana_or_mark(c: str) -> bool:
    return "\u3041" <= c <= "\u30fe" or c in "，。、；：？！“”「」『』《》（）\u3000…—‘’"


def _mostly_utf8(data: bytes, error: UnicodeDecodeError) -> Decoded | None:
    """UTF-8 with some broken bytes in it, or cut off inside its last character."""
    if error.start >= len(data) - 3 and error.reason == "unexpected end of data" and error.start:
        text = data[: error.start].decode("utf-8")
        if not text.isascii():
            return Decoded(text, "utf-8", ("The last character was cut off and is left out.",))
    near = data[max(0, error.start - _SAMPLE_BYTES) :][: 2 * _SAMPLE_BYTES].decode("utf-8", "replace")
    if near.count("\ufffd") > 1_000:
        return None  # another encoding altogether; decoding all of it this way would take seconds
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    # Each whole sequence of the lengths 2–4 shows as one character beyond ASCII.
    whole = len(text) - len(text.encode("ascii", "ignore")) - text.count("\ufffd")
    if whole >= 2 * broken:
        return Decoded(text, "utf-8", _replacement_notes(text, data, "utf-8"))
    return None


def _best_east_asian(data: bytes) -> str | None:
    sample = _sample_with_high_bytes(data)
    best_name, best_score = None, _MIN_COMMON_SHARE
    for name in _EAST_ASIAN:
        score = _commonness(sample, name)
        if score > best_score + 0.02:  # on a tie the earlier one stays
            best_name, best_score = name, score
    return best_name


def _sample_with_high_bytes(data: bytes) -> bytes:
    """A stretch around the first byte beyond ASCII; the start of a line, so that no character is cut."""
    match = re.search(rb"[\x80-\xff]", data)
    if not match:
        return data[:_SAMPLE_BYTES]
    start = data.rfind(b"\n", 0, match.start()) + 1
    return (
        data[start : start + _SAMPLE_BYTES]
        if match.start() - start < _SAMPLE_BYTES
        else data[match.start() :][:_SAMPLE_BYTES]
    )


def _commonness(sample: bytes, name: str) -> float:
    """Share of common characters among those beyond ASCII; what cannot be decoded counts against it."""
    text = codecs.getincrementaldecoder(_CODECS.get(name, name))("replace").decode(sample)
    beyond = [c for c in text if c > "\x7f"]
    if not beyond:
        return 0.0
    hits = bad = 0
    for c in beyond:
        if c in _COMMON_HAN or _is_kana_or_mark(c):
            hits += 1
        elif name == "euc-kr" and c in _COMMON_HANGUL:
            hits += 1.5
        elif c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or "\uff61" <= c <= "\uff9f":
            bad += 1
    return (hits - 4 * bad) / len(beyond)


def _best_single_byte(data: bytes) -> str:
    sample = _sample_with_high_bytes(data)
    text = sample.decode("cp1252", "replace")
    if not _looks_western(text):
        from charset_normalizer import from_bytes  # 30 ms to import, rarely needed

        guess = from_bytes(sample[:32_768], cp_isolation=_SINGLE_BYTE, threshold=0.4).best()
        if guess is not None:
            return {"iso8859_1": "cp1252"}.get(guess.encoding, guess.encoding.replace("_", "-"))
    undefined = any(byte in data for byte in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"))
    return "latin-1" if undefined else "cp1252"


_SINGLE_BYTE = [
    "cp1250",
    "cp1251",
    "cp1252",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "koi8_r",
    "koi8_u",
    "iso8859_2",
    "iso8859_5",
    "iso8859_7",
    "iso8859_9",
    "iso8859_15",
    "mac_roman",
    "mac_cyrillic",
    "cp437",
    "cp850",
    "cp866",
]


def _looks_western(text: str) -> bool:
    """True when accents sit inside words as the languages of western Europe have them."""
    odd = accents = letters = 0
    for word in _CP1252_WORD.findall(text):
        word = word.strip("«»„“”‘’‚…–—¡¿·•")
        if not word:
            continue
        letters += len(word)
        high = [c for c in word if c > "\x7f"]
        accents += len(high)
        if high and not word.isupper():
            odd += sum(c not in _PLAUSIBLE_1252 for c in high[0 if word[0] < "\x80" else 1 :])
    return accents <= 0.3 * letters and odd <= 0.1 * max(accents, 1)
