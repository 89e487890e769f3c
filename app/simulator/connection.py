"""One HTTP exchange, below the routes: a bounded body in, JSON or a stream out, and the client's leaving noticed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

from starlette.types import Receive, Scope, Send

from app.simulator.answer_events import KEEP_ALIVE, json_bytes
from app.simulator.errors import BodyTooLarge

_SPLIT_BYTES = 7  # odd, so that cuts fall anywhere in events and in characters


class Connection:
    def __init__(self, scope: Scope, receive: Receive, send: Send | None) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self.gone = False

    def header(self, name: str) -> str:
        wanted = name.encode()
        return ",".join(value.decode("latin-1") for key, value in self._scope["headers"] if key == wanted)

    async def body(self, limit_bytes: int) -> bytes | None:
        """None when the client left while sending."""
        announced = self.header("content-length")
        if announced.isdigit() and int(announced) > limit_bytes:
            raise BodyTooLarge(f"The body of {announced} bytes is over this simulator's limit of {limit_bytes} bytes.")
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.gone = True
                return None
            part = message.get("body", b"")
            size += len(part)
            if size > limit_bytes:
                raise BodyTooLarge(f"The body is over this simulator's limit of {limit_bytes} bytes.")
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)

    async def until_gone_or(self, work: asyncio.Future[None], closing: asyncio.Event) -> None:
        """Run the work to its end, or cancel it when the client has left or the server closes."""
        left, closed = asyncio.ensure_future(self._left()), asyncio.ensure_future(closing.wait())
        tasks: tuple[asyncio.Future[Any], ...] = (work, left, closed)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                self.gone = True
                work.cancel()
            try:
                await work
            except asyncio.CancelledError:
                if not self.gone:
                    raise
        finally:
            for task in tasks:
                task.cancel()

    async def _left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def start(self, status: int, content_type: bytes, length: int | None = None) -> None:
        headers = [(b"content-type", content_type)]
        if length is not None:
            headers.append((b"content-length", str(length).encode()))
        await self._emit({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, data: bytes, more: bool) -> None:
        await self._emit({"type": "http.response.body", "body": data, "more_body": more})

    async def json(self, status: int, data: dict[str, Any]) -> None:
        body = json_bytes(data)
        await self.start(status, b"application/json", len(body))
        await self.write(body, more=False)

    def drop(self) -> None:
        """End the TCP connection at once, in the middle of whatever is being sent."""
        transport = self._scope.get("state", {}).get("transport")
        if transport is None:
            raise ConnectionError("simulated: the connection ends here")
        transport.abort()

    def _emit(self, message: dict[str, Any]) -> Awaitable[None]:
        assert self._send is not None
        return self._send(message)


class EventSink:
    """A stream of server-sent events, with keep-alive comments while nothing else is sent."""

    def __init__(self, connection: Connection, keep_alive_seconds: float, split: bool) -> None:
        self._connection = connection
        self._interval = keep_alive_seconds
        self._split = split
        self._last = time.monotonic()
        self._lock = asyncio.Lock()
        self._keeper: asyncio.Future[None] | None = None

    async def __aenter__(self) -> EventSink:
        await self._connection.start(200, b"text/event-stream; charset=utf-8")
        if self._interval > 0:
            self._keeper = asyncio.ensure_future(self._keep_alive())
        return self

    async def __aexit__(self, kind, error, trace) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
        if error is None:
            await self._connection.write(b"", more=False)

    async def write(self, data: bytes) -> None:
        if not data:
            return
        async with self._lock:
            if self._split:
                for start in range(0, len(data), _SPLIT_BYTES):
                    await self._connection.write(data[start : start + _SPLIT_BYTES], more=True)
                    await asyncio.sleep(0)
            else:
                await self._connection.write(data, more=True)
            self._last = time.monotonic()

    async def _keep_alive(self) -> None:
        while True:
            idle = time.monotonic() - self._last
            if idle >= self._interval:
                await self.write(KEEP_ALIVE)
            else:
                await asyncio.sleep(self._interval - idle)
