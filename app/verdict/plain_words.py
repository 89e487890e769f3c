"""Text in, the same text in a plain spelling out: one case, one kind of quotation mark, numbers as digits.

What makes "forty-one", "Forty one" and "41" the same word, so that an answer is not wrong for its spelling. English number
words up to the millions and ordinals to the hundreds ("the seventh" becomes 7), Chinese numerals up to 9,999.
"""

from __future__ import annotations

import re
import unicodedata

_UNIT_LIST = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_UNITS = {word: value for value, word in enumerate(_UNIT_LIST.split())}
_TEN_LIST = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * value for value, word in enumerate(_TEN_LIST.split(), 2)}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
    "thirteenth": 13,
    "fourteenth": 14,
    "fifteenth": 15,
    "sixteenth": 16,
    "seventeenth": 17,
    "eighteenth": 18,
    "nineteenth": 19,
    "twentieth": 20,
    "thirtieth": 30,
    "fortieth": 40,
    "fiftieth": 50,
    "sixtieth": 60,
    "seventieth": 70,
    "eightieth": 80,
    "ninetieth": 90,
    "hundredth": 100,
}
NUMBER_WORDS = frozenset((*_UNITS, *_TENS, *_SCALES, *_ORDINALS))
_HAN_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1_000}
HAN_NUMERALS = "".join((*_HAN_DIGITS, *_HAN_SCALES))
_HAN_GROUPS = {"万": 10_000, "亿": 100_000_000}
_HAN_NUMBER = re.compile(
    f"两(?=[{HAN_NUMERALS}个位只本条次])[{HAN_NUMERALS}]{{0,11}}|[{HAN_NUMERALS}]{{1,12}}"
)  # elsewhere 两 is a weight
# A word, a number with its separators, or one Chinese character; "3.17" and "9-2" stay whole.
_TOKEN = re.compile(r"[\u3400-\u9fff]|\d+(?:[.,:/-]\d+)*(?:st|nd|rd|th)?|[^\W\d_]+(?:'[^\W\d_]+)?")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_QUOTES = {**dict.fromkeys(map(ord, "‘’‚‛′`"), "'"), **dict.fromkeys(map(ord, "“”„‟″«»"), '"')}
_CLOCK = re.compile(r"\b(\d{1,2}) minutes? (past|to) (\d{1,2})\b")


def words_of(text: str) -> list[str]:
    """The words of a text in plain spelling, numbers as digits."""
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES).translate(_QUOTES).casefold()
    folded = _HAN_NUMBER.sub(lambda match: f" {han_value(match.group())} ", folded)
    tokens = [_plain_token(token) for token in _TOKEN.findall(folded)]
    return _CLOCK.sub(_as_clock, " ".join(_with_digits(tokens))).split()


def _plain_token(token: str) -> str:
    if token[0].isdigit():
        token = re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", token)
        return re.sub(r"(?<=\d),(?=\d{3}\b)", "", token)
    return token.removesuffix("'s")


def _with_digits(tokens: list[str]) -> list[str]:
    """Runs of number words as one number each: "a hundred and sixty-three" gives 163."""
    out: list[str] = []
    at = 0
    while at < len(tokens):
        begin = at + 1 if tokens[at] == "a" and at + 1 < len(tokens) and tokens[at + 1] in _SCALES else at
        if tokens[begin] not in NUMBER_WORDS:
            out.append(tokens[at])
            at += 1
            continue
        value, at = number_at(tokens, begin)
        out.append(str(value))
    return out


def number_at(tokens: list[str], begin: int) -> tuple[int, int]:
    """The number that begins there, and the place after it. Grammar: units after tens, scales after either, "and" after a scale."""
    total, part, last = 0, 0, 10**9  # `last`: size of the word before, which a following unit must stay below
    at = begin
    while at < len(tokens):
        word = tokens[at]
        if (
            word == "and"
            and last in (100, 1_000, 1_000_000)
            and at + 1 < len(tokens)
            and tokens[at + 1] in NUMBER_WORDS
        ):
            at += 1
            continue
        value = _UNITS.get(word, _TENS.get(word, _ORDINALS.get(word)))
        if value is not None:
            if last <= 10 or (last < 100 and value >= 10):  # "nine two": two numbers
                break
            part, last = part + value, value if value < 20 else 20
            at += 1
            if word in _ORDINALS:
                break
            last = 10 if value < 20 else 20
        elif word in _SCALES:
            scale = _SCALES[word]
            part = max(1, part) * scale
            if scale > 100:
                total, part = total + part, 0
            last = scale
            at += 1
        else:
            break
    return total + part, at


def han_value(run: str) -> int:
    """The value of Chinese numerals: of 二万八千零五十四, 两百 and, digit by digit as in years, 一九四五."""
    run = run.replace("两", "二")
    if not any(character in _HAN_SCALES or character in _HAN_GROUPS for character in run):
        return int("".join(str(_HAN_DIGITS[character]) for character in run))
    total, part, digit = 0, 0, 0
    for character in run:
        if character == "万":
            total, part, digit = total + (part + digit) * _HAN_GROUPS[character], 0, 0
        elif character == "亿":
            total, part, digit = (total + part + digit) * _HAN_GROUPS[character], 0, 0
        elif character in _HAN_SCALES:
            part, digit = part + (digit or 1) * _HAN_SCALES[character], 0
        else:
            digit = _HAN_DIGITS[character]
    return total + part + digit


def _as_clock(match: re.Match[str]) -> str:
    """Seventeen minutes past three is 3.17."""
    minutes, hour = int(match.group(1)), int(match.group(3))
    if match.group(2) == "to":
        minutes, hour = 60 - minutes, (hour - 2) % 12 + 1
    return f"{hour}.{minutes:02d}"
