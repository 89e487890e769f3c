"""What an element of a page is besides its tag: a page number, a note or its sign, a formula said twice, a quotation.

Elements in, answers out; knows nothing of the text being built. Names of roles: EPUB's structural semantics (epub:type)
and DPUB-ARIA, by W3C.
"""

from __future__ import annotations

import re

from lxml import etree

_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_PAGE_NUMBER_CLASSES = frozenset(
    ("pagenum", "pageno", "page-number", "pagenumber", "pagebreak", "x-ebookmaker-pageno", "pgnum")
)
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:pages?|pgs?|pp?|pag|página|seite|s|str|стр|с|第|folio|fol)\W*)?"
    r"(?:\d{1,5}[a-z]?|[ivxlcdm]{1,9}|[a-z]\W?\d{1,4})(?:\W{0,3}(?:of|von|de|sur)?\W{0,3}\d{1,5})?\W*[页頁]?\W*",
    re.I,
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_NOTES = re.compile(r"\b(?:doc-)?(?:(?:foot|end|rear)?notes?)\b")
_SIGN_CLASS = re.compile(
    r"(?:note|fn|footnote|endnote)[-_]?(?:ref|call|anchor|link)|^(?:footnote|endnote|fn|noteref)$", re.I
)
_SIGN_TEXT = re.compile(r"\s*[\w*†‡§¶]{1,4}\s*")
_OPENING = "\"'“”„‟«»‹›‘’‚「『《〈—"
# outer opening and closing, inner opening and closing; CSS "quotes: auto" and the CLDR say the same
_QUOTES = {
    "en": "“”‘’",
    "de": "„“‚‘",
    "cs": "„“‚‘",
    "pl": "„”‚’",
    "fr": "«»“”",
    "es": "«»“”",
    "it": "«»“”",
    "pt": "«»“”",
    "ru": "«»„“",
    "uk": "«»„“",
    "sv": "””’’",
    "fi": "””’’",
    "ja": "「」『』",
}


def roles(element: etree._Element) -> str:
    """What the element says it is, whichever way it says so."""
    return f"{element.get(_EPUB_TYPE) or element.get('epub:type', '')} {element.get('role', '')}"


def is_page_number(element: etree._Element) -> bool:
    """True for a mark of the printed book's pages. A chapter that begins a new page, or a paragraph so marked, is none."""
    named = element.tag == "pagenum" or "pagebreak" in roles(element)
    classes = element.get("class")
    if not named and not (classes and _PAGE_NUMBER_CLASSES.intersection(classes.lower().split())):
        return False
    if element.tag in _HEADINGS or any(child.tag in _HEADINGS for child in element.iter(etree.Element)):
        return False
    text = "".join(element.itertext()).strip()
    said = (element.get("title", "").strip(), element.get("aria-label", "").strip())
    return not text or (len(text) <= 24 and (_PAGE_NUMBER.fullmatch(text) is not None or text in said))


def is_hidden(element: etree._Element) -> bool:
    """True where a reader does not see the element, and is not meant to see it elsewhere: as a note or a formula."""
    style = element.get("style")
    if element.get("hidden") is None and not (style is not None and _HIDDEN.search(style)):
        return False
    if any(child.tag == "math" for child in element.iter("math")):
        return False  # for reading aloud, beside a picture of it
    if any(is_note(child) for child in element.iter(etree.Element)):
        return False  # reading systems show it when its sign is touched
    targets = {child.get("id") for child in element.iter(etree.Element)} - {None}
    if not targets:
        return True
    links = element.getroottree().iter("a")
    return not any(link.get("href", "").rpartition("#")[2] in targets and is_note_sign(link) for link in links)


def is_note(element: etree._Element) -> bool:
    """True for a footnote or endnote, or a list of them."""
    return _NOTES.search(roles(element)) is not None


def is_note_sign(element: etree._Element) -> bool:
    """True for the link from the text to a note."""
    if element.tag != "a" or not element.get("href"):
        return False
    if "noteref" in roles(element):
        return True
    if any(_SIGN_CLASS.search(name) for name in element.get("class", "").split()):
        return _SIGN_TEXT.fullmatch("".join(element.itertext())) is not None
    return False


def has_formula_beside(element: etree._Element) -> bool:
    """True for the drawn twin of a <math> element (KaTeX, MathJax): the formula would be read twice."""
    if element.get("aria-hidden") != "true":
        return False
    parent = element.getparent()
    for other in parent if parent is not None else ():
        if other is not element and isinstance(other.tag, str) and next(other.iter("math"), None) is not None:
            return True
    return False


def formula_of_picture(image: etree._Element) -> str:
    """The formula that a picture shows, in TeX, where the page has it in no other way."""
    classes = image.get("class", "")
    if not re.search(r"\b(?:mwe-math|tex|latex|math)", classes):
        return ""
    around = image.getparent()
    if around is not None and next(around.iter("math"), None) is not None:
        return ""
    text = image.get("alt", "").strip()
    if match := re.fullmatch(r"\{\\(?:display|text)style\s+(.*)\}", text, re.S):
        text = match.group(1).strip()
    return text


def opening_quote(element: etree._Element, depth: int) -> str:
    """The mark before a <q>; none where the page has written one itself. `depth`: quotations around it."""
    return _quote(element, depth, 0)


def closing_quote(element: etree._Element, depth: int) -> str:
    """The mark behind a <q>."""
    return _quote(element, depth, 1)


def _quote(element: etree._Element, depth: int, which: int) -> str:
    if "".join(element.itertext()).lstrip()[:1] in tuple(_OPENING):
        return ""
    language = "en"
    for parent in (element, *element.iterancestors()):
        if own := parent.get("lang") or parent.get(_XML_LANG) or parent.get("xml:lang"):
            language = own.lower()
            break
    marks = "“”‘’" if language.startswith("zh-hans") else _QUOTES.get(language.partition("-")[0], _QUOTES["en"])
    return marks[2 * (depth % 2) + which]
