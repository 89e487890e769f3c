"""Archives and saved pages of the kinds that people have: one book inside, pages as chapters, letters, MHTML."""

from __future__ import annotations

import gzip

import pytest

from app.books import BookEmpty, BookFormat, BookUnsafe, read_book
from app.books.limits import MAX_IN_PROCESS_BYTES
from tests.books.make_books import PROSE, make_epub, make_pdf, make_zip

NOVEL = f"CHAPTER I\n\n{PROSE}\n\nCHAPTER II\n\n{PROSE}\n"
EPUB = make_epub({"1.xhtml": f"<h1>Chapter 1</h1><p>{PROSE}</p>", "2.xhtml": f"<h1>Chapter 2</h1><p>{PROSE}</p>"})


def page(body: str, title: str = "T") -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"


def test_one_text_in_a_zip_is_that_book_with_its_chapters():
    book = read_book(make_zip({"1342-0.txt": NOVEL}), "1342-0.zip")
    assert (book.format, [c.title for c in book.chapters]) == (BookFormat.TXT, ["CHAPTER I", "CHAPTER II"])
    assert "'1342-0.txt', is read" in book.notes[-1]


def test_a_page_with_its_pictures_and_styles_is_that_book():
    files = {
        "1342-h/1342-h.htm": page(f"<h2>Chapter 1</h2><p>{PROSE}</p><h2>Chapter 2</h2><p>{PROSE}</p>"),
        "1342-h/style.css": "p { color: red }",
        "1342-h/images/cover.jpg": b"\xff\xd8\xff\xe0",
    }
    book = read_book(make_zip(files), "1342-h.zip")
    assert (book.format, [c.title for c in book.chapters]) == (BookFormat.HTML, ["Chapter 1", "Chapter 2"])
    assert "color" not in book.text


@pytest.mark.parametrize(
    ("name", "data"),
    [("book.epub", EPUB), ("book.pdf", make_pdf([[(50, 500 - 12 * i, 10, PROSE[:60]) for i in range(9)]]))],
)
def test_one_book_beside_its_cover_and_record_is_opened(name, data):
    files = {f"shelf/{name}": data, "shelf/cover.jpg": b"\xff\xd8\xff\xe0", "shelf/metadata.opf": "<package/>"}
    book = read_book(make_zip(files), "shelf.zip")
    assert "The ferry left" in book.text
    assert "2 other files beside it are left out" in book.notes[-1]


def test_several_books_are_named():
    with pytest.raises(BookEmpty, match=r"holds 2 books: a\.epub, b\.epub"):
        read_book(make_zip({"a.epub": EPUB, "b.epub": EPUB}), "a.zip")


def test_a_book_among_texts_is_not_left_out_without_a_word():
    book = read_book(make_zip({"a.txt": PROSE, "b.txt": PROSE, "c.epub": EPUB}), "a.zip")
    assert "Left out, to be opened by themselves: c.epub." in book.notes


def test_pages_in_a_zip_are_the_chapters_of_one_book_in_order():
    files = {f"book/ch{n}.html": page(f"<h1>Part {n}</h1><p>{PROSE}</p>") for n in (1, 2, 10)}
    book = read_book(make_zip(files), "book.zip")
    assert [c.title for c in book.chapters] == ["Part 1", "Part 2", "Part 10"]
    assert "<" not in book.text


def test_a_page_among_code_goes_through_the_reader_of_pages():
    book = read_book(make_zip({"a.py": "x = 1\n", "b.html": page("<p>Words</p>")}), "a.zip")
    assert book.text == "a.py\n\nx = 1\n\nb.html\n\nWords\n\n"


@pytest.mark.parametrize("tag", ["article", "main"])
def test_prose_beside_the_main_part_is_read_too(tag):
    body = f"<{tag}><h2>Chapter 1</h2><p>{PROSE * 2}</p></{tag}><h2>Chapter 2</h2><p>{PROSE}</p>"
    book = read_book(page(body).encode(), "a.html")
    assert [c.title for c in book.chapters] == ["Chapter 1", "Chapter 2"]


def test_comments_and_teasers_beside_the_main_part_are_left_out():
    beside = f"<div class='comments'><p>{PROSE}</p></div><aside><p>{PROSE}</p></aside><div><p>More</p></div>"
    book = read_book(page(f"<article><p>Tale. {PROSE * 3}</p></article>{beside}").encode(), "a.html")
    assert book.text.count("The ferry left") == 3


