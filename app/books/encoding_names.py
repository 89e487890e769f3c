"""The text encodings a person may choose from: our name, the codec that reads it, and what people call it.

The one table of the menu, of messages and of what the detector's answers are called. Knows nothing of bytes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Encoding:
    """One line of the menu."""

    name: str  # what a Book and the command line call it
    codec: str  # Python's codec: Microsoft's supersets are what files are written in
    label: str  # for people: "Windows-1254 (Turkish)"


# In the order of the menu: Unicode, East Asia, then alphabets with the commonest encoding of each first.
ENCODINGS = (
    Encoding("utf-8", "utf-8-sig", "UTF-8"),
    Encoding("utf-16-le", "utf-16-le", "UTF-16 (little-endian)"),
    Encoding("utf-16-be", "utf-16-be", "UTF-16 (big-endian)"),
    Encoding("gb18030", "gb18030", "GB18030 (Chinese, simplified)"),
    Encoding("big5", "cp950", "Big5 (Chinese, traditional)"),
    Encoding("big5-hkscs", "big5hkscs", "Big5-HKSCS (Chinese, Hong Kong)"),
    Encoding("shift_jis", "cp932", "Shift-JIS (Japanese)"),
    Encoding("euc-jp", "euc_jp", "EUC-JP (Japanese)"),
    Encoding("euc-kr", "cp949", "EUC-KR (Korean)"),
    Encoding("cp1252", "cp1252", "Windows-1252 (Western)"),
    Encoding("latin-1", "latin-1", "Latin-1 (Western)"),
    Encoding("iso-8859-15", "iso8859-15", "Latin-9 (Western, with €)"),
    Encoding("mac-roman", "mac-roman", "Mac Roman (Western)"),
    Encoding("cp850", "cp850", "DOS 850 (Western)"),
    Encoding("cp437", "cp437", "DOS 437 (Western)"),
    Encoding("cp865", "cp865", "DOS 865 (Nordic)"),
    Encoding("cp1250", "cp1250", "Windows-1250 (Central European)"),
    Encoding("iso-8859-2", "iso8859-2", "Latin-2 (Central European)"),
    Encoding("cp852", "cp852", "DOS 852 (Central European)"),
    Encoding("mac-latin2", "mac-latin2", "Mac (Central European)"),
    Encoding("cp1257", "cp1257", "Windows-1257 (Baltic)"),
    Encoding("iso-8859-13", "iso8859-13", "Latin-7 (Baltic)"),
    Encoding("iso-8859-4", "iso8859-4", "Latin-4 (Baltic)"),
    Encoding("cp775", "cp775", "DOS 775 (Baltic)"),
    Encoding("cp1254", "cp1254", "Windows-1254 (Turkish)"),
    Encoding("cp857", "cp857", "DOS 857 (Turkish)"),
    Encoding("mac-turkish", "mac-turkish", "Mac (Turkish)"),
    Encoding("cp1258", "cp1258", "Windows-1258 (Vietnamese)"),
    Encoding("cp874", "cp874", "Windows-874 (Thai)"),
    Encoding("cp1251", "cp1251", "Windows-1251 (Cyrillic)"),
    Encoding("koi8-r", "koi8-r", "KOI8-R (Cyrillic)"),
    Encoding("koi8-u", "koi8-u", "KOI8-U (Cyrillic, Ukrainian)"),
    Encoding("iso-8859-5", "iso8859-5", "ISO-8859-5 (Cyrillic)"),
    Encoding("cp866", "cp866", "DOS 866 (Cyrillic)"),
    Encoding("mac-cyrillic", "mac-cyrillic", "Mac (Cyrillic)"),
    Encoding("cp1253", "cp1253", "Windows-1253 (Greek)"),
    Encoding("iso-8859-7", "iso8859-7", "ISO-8859-7 (Greek)"),
    Encoding("cp737", "cp737", "DOS 737 (Greek)"),
    Encoding("cp1255", "cp1255", "Windows-1255 (Hebrew)"),
    Encoding("cp1256", "cp1256", "Windows-1256 (Arabic)"),
    Encoding("iso-8859-6", "iso8859-6", "ISO-8859-6 (Arabic)"),
)
CHOOSABLE_ENCODINGS = tuple(one.name for one in ENCODINGS)
_CODECS = {one.name: one.codec for one in ENCODINGS}
_LABELS = {one.name: one.label for one in ENCODINGS}


def codec_of(name: str) -> str:
    """The codec that reads what people call by the name."""
    return _CODECS.get(name, name)


def encoding_label(name: str) -> str:
    """'gb18030' -> 'GB18030 (Chinese, simplified)'; a name outside the menu in capitals."""
    return _LABELS.get(name, name.upper())
