"""DOCX, HTML and ZIP."""

from __future__ import annotations

import io

import pytest

from app.books import BookEmpty, BookFormat, read_book
from tests.books.make_books import PROSE, make_zip

docx = pytest.importorskip("docx", reason="python-docx makes the test's documents")


def saved(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_word_headings_are_chapters_and_lists_and_tables_keep_their_shape():
    document = docx.Document()
    document.add_heading("The Made Report", 0)
    for number in (1, 2):
        document.add_heading(f"Part of number {number}", 1)
        document.add_paragraph(PROSE)
        document.add_paragraph("salt", style="List Bullet")
        document.add_paragraph("oil", style="List Bullet")
        table = document.add_table(2, 2)
        for i, word in enumerate(("name", "steps", "Corrin", "163")):
            table.cell(i // 2, i % 2).text = word
        document.add_heading("A section", 2)
        document.add_paragraph("tab\there\nand a line")
    book = read_book(saved(document), "report.docx")
    assert (book.format, book.title) == (BookFormat.DOCX, "The Made Report")
    assert [c.title for c in book.chapters] == ["Part of number 1", "Part of number 2"]
    assert "\n• salt\n• oil\n\nname | steps\nCorrin | 163\n\nA section\n\ntab\there\nand a line\n" in book.text


def test_word_footnotes_follow_their_paragraph_and_deleted_text_is_gone():
    document = docx.Document()
    document.add_paragraph("Body")
    files = {}
    import zipfile

    with zipfile.ZipFile(io.BytesIO(saved(document))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    files["word/document.xml"] = (
        f'<w:document {w}><w:body><w:p><w:r><w:t>A lamp</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:del><w:r>'
        '<w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t xml:space="preserve"> burned.</w:t></w:r></w:ins></w:p>'
        "<w:p><w:r><w:t>Next.</w:t></w:r></w:p></w:body></w:document>"
    ).encode()
    files["word/footnotes.xml"] = (
        f'<w:footnotes {w}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote><w:footnote w:id="2"><w:p><w:r>'
        "<w:t>A second one.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    ).encode()
    assert read_book(make_zip(files), "a.docx").text == "A lamp[1] burned.\n[1] A second one.\nNext.\n"


PAGE = (
    "<!DOCTYPE html><html><head><title>A Saved Page</title><style>x</style></head><body><nav>Menu Home</nav>"
    "<article><h1>The Tale</h1><h2>One</h2><p>{0}</p><h2>Two</h2><p>{0}</p></article><footer>© menu</footer></body></html>"
)


def test_a_saved_page_gives_its_main_part_with_chapters_from_headings():
    book = read_book(PAGE.format(PROSE).encode(), "page.html")
    assert (book.format, book.title) == (BookFormat.HTML, "A Saved Page")
    assert [c.title for c in book.chapters] == ["One", "Two"]
    assert "Menu" not in book.text
    assert "©" not in book.text


def test_a_page_without_main_part_loses_its_menus_only():
    page = (
        "<html><body><header><h1>Head</h1></header><nav>Menu</nav><p>Text &amp; more</p><aside>ad</aside></body></html>"
    )
    assert read_book(page.encode(), "a.htm").text == "Head\n\nText & more\n"


@pytest.mark.parametrize("charset", ["gb18030", "shift_jis", "utf-16", "windows-1251"])
def test_a_page_is_read_in_the_encoding_it_declares(charset):
    words = {"gb18030": "灯塔和渡口", "shift_jis": "灯台と海", "utf-16": "naïve", "windows-1251": "маяк"}[charset]
    page = f'<html><head><meta charset="{charset}"></head><body><p>{words}</p></body></html>'
    assert read_book(page.encode(charset), "a.html").text == words + "\n"


def test_html_without_the_name_is_html_and_text_with_the_name_is_text():
    assert read_book(b"<!DOCTYPE html><html><body><p>x</p></body></html>", "a.txt").format is BookFormat.HTML
    assert read_book(b"just words, no tags at all", "a.html").format is BookFormat.TXT


def test_a_layout_table_is_read_as_prose():
    page = f"<html><body><table><tr><td><p>{PROSE * 3}</p><p>Second.</p></td></tr></table></body></html>"
    assert read_book(page.encode(), "a.html").text == f"{(PROSE * 3).strip()}\nSecond.\n"


def test_a_zip_gives_each_text_file_under_its_path_and_notes_the_rest():
    files = {
        "src/b10.py": "x = 10\n",
        "src/b2.py": "x = 2\r\n",
        "README.md": "# Read me\n",
        "logo.png": b"\x89PNG\r\n\x1a\n1",
        ".git/config": "secret",
        "__MACOSX/x": "junk",
        "zh.txt": "他们在渡口等了很久，他们说的是这件事。".encode("gb18030"),
    }
    book = read_book(make_zip(files), "project.zip")
    assert book.format is BookFormat.ZIP
    assert [c.title for c in book.chapters] == ["README.md", "src/b2.py", "src/b10.py", "zh.txt"]
    assert book.chapter_text(book.chapters[1]) == "src/b2.py\n\nx = 2\n\n"
    assert "渡口" in book.text
    assert "secret" not in book.text
    assert book.notes == ("4 files, one after another.", "Left out, being no text: logo.png.")


def test_a_zip_without_text_names_what_to_do():
    with pytest.raises(BookEmpty, match="one by one"):
        read_book(make_zip({"a.png": b"\x89PNG\r\n\x1a\n1", "inner.zip": make_zip({"a.txt": "x"})}), "a.zip")