@pytest.mark.parametrize("holder", ["section", "blockquote", "article"])
def test_the_foot_of_a_letter_stays(holder):
    body = f"<h2>I</h2><p>{PROSE}</p><{holder}><p>Dear Anna,</p><footer><p>Your keeper</p></footer></{holder}>"
    assert "Your keeper" in read_book(page(body).encode(), "a.html").text


@pytest.mark.parametrize(
    ("margin", "stays"),
    [
        ("<aside id='fn1' role='doc-footnote'><p>A note.</p></aside>", True),
        ("<footer class='footnotes'><ol><li><p>A note. <a href='#r1'>up</a></p></li></ol></footer>", True),
        ("<footer><p>A note. Yours, Corrin</p></footer>", True),
        ("<footer><p>A note. © 2026 the printers</p></footer>", False),
        ("<footer><a href='/'>A note. Home</a></footer>", False),
    ],
)
def test_notes_and_letters_at_the_foot_of_a_page_stay_and_imprints_go(margin, stays):
    book = read_book(page(f"<p>{PROSE}</p>{margin}").encode(), "a.html")
    assert ("A note." in book.text) is stays


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_page_in_utf_16_without_a_mark_is_a_page(codec):
    assert read_book(page("<p>Words about a lamp.</p>").encode(codec), "a.html").text == "Words about a lamp.\n"


@pytest.mark.parametrize("transfer", ["quoted-printable", "base64", "8bit"])
def test_a_page_saved_as_mhtml_is_read(transfer):
    import base64
    import quopri

    html = page("<h1>The Ferry</h1><p>It left at noon — late.</p>").encode()
    body = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes, "8bit": bytes}[transfer](html)
    data = (
        b'From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\tboundary="--x"\r\n\r\n'
        b"----x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: "
        + transfer.encode()
        + b"\r\n\r\n"
        + body
        + b"\r\n----x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n----x--\r\n"
    )
    for name in ("a.mht", "a.txt"):
        book = read_book(data, name)
        assert (book.format, book.text) == (BookFormat.HTML, "The Ferry\n\nIt left at noon — late.\n")


@pytest.mark.parametrize("ending", ["pdf", "epub", "docx"])
@pytest.mark.parametrize(("content", "what"), [(PROSE, "plain text"), (page("<p>Words</p>"), "HTML page")])
def test_a_text_named_as_a_book_is_read_with_a_note(ending, content, what):
    book = read_book(content.encode(), f"a.{ending}")
    assert f"Its name ends in .{ending}, but it holds {what}" in book.notes[0]


def test_a_name_that_keeps_its_promise_gets_no_note():
    assert not any("Its name" in note for note in read_book(EPUB, "a.epub").notes)


def test_many_members_of_gzip_are_unpacked_in_one_pass():
    # Copying the rest of the file for each of 60,000 members would take a minute.
    data = gzip.compress(b"a line of text\n") * 60_000
    assert len(read_book(data, "a.txt.gz").text) == 60_000 * 15


def test_a_gzip_of_members_without_end_is_refused():
    with pytest.raises(BookUnsafe, match="pieces"):
        read_book(gzip.compress(b"") * 400_000, "a.txt.gz")


def test_comments_at_the_begin_of_a_page_are_passed_over_in_one_way_only():
    # Sharing 500 comments out in every way would never end.
    assert read_book(b"<!---->" * 500 + b"x plain words", "a.txt").format is BookFormat.TXT


def test_only_short_texts_are_read_without_a_child(monkeypatch):
    from app.books import read

    asked = []

    def child(data, *others):
        asked.append(len(data))
        raise BookEmpty("a child was asked.")

    monkeypatch.setattr(read, "read_in_child", child)
    read_book(b"x" * MAX_IN_PROCESS_BYTES, "a.txt")
    assert asked == []
    for data in (b"x" * (MAX_IN_PROCESS_BYTES + 1), gzip.compress(b"x"), EPUB, page("<p>x</p>").encode()):
        with pytest.raises(BookEmpty):
            read_book(data, "a.txt")
    assert len(asked) == 4


@pytest.mark.parametrize("line", ["\n", "a\n", " \n", "\r\n"])
def test_ten_megabytes_of_short_lines_are_a_book(line):
    book = read_book((line * (10_000_000 // len(line)) + "end").encode(), "a.txt")
    assert book.text.endswith("end")
