"""Read a server's refusal and name it: HTTP status and error body in, one typed error out.

In: an Answer other than 200, or an error that came in a stream; the endpoint. Out: a ClientError whose words a person
can act on. The messages matched here are vLLM 0.32's as they were seen, and OpenAI's error codes. Keys and passwords
are cut out of every text.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from app.clients import errors
from app.clients.context_refusals import ContextFigures, context_figures
from app.clients.errors import ClientError
from app.clients.values import Endpoint
from app.outbound import Answer, clean_text, key_is_set, parse_json, whole_of, without_secrets

_MAX_QUOTE = 300
_MAX_READ = 4000  # characters of a message that are looked at: patterns must not run over a megabyte
_TLS_WANTED = (
    "plain http request was sent to https",
    "http request to an https server",
    "plain http to an ssl-enabled",
)


@dataclass(frozen=True, slots=True)
class _Said:
    """What an error body says, whatever its shape."""

    message: str
    code: str
    fields: Mapping[str, Any]


def refusal(endpoint: Endpoint, answer: Answer) -> ClientError:
    """The error for an answer other than 200."""
    return _named(endpoint, answer.status, _said(endpoint, answer.body), answer)


def stream_error(endpoint: Endpoint, error: Any) -> ClientError:
    """The error for an `error` that came after HTTP 200. A refusal that came late keeps its own name."""
    said = _said_by(endpoint, error)
    status = whole_of(said.fields.get("code")) or _digits(said.code)
    if (status is not None and 400 <= status < 500) or context_figures(said.message, said.code, said.fields):
        return _named(endpoint, status or 400, said, Answer(status or 400, b""))
    return errors.EngineCrashed(
        f"{endpoint.name} broke off with an error{_quoted(said.message)}", status=status, server_message=said.message
    )


def quoted(endpoint: Endpoint, text: str) -> str:
    """A server's words to end a sentence with: ": “…”", or the full stop alone."""
    return _quoted(without_secrets(text[:_MAX_READ], endpoint.api_key_env, endpoint.base_url))


def page_words(text: str) -> str:
    """What a web page says: its title, else its words without tags; "" when `text` is no page."""
    text = text[:_MAX_READ]
    if not text.lstrip("\ufeff \t\r\n").startswith("<"):
        return ""
    title = re.search(r"<title[^<>]{0,200}>([^<]{1,300})", text, re.IGNORECASE)
    if title:
        return title[1].strip()
    return re.sub(r"<[^<>]*>", " ", re.sub(r"(?is)<(script|style)\b.*?</\1>", " ", text)).strip()


def _named(endpoint: Endpoint, status: int, said: _Said, answer: Answer) -> ClientError:
    message = said.message
    figures = context_figures(message, said.code, said.fields)
    if figures is not None:
        return _context(endpoint, status, message, figures)
    if 300 <= status < 400:
        return _redirected(endpoint, status, answer.redirect)
    if status == 429:
        return _pause(endpoint, message, said.code, answer.retry_after)
    if status in (401, 403):
        return _key_wanted(endpoint, status, message)
    lowered = message.lower()
    for matches, make in _KNOWN:
        if matches(status, lowered, said.code):
            return make(endpoint, status, message)
    if status >= 500:
        return errors.ServerFailed(
            f"{endpoint.name} failed with HTTP {status}{_quoted(message)}",
            "Look at the server's log on the Servers screen; if it still runs, press Try again.",
            status=status,
            server_message=message,
        )
    if status < 300:
        return errors.NotAnAnswer(
            f"{endpoint.name} answered HTTP {status}, and HTTP 200 with an answer was asked for{_quoted(message)}",
            status=status,
            server_message=message,
        )
    return errors.RequestRefused(
        f"{endpoint.name} refused the request with HTTP {status}{_quoted(message)}",
        status=status,
        server_message=message,
    )


# --- known refusals, tried in order ---------------------------------------------------------------------------------


