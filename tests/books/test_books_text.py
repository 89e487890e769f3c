"""Plain text, Markdown, code and gzip: what is found, what is kept, what is noted."""

from __future__ import annotations

import gzip

import pytest

from app.books import (
    BookDamaged,
    BookEmpty,
    BookFormat,
    BookTooLarge,
    BookUnsupported,
    book_from_text,
    chapter_at,
    chapters_that_fit,
    read_book,
    select_chapters,
)
from tests.books.make_books import shared


def chaptered(count: int = 3) -> bytes:
    return "\n\n".join(f"CHAPTER {i}\n\nText of chapter {i}, " + "word " * 40 for i in range(1, count + 1)).encode()


def test_jane_eyre_has_38_chapters_and_is_not_changed():
    data = shared("jane_eyre.txt")
    book = read_book(data, "jane_eyre.txt")
    assert len(book.chapters) == 38
    assert book.chapters[0].title == "CHAPTER I"
    assert book.chapters[-1].title == "CHAPTER XXXVIII--CONCLUSION"
    assert book.text == data.decode("utf-8-sig")
    assert (book.format, book.encoding, book.notes) == (BookFormat.TXT, "utf-8", ())


def test_chapters_touch_each_other_and_reach_the_end():
    book = read_book(chaptered(5), "a.txt")
    assert [c.title for c in book.chapters] == [f"CHAPTER {i}" for i in range(1, 6)]
    for before, after in zip(book.chapters, book.chapters[1:], strict=False):
        assert before.end == after.start
    assert book.chapters[-1].end == len(book.text)


def test_a_clean_text_is_not_changed_by_a_character():
    text = "  An indented line with two spaces at its end  \n\n\n\tA tab.\nNo line end last"
    assert read_book(text.encode(), "a.txt").text == text


def test_text_without_headings_is_one_chapter_of_the_books_title():
    book = read_book(b"Just a few words. " * 9, "my_notes.txt")
    assert [(c.title, c.start, c.end) for c in book.chapters] == [("My Notes", 0, len(book.text))]


@pytest.mark.parametrize("name", ["a.md", "README.markdown"])
def test_markdown_headings_are_chapters_but_not_those_in_code(name):
    text = "# Book\n\nIntro.\n\n## One\n\nText.\n\n```\n# no heading\n## nor this\n```\n\n## Two ##\n\nMore.\n"
    book = read_book(text.encode(), name)
    assert book.format is BookFormat.MARKDOWN
    assert [c.title for c in book.chapters] == ["One", "Two"]


def test_code_is_one_chapter_and_keeps_its_lines():
    code = "# CHAPTER 1\ndef f():\n\treturn 1\n\n# CHAPTER 2\nclass A:\n    pass\n"
    book = read_book(code.encode(), "f.py")
    assert (book.format, book.text, len(book.chapters)) == (BookFormat.CODE, code, 1)


def test_line_ends_become_newlines():
    assert read_book(b"one\r\ntwo\rthree\n\x0cfour", "a.txt").text == "one\ntwo\nthree\n\n\nfour"


def test_control_characters_go_and_are_counted():
    book = read_book(b"a\x07b and then a good deal of text " * 40, "a.txt")
    assert "\x07" not in book.text
    assert book.notes == ("40 control characters were taken out.",)


def test_soft_hyphens_go_and_words_divided_at_line_ends_are_whole():
    book = read_book("a beau\u00ad\ntiful day, hy\u00adphen".encode(), "a.txt")
    assert book.text == "a beautiful\nday, hyphen"


def test_detached_accents_are_composed_and_compatibility_ideographs_stay():
    text = "cafe\u0301 \u1112\u1161\u11ab \uf900 \u212b"
    assert read_book(text.encode(), "a.txt").text == "café \ud55c \uf900 \u212b"


def test_mojibake_is_repaired_with_a_note():
    good = "It’s a naïve café — “yes”, she said.\n" * 3
    bad = "".join(chr(b) if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([b]).decode("cp1252") for b in good.encode())
    book = read_book(bad.encode(), "a.txt")
    assert book.text == good
    assert "garbled" in book.notes[0]


def test_real_accents_are_no_mojibake():
    text = "São Tomé, Ã, Â and â€ stand here on purpose; Español, größer, «Ça va», 100 €."
    assert read_book(text.encode(), "a.txt").text == text


