"""Read every book of some folders and list the words that a plain extractor finds and our reader does not.

    python scripts/compare_extraction.py FOLDER [FOLDER ...] [--show N]

Made for public sample sets a developer has on disk: w3c/epub-tests, pdfplumber's tests/pdfs, mammoth's tests/test-data.
The plain extractor knows no layout: all text of an EPUB's XHTML files, PDFium's own text, the w:t of a DOCX. So some of
what it lists is right to be missing (page numbers, running heads, scripts' fallbacks): it is a list to look through.
The last line is JSON: files, refused, words, missing.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pypdfium2
from lxml import etree

from app.books import MAX_UPLOAD_BYTES, BookError, read_book
from scripts.option_types import positive

KINDS = (".epub", ".pdf", ".docx")
_WORD = re.compile(r"[^\W_]+")


def plain_words(data: bytes, kind: str) -> Counter[str]:
    """The words of a file by the plain extractor."""
    if kind == ".pdf":
        document = pypdfium2.PdfDocument(data)
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
        return words_of(re.sub("[\x02\ufffe]\\s*", "", text))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    pieces = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if kind == ".docx" and name == "word/document.xml":
                pieces += [t.text or "" for t in etree.fromstring(archive.read(name), parser).iter("{*}t")]
            elif kind == ".epub" and name.endswith((".xhtml", ".html", ".htm")):
                root = etree.fromstring(archive.read(name), parser)
                body = root.find("{*}body") if root is not None else None
                pieces += body.itertext() if body is not None else ()
    return words_of(" ".join(pieces) if kind == ".epub" else "".join(pieces))


def words_of(text: str) -> Counter[str]:
    """Each word and how often it stands there."""
    return Counter(_WORD.findall(text.casefold()))


def main(argv: Sequence[str] | None = None) -> int:
    """Compare all files below the folders and print what is missing."""
    parser = argparse.ArgumentParser(
        description="List the words that a plain extractor finds in books and ours does not."
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument(
        "--show", type=positive, default=12, metavar="N", help="missing words to show a file (default: 12)"
    )
    args = parser.parse_args(argv)
    files = sorted(f for folder in args.folders for f in folder.rglob("*") if f.suffix.lower() in KINDS and f.is_file())
    refused = words = lost = 0
    for file in files:
        with file.open("rb") as opened:
            data = opened.read(MAX_UPLOAD_BYTES + 1)
        try:
            book = read_book(data, file.name, keep_gutenberg=True)
        except BookError as refusal:
            refused += 1
            print(f"{file}: refused: {refusal}")
            continue
        try:
            expected = plain_words(data, file.suffix.lower())
        except Exception as error:  # the plain extractor is no judge of damaged files
            print(f"{file}: the plain extractor failed ({type(error).__name__})")
            continue
        missing = expected - words_of(book.text)
        words, lost = words + expected.total(), lost + missing.total()
        if missing:
            shown = ", ".join(f"{word} ×{n}" if n > 1 else word for word, n in missing.most_common(args.show))
            print(f"{file}: {missing.total():,} of {expected.total():,} words missing: {shown}")
    print(json.dumps({"files": len(files), "refused": refused, "words": words, "missing": lost}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
