"""Files for the tests of app.books, made here: EPUBs, PDFs, Word documents, archives and their hostile cousins."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"

CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
XHTML = (
    '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
    'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>t</title><style>p {{ color: red }}</style></head>'
    "<body>{}</body></html>"
)
PROSE = (
    "The ferry left the landing at noon with nine passengers and a crate of hens. Nobody spoke of the bridge that had "
    "fallen in the spring, although every one of them looked at the place where it had stood. "
)


def shared(name: str) -> bytes:
    """A file of the shared test material; the test is skipped where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs the shared test text {name}, which is not part of the project")
    return path.read_bytes()


def make_zip(files: dict[str, bytes | str], stored: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, method)
    return out.getvalue()


def make_epub(
    pages: dict[str, str],
    nav: str | None = None,
    ncx: str | None = None,
    title: str = "A Made Book",
    extra: dict[str, bytes | str] | None = None,
    opf: str | None = None,
) -> bytes:
    """An EPUB of XHTML bodies by name. `nav` is the inside of the contents' <ol>, `ncx` that of <navMap>."""
    items = "".join(
        f'<item id="p{i}" href="{name}" media-type="application/xhtml+xml"/>' for i, name in enumerate(pages)
    )
    refs = "".join(f'<itemref idref="p{i}"/>' for i in range(len(pages)))
    files: dict[str, bytes | str] = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER}
    if nav is not None:
        items += '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        files["OEBPS/nav.xhtml"] = XHTML.format(f'<nav epub:type="toc"><ol>{nav}</ol></nav>')
    if ncx is not None:
        items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        files["OEBPS/toc.ncx"] = f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{ncx}</navMap></ncx>'
    files["OEBPS/book.opf"] = opf or (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'version="3.0"><metadata><dc:title>{title}</dc:title></metadata><manifest>{items}</manifest>'
        f'<spine toc="ncx">{refs}</spine></package>'
    )
    for name, body in pages.items():
        files[f"OEBPS/{name}"] = XHTML.format(body)
    return make_zip(files | (extra or {}), stored=("mimetype",))


def make_pdf(pages: list[list[tuple[float, float, float, str]]], outline: list[tuple[str, int]] | None = None) -> bytes:
    """A PDF of lines (x, y, size, text) a page, with an outline of (title, page index)."""
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(420, 595))
    for index, lines in enumerate(pages):
        for title, page in outline or ():
            if page == index:
                canvas.bookmarkPage(title)
                canvas.addOutlineEntry(title, title, level=0)
        for x, y, size, text in lines:
            canvas.setFont("Times-Roman", size)
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def make_scan(pages: int = 2) -> bytes:
    """A PDF of pictures."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(420, 595))
    for _ in range(pages):
        canvas.drawImage(ImageReader(Image.new("L", (200, 300), 128)), 10, 10, 400, 575)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def wrapped_page(number: int, text: str, head: str = "THE FERRY", heading: str | None = None) -> list:
    """A page of prose with a running head and a page number, wrapped with some words divided."""
    lines: list[tuple[float, float, float, str]] = [(180, 560, 9, head), (205, 25, 9, str(number))]
    y = 520.0
    if heading:
        lines.append((170, y, 18, heading))
        y -= 40
    for line in text.split("\n"):
        lines.append((52 if line.startswith(" ") else 40, y, 10, line.strip()))
        y -= 12
    return lines
