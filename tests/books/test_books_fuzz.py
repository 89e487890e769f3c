"""Whatever is done to a file, its reader gives a book or a BookError, never another exception.

A small corpus is made here and damaged by hypothesis: bytes changed, cut out, doubled, inside archives before packing.
PDFs go through the child process, since PDFium is no Python and could take the tests down with it.
"""

from __future__ import annotations

import io
import zipfile

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.books import BookError, BookFormat, read_book, reflow_book
from app.books.parsed_text import no_progress
from app.books.worker import parse
from tests.books.make_books import PROSE, make_epub, make_pdf, make_zip

EPUB = make_epub(
    {
        "a.xhtml": f"<h1 id='x'>Chapter 1</h1><p>{PROSE}<sup><a href='#n'>1</a></sup></p><table><tr><td>1</td></tr></table>",
        "b.xhtml": "<h1>Chapter 2</h1><ol><li>one</li></ol><pre> x</pre>",
    },
    nav='<li><a href="a.xhtml#x">Chapter 1</a><ol><li><a href="b.xhtml">Chapter 2</a></li></ol></li>',
)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DOCX = make_zip(
    {
        "word/document.xml": f'<w:document {W}><w:body><w:p><w:pPr><w:pStyle w:val="H1"/><w:numPr><w:ilvl w:val="0"/><w:numId '
        'w:val="1"/></w:numPr></w:pPr><w:r><w:t>Chapter 1</w:t><w:tab/><w:br/><w:footnoteReference w:id="1"/></w:r></w:p><w:tbl><w:tr>'
        "<w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>",
        "word/styles.xml": f'<w:styles {W}><w:style w:styleId="H1"><w:name w:val="heading 1"/><w:basedOn w:val="H1"/></w:style></w:styles>',
        "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:id="1"><w:p><w:r><w:t>note</w:t></w:r></w:p></w:footnote></w:footnotes>',
    }
)
ZIP = make_zip({"a/b.txt": PROSE, "c.py": "x = 1\n"})
HTML = (
    b"<!DOCTYPE html><html><head><meta charset='utf-8'><title>T</title></head><body><h1>Chapter 1</h1><p>Text &amp; "
    b"<b>more</b><ul><li>x<ol start=2><li>y</ol></ul><table><td>1<td>2</table><h1>Chapter 2</h1><sup>2</sup></body></html>"
)
TEXT = f"CONTENTS\n\nCHAPTER I\nCHAPTER II\n\nCHAPTER I\n\n{PROSE}\n\nCHAPTER II\n\n第一回 好\n\n{PROSE}\n".encode()
PDF = make_pdf(
    [[(40, 500 - 12 * i, 10, PROSE[:60]) for i in range(8)], [(40, 500, 18, "Chapter 2"), (40, 480, 10, "x")]]
)
NO_LIMIT = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

_CHANGE = st.tuples(
    st.sampled_from(["set", "cut", "double", "insert"]), st.floats(0, 1), st.binary(min_size=1, max_size=12)
)
CHANGES = st.lists(_CHANGE, min_size=1, max_size=6)


def damage(data: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    for kind, where, piece in changes:
        at = int(where * len(data))
        if kind == "set":
            data = data[:at] + piece + data[at + len(piece) :]
        elif kind == "cut":
            data = data[:at] + data[at + 5 * len(piece) :]
        elif kind == "double":
            data = data[:at] + data[at : at + 40 * len(piece)] + data[at:]
        else:
            data = data[:at] + piece + data[at:]
    return data


def damage_inside(archive: bytes, which: int, changes: list[tuple[str, float, bytes]]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    name = sorted(files)[which % len(files)]
    return make_zip(files | {name: damage(files[name], changes)})


def book_or_refusal(data: bytes, format: BookFormat) -> None:
    try:
        draft = parse(data, "a.bin", format, None, False, no_progress)
    except BookError as refusal:
        # A refusal that has a cause is the safety net's: the reader itself stumbled.
        message, cause = str(refusal), refusal.__cause__
    else:
        message, cause = ".", None
        assert all(0 <= chapter.start <= chapter.end <= len(draft.text) for chapter in draft.chapters)
    assert message.endswith(".")
    assert cause is None


@NO_LIMIT
@given(st.sampled_from([(EPUB, BookFormat.EPUB), (DOCX, BookFormat.DOCX), (ZIP, BookFormat.ZIP)]), CHANGES)
def test_damaged_archives(packed, changes):
    book_or_refusal(damage(packed[0], changes), packed[1])


@settings(NO_LIMIT, max_examples=200)
@given(
    st.sampled_from([(EPUB, BookFormat.EPUB), (DOCX, BookFormat.DOCX), (ZIP, BookFormat.ZIP)]),
    st.integers(0, 9),
    CHANGES,
)
def test_archives_with_a_damaged_file_inside(packed, which, changes):
    book_or_refusal(damage_inside(packed[0], which, changes), packed[1])


@settings(NO_LIMIT, max_examples=200)
@given(CHANGES)
def test_damaged_web_pages(changes):
    book_or_refusal(damage(HTML, changes), BookFormat.HTML)


@settings(NO_LIMIT, max_examples=200)
@given(CHANGES, st.sampled_from(["a.txt", "a.md", "a.py"]))
def test_damaged_texts(changes, name):
    try:
        book = read_book(damage(TEXT, changes), name)
    except BookError:
        return
    assert "".join(reflow_book(book, "drop").text.split()) == "".join(book.text.split())


@settings(NO_LIMIT, max_examples=200)
@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.md", "a.c"]))
def test_any_bytes_at_all(data, name):
    if data[:2] in (b"PK", b"\x1f\x8b") or b"%PDF" in data or b"<" in data:
        return
    try:
        book = read_book(data, name)
    except BookError:
        return
    assert book.text.strip()
    assert book.chapters[-1].end <= len(book.text)


@settings(NO_LIMIT, max_examples=25)
@given(CHANGES)
def test_damaged_pdfs(changes):
    data = damage(PDF, changes)
    if b"%PDF-" not in data[:1024]:
        return
    try:
        message = read_book(data, "a.pdf").text.strip()[-1:] + "."
    except BookError as refusal:
        message = str(refusal)
    assert message.endswith(".")
