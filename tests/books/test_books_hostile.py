"""Files made to harm: each gets one clear sentence, soon, and the process lives on."""

from __future__ import annotations

import gzip
import os
import struct
import subprocess
import sys
import threading
import time

import pytest

from app.books import (
    BookCancelled,
    BookDamaged,
    BookEncrypted,
    BookError,
    BookFormat,
    BookTooHeavy,
    BookTooLarge,
    BookUnsafe,
    limits,
    read_book,
)
from app.books.parsed_text import no_progress
from app.books.sandbox import read_in_child
from tests.books.make_books import CONTAINER, make_epub, make_pdf, make_zip

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]>{}"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>{}'
OPF = '<package xmlns="http://www.idpf.org/2007/opf"><metadata>&a;</metadata></package>'
LOOP = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 4>>endobj\n"
    b"3 0 obj<</Type/Pages/Kids[2 0 R 3 0 R]/Parent 2 0 R/Count 4>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)


def epub_with(opf: str) -> bytes:
    return make_zip({"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf})


def docx_with(document: str) -> bytes:
    return make_zip({"[Content_Types].xml": "<Types/>", "word/document.xml": document})


def encrypted_zip() -> bytes:
    data = bytearray(make_zip({"a.txt": "hello"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", struct.unpack("<H", data[at : at + 2])[0] | 1)
    return bytes(data)


def lying_zip() -> bytes:
    """A bomb whose directory says that its file is small."""
    data = bytearray(make_zip({"a.txt": b"\0" * (80 << 20)}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = struct.pack("<I", 1000)
    return bytes(data)


def many_middling_files() -> bytes:
    """180 files whose directory promises 3 MB each."""
    data = bytearray(make_zip({f"{i}.txt": "x" for i in range(180)}))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 24 : at + 28] = struct.pack("<I", 3 << 20)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


CASES = {
    "a zip bomb by its ratio": (lambda: make_zip({"a.txt": b"\0" * (70 << 20)}), "a.zip", BookUnsafe, "zip bombs"),
    "a zip bomb by its total": (many_middling_files, "a.zip", BookUnsafe, "unpack to"),
    "a bomb inside an EPUB": (
        lambda: make_epub({"a.xhtml": "<p>x</p>"}, extra={"OEBPS/b.xhtml": b" " * (50 << 20)}),
        "a.epub",
        BookUnsafe,
        "bomb",
    ),
    "a zip that lies about sizes": (lying_zip, "a.zip", BookDamaged, "cannot be unpacked"),
    "too many files": (
        lambda: make_zip({f"{i}.txt": b"" for i in range(10_001)}),
        "a.zip",
        BookTooLarge,
        "10,001 files",
    ),
    "a path to the parent": (lambda: make_zip({"../../etc/passwd": "x"}), "a.zip", BookUnsafe, "leads out"),
    "an absolute path": (lambda: make_zip({"/etc/passwd": "x"}), "a.zip", BookUnsafe, "leads out"),
    "a Windows path": (lambda: make_zip({"C:\\x.txt": "x"}), "a.zip", BookUnsafe, "leads out"),
    "a path out of an EPUB": (
        lambda: make_epub({"a.xhtml": "<p>x</p>"}, extra={"../a.txt": "x"}),
        "a.epub",
        BookUnsafe,
        "leads out",
    ),
    "a zip with a password": (encrypted_zip, "a.zip", BookEncrypted, "password"),
    "a zip cut short": (lambda: make_zip({"a.txt": os.urandom(9_000)})[:4_000], "a.zip", BookDamaged, "cut short"),
    "an EPUB cut short": (lambda: make_epub({"a.xhtml": "<p>x</p>"})[:-90], "a.epub", BookDamaged, "cut short"),
    "entities that grow": (lambda: epub_with(LAUGHS.format(OPF)), "a.epub", BookUnsafe, "entities"),
    "entities from outside": (lambda: epub_with(OUTSIDE.format(OPF)), "a.epub", BookUnsafe, "entities"),
    "entities in UTF-16": (
        lambda: make_zip(
            {
                "mimetype": "application/epub+zip",
                "META-INF/container.xml": CONTAINER,
                "OEBPS/book.opf": LAUGHS.format(OPF).encode("utf-16"),
            }
        ),
        "a.epub",
        BookUnsafe,
        "entities",
    ),
    "entities in a page": (
        lambda: make_epub({"b.xhtml": ""}, extra={"OEBPS/b.xhtml": LAUGHS.format("<p>&a;</p>")}),
        "a.epub",
        BookUnsafe,
        "entities",
    ),
    "entities in a web page": (
        lambda: LAUGHS.format("<html><p>&a;</p></html>").encode(),
        "a.html",
        BookUnsafe,
        "entities",
    ),
    "entities in Word": (lambda: docx_with(LAUGHS.format("<w>&a;</w>")), "a.docx", BookUnsafe, "entities"),
    "Word that is no XML": (lambda: docx_with("<w:document"), "a.docx", BookDamaged, "no XML"),
    "Word with a password": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "a.docx",
        BookEncrypted,
        "password",
    ),
    "HTML nested without end": (lambda: b"<html>" + b"<div>" * 500_000, "a.html", BookUnsafe, "without end"),
    "HTML of one huge piece": (lambda: b"<html><p>" + b"word " * 2_500_000, "a.html", BookTooHeavy, "10 MB"),
    "a PDF that loops": (lambda: LOOP, "a.pdf", BookError, "PDF|text"),
    "a PDF of a million pages": (
        lambda: (
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1000000>>"
            b"endobj\ntrailer<</Root 1 0 R>>"
        ),
        "a.pdf",
        BookError,
        "pages|PDF",
    ),
    "a PDF cut short": (lambda: make_pdf([[(50, 500, 10, "hello")]])[:200], "a.pdf", BookDamaged, "cut-short"),
    "garbage that calls itself PDF": (lambda: b"%PDF-1.7\n" + os.urandom(1 << 20), "a.pdf", BookDamaged, "damaged"),
    "garbage that calls itself ZIP": (lambda: b"PK\x03\x04" + os.urandom(1 << 20), "a.zip", BookDamaged, "damaged"),
    "garbage": (lambda: os.urandom(10 << 20), "a.epub", BookError, "not text"),
    "100 MB of nothing": (lambda: bytes(100 << 20), "a.txt", BookTooLarge, "up to 64 MB"),
    "60 MB of nothing": (lambda: bytes(60 << 20), "a.txt", BookError, "not text"),
    "60 MB of blank lines": (lambda: b"\n" * (60 << 20), "a.txt", BookError, "characters"),
    "a gzip in a gzip": (lambda: gzip.compress(gzip.compress(b"hello")), "a.txt.gz", BookError, "twice"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.timed
def test_each_gets_one_clear_sentence_within_ten_seconds(case):
    make, filename, error, says = CASES[case]
    data = make()
    started = time.perf_counter()
    with pytest.raises(error, match=says) as refusal:
        read_book(data, filename)
    message = str(refusal.value)
    assert time.perf_counter() - started < 10.5
    assert filename in message
    assert "\n" not in message
    assert len(message) < 300
    assert message.endswith(".")


@pytest.mark.parametrize(
    "unit",
    [
        "```\n",
        "# [[[[",
        "CHAPTER I\n",
        "I\n\n",
        "*** START OF THE PROJECT GUTENBERG EBOOK x\n",
        "- ",
        "Ã©",
        "第一回 好\n",
        "\n",
        "word word word word word word word word word word word word word w\n",
    ],
)
@pytest.mark.timed
def test_half_a_megabyte_of_anything_is_read_in_time(unit):
    text = unit * (500_000 // len(unit.encode())) + "end"
    started = time.perf_counter()
    read_book(text.encode(), "a.md")
    assert time.perf_counter() - started < 10


def test_one_line_of_ten_megabytes_is_a_book():
    book = read_book(b"word " * 2_000_000, "a.txt")
    assert (len(book.text), len(book.chapters)) == (10_000_000, 1)


def test_nothing_is_read_from_outside_the_archive(tmp_path):
    secret = tmp_path / "secret.xhtml"
    secret.write_text("<p>secret</p>")
    opf = f'<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="../../../../../../../..{secret}" media-type="application/xhtml+xml"/><item id="b" href="file://{secret}" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    with pytest.raises(BookError):
        read_book(make_epub({}, opf=opf), "a.epub")


@pytest.mark.timed
def test_a_reader_that_takes_too_long_is_ended():
    heavy = b"<html><body>" + b"<p>hello <b>world</b></p>" * 400_000
    started = time.perf_counter()
    with pytest.raises(BookTooHeavy, match="seconds"):
        read_in_child(heavy, "a.html", BookFormat.HTML, None, False, no_progress, wall_seconds=0.5)
    assert time.perf_counter() - started < 3


def test_a_busy_machine_leaves_a_book_its_processor_time():
    assert limits.WORKER_WALL_SECONDS >= 3 * limits.WORKER_CPU_SECONDS


@pytest.mark.timed
def test_a_reader_that_takes_too_much_processor_time_is_told_so(monkeypatch, tmp_path):
    whole = subprocess.Popen
    endless = "from app.books import limits; limits.WORKER_CPU_SECONDS = 1; from app.books.worker import limit_this_process; limit_this_process()\nwhile True: pass"
    monkeypatch.setattr(
        "app.books.sandbox.subprocess.Popen",
        lambda order, **settings: whole([sys.executable, "-c", endless], **settings),
    )
    with pytest.raises(BookTooHeavy, match="9 seconds of processor time"):
        read_in_child(b"x", "a.html", BookFormat.HTML, None, False, no_progress)


def test_a_reader_that_takes_too_much_memory_is_ended(monkeypatch):
    # 40 MB of tiny elements need more than a gigabyte as a tree.
    heavy = b"<html><body>" + b"<i></i>" * 6_000_000
    with pytest.raises((BookTooHeavy, BookDamaged, BookError)) as refusal:
        read_book(heavy, "a.html")
    assert "a.html" in str(refusal.value)


def test_the_caller_may_give_up():
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(BookCancelled):
        read_book(b"<html><body>" + b"<p>hello <b>world</b></p>" * 400_000, "a.html", cancelled=stop.is_set)


def test_the_child_knows_no_secrets_and_leaves_no_process(monkeypatch):
    import psutil

    monkeypatch.setenv("SOME_API_KEY", "secret")
    seen = []

    def look(fraction, what):
        for child in psutil.Process().children():
            try:
                if "app.books.worker" in " ".join(child.cmdline()):
                    seen.append(child.environ())
            except psutil.Error:
                pass

    before = {p.pid for p in psutil.Process().children()}
    read_book(make_epub({f"{i}.xhtml": "<p>hello</p>" for i in range(50)}), "a.epub", on_progress=look)
    assert all("SOME_API_KEY" not in environment for environment in seen)
    assert {p.pid for p in psutil.Process().children()} <= before


def test_several_books_can_be_read_at_once():
    data = make_epub({"1.xhtml": "<h1>Chapter 1</h1><p>x</p>", "2.xhtml": "<h1>Chapter 2</h1><p>y</p>"})
    books = []
    threads = [threading.Thread(target=lambda: books.append(read_book(data, "a.epub"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(books) == 6
    assert len(set(books)) == 1


def test_names_of_files_cannot_break_the_order_to_the_child():
    name = "\"];{}\u202e\n\0' --help \ud800.epub"
    book = read_book(make_epub({"a.xhtml": "<p>x</p>"}, title=""), name)
    assert book.text == "x\n"
    with pytest.raises(BookError):
        read_book(make_zip({"a.png": b"\x89PNG\r\n\x1a\n"}), name)


def test_zip_names_are_shown_without_direction_marks():
    book = read_book(make_zip({"\u202efdp.txt": "hello", "z.txt": "bye"}), "a.zip")
    assert [chapter.title for chapter in book.chapters] == ["z.txt", "fdp.txt"]
