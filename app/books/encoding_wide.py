"""UTF-16 and UTF-32 without a byte-order mark, and UTF-16 that lost or gained a byte.

Bytes in; the encoding's name or the text out. Such bytes make sense one way round and none the other: "sense" is the
share of characters that running text in any of the usual scripts is made of.
"""

from __future__ import annotations

_BLOCK_BYTES = 4_096
_SAMPLES = (
    _BLOCK_BYTES,
    4 * _BLOCK_BYTES,
)  # the first is short: what comes after a lost byte looks the other way round
_MAKES_SENSE = 0.6
_IN_STEP = 0.95  # of a block; less may mean that it falls out of step inside
_MAKES_NONE = 0.5  # of the sense that the better reading makes

# Frequent characters of modern and classical Chinese (both scripts) and frequent kanji.
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


def wide_without_mark(data: bytes) -> str | None:
    """'utf-16-le' and the like, when the bytes read that way are text; None for all else."""
    return next((name for size in _SAMPLES if (name := _wide(data[:size].rstrip(b"\0"), len(data)))), None)


def _wide(sample: bytes, whole_bytes: int) -> str | None:
    if len(sample) < 4 or b"\0" not in sample:
        return None
    if sample.count(0) > 0.4 * len(sample) and whole_bytes % 4 < 2:  # two or three of four are zero in UTF-32
        for name in ("utf-32-le", "utf-32-be"):
            if _sense(_decoded(sample, name)) > _MAKES_SENSE:
                return name
    sense = {name: _sense(_decoded(sample, name)) for name in ("utf-16-le", "utf-16-be")}
    best, other = sorted(sense, key=sense.__getitem__, reverse=True)
    return best if sense[best] > _MAKES_SENSE and sense[other] < _MAKES_NONE * sense[best] else None


def decode_utf16(data: bytes, name: str) -> tuple[str, int]:
    """The text, and at how many places a byte too many was left out so that the rest makes sense again."""
    left_out = 0
    if len(data) % 2:
        data, left_out = _realigned(data, name)
    return data.decode(name, "replace"), left_out


def _realigned(data: bytes, name: str) -> tuple[bytes, int]:
    """UTF-16 of an odd length less the bytes that push it out of step; in one pass over blocks."""
    kept: list[bytes] = []
    position = left_out = 0
    while position < len(data):
        block = data[position : position + _BLOCK_BYTES]
        if len(block) > 8 and _sense(_decoded(block, name)) < _IN_STEP:
            cut = _first_without_sense(block, name)
            after = data[position + cut + 1 : position + cut + 1 + _BLOCK_BYTES]
            before = data[position + cut : position + cut + _BLOCK_BYTES]
            if _sense(_decoded(after, name)) > max(_MAKES_SENSE, _sense(_decoded(before, name))):
                kept.append(block[:cut])
                position += cut + 1
                left_out += 1
                continue
        kept.append(block)
        position += len(block)
    if len(kept) and sum(map(len, kept)) % 2:
        kept[-1] = kept[-1][:-1]
        left_out += 1
    return b"".join(kept), left_out


def _first_without_sense(block: bytes, name: str) -> int:
    """Where, in bytes, the first of three characters in a row lies that no running text has."""
    in_a_row = 0
    for at, char in enumerate(_decoded(block, name, units=True)):
        in_a_row = 0 if _is_sensible(char) else in_a_row + 1
        if in_a_row == 3:
            return 2 * (at - 2)
    return 0


def _decoded(sample: bytes, name: str, units: bool = False) -> str:
    """Text of the sample without a last half character; with `units`, one character for each two bytes."""
    width = 4 if "32" in name else 2
    return sample[: len(sample) // width * width].decode(name, "surrogatepass" if units else "replace")


def _sense(text: str) -> float:
    return sum(map(_is_sensible, text)) / len(text) if text else 0.0


def _is_sensible(c: str) -> bool:
    if c <= "\u0fff":
        return c >= " " or c in "\t\n\r"
    return c in _COMMON_HAN or "\uac00" <= c <= "\ud7a3" or is_kana_or_mark(c)


def is_kana_or_mark(c: str) -> bool:
    """True for kana and the punctuation of East Asia."""
    return "\u3041" <= c <= "\u30fe" or c in "，。、；：？！“”「」『』《》（）\u3000…—‘’"
