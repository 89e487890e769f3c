"""EPUBs: spine order, chapters from nav and NCX, footnotes in place, covers and styles ignored."""

from __future__ import annotations

import pytest

from app.books import BookDamaged, BookEmpty, BookEncrypted, BookFormat, read_book
from tests.books.make_books import CONTAINER, PROSE, XHTML, make_epub, make_zip, shared

CHAPTER = "<h2>{}</h2><p>" + PROSE + "</p><p>Second <i>paragraph</i> of it.</p>"


def entry(title: str, href: str, inner: str = "") -> str:
    return f'<li><a href="{href}">{title}</a>{f"<ol>{inner}</ol>" if inner else ""}</li>'


def point(title: str, src: str, inner: str = "") -> str:
    return f'<navPoint><navLabel><text>{title}</text></navLabel><content src="{src}"/>{inner}</navPoint>'


def test_alice_has_its_12_chapters_with_their_titles_and_its_whole_text():
    book = read_book(shared("alice.epub"), "alice.epub")
    assert (book.format, book.title) == (BookFormat.EPUB, "Alice's Adventures in Wonderland")
    assert len(book.chapters) == 12
    assert book.chapters[0].title == "CHAPTER I. Down the Rabbit-Hole"
    assert book.chapters[6].title == "CHAPTER VII. A Mad Tea-Party"
    assert book.chapters[11].title == "CHAPTER XII. Alice’s Evidence"
    assert book.text.rstrip().endswith("THE END")
    assert all(book.text[c.start :].startswith("CHAPTER") for c in book.chapters)
    assert "happy summer days." in book.text
    assert "Project Gutenberg" not in book.text
    assert "Project Gutenberg License" in book.back_matter
    kept = read_book(shared("alice.epub"), "alice.epub", keep_gutenberg=True)
    assert book.text in kept.text
    assert len(kept.chapters) == 12


def test_the_spine_gives_the_order_not_the_archive():
    pages = {"z.xhtml": "<h1>Chapter 1</h1><p>first</p>", "a.xhtml": "<h1>Chapter 2</h1><p>second</p>"}
    book = read_book(make_epub(pages), "a.epub")
    assert book.text.index("first") < book.text.index("second")
    assert [c.title for c in book.chapters] == ["Chapter 1", "Chapter 2"]


@pytest.mark.parametrize("kind", ["nav", "ncx"])
def test_several_chapters_in_one_file_are_found_by_their_fragments(kind):
    body = "".join(f'<div id="c{i}">{CHAPTER.format(f"Heading {i}")}</div>' for i in range(1, 4))
    make = entry if kind == "nav" else point
    listed = "".join(make(f"The {n} tale", f"one.xhtml#c{i}") for i, n in enumerate(("first", "second", "third"), 1))
    book = read_book(make_epub({"one.xhtml": body}, **{kind: listed}), "a.epub")
    assert [c.title for c in book.chapters] == ["The first tale", "The second tale", "The third tale"]
    assert [book.text[c.start : c.start + 9] for c in book.chapters] == ["Heading 1", "Heading 2", "Heading 3"]
    assert book.chapters[-1].end == len(book.text)


def test_parts_give_way_to_their_chapters_and_chapters_keep_their_sections():
    pages = {
        f"c{i}.xhtml": CHAPTER.format(f"Chapter {i}") + '<h3 id="s">A section</h3><p>More.</p>' for i in (1, 2, 3, 4)
    }
    pages = {"p1.xhtml": "<h1>Part One</h1>", **pages}
    chapter = [entry(f"Chapter {i}", f"c{i}.xhtml", entry("A section", f"c{i}.xhtml#s")) for i in (1, 2, 3, 4)]
    nav = entry("Part One", "p1.xhtml", chapter[0] + chapter[1]) + entry(
        "Part Two", "c3.xhtml", chapter[2] + chapter[3]
    )
    book = read_book(make_epub(pages, nav=nav), "a.epub")
    assert [c.title for c in book.chapters] == [f"Chapter {i}" for i in (1, 2, 3, 4)]
    assert book.text[book.chapters[0].start :].startswith("Part One")


def test_front_matter_in_the_contents_is_no_chapter_but_a_preface_is():
    preface = f"<h2>Preface</h2><p>{PROSE * 10}</p>"
    pages = {
        "t.xhtml": "<h1>A Made Book</h1>",
        "toc.xhtml": "<p>Contents</p>",
        "pre.xhtml": preface,
        "1.xhtml": CHAPTER.format("Chapter 1"),
        "2.xhtml": CHAPTER.format("Chapter 2"),
    }
    names = ["Title Page", "Contents", "Preface", "Chapter 1", "Chapter 2"]
    nav = "".join(entry(name, page) for name, page in zip(names, pages, strict=True))
    book = read_book(make_epub(pages, nav=nav), "a.epub")
    assert [c.title for c in book.chapters] == ["Preface", "Chapter 1", "Chapter 2"]


