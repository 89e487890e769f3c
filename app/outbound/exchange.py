"""Ask one thing and get one whole answer, within a number of bytes and a number of seconds.

In: method, address, headers, body. Out: an Answer of any status, or Trouble. Follows no redirect; the Answer names it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from app.outbound.addresses import redirect_target
from app.outbound.bodies import pieces_of
from app.outbound.connection import Hangup, open_client
from app.outbound.trouble import Fault, Trouble, trouble_of

LOOK_BYTES = 1024 * 1024  # what a list of models, a version or an error may weigh


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `redirect` is where a 3xx points, fit to be shown; `retry_after` the header as it stands."""

    status: int
    body: bytes = field(repr=False)
    content_type: str = ""
    redirect: str = ""
    retry_after: str = ""


def ask(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    timeout_s: float,
    max_bytes: int = LOOK_BYTES,
    enough: Callable[[bytes], bool] | None = None,
) -> Answer:
    """One exchange that ends within `timeout_s`, headers and dripping bytes included. Raises Trouble.

    A body of more than `max_bytes` unpacked is TOO_LARGE for status 200; an error's is cut there. Reading stops early
    once `enough(body so far)` is true.
    """
    deadline = time.monotonic() + timeout_s
    with Hangup(deadline=deadline) as hangup:
        try:
            with open_client(url, timeout_s) as client:
                return _exchange(client, hangup, method, url, headers, body, max_bytes, enough)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError, Trouble) as error:
            if hangup.expired:
                raise Trouble(Fault.SILENT) from error
            raise trouble_of(error, url, connected=hangup.connected) from error


def _exchange(
    client: httpx.Client,
    hangup: Hangup,
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: bytes | None,
    max_bytes: int,
    enough: Callable[[bytes], bool] | None,
) -> Answer:
    asked = {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
    with client.stream(method, url, content=content, headers=asked, extensions={"trace": hangup.trace}) as response:
        body = bytearray()
        for piece in pieces_of(response):
            body += piece
            if len(body) > max_bytes:
                if response.status_code == 200:
                    raise Trouble(Fault.TOO_LARGE, f"{max_bytes:,} bytes")
                break
            if enough is not None and enough(bytes(body[:4096])):
                break
        if hangup.expired:  # its closing of the socket looks like the end of a body without a length
            raise Trouble(Fault.SILENT)
        return answer_of(response, bytes(body[:max_bytes]))


def answer_of(response: httpx.Response, body: bytes) -> Answer:
    head = response.headers
    target = redirect_target(str(response.request.url), head.get("location", "")) if response.is_redirect else ""
    return Answer(response.status_code, body, head.get("content-type", ""), target, head.get("retry-after", "")[:40])
