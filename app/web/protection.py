"""What stands before every answer of this server, Streamlit's and ours: whose name it is asked under, and what a page may do.

In: an ASGI app. Out: the same app, that answers only under the hosts it knows (against DNS rebinding: a foreign name that
is made to point at 127.0.0.1 would else be of one origin with the app, and could read books), with headers that keep other
sites from framing it, reading it or having it fetch anything, and with our own routes under `base_path` as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OURS = "/glyph/"
# What Streamlit's pages need: scripts and styles of its own that it writes into the page, compiled charts (eval), pictures
# made in the browser (data, blob). No address but this server's: a picture that a text names is not fetched.
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; worker-src 'self' blob:; "
    "connect-src 'self' {socket}; frame-src 'self'; frame-ancestors 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'"
)
# Pictures, numbers and files: nothing in them is to be run, whatever a browser takes them for.
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}


class Protection:
    """ASGI middleware. `allowed_hosts` and `base_path` are asked at each request: the configuration is read late."""

    def __init__(
        self, app: ASGIApp, allowed_hosts: Callable[[], Sequence[str]], base_path: Callable[[], str] = lambda: ""
    ) -> None:
        self._app, self._allowed_hosts, self._base_path = app, allowed_hosts, base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host")
        if not is_allowed(host, self._allowed_hosts()):
            await _refuse(scope, receive, send, host, self._allowed_hosts())
            return
        scope, ours = _without_base(scope, self._base_path())
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        policy = _DATA_POLICY if ours else _PAGE_POLICY.format(socket=f"ws://{host} wss://{host}")

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**_EVERYWHERE, "Content-Security-Policy": policy}.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, protected)


def is_allowed(host: str | None, allowed: Sequence[str]) -> bool:
    """Whether a Host header names one of `allowed` ("*.example.org" its subdomains, "*" any), whatever the port. None
    listed: any host."""
    if not allowed:
        return True
    name = _host_name(host)
    if not name:
        return False
    patterns = [one.strip().lower().rstrip(".") for one in allowed]
    return any(
        pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:])) for pattern in patterns
    )


def _host_name(host: str | None) -> str:
    """ "Books.Example.org:8501" → "books.example.org"; "" for what is no host and port."""
    if not host or not host.isascii() or not host.isprintable() or any(c in host for c in "/?#@\\ "):
        return ""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises where it is no number
    except ValueError:
        return ""
    return (parts.hostname or "").rstrip(".")


def _without_base(scope: Scope, base_path: str) -> tuple[Scope, bool]:
    """Our routes answer under the base path too: Streamlit puts its own there by itself. And whether the route is ours."""
    base, path = base_path.strip("/"), scope["path"]
    if base and path.startswith(f"/{base}{OURS}"):
        path = path[len(base) + 1 :]
        scope = {**scope, "path": path, "raw_path": scope.get("raw_path", b"")[len(base) + 1 :]}
    return scope, path.startswith(OURS)


async def _refuse(scope: Scope, receive: Receive, send: Send, host: str | None, allowed: Sequence[str]) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "This host name is not one of this server's."})
        return
    words = (
        f"This server does not answer under the name {(host or '')[:100]!r}, only under {', '.join(allowed)}.\n"
        "If you publish it under that name, start it with STREAMLIT_SERVER_ALLOWED_HOSTS naming all its hosts.\n"
    )
    await PlainTextResponse(words, status_code=421, headers=_EVERYWHERE)(scope, receive, send)
