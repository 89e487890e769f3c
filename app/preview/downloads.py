"""A book's pages as files to keep: ZIP, PDF, manifest and settings, streamed page by page."""

from __future__ import annotations

import json
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import IO, cast

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.books import Book
from app.pagefiles.jobs import JobState, page_jobs
from app.pagefiles.pdf import pdf_of_pages
from app.pagefiles.writer import PageSet
from app.preview.answering import FRESH, answered
from app.preview.desks import DOWNLOADS, gone
from renderer import RenderCancelled, RenderConfig, RenderError

_LOOK_EVERY_S = 0.25


@contextmanager
def _rendered(request: Request, book: Book, config: RenderConfig) -> Iterator[PageSet]:
    """The book's page files, rendered now if they are not there; they stay as long as this is held.

    Raises RenderCancelled when the client hangs up while it waits: the rendering ends then, unless others want it.
    """
    holder = f"download-{secrets.token_hex(8)}"
    job = page_jobs().start(book.content_hash, book.text, book.title, config, holder)
    try:
        now = job.wait(_LOOK_EVERY_S)
        while now.state is JobState.RUNNING:
            if gone(request):
                raise RenderCancelled("Nobody waits for this download any more.")
            now = job.wait(_LOOK_EVERY_S)
        if now.page_set is None:
            raise RenderError(now.error or "Rendering was stopped.", *now.settings)
        yield now.page_set
    finally:
        job.let_go(holder)


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Wait for the first piece, so that what goes wrong before it is still told as an answer of its own."""
    first = next(pieces)
    return chain([first], pieces)


@answered(DOWNLOADS)
def zipped_pages(request: Request, book: Book, config: RenderConfig) -> Response:
    return _download(_begun(_zipped(request, book, config)), "application/zip", book.title, "pages.zip")


def _zipped(request: Request, book: Book, config: RenderConfig) -> Iterator[bytes]:
    settings = json.dumps(config.to_mapping(), indent=2, ensure_ascii=False) + "\n"
    sink = _Sink()
    with _rendered(request, book, config) as page_set:
        with zipfile.ZipFile(
            cast("IO[bytes]", sink), "w", zipfile.ZIP_STORED
        ) as archive:  # PNGs are compressed already
            archive.writestr("settings.json", settings, zipfile.ZIP_DEFLATED)
            for path in (page_set.manifest_path, *(page.path for page in page_set.pages)):
                archive.write(path, path.name)
                yield sink.take()
        yield sink.take()


class _Sink:
    """A file that ZipFile may only append to; what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return None

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


@answered(DOWNLOADS)
def pdf(request: Request, book: Book, config: RenderConfig) -> Response:
    return _download(_begun(_pdf_pieces(request, book, config)), "application/pdf", book.title, "pages.pdf")


def _pdf_pieces(request: Request, book: Book, config: RenderConfig) -> Iterator[bytes]:
    with _rendered(request, book, config) as page_set:
        pngs = (page.path.read_bytes() for page in page_set.pages)
        yield from pdf_of_pages(pngs, len(page_set.pages), config.dpi, book.title)


@answered(DOWNLOADS)
def manifest(request: Request, book: Book, config: RenderConfig) -> Response:
    with _rendered(request, book, config) as page_set:
        content = page_set.manifest_path.read_bytes()
    return _download(iter([content]), "application/json", book.title, "manifest.json")


@answered(DOWNLOADS)
def settings(request: Request, book: Book, config: RenderConfig) -> Response:
    content = json.dumps(config.to_mapping(), indent=2, ensure_ascii=False) + "\n"
    return _download(iter([content.encode()]), "application/json", "", "glyph-settings.json")


def _download(content: Iterator[bytes], media_type: str, title: str, name: str) -> StreamingResponse:
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " -_") else "" for c in title).strip()[:60]
    file_name = f"{plain} - {name}" if plain else name
    return StreamingResponse(
        content, media_type=media_type, headers={**FRESH, "Content-Disposition": f'attachment; filename="{file_name}"'}
    )
