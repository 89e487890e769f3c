"""Characters of fonts whose letters are pictures: what Symbol, Wingdings and their like show, as Unicode.

Source: the fonts' own encodings as published by Adobe (symbol encoding vector) and Microsoft (character sets of
Wingdings), and Unicode's names for the signs. Word writes such a character as its code, or 0xF000 above it.
"""

from __future__ import annotations

_PRIVATE = 0xF000

_SYMBOL = dict(
    zip(
        (*range(0x41, 0x5B), *range(0x61, 0x7B)),
        "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ" + "αβχδεφγηιϕκλμνοπθρστυϖωξψζ",
        strict=True,
    )
)
_SYMBOL |= {0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2A: "∗", 0x2D: "−", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥", 0x7E: "∼"}
_SYMBOL |= dict(
    zip(range(0xA0, 0xE6), "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…|—↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑", strict=True)
)
_SYMBOL |= {0xF1: "⟩", 0xF2: "∫", 0xF3: "⌠", 0xF5: "⌡"}

_WINGDINGS = {0x21: "✏", 0x22: "✂", 0x23: "✁", 0x28: "☎", 0x29: "✆", 0x2A: "✉", 0x36: "⌛", 0x37: "⌨", 0x3E: "✇"}
_WINGDINGS |= {0x3F: "✍", 0x41: "✌", 0x45: "☜", 0x46: "☞", 0x47: "☝", 0x48: "☟", 0x4A: "☺", 0x4B: "😐", 0x4C: "☹"}
_WINGDINGS |= {0x4E: "☠", 0x4F: "⚐", 0x51: "✈", 0x52: "☼", 0x54: "❄", 0x58: "✠", 0x59: "✡", 0x5A: "☪", 0x5B: "☯"}
_WINGDINGS |= {0x5C: "ॐ", 0x5D: "☸", 0x6C: "●", 0x6D: "❍", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x72: "❒", 0x73: "⬧"}
_WINGDINGS |= {0x74: "⧫", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x78: "☒", 0x7B: "❀", 0x7C: "✿", 0x7D: "❝", 0x7E: "❞"}
_WINGDINGS |= {0x9E: "·", 0x9F: "•", 0xA1: "○", 0xA4: "◉", 0xA5: "◎", 0xA7: "▪", 0xA8: "☐", 0xAA: "✦", 0xAB: "★"}
_WINGDINGS |= {0xD8: "➢", 0xDC: "➲", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE3: "↖", 0xE4: "↗", 0xE5: "↙"}
_WINGDINGS |= {0xE6: "↘", 0xE7: "←", 0xE8: "➔", 0xEF: "⇦", 0xF0: "⇨", 0xF1: "⇧", 0xF2: "⇩", 0xF3: "⬄", 0xF4: "⇳"}
_WINGDINGS |= {0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"}
_WINGDINGS |= {0x5E + i: chr(0x2648 + i) for i in range(12)}  # the zodiac
_WINGDINGS |= {0x80: "⓪", 0x8B: "⓿"} | {0x81 + i: chr(0x2460 + i) for i in range(10)}
_WINGDINGS |= {0x8C + i: chr(0x2776 + i) for i in range(10)}
_WINGDINGS |= {0xB7 + i: chr(0x1F550 + i) for i in range(12)}  # clock faces

_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x98: "•", 0xA3: "□", 0xA2: "■"}
_WEBDINGS = {
    0x61: "✓",
    0x63: "□",
    0x67: "■",
    0x6E: "●",
    0x72: "✗",
    0x59: "♥",
    0x33: "◀",
    0x34: "▶",
    0x35: "▲",
    0x36: "▼",
}

_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "webdings": _WEBDINGS}
UNKNOWN = "□"  # shown for a sign that is in no table


def is_symbol_font(font: str) -> bool:
    """True for a font whose letters are pictures."""
    return font.strip().lower() in _FONTS


def symbol(font: str, code: int) -> str:
    """The character that a font shows for a code; UNKNOWN where no table has it."""
    plain = code - _PRIVATE if _PRIVATE <= code <= _PRIVATE + 0xFF else code
    table = _FONTS.get(font.strip().lower())
    if table is None:  # a usual font: the code is Unicode, unless it is a place of the font's own
        return chr(code) if plain == code and 0x20 <= code < 0xE000 else chr(plain) if 0x20 <= plain < 0x7F else UNKNOWN
    if plain in table:
        return table[plain]
    if table is _SYMBOL and 0x20 <= plain < 0x7F:
        return chr(plain)  # digits and punctuation are where ASCII has them
    return " " if plain in (0x20, 0xA0) else UNKNOWN
