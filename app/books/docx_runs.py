"""The text of one paragraph of a DOCX: its runs, signs, formulas and notes, and the text boxes that hang on it.

A <w:p> in, a ParagraphText out. Deleted and hidden text is passed over; of alternatives the first is read. Knows the
parts that a paragraph refers to, not where the paragraph stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from .docx_parts import Parts, is_on, local, value
from .office_math import office_formula
from .symbol_fonts import UNKNOWN, is_symbol_font, symbol

_PROPERTIES = ("pPr", "rPr", "sectPr", "sdtPr", "sdtEndPr", "tblPr", "trPr", "tcPr", "rubyPr", "rt")
_PASSED_OVER = frozenset((*_PROPERTIES, "del", "moveFrom", "delText", "instrText", "fldData", "txbxContent"))
_SIGNS = {"ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(slots=True)
class Counts:
    """What is numbered or counted over the whole document."""

    notes: int = 0
    hidden: int = 0  # characters
    unknown_signs: int = 0


@dataclass(slots=True)
class ParagraphText:
    """What one paragraph says."""

    text: str = ""
    notes: list[str] = field(default_factory=list)  # "[1] …", in the order of their signs
    boxes: list[etree._Element] = field(default_factory=list)  # <w:txbxContent>, read after the paragraph
    is_hidden: bool = False  # by its style, unless a run says otherwise


def paragraph_text(paragraph: etree._Element, parts: Parts, counts: Counts) -> ParagraphText:
    """Read a paragraph."""
    style = parts.styles.get(value(paragraph.find("{*}pPr/{*}pStyle")))
    found = ParagraphText(is_hidden=style is not None and style.is_hidden)
    found.text = "".join(_pieces(paragraph, parts, counts, found))
    return found


def alternative(element: etree._Element) -> etree._Element | None:
    """The one of <mc:AlternateContent>'s children to read: the first choice, else what old programs show."""
    for kind in ("Choice", "Fallback"):
        for child in element:
            if local(child) == kind and len(child):
                return child
    return None


def _pieces(element: etree._Element, parts: Parts, counts: Counts, found: ParagraphText) -> Iterator[str]:
    for child in element:
        kind = local(child)
        if kind == "r":
            yield from _run(child, parts, counts, found)
        elif kind in ("oMath", "oMathPara"):
            yield office_formula(child)
        elif kind == "AlternateContent":
            chosen = alternative(child)
            if chosen is not None:
                yield from _pieces(chosen, parts, counts, found)
        elif kind in ("drawing", "pict", "object"):
            found.boxes.extend(_boxes(child))
        elif kind and kind not in _PASSED_OVER:
            yield from _pieces(child, parts, counts, found)


def _run(run: etree._Element, parts: Parts, counts: Counts, found: ParagraphText) -> Iterator[str]:
    properties = run.find("{*}rPr")
    if _is_hidden(properties, parts, found.is_hidden):
        counts.hidden += sum(len(t.text or "") for t in run.iter("{*}t"))
        return
    font = _symbol_font(properties)
    raised = properties is not None and value(properties.find("{*}vertAlign")) == "superscript"
    for child in run:
        kind = local(child)
        if kind == "t":
            yield _shown(child.text or "", font, raised, counts)
        elif kind == "tab":
            yield "\t"
        elif kind in _SIGNS:
            yield _SIGNS[kind]
        elif kind == "sym":
            yield _sign(value(child, "font"), value(child, "char"), counts)
        elif kind in ("footnoteReference", "endnoteReference"):
            yield _note_sign(kind.removesuffix("Reference"), value(child, "id"), parts, counts, found)
        elif kind == "ruby":  # the base is the text; what stands above says how it sounds
            base = child.find("{*}rubyBase")
            yield from _pieces(base, parts, counts, found) if base is not None else ()
        elif kind == "AlternateContent":
            chosen = alternative(child)
            if chosen is not None:
                yield from _run(chosen, parts, counts, found)
        elif kind in ("drawing", "pict", "object"):
            found.boxes.extend(_boxes(child))
        elif kind and kind not in _PASSED_OVER:
            yield from _pieces(child, parts, counts, found)


def _is_hidden(properties: etree._Element | None, parts: Parts, by_paragraph: bool) -> bool:
    """What the run says itself comes first, then its style, then its paragraph's."""
    if properties is None:
        return by_paragraph
    own = properties.find("{*}vanish")
    if own is not None:
        return is_on(own)
    style = parts.styles.get(value(properties.find("{*}rStyle")))
    return by_paragraph or (style is not None and style.is_hidden)


def _symbol_font(properties: etree._Element | None) -> str:
    """The font of pictures that a run is set in; "" for letters."""
    fonts = properties.find("{*}rFonts") if properties is not None else None
    font = value(fonts, "ascii") or value(fonts, "hAnsi")
    return font if is_symbol_font(font) else ""


def _shown(text: str, font: str, raised: bool, counts: Counts) -> str:
    if font:
        text = "".join(symbol(font, ord(char)) if char not in "\t\n" else char for char in text)
        counts.unknown_signs += text.count(UNKNOWN)
    return text.translate(_RAISED) if raised and text.isascii() and text.isdigit() else text


def _sign(font: str, code: str, counts: Counts) -> str:
    try:
        shown = symbol(font, int(code[:8], 16))
    except (ValueError, OverflowError):
        shown = UNKNOWN
    counts.unknown_signs += shown == UNKNOWN
    return shown


def _note_sign(kind: str, identifier: str, parts: Parts, counts: Counts, found: ParagraphText) -> str:
    note = parts.notes.get((kind, identifier))
    if note is None:
        return ""
    inside = ParagraphText()
    lines = ("".join(_pieces(paragraph, parts, counts, inside)) for paragraph in note.iter("{*}p"))
    text = " ".join(" ".join(lines).split())
    if not text:
        return ""
    counts.notes += 1
    number = counts.notes
    found.notes.append(f"[{number}] {text}")
    return f"[{number}]"


def _boxes(drawing: etree._Element) -> Iterator[etree._Element]:
    """The text boxes of a drawing, each once: not those inside another, nor the copies for old programs."""
    for child in drawing:
        kind = local(child)
        if kind == "txbxContent":
            yield child
        elif kind == "AlternateContent":
            chosen = alternative(child)
            if chosen is not None:
                yield from _boxes(chosen)
        else:
            yield from _boxes(child)