HEADER = (
    "The Project Gutenberg eBook of The Ferry\n\nTitle: The Ferry Book\n\nAuthor: Nobody\n\n"
    "*** START OF THE PROJECT GUTENBERG EBOOK THE FERRY ***\n\n\n"
)
LICENCE = "\n\n*** END OF THE PROJECT GUTENBERG EBOOK THE FERRY ***\n\nSTART: FULL LICENSE\nmore\n"


def test_gutenberg_header_and_licence_are_set_aside_and_nothing_is_lost():
    body = chaptered(3).decode()
    book = read_book((HEADER + body + LICENCE).encode(), "pg1.txt")
    assert book.title == "The Ferry Book"
    assert book.text.strip() == body.strip()
    assert "START OF THE" in book.front_matter
    assert "FULL LICENSE" in book.back_matter
    assert book.front_matter + book.text + book.back_matter == HEADER + body + LICENCE
    assert len(book.chapters) == 3


def test_gutenberg_parts_can_be_kept():
    data = (HEADER + chaptered(3).decode() + LICENCE).encode()
    book = read_book(data, "pg1.txt", keep_gutenberg=True)
    assert book.text.encode() == data
    assert (book.front_matter, book.back_matter) == ("", "")


def test_gzip_is_unpacked_and_the_content_decides():
    book = read_book(gzip.compress(chaptered()), "a.txt.gz")
    assert (len(book.chapters), book.title) == (3, "A")


def test_gzip_cut_short_is_damaged():
    with pytest.raises(BookDamaged, match="cut short"):
        read_book(gzip.compress(chaptered())[:-12], "a.txt.gz")


def test_gzip_bomb_is_too_large():
    with pytest.raises(BookTooLarge, match="64 MB"):
        read_book(gzip.compress(b"\0" * (70 << 20), 1), "a.txt.gz")


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n" * 50, "\u3000\ufeff\n".encode()])
def test_nothing_is_refused(data):
    with pytest.raises(BookEmpty):
        read_book(data, "a.txt")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "PNG"),
        (b"x" * 60 + b"BOOKMOBI", "MOBI"),
        (b"{\\rtf1 hello}", "RTF"),
        (b"Rar!\x1a\x07\x00", "RAR"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "before 2007"),
        (b"<?xml version='1.0'?><FictionBook>", "FB2"),
        (b"\x7fELF\x02\x01", "program"),
    ],
)
def test_known_kinds_are_refused_by_name_with_a_way_out(data, what):
    with pytest.raises(BookUnsupported, match=what) as refusal:
        read_book(data, "book.txt")
    assert ";" in str(refusal.value)


def test_titles_lose_direction_marks_and_paths():
    assert read_book(b"hello", "../../etc/\u202egnp\u2066.txt").title == "Gnp"
    assert read_book(b"hello", "C:\\books\\A_Fine_Day.txt").title == "A Fine Day"


def test_a_book_from_pasted_text_has_the_given_title():
    book = book_from_text("Chapter 1\n\nA b c.\n\nChapter 2\n\nD e f.\n", "Pasted")
    assert book.title == "Pasted"
    assert len(book.chapters) == 2
    assert book == book_from_text("Chapter 1\n\nA b c.\n\nChapter 2\n\nD e f.\n", "Pasted")


def test_selected_chapters_keep_their_texts_and_all_of_them_are_the_book():
    book = read_book(chaptered(4), "a.txt")
    part = select_chapters(book, [2, 0])
    assert [part.chapter_text(c).strip() for c in part.chapters] == [
        book.chapter_text(book.chapters[i]).strip() for i in (0, 2)
    ]
    assert part.title == "A (chapters 1, 3)"
    assert part.content_hash != book.content_hash
    assert select_chapters(book, range(4)) is book
    with pytest.raises(ValueError, match="from 0 to 3"):
        select_chapters(book, [4])


def test_chapter_at_finds_every_character_and_nothing_outside():
    book = read_book(b"A title page.\n\n\n" + chaptered(3), "a.txt")
    assert chapter_at(book, 0) is None
    assert chapter_at(book, len(book.text)) is None
    for chapter in book.chapters:
        assert chapter_at(book, chapter.start) is chapter
        assert chapter_at(book, chapter.end - 1) is chapter


def test_chapters_fit_while_their_sum_does():
    assert chapters_that_fit([10, 20, 30, 5], 60) == (0, 1, 2)
    assert chapters_that_fit([10, 20, 30, 5], 34, start=1) == (1,)
    assert chapters_that_fit([10], 9) == ()
