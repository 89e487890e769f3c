"""A saved web page in, a Draft out: its main text, with chapters from its headings."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from .book import BookFormat, Chapter
from .gutenberg import part_gutenberg
from .html_text import add_page
from .page_source import parse_page, title_of_page
from .parsed_text import Draft, Progress
from .table_of_contents import chapters_of
from .text_builder import TextBuilder
from .text_cleaning import clean_title, title_of_file


def read_html(data: bytes, filename: str, encoding: str | None, keep_gutenberg: bool, progress: Progress) -> Draft:
    """The text of a page, without its menus."""
    progress(0.1, "Reading the page")
    root, found = parse_page(data, filename, encoding)
    main = _main_part(root)
    builder = TextBuilder()
    add_page(main, builder, skip=frozenset(("aside", "footer")) if main is root else frozenset())
    text = builder.finish()
    notes: tuple[str, ...] = () if main is root else ("The page's main part is read; menus and margins are left out.",)
    title = clean_title(title_of_page(root) or _first_heading(builder) or title_of_file(filename))
    chapters = chapters_of(text, title, (), builder.headings)
    draft = Draft(title, text, BookFormat.HTML, found, chapters, notes)
    return without_gutenberg(draft, keep_gutenberg)


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


def _main_part(root: etree._Element) -> etree._Element:
    """<main> or the one <article>, when most of the text is in it."""
    whole = len("".join(root.itertext()))
    for tag in ("article", "main"):
        found = root.findall(f".//{tag}")
        if len(found) == 1 and 2 * len("".join(found[0].itertext())) > whole:
            return found[0]
    return root


def _first_heading(builder: TextBuilder) -> str | None:
    return builder.headings[0].title if builder.headings else None
