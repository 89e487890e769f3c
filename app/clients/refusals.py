"""Read a server's refusal and name it: HTTP status and error body in, one typed error out.

In: status, body, endpoint; or httpx's exception. Out: a ClientError whose words a person can act on.
The messages matched here are vLLM 0.32's as they were seen, and OpenAI's error codes. Keys are cut out of every text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx

from app.clients import errors
from app.clients.auth import without_secrets
from app.clients.errors import ClientError
from app.clients.values import Endpoint

_MAX_QUOTE = 300


def refusal(endpoint: Endpoint, status: int, body: bytes) -> ClientError:
    """The error for an answer other than 200."""
    message, code = _message_of(body)
    message = without_secrets(endpoint, message)
    lowered = message.lower()
    for matches, make in _KNOWN:
        if matches(status, lowered, code):
            return make(endpoint, status, message)
    if status >= 500:
        return errors.ServerFailed(
            f"{endpoint.name} failed with HTTP {status}{_quoted(message)}",
            "Look at the server's log on the Servers page; if it still runs, press Retry.",
            status=status,
            server_message=message,
        )
    return errors.RequestRefused(
        f"{endpoint.name} refused the request with HTTP {status}{_quoted(message)}",
        status=status,
        server_message=message,
    )


def stream_error(endpoint: Endpoint, error: Any) -> ClientError:
    """The error for an `error` event after HTTP 200. A refusal that came late keeps its own name."""
    message, code = _message_of(json.dumps({"error": error}).encode())
    message = without_secrets(endpoint, message)
    status = _int(error.get("code")) if isinstance(error, dict) else None
    if status is not None and 400 <= status < 500:
        return refusal(endpoint, status, json.dumps({"error": {"message": message, "code": code}}).encode())
    return errors.EngineCrashed(
        f"{endpoint.name} broke off in mid-answer{_quoted(message)}", status=status, server_message=message
    )


def unreachable(endpoint: Endpoint, error: Exception, connected: bool, heard: bool) -> ClientError:
    """The error for trouble below HTTP. `connected`: the connection stood; `heard`: HTTP 200 had arrived."""
    where = f"{endpoint.name} ({endpoint.server_root})"
    detail = str(error).lower()
    if isinstance(error, httpx.ConnectTimeout):
        return errors.ConnectTimedOut(f"{where} did not answer the connection in time.")
    if isinstance(error, httpx.ReadTimeout):
        return errors.SilenceTimedOut(
            f"{endpoint.name} has said nothing for too long, and the wait was given up.",
            "Look on the Servers page whether it still works on the request; press Retry to ask again.",
        )
    if isinstance(error, httpx.WriteTimeout):
        return errors.StreamEnded(f"{endpoint.name} stopped taking the request while it was being sent.")
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL)):
        return errors.HostUnknown(
            f"The address {endpoint.base_url!r} of {endpoint.name} is no http:// or https:// address.",
            "Correct it in configs/servers.toml or on the Servers page.",
        )
    if heard:
        return errors.StreamEnded(f"{endpoint.name} closed the connection before its answer was finished.")
    if connected:
        return errors.StreamEnded(
            f"{endpoint.name} closed the connection without an answer: it may have crashed or been stopped."
        )
    if any(part in detail for part in ("name or service", "nodename", "name resolution", "getaddrinfo", "no address")):
        return errors.HostUnknown(f"The host of {where} is unknown.", "Correct the address in configs/servers.toml.")
    return errors.ConnectionRefused(f"Nothing answers at {endpoint.server_root}, where {endpoint.name} should be.")


# --- known refusals, tried in order ---------------------------------------------------------------------------------


def _context(endpoint: Endpoint, status: int, message: str) -> ClientError:
    prompt_tokens, window = _context_figures(message)
    needs = f"{prompt_tokens:,} tokens" if prompt_tokens else "more tokens than that"
    holds = f"holds {window:,} tokens" if window else "is too small for this prompt"
    return errors.ContextExceeded(
        f"The prompt needs {needs}; the window of {endpoint.name} {holds}.",
        "Choose fewer chapters, cut the book, or render it at a lower DPI; a shorter conversation helps as well.",
        prompt_tokens=prompt_tokens,
        window_tokens=window,
        status=status,
        server_message=message,
    )


def _context_figures(message: str) -> tuple[int | None, int | None]:
    """(prompt tokens, window tokens) out of the wordings that vLLM has for it."""
    short = re.search(r"Input length \((\d+)\).*?context length \((\d+)\)", message)
    if short:
        return int(short[1]), int(short[2])
    window = re.search(r"maximum context length (?:is|of) (\d+)", message)
    prompt = re.search(r"(\d+) (?:input |prompt )?tokens (?:in|from) the", message) or re.search(
        r"(?:contains|at least|has|resulted in) (?:at least )?(\d+) (?:input |prompt )?tokens", message
    )
    return (int(prompt[1]) if prompt else None), (int(window[1]) if window else None)


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
        lambda status, message, code: (
            "maximum context length" in message
            or "exceeds model's maximum context" in message
            or code == "context_length_exceeded"
        ),
        _context,
    ),
    (
        _says("cache miss for image"),
        _plain(errors.ImagesForgotten, "{name} no longer holds the pages it was sent before.", "Press Retry."),
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
            errors.ImageRefused, "{name} cannot open a page image{quote}", "Render the pages again, then press Retry."
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
            "Set one of the names it serves in configs/servers.toml or on the Servers page.",
        ),
    ),
    (
        _is(401, 403),
        _plain(
            errors.NotAuthorised,
            "{name} did not accept the key{quote}",
            "Set the environment variable named in configs/servers.toml to a valid key and start the app again.",
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
    (_is(429), _plain(errors.RateLimited, "{name} asks for a pause{quote}", "Wait a little, then press Retry.")),
    (
        _is(502, 503, 504),
        _plain(errors.ServerNotReady, "{name} is not ready: it is loading, or its engine has died{quote}"),
    ),
)


# --- reading an error body ------------------------------------------------------------------------------------------


def _message_of(body: bytes) -> tuple[str, str]:
    """(message, code) of an error body in any of the usual shapes; the bare text when it is none of them."""
    text = body.decode("utf-8", errors="replace").strip()
    try:
        value = json.loads(text)
    except ValueError:
        return re.sub(r"<[^>]+>", " ", text).strip()[:_MAX_QUOTE], ""
    if isinstance(value, dict) and value.get("error") is not None:
        value = value["error"]
    if isinstance(value, dict):
        message = value.get("message") or value.get("detail") or ""
        return (message if isinstance(message, str) else json.dumps(message)), str(value.get("code") or "")
    return str(value), ""


def _quoted(message: str) -> str:
    message = " ".join(message.split())
    if not message:
        return "."
    if len(message) > _MAX_QUOTE:
        message = message[:_MAX_QUOTE].rstrip() + "…"
    return f": “{message}”"


def _int(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
