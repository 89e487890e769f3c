"""PDFs with a text layer: order, running lines, divided words, headings; scans refused."""

from __future__ import annotations

import textwrap

import pytest

from app.books import BookDamaged, BookEncrypted, BookFormat, BookScanned, read_book
from tests.books.make_books import PROSE, make_pdf, make_scan, wrapped_page


def novel_pages(count: int = 9, per_chapter: int = 3) -> list:
    pages = []
    for number in range(1, count + 1):
        heading = f"Chapter {(number - 1) // per_chapter + 1}" if number % per_chapter == 1 else None
        text = "\n".join("  " + "\n".join(textwrap.wrap(f"Page {number} begins. " + PROSE * 2, 62)) for _ in range(3))
        pages.append(wrapped_page(number, text, head="THE FERRY" if number % 2 else "BY NOBODY", heading=heading))
    return pages


def test_running_heads_and_page_numbers_go_and_chapters_are_found():
    book = read_book(make_pdf(novel_pages()), "the_ferry.pdf")
    assert book.format is BookFormat.PDF
    assert "THE FERRY" not in book.text
    assert "BY NOBODY" not in book.text
    assert not any(line.strip().isdigit() for line in book.text.split("\n"))
    assert [c.title for c in book.chapters] == ["Chapter 1", "Chapter 2", "Chapter 3"]
    assert book.notes == ("18 running heads and page numbers were taken out.",)


def test_paragraphs_are_one_line_each_with_all_their_words():
    book = read_book(make_pdf(novel_pages(3)), "a.pdf")
    expected = [f"Page {n} begins. " + (PROSE * 2).strip() for n in (1, 2, 3) for _ in range(3)]
    assert [line for line in book.text.split("\n") if line.startswith("Page")] == expected


def test_numbered_headings_at_the_top_of_each_page_are_no_running_heads():
    pages = [
        [
            (40, 540, 18, f"Lesson {n}"),
            (40, 500, 10, f"The text of number {n}, a line of the usual length."),
            (40, 488, 10, "and another line of it follows here."),
        ]
        for n in range(1, 6)
    ]
    book = read_book(make_pdf(pages), "a.pdf")
    assert [c.title for c in book.chapters] == [f"Lesson {n}" for n in range(1, 6)]


def test_divided_words_are_joined_and_compounds_keep_their_hyphen():
    lines = [
        "The keeper had a well-known manner, and of all the light-",
        "houses of the coast his was the most beauti-",
        "ful one, which every captain called well-",
        "known and the keeper himself did not call any-",
        "thing at all, since he was so often alone there.",
    ]
    book = read_book(make_pdf([[(40, 500 - 12 * i, 10, line) for i, line in enumerate(lines)]]), "a.pdf")
    assert book.text == (
        "The keeper had a well-known manner, and of all the lighthouses of the coast his was the most beautiful one, "
        "which every captain called well-known and the keeper himself did not call anything at all, since he was so "
        "often alone there.\n"
    )


def test_two_columns_are_read_one_after_the_other_whatever_their_order_in_the_file():
    left = [f"left line number {i} of the column" for i in range(10)]
    right = [f"right line number {i} of the column" for i in range(10)]
    rows = []
    for i in range(10):
        rows += [(220, 500 - 12 * i, 9, right[i]), (30, 500 - 12 * i, 9, left[i])]
    book = read_book(make_pdf([[(30, 540, 16, "A Title Across Both Of The Columns Here"), *rows]]), "a.pdf")
    words = book.text.replace("\n", " ")
    assert " ".join(left) in words
    assert words.index("A Title") < words.index(left[0]) < words.index(left[9]) < words.index(right[0])


def test_the_outline_names_the_chapters():
    outline = [("The Lamp", 0), ("The Oil", 3), ("The Sand", 6)]
    book = read_book(make_pdf(novel_pages(), outline), "a.pdf")
    assert [c.title for c in book.chapters] == ["The Lamp", "The Oil", "The Sand"]
    assert book.text[book.chapters[1].start :].startswith("Chapter 2")


def test_a_scan_is_told_apart_and_refused_with_the_reason():
    with pytest.raises(BookScanned, match="2 pages are pictures without a text layer"):
        read_book(make_scan(2), "scan.pdf")


def test_a_password_is_named():
    import io

    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("secret", canPrint=0))
    canvas.drawString(50, 500, "hidden")
    canvas.save()
    with pytest.raises(BookEncrypted, match="password"):
        read_book(out.getvalue(), "a.pdf")


def test_a_pdf_cut_short_is_damaged_or_read_but_never_anything_else():
    data = make_pdf(novel_pages(3))
    with pytest.raises(BookDamaged):
        read_book(data[: len(data) // 10], "a.pdf")


@pytest.mark.timed
def test_a_pdf_of_500_pages_is_read_within_the_limit():
    import time

    data = make_pdf(novel_pages(500, 25))
    seen = []
    started = time.perf_counter()
    book = read_book(data, "long.pdf", on_progress=lambda fraction, what: seen.append((fraction, what)))
    assert time.perf_counter() - started < 10
    assert len(book.chapters) == 20
    assert any("of 500" in what for _, what in seen)
    assert [f for f, _ in seen] == sorted(f for f, _ in seen)
