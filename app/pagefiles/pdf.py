"""Page PNGs in, one PDF out, page by page: the very pixels that the model sees, not a drawing of them.

A PNG's compressed rows are what PDF calls FlateDecode with predictor 15, so they are copied as they are: lossless, no
re-encoding, memory for one page at a time. Source: PDF 1.7 (ISO 32000-1), 7.4.4.4. 8 bit grey and RGB, not interlaced.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


class NotPlainPng(ValueError):
    """Not an 8-bit grey or RGB PNG without interlacing."""


@dataclass(frozen=True, slots=True)
class _Picture:
    width: int
    height: int
    channels: int
    rows: bytes


def pdf_of_pages(pngs: Iterable[bytes], page_count: int, dpi: int, title: str) -> Iterator[bytes]:
    """The file in pieces. Objects: 1 catalogue, 2 page tree, 3 title; then three a page."""
    offsets: dict[int, int] = {}
    written = 0

    def piece(number: int, body: bytes) -> bytes:
        nonlocal written
        offsets[number] = written
        whole = b"%d 0 obj\n" % number + body + b"\nendobj\n"
        written += len(whole)
        return whole

    head = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"
    written += len(head)
    yield head
    yield piece(1, b"<</Type/Catalog/Pages 2 0 R>>")
    kids = b" ".join(b"%d 0 R" % (4 + 3 * index) for index in range(page_count))
    yield piece(2, b"<</Type/Pages/Count %d/Kids[%s]>>" % (page_count, kids))
    yield piece(
        3,
        b"<</Title<%s>/Producer(Glyph Side by Side)>>"
        % (b"\xfe\xff" + title.encode("utf-16-be", "replace")).hex().encode(),
    )
    for index, png in enumerate(pngs):
        number, picture = 4 + 3 * index, _picture(png)
        width, height = picture.width * 72 / dpi, picture.height * 72 / dpi
        yield piece(
            number,
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.4f %.4f]/Contents %d 0 R/Resources<</XObject<</P %d 0 R>>>>>>"
            % (width, height, number + 1, number + 2),
        )
        draw = b"%.4f 0 0 %.4f 0 0 cm /P Do" % (width, height)
        yield piece(number + 1, b"<</Length %d>>stream\n%s\nendstream" % (len(draw), draw))
        space = b"/DeviceGray" if picture.channels == 1 else b"/DeviceRGB"
        yield piece(
            number + 2,
            b"<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace%s/Filter/FlateDecode"
            b"/DecodeParms<</Predictor 15/Colors %d/BitsPerComponent 8/Columns %d>>/Length %d>>stream\n%s\nendstream"
            % (picture.width, picture.height, space, picture.channels, picture.width, len(picture.rows), picture.rows),
        )
    yield _ending(offsets, written)


def _ending(offsets: dict[int, int], start: int) -> bytes:
    lines = [b"0000000000 65535 f \n"] + [b"%010d 00000 n \n" % offsets[number] for number in sorted(offsets)]
    return b"xref\n0 %d\n%strailer\n<</Size %d/Root 1 0 R/Info 3 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(lines),
        b"".join(lines),
        len(lines),
        start,
    )


def _picture(png: bytes) -> _Picture:
    if png[:8] != b"\x89PNG\r\n\x1a\n":
        raise NotPlainPng("a page is not a PNG file")
    at, header, rows = 8, None, []
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            rows.append(body)
        at += 12 + length
    if header is None or header[2] != 8 or header[3] not in (0, 2) or header[6] != 0:
        raise NotPlainPng(f"a page's PNG is of a kind that is not copied into PDF files: {header}")
    return _Picture(header[0], header[1], 1 if header[3] == 0 else 3, b"".join(rows))