def _context(endpoint: Endpoint, status: int, message: str, figures: ContextFigures) -> ClientError:
    prompt, window, answer, room = figures.prompt, figures.window, figures.answer, figures.answer_room
    needs = f"The prompt needs {prompt:,} tokens" if prompt else "The prompt needs more tokens than that"
    if answer and room is not None:
        needs += f", and up to {answer:,} were asked for the answer"
    holds = f"holds {window:,} tokens" if window else "is too small for this prompt"
    to_do = "Choose fewer chapters, cut the book, or render it at a lower DPI; a shorter conversation helps as well."
    if room is not None:
        to_do = (
            f"Set the maximum answer tokens to {room:,} or fewer: with that it fits. Or: {to_do[0].lower()}{to_do[1:]}"
        )
    return errors.ContextExceeded(
        f"{needs}; the window of {endpoint.name} {holds}.",
        to_do,
        prompt_tokens=prompt,
        window_tokens=window,
        answer_tokens=answer,
        status=status,
        server_message=message,
    )


def _redirected(endpoint: Endpoint, status: int, target: str) -> ClientError:
    base = target.rstrip("/").removesuffix("/chat/completions").removesuffix("/models")
    change = f"If that is the right server, set its address in configs/servers.toml to {base}." if target else None
    return errors.Redirected(
        f"{endpoint.name} ({endpoint.shown_address}) points to {target or 'another address, which it does not name'} "
        f"(HTTP {status}). A redirect is not followed: key and book would go there as well.",
        change,
        status=status,
    )


def _pause(endpoint: Endpoint, message: str, code: str, retry_after: str) -> ClientError:
    seconds = seconds_until(retry_after)
    to_do = "Wait a little, then press Try again."
    if code == "insufficient_quota" or "quota" in message.lower():
        to_do = "The quota of this key is used up there: waiting alone may not help."
    if seconds is not None:
        to_do = f"Wait {_span(seconds)}, as it asks, then press Try again."
    return errors.RateLimited(
        f"{endpoint.name} asks for a pause{_quoted(message)}",
        to_do,
        retry_after_s=seconds,
        status=429,
        server_message=message,
    )


def seconds_until(retry_after: str, now: float | None = None) -> float | None:
    """A Retry-After header, seconds or a date, in seconds from `now` (time.time()); None when it says neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        moment = parsedate_to_datetime(retry_after).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, moment - (time.time() if now is None else now))


def _span(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours" if seconds < 72 * 3600 else "some days"


def _key_wanted(endpoint: Endpoint, status: int, message: str) -> ClientError:
    """Only now is it known that a key is needed: an unset variable sends none, which suits most servers."""
    variable = endpoint.api_key_env
    if key_is_set(variable):
        happened = f"{endpoint.name} did not accept the key in {variable}"
        to_do = f"Set {variable} to a key that is valid there and start the app again."
    elif variable:
        happened = f"{endpoint.name} needs a key, and {variable} is not set"
        to_do = f"Set {variable} in the shell and start the app again."
    else:
        happened = f"{endpoint.name} needs a key, and none is named for it"
        to_do = "Name the variable that holds it as api_key_env in configs/servers.toml."
    return errors.NotAuthorised(
        f"{happened} (HTTP {status}){_quoted(message)}", to_do, status=status, server_message=message
    )


_Matches = Callable[[int, str, str], bool]
_Make = Callable[[Endpoint, int, str], ClientError]


def _says(*parts: str) -> _Matches:
    return lambda status, message, code: any(part in message for part in parts)


def _is(*statuses: int) -> _Matches:
    return lambda status, message, code: status in statuses


def _plain(kind: type[ClientError], happened: str, to_do: str | None = None) -> _Make:
    """A maker whose sentences may name {name}, {model} and the server's own {quote}."""

    def make(endpoint: Endpoint, status: int, message: str) -> ClientError:
        words = {"name": endpoint.name, "model": endpoint.model, "quote": _quoted(message)}
        todo = to_do.format(**words) if to_do else None
        return kind(happened.format(**words), todo, status=status, server_message=message)

    return make


