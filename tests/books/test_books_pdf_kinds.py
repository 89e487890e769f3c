"""PDFs as scanners, printers and other programs make them: tilted, turned, slanted, in columns, in tables, with notes."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from app.books import BookScanned, read_book
from tests.books.make_books import PROSE

Draw = Callable[[Canvas], None]
WIDTH, HEIGHT = 420, 595
LINES = textwrap.wrap((PROSE * 3).strip(), 60)


def pdf(*pages: Draw, rotate: int = 0) -> bytes:
    """A PDF whose pages are drawn by functions."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT))
    for draw in pages:
        canvas.setFont("Times-Roman", 10)
        canvas.setPageRotation(rotate)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def column(canvas: Canvas, lines: list[str], x: float = 40, y: float = 540, step: float = 12) -> None:
    for number, line in enumerate(lines):
        canvas.drawString(x, y - step * number, line)


def turned(degrees: float, x: float = 0, y: float = 0, lines: list[str] = LINES) -> Draw:
    """Lines drawn on a sheet that lies askew."""

    def draw(canvas: Canvas) -> None:
        canvas.translate(x, y)
        canvas.rotate(degrees)
        column(canvas, lines)

    return draw


def slanted(slant: float) -> Draw:
    def draw(canvas: Canvas) -> None:
        column(canvas, LINES[:3])
        text = canvas.beginText()
        for number, line in enumerate(LINES[3:6]):
            text.setTextTransform(1, 0, slant, 1, 40, 504 - 12 * number)
            text.textOut(line)
        canvas.drawText(text)
        column(canvas, LINES[6:], y=468)

    return draw


def words(data: bytes) -> list[str]:
    return read_book(data, "a.pdf").text.split()


@pytest.mark.parametrize("degrees", [-14, -5, -0.7, -0.2, 0.2, 0.9, 2, 5, 8, 15])
def test_a_sheet_that_lay_askew_in_the_scanner_is_read_whole_and_in_order(degrees):
    book = read_book(pdf(turned(degrees, 40, 0 if degrees < 0 else -60)), "a.pdf")
    assert book.text.split() == " ".join(LINES).split()
    assert book.notes == ()


@pytest.mark.parametrize("degrees", [-1.2, -0.6, 0.4, 1.2])
def test_single_lines_that_are_askew_stay_in_their_place(degrees):
    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(LINES):
            canvas.saveState()
            canvas.translate(40, 540 - 14 * number)
            canvas.rotate(degrees if number % 3 == 1 else 0)
            canvas.drawString(0, 0, line)
            canvas.restoreState()

    assert words(pdf(draw)) == " ".join(LINES).split()


@pytest.mark.parametrize("slant", [-0.3, -0.05, 0.1, 0.21, 0.36])
def test_letters_that_a_program_slanted_are_text(slant):
    book = read_book(pdf(slanted(slant)), "a.pdf")
    assert book.text.split() == " ".join(LINES).split()
    assert book.notes == ()


@pytest.mark.parametrize(
    ("rotate", "degrees", "x", "y"), [(90, 90, HEIGHT, 0), (180, 180, WIDTH, HEIGHT), (270, -90, 0, HEIGHT - 175)]
)
@pytest.mark.parametrize("tilt", [0, 0.5])
def test_pages_that_are_turned_to_be_read_are_read(rotate, degrees, x, y, tilt):
    assert words(pdf(turned(degrees + tilt, x, y), rotate=rotate)) == " ".join(LINES).split()


@pytest.mark.parametrize("degrees", [90, -90])
def test_a_page_printed_sideways_in_a_book_is_read_in_its_place(degrees):
    rows = ["Table 3. The keepers and their steps."]

    def sideways(canvas: Canvas) -> None:
        canvas.translate(*((HEIGHT, 0) if degrees > 0 else (-160, HEIGHT)))
        canvas.rotate(degrees)
        column(canvas, rows)
        for number, (name, steps) in enumerate([("name", "steps"), ("Corrin", "163"), ("Anna", "98")]):
            canvas.drawString(40, 520 - 12 * number, name)
            canvas.drawString(140, 520 - 12 * number, steps)

    text = read_book(pdf(turned(0), sideways, turned(0, lines=["Page 3 begins here."])), "a.pdf").text
    assert text.index("had stood") < text.index("Table 3.") < text.index("Page 3 begins")
    assert "name steps\nCorrin 163\nAnna 98\n" in text


def stamped(angle: float, stamp: str = "Downloaded from a library") -> Draw:
    def draw(canvas: Canvas) -> None:
        column(canvas, LINES)
        canvas.translate(15, 100)
        canvas.rotate(angle)
        canvas.drawString(0, 0, stamp)

    return draw


