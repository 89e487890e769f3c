"""HTTP of the Pages page: pictures, figures and cells of any setting, while a slider is dragged.

Everything hangs under an unguessable book key and is read-only. The query is the settings (preview_settings.py); what
RenderConfig refuses is answered with 422 and its message. Handlers are plain functions: Starlette runs them in threads.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from itertools import chain
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from app.books import Book
from app.pagefiles.jobs import page_jobs
from app.pagefiles.writer import PageSet
from app.ui.page_pdf import NotPlainPng, pdf_of_pages
from app.ui.preview import Picture, previews
from app.ui.preview_advice import advice, ratio_curve
from app.ui.preview_cells import cell_grid, marks, search
from app.ui.preview_figures import figures_json
from app.ui.preview_laid import Drawing, Laid, LaidPage, PageGone
from app.ui.preview_reference import compare_page, kept_comparison
from app.ui.preview_settings import read_settings
from app.ui.shelf import shelf
from renderer import RenderCancelled, RenderConfig, RenderError

PREFIX = "/glyph/preview"
MAX_QUERY_CHARACTERS = 4000
_FARTHEST = 2**31 - 1  # compiled code counts with numbers of its own size
_CACHED = {"Cache-Control": "private, max-age=3600"}
_FRESH = {"Cache-Control": "no-store"}


def preview_url(book_key: str) -> str:
    return f"{PREFIX}/{book_key}"


def preview_routes() -> list[Route]:
    book = f"{PREFIX}/{{key}}"
    return [
        Route(f"{book}/page.png", _page_png),
        Route(f"{book}/pages/{{settings}}/{{number:int}}.png", _numbered_png),
        Route(f"{book}/figures.json", _figures),
        Route(f"{book}/cells.json", _cells),
        Route(f"{book}/marks.json", _marks),
        Route(f"{book}/search.json", _search),
        Route(f"{book}/curve.json", _curve),
        Route(f"{book}/advice.json", _advice),
        Route(f"{book}/reference.json", _reference),
        Route(f"{book}/reference/{{comparison}}/{{which}}.png", _reference_png),
        Route(f"{book}/pages.zip", _zip),
        Route(f"{book}/pages.pdf", _pdf),
        Route(f"{book}/manifest.json", _manifest),
        Route(f"{book}/settings.json", _settings),
    ]


def _answered(handler: Callable[[Request, Book, RenderConfig], Response]) -> Callable[[Request], Response]:
    """Find the book and read the settings; say what is wrong in JSON, never as a traceback."""

    @wraps(handler)
    def answer(request: Request) -> Response:
        book = shelf().get(request.path_params["key"])
        if book is None:
            return _refusal(404, "This book is no longer on the server; the page puts it back when it is drawn again.")
        if len(request.url.query) > MAX_QUERY_CHARACTERS:
            return _refusal(414, f"The address has more than {MAX_QUERY_CHARACTERS} characters.")
        began = time.perf_counter()
        try:
            response = handler(request, book, read_settings(_query(request)))
            response.headers["Server-Timing"] = f"app;dur={1000 * (time.perf_counter() - began):.1f}"
            return response
        except RenderCancelled:
            return _refusal(409, "Something newer was asked for.")
        except PageGone as error:
            return _refusal(410, str(error))
        except (RenderError, NotPlainPng, _Unreadable) as error:
            return _refusal(422, str(error))

    return answer


class _Unreadable(ValueError):
    """A number in the query that is none."""


def _query(request: Request) -> dict[str, str]:
    settings = request.path_params.get("settings")
    return dict(parse_qsl(settings, keep_blank_values=True)) if settings is not None else dict(request.query_params)


def _refusal(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=status, headers=_FRESH)


def _number(request: Request, name: str, default: int) -> int:
    raw = request.query_params.get(name, "")
    try:
        return max(-_FARTHEST, min(int(raw), _FARTHEST)) if raw else default
    except ValueError:
        raise _Unreadable(f"{name} is {raw[:40]!r}; a whole number is needed.") from None


def _holder(request: Request) -> str:
    return f"preview-{request.path_params['key']}"


def _laid(request: Request, book: Book, config: RenderConfig) -> Laid | Drawing:
    return previews().look(book, config, _holder(request), settled=request.query_params.get("settled") == "1")


def _asked_page(request: Request, laid: Laid) -> LaidPage:
    """`page` names one; else `at`, a character of the book, does."""
    if number := _number(request, "page", 0):
        return laid.page(number)
    return laid.page_at(_number(request, "at", 0))


def _still_drawing(state: Drawing) -> JSONResponse:
    return JSONResponse(
        {"drawing": {"reason": state.reason, "started": state.started, "done": state.pages_done, "total": state.pages_total}},
        status_code=202, headers=_FRESH,
    )  # fmt: skip


@_answered
def _page_png(request: Request, book: Book, config: RenderConfig) -> Response:
    """Laid out no further than this page where that can be: whoever drags a slider waits for it."""
    number, at = _number(request, "page", 0), _number(request, "at", 0)
    picture = previews().picture(book, config, number, at)
    if picture is None:
        laid = _laid(request, book, config)
        if isinstance(laid, Drawing):
            return _still_drawing(laid)
        number = laid.page(number).number if number else laid.number_at(at)
        picture = Picture(number, previews().png(book, config, laid, number))
    return Response(picture.png, media_type="image/png", headers={**_CACHED, "X-Page": str(picture.number)})


@_answered
def _numbered_png(request: Request, book: Book, config: RenderConfig) -> Response:
    laid = previews().look(book, config, _holder(request), settled=False)
    if isinstance(laid, Drawing):
        laid = previews().look(book, config, _holder(request))  # a finished job's pages; starts one where they were cleared
    if isinstance(laid, Drawing):
        return _still_drawing(laid)
    number = request.path_params["number"]
    if not 1 <= number <= laid.page_count:
        return _refusal(404, f"There is no page {number}; the book has {laid.page_count}.")
    return Response(previews().png(book, config, laid, number), media_type="image/png", headers=_CACHED)


@_answered
def _figures(request: Request, book: Book, config: RenderConfig) -> Response:
    laid = _laid(request, book, config)
    if isinstance(laid, Drawing):
        return _still_drawing(laid)
    settled = request.query_params.get("settled") == "1"
    return JSONResponse(
        figures_json(previews(), book, config, laid, request.query_params.get("gpu", ""), settled), headers=_FRESH
    )


@_answered
def _cells(request: Request, book: Book, config: RenderConfig) -> Response:
    laid = _laid(request, book, config)
    if isinstance(laid, Drawing):
        return _still_drawing(laid)
    page = _asked_page(request, laid)
    glyphs = laid.glyphs(page.number)
    if glyphs is None:
        return JSONResponse({"page": page.number, "why_not": _NO_CELLS}, headers=_FRESH)
    cells = cell_grid(glyphs, page, book.text, previews().prepared(book).token_ends())
    return JSONResponse(
        {
            "page": page.number,
            "columns": cells.columns,
            "rows": cells.rows,
            "texts": cells.texts,
            "tokens": cells.tokens,
        },
        headers=_CACHED,
    )


_NO_CELLS = "The reference engine drew this page; it does not tell which letter went where."


@_answered
def _marks(request: Request, book: Book, config: RenderConfig) -> Response:
    laid = _laid(request, book, config)
    if isinstance(laid, Drawing):
        return _still_drawing(laid)
    page = _asked_page(request, laid)
    glyphs = laid.glyphs(page.number)
    found = marks(glyphs, page, _number(request, "from", 0), _number(request, "to", 0)) if glyphs is not None else None
    return JSONResponse(
        {"page": page.number, "boxes": found.boxes if found else [], "cells": found.cells if found else []},
        headers=_CACHED,
    )


@_answered
def _search(request: Request, book: Book, config: RenderConfig) -> Response:
    found = search(book.text, request.query_params.get("q", ""))
    laid = _laid(request, book, config)
    page = (lambda start: 0) if isinstance(laid, Drawing) else (lambda start: laid.page_at(start).number)
    rows = [[match.start, match.end, page(match.start), match.before, match.found, match.after] for match in found]
    return JSONResponse({"matches": rows}, headers=_FRESH)


class _Newest:
    """The newest ticket of each (book key, kind): older work notices that nobody waits for it."""

    def __init__(self, most: int = 256) -> None:
        self._tickets: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock, self._most = threading.Lock(), most

    def wanted(self, key: str, kind: str) -> Callable[[], bool]:
        ticket, slot = secrets.token_hex(8), (key, kind)
        with self._lock:
            self._tickets[slot] = ticket
            self._tickets.move_to_end(slot)
            while len(self._tickets) > self._most:
                self._tickets.popitem(last=False)
        return lambda: self._tickets.get(slot) == ticket


_newest = _Newest()


@_answered
def _curve(request: Request, book: Book, config: RenderConfig) -> Response:
    wanted = _newest.wanted(request.path_params["key"], "curve")
    points = ratio_curve(previews(), book, config, wanted)
    return JSONResponse(
        {"points": [[p.dpi, round(p.ratio, 4), p.visual_tokens, p.pages] for p in points], "complete": wanted()},
        headers=_FRESH,
    )


@_answered
def _advice(request: Request, book: Book, config: RenderConfig) -> Response:
    wanted = _newest.wanted(request.path_params["key"], "advice")
    found = advice(previews(), book, config, wanted)
    rows = [
        {"title": one.title, "cost": one.cost, "ratio": one.ratio, "gain": one.gain, "pages": one.totals.pages,
         "visual_tokens": one.totals.visual_tokens, "changes": one.changes, "book_change": one.book_change, "harmless": one.harmless}
        for one in found
    ]  # fmt: skip
    return JSONResponse({"advice": rows, "complete": wanted()}, headers=_FRESH)


@_answered
def _reference(request: Request, book: Book, config: RenderConfig) -> Response:
    laid = _laid(request, book, config)
    if isinstance(laid, Drawing) or laid.engine != "fast":
        return _refusal(
            422, "The reference engine draws these settings anyway: there is no second picture to compare with."
        )
    wanted = _newest.wanted(request.path_params["key"], "reference")
    made = compare_page(previews(), book, config, _asked_page(request, laid).number, lambda: not wanted())
    return JSONResponse(
        {"key": made.key, "page": made.number, "whole_page": made.whole_page, "identical": made.identical, "pixels": made.pixels,
         "differing_pixels": made.differing_pixels, "largest_difference": made.largest_difference, "fast_size": made.fast_size,
         "reference_size": made.reference_size, "reference_ms": made.reference_ms, "fast_ms": made.fast_ms}, headers=_FRESH,
    )  # fmt: skip


@_answered
def _reference_png(request: Request, book: Book, config: RenderConfig) -> Response:
    made = kept_comparison(request.path_params["comparison"])
    which = request.path_params["which"]
    if made is None or which not in ("reference", "difference"):
        return _refusal(404, "This comparison was cleared; make it again.")
    return Response(
        made.reference_png if which == "reference" else made.difference_png, media_type="image/png", headers=_CACHED
    )


@contextmanager
def _rendered(book: Book, config: RenderConfig) -> Iterator[PageSet]:
    """The book's page files, rendered now if they are not there; they stay as long as this is held."""
    holder = f"download-{secrets.token_hex(8)}"
    job = page_jobs().start(book.content_hash, book.text, book.title, config, holder)
    try:
        now = job.wait()
        if now.page_set is None:
            raise RenderError(now.error or "Rendering was stopped.")
        yield now.page_set
    finally:
        job.let_go(holder)


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Wait for the first piece, so that what goes wrong before it is still told as an answer of its own."""
    first = next(pieces)
    return chain([first], pieces)


@_answered
def _zip(request: Request, book: Book, config: RenderConfig) -> Response:
    return _download(_begun(_zipped(book, config)), "application/zip", book.title, "pages.zip")


def _zipped(book: Book, config: RenderConfig) -> Iterator[bytes]:
    settings = json.dumps(config.to_mapping(), indent=2, ensure_ascii=False) + "\n"
    sink = _Sink()
    with _rendered(book, config) as page_set:
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:  # PNGs are compressed already
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


@_answered
def _pdf(request: Request, book: Book, config: RenderConfig) -> Response:
    return _download(_begun(_pdf_pieces(book, config)), "application/pdf", book.title, "pages.pdf")


def _pdf_pieces(book: Book, config: RenderConfig) -> Iterator[bytes]:
    with _rendered(book, config) as page_set:
        pngs = (page.path.read_bytes() for page in page_set.pages)
        yield from pdf_of_pages(pngs, len(page_set.pages), config.dpi, book.title)


@_answered
def _manifest(request: Request, book: Book, config: RenderConfig) -> Response:
    with _rendered(book, config) as page_set:
        content = page_set.manifest_path.read_bytes()
    return _download(iter([content]), "application/json", book.title, "manifest.json")


@_answered
def _settings(request: Request, book: Book, config: RenderConfig) -> Response:
    content = json.dumps(config.to_mapping(), indent=2, ensure_ascii=False) + "\n"
    return _download(iter([content.encode()]), "application/json", "", "glyph-settings.json")


def _download(content: Iterator[bytes], media_type: str, title: str, name: str) -> StreamingResponse:
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " -_") else "" for c in title).strip()[:60]
    file_name = f"{plain} - {name}" if plain else name
    return StreamingResponse(
        content, media_type=media_type, headers={**_FRESH, "Content-Disposition": f'attachment; filename="{file_name}"'}
    )
