"""HTTP of the Pages screen: pictures, figures and cells of any setting, while a slider is dragged.

Everything hangs under an unguessable book key and is read-only. The query is the settings (settings_query.py); what
RenderConfig refuses is answered with 422 and its message. Handlers are plain functions that work in the threads of a desk (desks.py).
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from urllib.parse import quote, urlencode

from cachetools import LRUCache
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.books import Book
from app.preview.advice import advice, ratio_curve
from app.preview.answering import (
    CACHED,
    FRESH,
    PREFIX,
    answered,
    asked_page,
    holder_of,
    laid_for,
    number_of,
    page_number,
    refusal,
    still_drawing,
)
from app.preview.clarity import clarity_at_rest, clarity_json
from app.preview.desks import PICTURES, STUDIES, gone
from app.preview.downloads import manifest, pdf, settings, zipped_pages
from app.preview.engine_comparison import compare_page, kept_comparison
from app.preview.figures import Readers, figures_json
from app.preview.laid_book import Drawing
from app.preview.previews import Picture, previews
from app.preview.settings_query import settings_query
from app.preview.text_search import search
from app.preview.token_cells import cell_grid, marks
from renderer import RenderConfig


def preview_url(book_key: str) -> str:
    return f"{PREFIX}/{book_key}"


def numbered_pages_url(book_key: str, config: RenderConfig) -> str:
    """Below it lie the pages of a book at these settings, `{number}.png` each, drawn when they are asked for."""
    return f"{preview_url(book_key)}/pages/{quote(urlencode(settings_query(config)) or ' ', safe='')}"


def preview_routes() -> list[Route]:
    book = f"{PREFIX}/{{key}}"
    return [
        Route(f"{book}/page.png", _page_png),
        Route(f"{book}/pages/{{settings}}/{{number}}.png", _numbered_png),
        Route(f"{book}/figures.json", _figures),
        Route(f"{book}/cells.json", _cells),
        Route(f"{book}/marks.json", _marks),
        Route(f"{book}/search.json", _search),
        Route(f"{book}/curve.json", _curve),
        Route(f"{book}/advice.json", _advice),
        Route(f"{book}/clarity.json", _clarity),
        Route(f"{book}/reference.json", _reference),
        Route(f"{book}/reference/{{comparison}}/{{which}}.png", _reference_png),
        Route(f"{book}/pages.zip", zipped_pages),
        Route(f"{book}/pages.pdf", pdf),
        Route(f"{book}/manifest.json", manifest),
        Route(f"{book}/settings.json", settings),
    ]


@answered(PICTURES)
def _page_png(request: Request, book: Book, config: RenderConfig) -> Response:
    """Laid out no further than this page where that can be: whoever drags a slider waits for it."""
    number, at = number_of(request, "page", 0), number_of(request, "at", 0)
    picture = previews().picture(book, config, number, at)
    if picture is None:
        laid = laid_for(request, book, config)
        if isinstance(laid, Drawing):
            return still_drawing(laid)
        number = laid.page(number).number if number else laid.number_at(at)
        picture = Picture(number, previews().png(book, config, laid, number))
    return Response(picture.png, media_type="image/png", headers={**CACHED, "X-Page": str(picture.number)})


@answered(PICTURES)
def _numbered_png(request: Request, book: Book, config: RenderConfig) -> Response:
    laid = previews().look(book, config, holder_of(request), settled=False)
    if isinstance(laid, Drawing):
        laid = previews().look(
            book, config, holder_of(request)
        )  # a finished job's pages; starts one where they were cleared
    if isinstance(laid, Drawing):
        return still_drawing(laid)
    number = page_number(request.path_params["number"])
    if not 1 <= number <= laid.page_count:
        asked = request.path_params["number"][:20]
        return refusal(404, f"There is no page {asked!r}; the book has {laid.page_count}.")
    return Response(previews().png(book, config, laid, number), media_type="image/png", headers=CACHED)


@answered(PICTURES)
def _figures(request: Request, book: Book, config: RenderConfig) -> Response:
    laid = laid_for(request, book, config)
    if isinstance(laid, Drawing):
        return still_drawing(laid)
    settled, gpu_id = request.query_params.get("settled") == "1", request.query_params.get("gpu", "")
    told = figures_json(previews(), book, config, laid, gpu_id, settled, _readers(request))
    return JSONResponse(told, headers=FRESH)


def _readers(request: Request) -> Readers:
    """What the screen's script told the viewer of the two sides; a server may count otherwise than we do."""
    names = ("text", "sent", "text_window", "pages_window")
    return Readers(*(max(0, number_of(request, name, 0)) for name in names))


@answered(PICTURES)
def _cells(request: Request, book: Book, config: RenderConfig) -> Response:
    laid = laid_for(request, book, config)
    if isinstance(laid, Drawing):
        return still_drawing(laid)
    page = asked_page(request, laid)
    glyphs = laid.glyphs(page.number)
    if glyphs is None:
        return JSONResponse({"page": page.number, "why_not": _NO_CELLS}, headers=FRESH)
    cells = cell_grid(glyphs, page, book.text, previews().prepared(book).token_ends())
    return JSONResponse(
        {
            "page": page.number,
            "columns": cells.columns,
            "rows": cells.rows,
            "texts": cells.texts,
            "tokens": cells.tokens,
        },
        headers=CACHED,
    )