@pytest.mark.parametrize("angle", [90, -90, 45, -50])
def test_stamps_and_watermarks_are_left_out_and_counted(angle):
    book = read_book(pdf(stamped(angle), stamped(angle)), "a.pdf")
    assert "Downloaded" not in book.text
    assert book.text.split()[: len(LINES)] == " ".join(LINES).split()[: len(LINES)]
    assert "2 lines that run across their page (stamps, watermarks, margin notes) were left out." in book.notes


def test_a_scan_with_a_librarys_stamp_along_its_margin_is_still_a_scan():
    with pytest.raises(BookScanned):
        read_book(pdf(*[_picture_with_stamp] * 3), "a.pdf")


def _picture_with_stamp(canvas: Canvas) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    canvas.drawImage(ImageReader(Image.new("L", (200, 300), 128)), 30, 10, 380, 575)
    turned(90, 560, 0, ["Downloaded from a library on 4 May"])(canvas)


def test_the_first_character_does_not_decide_for_its_line():
    def draw(canvas: Canvas) -> None:
        column(canvas, LINES)
        canvas.setFont("Times-Roman", 6)
        canvas.drawString(40, 403, "1")
        canvas.setFont("Times-Roman", 10)
        canvas.drawString(43, 400, "A note that begins with a raised sign.")
        canvas.setFont("Times-Roman", 24)
        canvas.drawString(40, 340, "O")
        canvas.setFont("Times-Roman", 10)
        canvas.drawString(58, 340, "nce more the lamp was lit, and it was")
        canvas.drawString(40, 328, "the last time that winter.")

    book = read_book(pdf(draw), "a.pdf")
    assert "1A note that begins" in book.text or "1 A note that begins" in book.text
    assert "Once more the lamp was lit, and it was the last time that winter." in book.text
    assert len(book.chapters) == 1


def test_a_page_of_more_than_two_hundred_thousand_characters_is_read_whole():
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 1)
        column(canvas, [f"Line {i:05} of the roll. " + "x" * 180 for i in range(1_200)], y=590, step=0.45)

    text = read_book(pdf(draw), "a.pdf").text
    assert len(text) > 240_000
    assert all(f"Line {i:05} of" in text for i in range(1_200))


VERTICAL = [
    "灯台守は夜ごとに灯をともした。渡し船は正午に岸を",
    "離れた。だれも橋のことを話さなかった。",
    "次の朝、船はもどらなかった。人びとは岸に立って海",
    "を見ていた。そして日が暮れた。",
]


def vertical_page(number: int) -> Draw:
    def draw(canvas: Canvas) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3", isVertical=True))
        pdfmetrics.registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
        canvas.setFont("HeiseiKakuGo-W5", 9)
        canvas.drawString(330, 570, "灯台の話")
        canvas.drawString(335, 20, str(number))
        canvas.setFont("HeiseiMin-W3", 12)
        for place, line in enumerate(VERTICAL):
            canvas.drawString(370 - 20 * place, 528 if place % 2 == 0 else 540, "一二三四"[number - 1] + line)

    return draw


def test_columns_from_top_to_bottom_are_read_from_right_to_left_without_heads_and_page_numbers():
    book = read_book(pdf(*(vertical_page(number) for number in (1, 2, 3, 4))), "a.pdf")
    bare = book.text.replace("\n", "")
    assert bare == "".join(mark + line for mark in "一二三四" for line in VERTICAL)
    assert book.notes == ("8 running heads and page numbers were taken out.",)


def in_columns(count: int, lines: int = 22, heading: bool = False, order: str = "columns") -> tuple[bytes, list[str]]:
    width = (WIDTH - 40) / count
    texts = [
        textwrap.wrap(f"Column {c} begins here. " + PROSE * 5, int((width - 12) / 3.6))[:lines]
        for c in range(1, count + 1)
    ]

    def draw(canvas: Canvas) -> None:
        if heading:
            canvas.setFont("Times-Roman", 18)
            canvas.drawCentredString(WIDTH / 2, 560, "A Heading Across All of the Page Here")
        canvas.setFont("Times-Roman", 8)
        places = [(c, i) for c in range(count) for i in range(len(texts[c]))]
        for c, i in sorted(places, key=lambda place: place[::-1]) if order == "rows" else places:
            canvas.drawString(20 + c * width, 530 - 11 * i, texts[c][i])

    return pdf(draw), " ".join(" ".join(lines) for lines in texts).split()


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("heading", [False, True])
@pytest.mark.parametrize("order", ["columns", "rows"])
def test_columns_are_read_one_after_the_other_however_many(count, heading, order):
    data, expected = in_columns(count, heading=heading, order=order)
    found = words(data)
    assert found[-len(expected) :] == expected