def test_without_contents_the_headings_make_the_chapters():
    pages = {f"{i}.xhtml": CHAPTER.format(f"The tale of {n}") for i, n in enumerate(("oil", "sand", "brass"))}
    book = read_book(make_epub(pages), "a.epub")
    assert [c.title for c in book.chapters] == ["The tale of oil", "The tale of sand", "The tale of brass"]


def test_notes_stay_in_place_with_their_signs_and_page_numbers_go():
    body = (
        '<p>The lamp<a epub:type="noteref" href="#n1"><sup>1</sup></a> burned<span epub:type="pagebreak" id="p7">7</span>.</p>'
        '<aside epub:type="footnote" id="n1"><p>1. A second lamp.</p></aside><p>So 2<sup>10</sup> is 1024.</p>'
    )
    text = read_book(make_epub({"a.xhtml": body}), "a.epub").text
    assert text == "The lamp[1] burned.\n1. A second lamp.\nSo 2¹⁰ is 1024.\n"


def test_styles_pictures_scripts_and_hidden_text_are_ignored_and_drop_capitals_kept():
    body = (
        '<script>var x = 1</script><img src="cover.jpg" alt="A fine cover"/><p><img alt="T" src="t.png"/>he lamp.</p>'
        '<p style="display:none">secret</p><p hidden="hidden">more</p><p>&#160;</p><p>A&shy;B &mdash; C&nbsp;D</p>'
    )
    assert read_book(make_epub({"a.xhtml": body}), "a.epub").text == "The lamp.\nAB — C\xa0D\n"


def test_verse_lists_and_tables_keep_their_lines():
    body = (
        "<p>One<br/>two<br/>three</p><ul><li>salt</li><li>oil</li></ul><ol start='3'><li>three</li><li>four</li></ol>"
        "<table><tr><th>name</th><th>steps</th></tr><tr><td>Corrin</td><td>163</td></tr></table><pre>a\n  b</pre>"
    )
    text = read_book(make_epub({"a.xhtml": body}), "a.epub").text
    assert text == "One\ntwo\nthree\n\n• salt\n• oil\n\n3. three\n4. four\n\nname | steps\nCorrin | 163\n\na\n  b\n"


def test_paragraphs_are_lines_and_headings_stand_apart():
    text = read_book(
        make_epub({"a.xhtml": "<p>zero</p><h2>Head<br/>line</h2><p>one\n  two</p><p>three</p>"}), "a.epub"
    ).text
    assert text == "zero\n\nHead\nline\n\none two\nthree\n"


def test_a_page_in_another_encoding_is_read_as_it_declares():
    page = XHTML.format("<p>déjà vu, cœur</p>").replace("utf-8", "windows-1252").encode("cp1252")
    book = read_book(make_epub({"b.xhtml": "<p>x</p>"}, extra={"OEBPS/b.xhtml": page}), "a.epub")
    assert book.text == "déjà vu, cœur\n"
    assert book.encoding == "windows-1252" or book.encoding == "cp1252"


def test_missing_sections_are_noted_and_references_may_be_escaped():
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
        '<item id="a" href="my%20page.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="b" href="../../../etc/passwd.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/><itemref idref="b"/><itemref idref="nowhere"/></spine></package>'
    )
    book = read_book(make_epub({}, opf=opf, extra={"OEBPS/my page.xhtml": XHTML.format("<p>here</p>")}), "tale.epub")
    assert (book.text, book.title) == ("here\n", "Tale")
    assert "1 sections named in the book are not in the file." in book.notes


def test_drm_is_refused_and_font_obfuscation_is_not():
    def protected(algorithm: str) -> bytes:
        xml = f'<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod Algorithm="{algorithm}"/></EncryptedData></encryption>'
        return make_epub({"a.xhtml": "<p>text</p>"}, extra={"META-INF/encryption.xml": xml})

    assert read_book(protected("http://www.idpf.org/2008/embedding"), "a.epub").text == "text\n"
    with pytest.raises(BookEncrypted, match="copy-protected"):
        read_book(protected("http://www.w3.org/2001/04/xmlenc#aes128-cbc"), "a.epub")


def test_an_epub_without_pages_or_text_says_so():
    with pytest.raises(BookDamaged, match="package document"):
        read_book(make_zip({"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER}), "a.epub")
    with pytest.raises(BookEmpty, match="pictures only"):
        read_book(make_epub({"a.xhtml": '<img src="a.jpg" alt="all of it"/>'}), "a.epub")
