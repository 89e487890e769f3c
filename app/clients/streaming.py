"""Ask one question and yield what comes back, as it comes.

In: an endpoint, a ChatRequest, an event that means "stop". Out: events, each with its arrival time; ClientError.
Knows nothing of screens or of the other side.

Why httpx and not the openai SDK: its stream hides four things that this program is about. Keep-alive comment lines, the
only sign of life during a prefill of minutes; the instants of the last byte sent, of the headers and of the first byte;
a stream that ends without finish_reason or [DONE], which it takes for a good end; and the socket, which must be closed
at once from another thread while the reader waits. The SDK serves for what it does well: see sdk.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from app.clients.auth import auth_headers
from app.clients.chat_body import ChatRequest, ImageForm, fuller_request
from app.clients.chunk_events import ChunkReader
from app.clients.connection import Hangup, Timeouts, open_client
from app.clients.errors import (
    ImagesForgotten,
    PageFileMissing,
    PageFolderNotAllowed,
    RequestRefused,
    StreamEnded,
    StreamGarbled,
)
from app.clients.refusals import refusal, unreachable
from app.clients.sent_images import ImageLedger, image_ledger
from app.clients.sse import SseComment, SseOverflow, SseParser
from app.clients.values import (
    Endpoint,
    Event,
    Finished,
    FirstByte,
    HeadersArrived,
    KeepAlive,
    RequestSent,
    RequestStarted,
    Resent,
    Stopped,
)

_MAX_ERROR_BYTES = 1024 * 1024


def stream_chat(
    endpoint: Endpoint,
    request: ChatRequest,
    cancel: threading.Event,
    extra_headers: Mapping[str, str] | None = None,
    *,
    on_sent: Callable[[RequestSent], None] | None = None,
    timeouts: Timeouts | None = None,
    ledger: ImageLedger | None = None,
) -> Iterator[Event]:
    """Yield RequestStarted first and Finished or Stopped last, or raise a ClientError.

    `on_sent` is called in the reading thread the moment the body has left; the same event is yielded with the headers.
    A request whose short form the server cannot use is sent again in full, told by a Resent event.
    """
    ledger = ledger or image_ledger()
    timeouts = timeouts or Timeouts()
    started = uuids_suspected = False
    while True:
        exchange = _Exchange(endpoint, request, cancel, extra_headers or {}, on_sent, timeouts, ledger)
        try:
            for event in exchange.events():
                if isinstance(event, RequestStarted) and started:
                    continue
                if isinstance(event, HeadersArrived) and uuids_suspected:
                    # In full it went through, so the uuids were what the server did not understand.
                    ledger.uuids_refused(endpoint)
                started = True
                yield event
            return
        except RequestRefused as error:
            fuller = fuller_request(endpoint, request) if _a_fuller_form_may_help(request, error) else None
            if fuller is None:
                raise
            if request.image_form is ImageForm.REFERENCES:
                ledger.forget(endpoint)
                uuids_suspected = not isinstance(error, ImagesForgotten)
            request = fuller
            yield Resent(time.perf_counter(), error.what_happened)


def _a_fuller_form_may_help(request: ChatRequest, error: RequestRefused) -> bool:
    if request.image_form is ImageForm.REFERENCES:
        # A server without uuids refuses the null in words of its own; a named refusal would only come again.
        return isinstance(error, ImagesForgotten) or type(error) is RequestRefused
    if request.image_form is ImageForm.FILES:
        return isinstance(error, (PageFileMissing, PageFolderNotAllowed))
    return False


class _Exchange:
    """One HTTP request and its streamed answer."""

    def __init__(
        self,
        endpoint: Endpoint,
        request: ChatRequest,
        cancel: threading.Event,
        extra_headers: Mapping[str, str],
        on_sent: Callable[[RequestSent], None] | None,
        timeouts: Timeouts,
        ledger: ImageLedger,
    ) -> None:
        self._endpoint = endpoint
        self._request = request
        self._cancel = cancel
        self._headers = {
            **auth_headers(endpoint),
            "Content-Type": "application/json",
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            **extra_headers,
        }
        self._on_sent = on_sent
        self._timeouts = timeouts
        self._ledger = ledger
        self._sent: RequestSent | None = None
        self._heard = False

    def events(self) -> Iterator[Event]:
        hangup = Hangup(self._cancel)
        with hangup, open_client(self._endpoint, self._timeouts.for_httpx()) as client:
            if self._cancel.is_set():
                yield Stopped(time.perf_counter())
                return
            yield RequestStarted(time.perf_counter())
            try:
                yield from self._ask(client, hangup)
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
                if self._cancel.is_set():
                    yield Stopped(time.perf_counter())
                    return
                raise unreachable(self._endpoint, error, hangup.connected, self._heard) from error

    def _ask(self, client: httpx.Client, hangup: Hangup) -> Iterator[Event]:
        def trace(event: str, info: dict[str, Any]) -> None:
            hangup.trace(event, info)
            if event == "http11.send_request_body.complete":
                self._note_sent()

        url = f"{self._endpoint.api_base}/chat/completions"
        extensions = {"trace": trace}
        with client.stream(
            "POST", url, content=self._request.body, headers=self._headers, extensions=extensions
        ) as response:
            at = time.perf_counter()
            if response.status_code != 200:
                raise refusal(self._endpoint, response.status_code, _bounded_body(response))
            self._heard = True
            if self._sent is not None:
                yield self._sent
            yield HeadersArrived(at)
            if self._request.image_form is not ImageForm.NONE and self._request.salt is None:
                self._ledger.remember(self._endpoint, self._request.image_ids)
            yield from self._read(response)

    def _note_sent(self) -> None:
        self._sent = RequestSent(time.perf_counter(), len(self._request.body))
        if self._on_sent is not None:
            self._on_sent(self._sent)

    def _read(self, response: httpx.Response) -> Iterator[Event]:
        parser = SseParser()
        reader = ChunkReader(self._endpoint)
        at: float | None = None
        for chunk in response.iter_bytes():
            first = at is None
            at = time.perf_counter()
            if first:
                yield FirstByte(at)
            yield from self._feed(parser, reader, chunk, at)
            if reader.done or self._cancel.is_set():
                break
        at = time.perf_counter()
        if self._cancel.is_set() and not reader.done:
            yield Stopped(at)
            return
        yield from self._take(parser.flush(), reader, at)
        yield from reader.flush(at)
        if not reader.done and reader.finish_reason is None:
            raise StreamEnded(f"{self._endpoint.name} ended its answer before it was finished.")
        yield Finished(reader.finish_reason or "unknown", at)

    def _feed(self, parser: SseParser, reader: ChunkReader, chunk: bytes, at: float) -> Iterator[Event]:
        try:
            parsed = parser.feed(chunk)
        except SseOverflow as error:
            raise StreamGarbled(f"{self._endpoint.name} sent something that is no event stream.") from error
        yield from self._take(parsed, reader, at)

    @staticmethod
    def _take(parsed: list, reader: ChunkReader, at: float) -> Iterator[Event]:
        for event in parsed:
            if isinstance(event, SseComment):
                yield KeepAlive(at)
            else:
                yield from reader.read(event.data, at)


def _bounded_body(response: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _MAX_ERROR_BYTES:
            break
    return bytes(body)
