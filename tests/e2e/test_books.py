"""Books in a real browser: an EPUB's chapters are chosen and the figures follow; a wrapped text is reflowed and taken back."""

from __future__ import annotations

import operator
import re
import zipfile

import pytest

from tests.e2e.driver import comes_to
from tests.ui.test_book_chooser import wrapped_novel

_CONTAINER = """<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
_PROSE = "The keeper wrote down every ship that passed below his tower, and every storm that broke upon it. " * 60


@pytest.fixture(scope="module")
def epub(tmp_path_factory):
    """Five chapters, made here."""
    path = tmp_path_factory.mktemp("epub") / "keeper.epub"
    names = [f"c{number}" for number in range(1, 6)]
    items = "".join(f'<item id="{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in names)
    spine = "".join(f'<itemref idref="{n}"/>' for n in names)
    points = "".join(f'<li><a href="{n}.xhtml">The Year {i}</a></li>' for i, n in enumerate(names, 1))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", _CONTAINER)
        archive.writestr(
            "book.opf",
            (
                '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata '
                'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">k</dc:identifier><dc:title>The Keeper</dc:title>'
                f'<dc:language>en</dc:language></metadata><manifest>{items}<item id="nav" href="nav.xhtml" properties="nav" '
                f'media-type="application/xhtml+xml"/></manifest><spine>{spine}</spine></package>'
            ),
        )
        archive.writestr(
            "nav.xhtml",
            (
                '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>'
                f'<nav epub:type="toc"><ol>{points}</ol></nav></body></html>'
            ),
        )
        for number, name in enumerate(names, 1):
            archive.writestr(
                f"{name}.xhtml",
                (
                    f'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>The Year {number}</h1><p>{_PROSE}</p></body></html>'
                ),
            )
    return path


def upload(page, url: str, path) -> None:
    page.goto(url)
    page.locator('[data-testid="stFileUploader"] input[type=file]').set_input_files(str(path))
    page.get_by_role("button", name="Page 1, open large").wait_for()


def metric(page, label: str) -> str:
    return (
        page.locator('[data-testid="stMetric"]', has_text=label).locator('[data-testid="stMetricValue"]').inner_text()
    )


def tokens(page) -> int:
    return int(metric(page, "Text tokens").replace(",", ""))


def sidebar_button(page, name: str):
    return page.locator('[data-testid="stSidebar"]').get_by_role("button", name=name, exact=True)


def test_two_chapters_of_an_epub_are_chosen_and_the_figures_follow(app, page, epub):
    upload(page, app.url, epub)
    whole = tokens(page)
    page.get_by_text(re.compile(r"EPUB.*5 chapters")).wait_for()
    page.locator("figcaption .chapter", has_text="The Year 1").first.wait_for()

    sidebar_button(page, "Chapters").click()
    page.get_by_text("5 of 5 chapters").wait_for()
    field = page.get_by_role("dialog").get_by_role("textbox", name="Chapters")
    field.fill("2, 9")
    field.press("Enter")
    page.get_by_text("this book has chapters 1 to 5").wait_for()
    field.fill("2, 4")
    field.press("Enter")
    page.get_by_text("2 of 5 chapters").wait_for()
    page.get_by_role("button", name="Use these chapters").click()

    page.locator("h1", has_text="chapters 2, 4").wait_for()
    page.locator("figcaption .chapter", has_text="The Year 2").first.wait_for()
    comes_to(lambda: tokens(page), pytest.approx(whole * 2 / 5, rel=0.05))
    sidebar_button(page, "Chapters").click()
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_text("5 of 5 chapters").wait_for()
    page.get_by_role("button", name="Use these chapters").click()
    page.locator("figcaption .chapter", has_text="The Year 1").first.wait_for()
    comes_to(lambda: tokens(page), whole)


def test_a_wrapped_text_is_offered_a_reflow_with_its_gain_and_it_can_be_taken_back(app, page, tmp_path):
    path = tmp_path / "keeper.txt"
    path.write_text(wrapped_novel(chapters=12, paragraphs=10), encoding="utf-8")
    upload(page, app.url, path)
    wrapped = tokens(page)
    page.get_by_text("Its lines are hard-wrapped").wait_for()
    sidebar_button(page, "Text").click()
    page.get_by_role("dialog").get_by_text("Join wrapped lines, drop blank lines").click()
    page.get_by_role("dialog").get_by_text("Reflowed", exact=True).wait_for()
    page.get_by_role("button", name="Apply").click()
    sidebar_button(page, "Undo the reflow").wait_for()
    page.get_by_text(re.compile(r"Reflowed: [\d.]+ % fewer visual tokens")).wait_for()
    page.get_by_role("button", name="Page 1, open large").wait_for()
    comes_to(lambda: tokens(page), wrapped, operator.lt)
    sidebar_button(page, "Undo the reflow").click()
    sidebar_button(page, "Reflow").wait_for()
    page.get_by_role("button", name="Page 1, open large").wait_for()
    comes_to(lambda: tokens(page), wrapped)


def test_another_encoding_reads_the_same_file_again(app, page, tmp_path):
    path = tmp_path / "letter.txt"
    path.write_bytes(("Привет, дорогой друг. Сегодня был шторм, и маяк горел всю ночь.\n" * 40).encode("cp1251"))
    upload(page, app.url, path)
    sidebar_button(page, "Text").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").click()
    page.keyboard.type("KOI8-R")  # a long list is drawn only as far as it is seen
    page.get_by_role("option", name="KOI8-R (Cyrillic)").click()
    page.get_by_role("button", name="Apply").click()
    page.locator('[data-testid="stSidebar"]').get_by_text(re.compile("KOI8-R")).wait_for()
