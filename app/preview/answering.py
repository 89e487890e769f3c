"""What every answer of the preview routes goes through: the book by its key, the settings from the query, refusals in words."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.books import Book
from app.bookshelf.shelf import shelf
from app.pagefiles.pdf import NotPlainPng
from app.preview.desks import Desk
from app.preview.laid_book import Drawing, Laid, LaidPage, PageGone
from app.preview.previews import previews
from app.preview.settings_query import keys_of, read_settings
from renderer import RenderCancelled, RenderConfig, RenderError

PREFIX = "/glyph/preview"


Handler = Callable[[Request, Book, RenderConfig], Response]
MAX_QUERY_CHARACTERS = 4000


MAX_PAGE_DIGITS = 9


FARTHEST = 2**31 - 1  # compiled code counts with numbers of its own size


CACHED = {"Cache-Control": "private, max-age=3600"}


FRESH = {"Cache-Control": "no-store"}


def answered(desk: Desk) -> Callable[[Handler], Callable[[Request], Awaitable[Response]]]:
    """A route's handler that works at `desk`."""

    def at_desk(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        work = _in_words(handler)

        @wraps(handler)
        async def answer(request: Request) -> Response:
            return await desk.answer(request, work)

        return answer

    return at_desk


def _in_words(handler: Handler) -> Callable[[Request], Response]:
    """Find the book and read the settings; say what is wrong in JSON, never as a traceback."""

    def answer(request: Request) -> Response:
        book = shelf().get(request.path_params["key"])
        if book is None:
            return refusal(404, "This book is no longer on the server; the page puts it back when it is drawn again.")
        if len(request.url.query) > MAX_QUERY_CHARACTERS:
            return refusal(414, f"The address has more than {MAX_QUERY_CHARACTERS} characters.")
        began = time.perf_counter()
        try:
            response = handler(request, book, read_settings(query_of(request)))
            response.headers["Server-Timing"] = f"app;dur={1000 * (time.perf_counter() - began):.1f}"
            return response
        except RenderCancelled:
            return refusal(409, "Something newer was asked for.")
        except PageGone as error:
            return refusal(410, str(error))
        except (RenderError, NotPlainPng, Unreadable) as error:
            return refusal(422, str(error), getattr(error, "settings", ()))

    return answer


class Unreadable(ValueError):
    """A number in the query that is none."""


def query_of(request: Request) -> dict[str, str]:
    settings = request.path_params.get("settings")
    return dict(parse_qsl(settings, keep_blank_values=True)) if settings is not None else dict(request.query_params)


def refusal(status: int, message: str, settings: tuple[str, ...] = ()) -> JSONResponse:
    """`settings`: fields that the message is about; the answer has their keys in the query, the one to change first."""
    return JSONResponse({"error": message, "settings": keys_of(settings)}, status_code=status, headers=FRESH)


def number_of(request: Request, name: str, default: int) -> int:
    raw = request.query_params.get(name, "")
    try:
        return max(-FARTHEST, min(int(raw), FARTHEST)) if raw else default
    except ValueError:  # no number, or one of more digits than Python reads
        raise Unreadable(f"{name} is {raw[:40]!r}; a whole number is needed.") from None


def page_number(raw: str) -> int:
    """The number in a page's address; 0, which no page has, for what is none or has more digits than any book has pages."""
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= MAX_PAGE_DIGITS else 0


def holder_of(request: Request) -> str:
    return f"preview-{request.path_params['key']}"


def laid_for(request: Request, book: Book, config: RenderConfig) -> Laid | Drawing:
    return previews().look(book, config, holder_of(request), settled=request.query_params.get("settled") == "1")


def asked_page(request: Request, laid: Laid) -> LaidPage:
    """`page` names one; else `at`, a character of the book, does."""
    if number := number_of(request, "page", 0):
        return laid.page(number)
    return laid.page_at(number_of(request, "at", 0))


def still_drawing(state: Drawing) -> JSONResponse:
    return JSONResponse(
        {
            "drawing": {
                "reason": state.reason,
                "started": state.started,
                "done": state.pages_done,
                "total": state.pages_total,
            }
        },
        status_code=202,
        headers=FRESH,
    )