_KNOWN: tuple[tuple[_Matches, _Make], ...] = (
    (
        _says("cache miss for image"),
        _plain(errors.ImagesForgotten, "{name} no longer holds the pages it was sent before.", "Press Try again."),
    ),
    (
        lambda status, message, code: "at most" in message and "image(s)" in message,
        _plain(
            errors.ImageLimitExceeded,
            "{name} takes fewer images in one request{quote}",
            "Choose fewer chapters or a smaller font, or start the server with a higher --limit-mm-per-prompt.",
        ),
    ),
    (
        _says("must be a subpath of", "cannot load local files without"),
        _plain(
            errors.PageFolderNotAllowed,
            "{name} may not read the folder the pages lie in{quote}",
            "Start it with --allowed-local-media-path naming that folder, or send the pages as data.",
        ),
    ),
    (
        _says("no such file or directory"),
        _plain(
            errors.PageFileMissing,
            "{name} cannot find the page files{quote}",
            "Render the pages again, or send them as data if the server runs on another machine.",
        ),
    ),
    (
        _says("failed to load image", "cannot identify image", "failed to open image"),
        _plain(
            errors.ImageRefused,
            "{name} cannot open a page image{quote}",
            "Render the pages again, then press Try again.",
        ),
    ),
    (
        _says("not a multimodal model", "does not support image", "image input is not supported"),
        _plain(
            errors.ModelCannotSee,
            "The model {model!r} at {name} reads text only: it cannot be shown pages.",
            "Set a vision model such as Glyph for the pages in configs/servers.toml; the two may be swapped.",
        ),
    ),
    (
        lambda status, message, code: status == 404 and ("model" in message or code == "model_not_found"),
        _plain(
            errors.ModelUnknown,
            "{name} does not serve a model called {model!r}{quote}",
            "Set one of the names it serves in configs/servers.toml or on the Servers screen.",
        ),
    ),
    (
        _says(*_TLS_WANTED),
        _plain(
            errors.WrongProtocol,
            "{name} speaks TLS, and its address begins with http://.",
            "Write https:// in its address in configs/servers.toml.",
        ),
    ),
    (
        _is(404),
        _plain(
            errors.RequestRefused,
            "There is no chat service at the address of {name}{quote}",
            "Check the base URL in configs/servers.toml; it usually ends in /v1.",
        ),
    ),
    (
        _is(413),
        _plain(
            errors.BodyRefused,
            "{name} refused the request as too large{quote}",
            "Choose fewer chapters or a lower DPI.",
        ),
    ),
    (
        _is(502, 503, 504),
        _plain(errors.ServerNotReady, "{name} is not ready: it is loading, or its engine has died{quote}"),
    ),
)


# --- reading an error body ------------------------------------------------------------------------------------------


def _said(endpoint: Endpoint, body: bytes) -> _Said:
    text = body.decode("utf-8", errors="replace").strip()
    try:
        value = parse_json(text)
    except ValueError:
        return _said_by(endpoint, page_words(text) or text)
    return _said_by(endpoint, value)


def _said_by(endpoint: Endpoint, value: Any) -> _Said:
    """Message, code and fields of an error in any of the usual shapes."""
    for name in ("error", "detail"):
        if isinstance(value, dict) and value.get(name) and not value.get("message"):
            value = value[name]
    if isinstance(value, list) and value:  # FastAPI lists what is wrong with a request
        value = value[0]
    fields = value if isinstance(value, dict) else {}
    message = _word(fields.get("message")) or _word(fields.get("msg")) if fields else _word(value)
    shown = without_secrets(message[:_MAX_READ], endpoint.api_key_env, endpoint.base_url)
    return _Said(clean_text(shown, _MAX_READ), _word(fields.get("code"))[:60], fields)


def _word(value: Any) -> str:
    return str(value) if isinstance(value, (str, int, float)) and value is not False else ""


def _quoted(message: str) -> str:
    message = clean_text(message, _MAX_QUOTE)
    return f": “{message}”" if message else "."


def _digits(code: str) -> int | None:
    return int(code) if code.isascii() and code.isdigit() and len(code) <= 3 else None
