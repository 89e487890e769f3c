"""Contents lists that do not cover the book: chapters come from its headings then, and a note says so."""

from __future__ import annotations

import pytest

from app.books import read_book
from tests.books.make_books import PROSE, make_epub, make_pdf

HEADER = (
    "<p>The Project Gutenberg eBook of The Lamp</p><p>Title: The Lamp</p>"
    "<p>*** START OF THE PROJECT GUTENBERG EBOOK THE LAMP ***</p>"
)
LICENCE = "<p>*** END OF THE PROJECT GUTENBERG EBOOK THE LAMP ***</p>" + "<p>You may copy it, give it away.</p>" * 400
NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
NAMES = ("The Lamp", "The Oil", "The Sand", "The Chart", "The Rope", "The Tide") * 2
NOTE = (
    "The book's own contents list leaves {} of the text in one piece; the chapters are taken from its headings instead."
)


def point(title: str, src: str, inner: str = "") -> str:
    return f'<navPoint><navLabel><text>{title}</text></navLabel><content src="{src}"/>{inner}</navPoint>'


def gutenberg(heading: str, files: int = 1, length: int = 12, end: str = '<h3 id="end">THE END</h3>') -> dict[str, str]:
    """The pages of a Gutenberg book of 12 chapters, in so many files, with its own list of contents in the text."""
    listed = "".join(f'<p><a href="#c{i}">CHAPTER {n}. {NAMES[i]}</a></p>' for i, n in enumerate(NUMERALS))
    front = f'{HEADER}<h1 id="title">The Lamp</h1><h3>by Nobody</h3><h2>Contents</h2>{listed}'
    chapters = [
        heading.format(i=i, numeral=numeral, name=NAMES[i]) + f"<p>{PROSE * length}</p>" * 3
        for i, numeral in enumerate(NUMERALS)
    ]
    per_file = -(-len(chapters) // files)
    pages = ["".join(chapters[i : i + per_file]) for i in range(0, len(chapters), per_file)]
    pages[0] = front + pages[0]
    pages[-1] += end + LICENCE
    return {f"{i}.xhtml": page for i, page in enumerate(pages)}


HEADINGS = {
    "of today": '<div class="chapter"><h2><a id="chap{i}"></a>CHAPTER {numeral}.<br/>{name}</h2></div>',
    "of old, the number apart": "<h2>CHAPTER {numeral}</h2><h3>{name}</h3>",
    "of level three": "<h3>CHAPTER {numeral}. {name}</h3>",
    "in paragraphs": "<p>&#160;</p><p>CHAPTER {numeral}. {name}</p>",
    "in bare numerals": "<h2>{numeral}.</h2>",
}


@pytest.mark.parametrize("kind", HEADINGS)
@pytest.mark.parametrize("files", [1, 3, 12])
def test_a_list_of_title_page_and_the_end_gives_way_to_the_twelve_chapters(kind, files):
    pages = gutenberg(HEADINGS[kind], files)
    ncx = point("The Lamp", "0.xhtml#title") + point("THE END", f"{len(pages) - 1}.xhtml#end")
    book = read_book(make_epub(pages, ncx=ncx, title="The Lamp"), "lamp.epub")
    assert len(book.chapters) == 12
    assert all(f"{numeral}." in f"{c.title}." for numeral, c in zip(NUMERALS, book.chapters, strict=True))
    assert book.chapters[-1].end == len(book.text)
    assert NOTE.format("100 %") in book.notes or NOTE.format("99 %") in book.notes


@pytest.mark.parametrize("end", ["THE END", "Fin.", "[The End]", "Ende"])
def test_the_words_that_close_a_book_are_no_chapter_but_a_last_chapter_of_that_name_is(end):
    pages = {f"{i}.xhtml": f"<h2>Tale {i}</h2><p>{PROSE * 9}</p>" for i in range(3)}
    nav = (
        "".join(f'<li><a href="{i}.xhtml">Tale {i}</a></li>' for i in range(3))
        + f'<li><a href="e.xhtml">{end}</a></li>'
    )
    short = read_book(make_epub(pages | {"e.xhtml": f"<h2>{end}</h2><p>Printed by hand.</p>"}, nav=nav), "a.epub")
    assert [c.title for c in short.chapters] == ["Tale 0", "Tale 1", "Tale 2"]
    assert short.chapters[-1].end == len(short.text)
    long = read_book(make_epub(pages | {"e.xhtml": f"<h2>{end}</h2><p>{PROSE * 9}</p>"}, nav=nav), "a.epub")
    assert len(long.chapters) == 4


def test_a_short_book_is_judged_without_the_licence_that_outweighs_it():
    pages = gutenberg(HEADINGS["of today"], length=1)
    ncx = point("The Lamp", "0.xhtml#title") + point("THE END", "0.xhtml#end")
    book = read_book(make_epub(pages, ncx=ncx), "lamp.epub")
    assert len(book.back_matter) > len(book.text)
    assert len(book.chapters) == 12


def test_a_list_that_begins_with_the_appendix_does_not_cover_the_book():
    pages = gutenberg(HEADINGS["of today"], 12) | {
        "app.xhtml": f"<h2>Appendix A</h2><p>{PROSE}</p><h2>Appendix B</h2><p>{PROSE}</p>"
    }
    ncx = point("Appendix A", "app.xhtml") + point("Notes", "11.xhtml#end")
    assert len(read_book(make_epub(pages, ncx=ncx), "lamp.epub").chapters) >= 12


def test_of_two_lists_the_one_that_leads_to_more_places_is_taken():
    pages = {f"{i}.xhtml": f"<p>{PROSE}</p>" for i in range(6)}
    nav = '<li><a href="0.xhtml">Start</a></li><li><a href="5.xhtml">End</a></li>'
    ncx = "".join(point(f"Tale {i}", f"{i}.xhtml") for i in range(6))
    book = read_book(make_epub(pages, nav=nav, ncx=ncx), "a.epub")
    assert [c.title for c in book.chapters] == [f"Tale {i}" for i in range(6)]


def test_a_list_that_covers_the_book_is_kept_whatever_its_headings_say():
    body = "".join(f"<h2>CHAPTER {n}</h2><p>{PROSE * 5}</p>" for n in NUMERALS[:4])
    pages = {"a.xhtml": body, "b.xhtml": body}
    nav = '<li><a href="a.xhtml">The first tale</a></li><li><a href="b.xhtml">The second tale</a></li>'
    book = read_book(make_epub(pages, nav=nav), "a.epub")
    assert [c.title for c in book.chapters] == ["The first tale", "The second tale"]
    assert book.notes == ()


def test_a_long_story_among_others_keeps_the_list_where_headings_divide_it_no_further():
    pages = {"pre.xhtml": f"<h2>Preface</h2><p>{PROSE}</p>", "a.xhtml": f"<h2>The Tale</h2><p>{PROSE * 40}</p>"}
    nav = '<li><a href="pre.xhtml">Preface</a></li><li><a href="a.xhtml">The Tale</a></li>'
    book = read_book(make_epub(pages, nav=nav), "a.epub")
    assert [c.title for c in book.chapters] == ["Preface", "The Tale"]
    assert book.notes == ()


def test_a_pdf_outline_of_cover_and_end_gives_way_to_the_headings():
    pages = []
    for number, numeral in enumerate(NUMERALS):
        lines = [(170, 520, 18, f"CHAPTER {numeral}")]
        lines += [(40, 480 - 12 * i, 10, f"Line {i} of chapter {number}, which is as long as any.") for i in range(30)]
        pages.append(lines)
    book = read_book(make_pdf(pages, [("Cover", 0), ("The Lamp", 0), ("End", 11)]), "a.pdf")
    assert [c.title for c in book.chapters] == [f"CHAPTER {numeral}" for numeral in NUMERALS]
    assert any("contents list leaves" in note for note in book.notes)
