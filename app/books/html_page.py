"""A saved web page in, a Draft out: its main text, with chapters from its headings."""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree

from .book import BookFormat, Chapter
from .file_format import is_mhtml
from .gutenberg import part_gutenberg
from .html_text import add_page
from .mhtml import page_of_mhtml
from .page_source import parse_page, title_of_page
from .parsed_text import Draft, Progress
from .table_of_contents import chapters_of
from .text_builder import TextBuilder
from .text_cleaning import clean_title, title_of_file

_MARGINS = frozenset(
    ("nav", "aside", "footer", "header", "form", "dialog", "menu", "script", "style", "template", "noscript")
)
_MARGIN_NAME = re.compile(
    r"(?i)comment|related|sidebar|cookie|share|promo|newsletter|\bads?\b|banner|breadcrumb|popup|modal"
)
_PROSE = frozenset(("p", "blockquote", "pre"))
_LEAST_PROSE = 40  # characters; shorter paragraphs are captions and buttons
_PROSE_SHARE = 0.2  # beside the main part; more is text of the page
_PARTS = ("article", "section", "main", "blockquote", "figure", "td", "li", "details")
_NOTE_NAME = re.compile(r"(?i)foot-?notes?|end-?notes?|rear-?notes?|\bfn\b|doc-(?:foot|end)note|\bnotes?\b")
_IMPRINT = re.compile(r"(?i)©|\(c\)|copyright|rights reserved|powered by|privacy")


def read_html(data: bytes, filename: str, encoding: str | None, keep_gutenberg: bool, progress: Progress) -> Draft:
    """The text of a page, without its menus."""
    progress(0.1, "Reading the page")
    root, found = page_tree(data, filename, encoding)
    main = main_part(root)
    builder = TextBuilder()
    add_page(main, builder)
    text = builder.finish()
    notes: tuple[str, ...] = () if main is root else ("The page's main part is read; menus and margins are left out.",)
    title = clean_title(title_of_page(root) or _first_heading(builder) or title_of_file(filename))
    chapters = chapters_of(text, title, (), builder.headings)
    draft = Draft(title, text, BookFormat.HTML, found, chapters, notes)
    return without_gutenberg(draft, keep_gutenberg)


def page_tree(data: bytes, filename: str, encoding: str | None) -> tuple[etree._Element, str]:
    """The tree of a page, saved plain or as MHTML, and its encoding."""
    if not is_mhtml(data, filename):
        return parse_page(data, filename, encoding)
    page, charset = page_of_mhtml(data, filename)
    if encoding is None and charset is not None and "utf-16" not in charset:
        try:
            page.decode(charset)
            encoding = charset
        except (LookupError, UnicodeError, ValueError):
            pass  # the page's own declaration, or its bytes, will say
    return parse_page(page, filename, encoding)


def without_gutenberg(draft: Draft, keep: bool) -> Draft:
    """The Draft with Gutenberg's header and licence set aside and its chapters moved accordingly."""
    parted = part_gutenberg(draft.text)
    if keep or not (parted.front.strip() or parted.back.strip()):
        return draft
    start, end = len(parted.front), len(parted.front) + len(parted.body)
    chapters = tuple(
        Chapter(chapter.title, max(chapter.start, start) - start, min(chapter.end, end) - start)
        for chapter in draft.chapters
        if chapter.start < end and chapter.end > start and parted.body[max(chapter.start - start, 0) :].strip()
    )
    chapters = tuple(chapter for chapter in chapters if chapter.end - chapter.start > 0)
    draft = replace(
        draft,
        text=parted.body,
        chapters=chapters or (Chapter(draft.title, 0, len(parted.body)),),
        front_matter=parted.front,
        back_matter=parted.back,
    )
    return draft.with_notes("Project Gutenberg's header and licence are set aside.")


def main_part(root: etree._Element) -> etree._Element:
    """The part of a page that is its text, the margins of the page hidden.

    That is <main> or the one <article> where most of the text is in it and no prose of weight stands beside it; else
    the whole page.
    """
    whole = _length(root)
    for tag in ("article", "main"):
        found = root.findall(f".//{tag}")
        if len(found) == 1:
            inside = _length(found[0])
            if 2 * inside > whole and _prose_beside(root, found[0]) < _PROSE_SHARE * inside:
                return found[0]
    for element in root.iter("footer", "aside"):
        if _is_margin(element):
            element.set("hidden", "")
    return root


def _length(element: etree._Element) -> int:
    """Characters of text, scripts and style sheets left out."""
    unread = sum(len("".join(e.itertext())) for e in element.iter("script", "style", "template", "noscript"))
    return len("".join(element.itertext())) - unread


def _prose_beside(root: etree._Element, main: etree._Element) -> int:
    """Characters in paragraphs outside the main part that are in no menu, margin, form or comment."""
    length = 0
    passed = {main}
    for element in root.iter(etree.Element):
        if element.getparent() in passed or element.tag in _MARGINS or _MARGIN_NAME.search(_names(element)):
            passed.add(element)
        elif element.tag in _PROSE:
            text = " ".join("".join(element.itertext()).split())
            length += len(text) if len(text) >= _LEAST_PROSE else 0
    return length


def _is_margin(element: etree._Element) -> bool:
    """True for a footer or aside of the page; those of a section, a letter or a quotation, and notes, are its text."""
    if next(element.iterancestors(*_PARTS), None) is not None:
        return False
    if any(_NOTE_NAME.search(_names(part)) for part in element.iter(etree.Element)):
        return False
    if element.find(".//p") is None or element.find(".//a") is not None:
        return True
    return _IMPRINT.search("".join(element.itertext())) is not None


def _names(element: etree._Element) -> str:
    get = element.get
    return f"{get('class', '')} {get('id', '')} {get('role', '')} {get('epub:type', '')}"


def _first_heading(builder: TextBuilder) -> str | None:
    return builder.headings[0].title if builder.headings else None
