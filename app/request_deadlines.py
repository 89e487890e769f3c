"""No connection waits for ever for the rest of a request: deadlines for what uvicorn itself waits for without end.

In: one of uvicorn's HTTP protocol classes. Out: the same with deadlines. Uvicorn times out only connections that rest
between two requests; half a head, or a body that stops coming, would hold its connection and its file descriptor until the
other side goes. Answers, however long they stream, and WebSockets are left alone. Knows nothing of routes.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http import auto

HEAD_WITHIN_S = 20.0  # from the connection, or from the end of the answer before, to the end of a request's head
BODY_WITHIN_S = 900.0  # 64 MB, the largest upload, at 0.6 Mbit/s
BODY_SILENT_S = 60.0
_LOOKS = 10  # a deadline is met within a tenth of the shortest


def set_request_deadlines() -> None:
    """For every uvicorn server of this process that chooses its protocol itself, as Streamlit's does."""
    if not hasattr(auto.AutoHTTPProtocol, "awaits"):
        auto.AutoHTTPProtocol = with_deadlines(auto.AutoHTTPProtocol)


def with_deadlines(
    base: type,
    head_within_s: float = HEAD_WITHIN_S,
    body_within_s: float = BODY_WITHIN_S,
    body_silent_s: float = BODY_SILENT_S,
) -> type:
    """`base`, one of uvicorn's HTTP protocols, with deadlines of one's own."""
    own = {"head_within_s": head_within_s, "body_within_s": body_within_s, "body_silent_s": body_silent_s}
    return type("Deadlines", (RequestDeadlines, base), own)


class RequestDeadlines(asyncio.Protocol):
    """A mixin, before one of uvicorn's HTTP protocols in a class's bases."""

    head_within_s = HEAD_WITHIN_S
    body_within_s = BODY_WITHIN_S
    body_silent_s = BODY_SILENT_S

    # uvicorn's protocol has them
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    cycle: Any

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._look_every_s = min(self.head_within_s, self.body_within_s, self.body_silent_s) / _LOOKS
        self._heard_at = self.loop.time()
        self._awaited: tuple[str, object] = ("head", None)
        self._awaited_since = self._heard_at
        self.loop.call_later(self._look_every_s, self._look)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self.loop.time()
        super().data_received(data)

    def awaits(self) -> str:
        """What of a request the other side still owes: its "head", its "body", or "" while we answer."""
        if self.cycle is None or self.cycle.response_complete:
            return "head"
        return "body" if self.cycle.more_body else ""

    def _look(self) -> None:
        if self.transport.is_closing() or self.transport.get_protocol() is not self:  # gone, or a WebSocket now
            return
        now, awaited = self.loop.time(), (self.awaits(), self.cycle)
        if awaited != self._awaited:
            self._awaited, self._awaited_since = awaited, now
        waited_s, silent_s = now - self._awaited_since, now - self._heard_at
        late = {
            "head": waited_s > self.head_within_s,
            "body": waited_s > self.body_within_s or silent_s > self.body_silent_s,
        }
        if late.get(awaited[0]):
            self.transport.close()
        else:
            self.loop.call_later(self._look_every_s, self._look)