_NO_CELLS = "The reference engine drew this page; it does not tell which letter went where."


@answered(PICTURES)
def _marks(request: Request, book: Book, config: RenderConfig) -> Response:
    laid = laid_for(request, book, config)
    if isinstance(laid, Drawing):
        return still_drawing(laid)
    page = asked_page(request, laid)
    glyphs = laid.glyphs(page.number)
    found = (
        marks(glyphs, page, number_of(request, "from", 0), number_of(request, "to", 0)) if glyphs is not None else None
    )
    return JSONResponse(
        {"page": page.number, "boxes": found.boxes if found else [], "cells": found.cells if found else []},
        headers=CACHED,
    )


@answered(PICTURES)
def _search(request: Request, book: Book, config: RenderConfig) -> Response:
    found = search(book.text, request.query_params.get("q", ""))
    laid = laid_for(request, book, config)
    page = (lambda start: 0) if isinstance(laid, Drawing) else (lambda start: laid.page_at(start).number)
    rows = [[match.start, match.end, page(match.start), match.before, match.found, match.after] for match in found]
    return JSONResponse({"matches": rows}, headers=FRESH)


class _Newest:
    """The newest ticket of each (book key, kind): older work notices that nobody waits for it."""

    def __init__(self, most: int = 256) -> None:
        self._tickets: LRUCache[tuple[str, str], str] = LRUCache(most)
        self._lock = threading.Lock()

    def wanted(self, key: str, kind: str) -> Callable[[], bool]:
        ticket, slot = secrets.token_hex(8), (key, kind)
        with self._lock:
            self._tickets[slot] = ticket

        def wanted() -> bool:
            with self._lock:
                return self._tickets.get(slot) == ticket

        return wanted


_newest = _Newest()


def _wanted(request: Request, kind: str) -> Callable[[], bool]:
    """True while this is the newest of its kind for its book, and the client still waits for it."""
    newest = _newest.wanted(request.path_params["key"], kind)
    return lambda: newest() and not gone(request)


@answered(STUDIES)
def _curve(request: Request, book: Book, config: RenderConfig) -> Response:
    wanted = _wanted(request, "curve")
    points = ratio_curve(previews(), book, config, wanted, _readers(request).text_tokens)
    return JSONResponse(
        {"points": [[p.dpi, round(p.ratio, 4), p.visual_tokens, p.pages] for p in points], "complete": wanted()},
        headers=FRESH,
    )


@answered(STUDIES)
def _advice(request: Request, book: Book, config: RenderConfig) -> Response:
    wanted = _wanted(request, "advice")
    found = advice(previews(), book, config, wanted, _readers(request).text_tokens)
    rows = [
        {
            "title": one.title,
            "cost": one.cost,
            "ratio": one.ratio,
            "gain": one.gain,
            "pages": one.totals.pages,
            "visual_tokens": one.totals.visual_tokens,
            "changes": one.changes,
            "book_change": one.book_change,
            "harmless": one.harmless,
        }
        for one in found
    ]
    return JSONResponse({"advice": rows, "complete": wanted()}, headers=FRESH)


@answered(STUDIES)
def _clarity(request: Request, book: Book, config: RenderConfig) -> Response:
    """Measured; the book plays no part in it."""
    return JSONResponse(clarity_json(clarity_at_rest(config, _wanted(request, "clarity"))), headers=CACHED)


@answered(STUDIES)
def _reference(request: Request, book: Book, config: RenderConfig) -> Response:
    laid = laid_for(request, book, config)
    if isinstance(laid, Drawing) or laid.engine != "fast":
        return refusal(
            422, "The reference engine draws these settings anyway: there is no second picture to compare with."
        )
    wanted = _wanted(request, "reference")
    made = compare_page(previews(), book, config, asked_page(request, laid).number, lambda: not wanted())
    return JSONResponse(
        {
            "key": made.key,
            "page": made.number,
            "whole_page": made.whole_page,
            "identical": made.identical,
            "pixels": made.pixels,
            "differing_pixels": made.differing_pixels,
            "largest_difference": made.largest_difference,
            "fast_size": made.fast_size,
            "reference_size": made.reference_size,
            "reference_ms": made.reference_ms,
            "fast_ms": made.fast_ms,
        },
        headers=FRESH,
    )


@answered(PICTURES)
def _reference_png(request: Request, book: Book, config: RenderConfig) -> Response:
    made = kept_comparison(request.path_params["comparison"])
    which = request.path_params["which"]
    if made is None or which not in ("reference", "difference"):
        return refusal(404, "This comparison was cleared; make it again.")
    return Response(
        made.reference_png if which == "reference" else made.difference_png, media_type="image/png", headers=CACHED
    )