TABLE = [
    ("name", "steps", "since"),
    ("Corrin", "163", "1 May"),
    ("Anna of the mill", "98", "2 June"),
    ("Bo", "7", "30 September"),
    ("The inspector", "1,204", "4 July"),
]


@pytest.mark.parametrize("copies", [1, 4])
@pytest.mark.parametrize("align", ["left", "right", "centre"])
def test_rows_of_a_table_stay_rows(copies, align):
    def draw(canvas: Canvas) -> None:
        column(canvas, LINES[:4])
        method = {"left": canvas.drawString, "right": canvas.drawRightString, "centre": canvas.drawCentredString}[align]
        for number, row in enumerate(TABLE * copies):
            canvas.drawString(40, 460 - 12 * number, row[0])
            method(220, 460 - 12 * number, row[1])
            method(330, 460 - 12 * number, row[2])

    lines = read_book(pdf(draw), "a.pdf").text.split("\n")
    assert [line for line in lines if line in {" ".join(row) for row in TABLE}] == [
        " ".join(row) for row in TABLE
    ] * copies


def test_cells_whose_baselines_differ_by_a_hair_are_one_row_from_left_to_right():
    def draw(canvas: Canvas) -> None:
        for number, (name, steps) in enumerate([("Corrin", "163"), ("Anna", "98"), ("Bo", "7")]):
            canvas.drawString(200, 500.4 - 14 * number, steps)
            canvas.drawString(40, 500 - 14 * number, name)

    assert read_book(pdf(draw), "a.pdf").text == "Corrin 163\nAnna 98\nBo 7\n"


def annotated(number: int, sign: str, page_number: bool, note: str) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(180, 570, "THE FERRY")
        if page_number:
            canvas.drawString(205, 20, str(number))
        column(
            canvas, [f"Page {number} line {i:02} of the log that the keeper kept each night." for i in range(28)], y=530
        )
        canvas.drawString(40, 530 - 12 * 28, f"The lamp{sign} burned until the morning of the day after.")
        canvas.setFont("Times-Roman", 8)
        column(canvas, note.split("\n"), y=60, step=9.5)

    return draw


@pytest.mark.parametrize("sign", ["1", "{}", "*", "†"])
@pytest.mark.parametrize("page_number", [True, False])
@pytest.mark.parametrize(
    "note", ["{} See the chart.", "{} See the chart of 1862,\nwhich hangs on the wall of the tower.", "{} Ibid."]
)
def test_notes_at_the_foot_of_each_page_stay_though_they_say_the_same(sign, page_number, note):
    pages = [annotated(n, sign.format(n), page_number, note.format(sign.format(n))) for n in range(1, 7)]
    text = read_book(pdf(*pages), "a.pdf").text
    for line in note.removeprefix("{} ").split("\n"):
        assert text.replace("\n", " ").count(line) == 6
    assert "THE FERRY" not in text


def test_a_running_foot_that_begins_with_its_page_number_goes():
    def page(number: int) -> Draw:
        return lambda canvas: (
            column(canvas, [f"Page {number} line {i} of the log that was kept." for i in range(20)]),
            canvas.drawString(40, 30, f"{number} The Lamp and the Oil"),
        )

    text = read_book(pdf(*(page(number) for number in range(11, 17))), "a.pdf").text
    assert "The Lamp and the Oil" not in text


def test_running_heads_and_feet_of_pages_in_two_columns_go():
    def page(number: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            canvas.drawString(30, 570, "THE FERRY")
            canvas.drawRightString(390, 570, str(number + 100))
            canvas.drawString(30, 20, "A Journal of Lamps")
            canvas.drawRightString(390, 20, "Volume the Fourth")
            canvas.setFont("Times-Roman", 9)
            for i in range(40):
                canvas.drawString(30, 540 - 12 * i, f"page {number} left line {i:02} of a column")
                canvas.drawString(220, 540 - 12 * i, f"page {number} right line {i:02} of column")

        return draw

    book = read_book(pdf(*(page(number) for number in range(1, 7))), "a.pdf")
    expected = [f"page {n} {side}" for n in range(1, 7) for side in ("left", "right") for _ in range(40)]
    assert book.text.replace("\n", " ").count(" line ") == len(expected)
    for running in ("THE FERRY", "A Journal of Lamps", "Volume the Fourth"):
        assert running not in book.text
    assert not {str(number + 100) for number in range(1, 7)} & set(book.text.split())
    assert book.notes == ("24 running heads and page numbers were taken out.",)
