"""Ask one question and yield what comes back, as it comes.

In: an endpoint, a ChatRequest, an event that means "stop". Out: events, each with its arrival time; ClientError.
Knows nothing of screens or of the other side.

Why httpx and not the openai SDK: its stream hides four things that this program is about. Keep-alive comment lines, the
only sign of life during a prefill of minutes; the instants of the last byte sent, of the headers and of the first byte;
a stream that ends without finish_reason or [DONE], which it takes for a good end; and the socket, which must be closed
at once from another thread while the reader waits.

Bounds on what a server may do: MAX_STREAM_BYTES of stream, chunk_events.MAX_ANSWER_CHARACTERS of text,
sse.MAX_EVENT_BYTES of one event, LINGER_S after the answer is complete, and no redirect is followed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from app.clients.chat_body import ChatRequest, ImageForm, build_chat_request, fuller_request
from app.clients.chunk_events import ChunkReader
from app.clients.errors import (
    ImagesForgotten,
    PageFileMissing,
    PageFolderNotAllowed,
    RequestRefused,
    StreamBroken,
    StreamEnded,
    StreamGarbled,
    StreamTooLong,
)
from app.clients.reaching import check_address, key_headers, unreachable
from app.clients.refusals import refusal
from app.clients.sent_images import ImageLedger, image_ledger
from app.clients.session_headers import session_headers
from app.clients.sse import SseComment, SseItem, SseOverflow, SseParser, SseStray
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
from app.outbound import LOOK_BYTES, Answer, Hangup, Trouble, answer_of, open_client, pieces_of, trouble_of

MAX_STREAM_BYTES = 512 * 1024 * 1024
LINGER_S = 10.0  # usage and [DONE] follow the last word at once, or they are not worth waiting for
_ERROR_BODY_S = 10.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """A short wait for the connection, a very long one for words: a prefill may take minutes and must not be killed."""

    connect_s: float = 5.0
    write_s: float = 120.0
    silence_s: float = 1800.0

    def for_httpx(self) -> httpx.Timeout:
        return httpx.Timeout(connect=self.connect_s, write=self.write_s, read=self.silence_s, pool=self.connect_s)


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
    A request whose short form the server cannot use is sent again in full, one whose salt it does not take without it; a Resent
    event tells so.
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
            if request.salt is not None and _SALT in error.server_message:
                request = build_chat_request(endpoint, request.prompt, request.sampling, ledger=ledger)
                yield Resent(time.perf_counter(), error.what_happened, without_salt=True)
                continue
            fuller = fuller_request(endpoint, request) if _a_fuller_form_may_help(request, error) else None
            if fuller is None:
                raise
            if request.image_form is ImageForm.REFERENCES:
                ledger.forget(endpoint)
                uuids_suspected = not isinstance(error, ImagesForgotten)
            request = fuller
            yield Resent(time.perf_counter(), error.what_happened)


_SALT = "cache_salt"  # named where it is refused, by vLLM's engine V0 and by whoever takes no field that OpenAI's wire lacks


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
            **key_headers(endpoint),
            "Content-Type": "application/json",
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            **session_headers(endpoint, request.document_id),
            **extra_headers,
        }
        self._on_sent = on_sent
        self._timeouts = timeouts
        self._ledger = ledger
        self._sent: RequestSent | None = None
        self._heard = False

    def events(self) -> Iterator[Event]:
        check_address(self._endpoint)
        hangup = Hangup(self._cancel)
        try:
            with hangup, open_client(self._endpoint.base_url, self._timeouts.for_httpx()) as client:
                if self._cancel.is_set():
                    yield Stopped(time.perf_counter())
                    return
                yield RequestStarted(time.perf_counter())
                yield from self._ask(client, hangup)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, Trouble) as error:
            if self._cancel.is_set():
                yield Stopped(time.perf_counter())
                return
            url, heard = self._endpoint.api_base, self._heard
            trouble = trouble_of(error, url, connected=hangup.connected, answered=heard)
            raise unreachable(self._endpoint, trouble, heard=heard) from error

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
                raise refusal(self._endpoint, _error_answer(response, hangup))
            self._heard = True
            if self._sent is not None:
                yield self._sent
            yield HeadersArrived(at)
            if self._request.image_form is not ImageForm.NONE:
                self._ledger.remember(self._endpoint, self._request.image_ids)
            yield from self._read(response, hangup)

    def _note_sent(self) -> None:
        self._sent = RequestSent(time.perf_counter(), len(self._request.body))
        if self._on_sent is not None:
            self._on_sent(self._sent)

    def _read(self, response: httpx.Response, hangup: Hangup) -> Iterator[Event]:
        reader = ChunkReader(self._endpoint)
        try:
            yield from self._words(response, reader, hangup)
            if self._cancel.is_set() and not reader.done:
                yield Stopped(time.perf_counter())
                return
            yield from reader.end(time.perf_counter())
        except (StreamBroken, httpx.HTTPError, httpx.StreamError, OSError, Trouble):
            # An answer that is there stays done, whatever the server does after it.
            if self._cancel.is_set() or not reader.complete:
                raise
        if not reader.done and reader.finish_reason is None:
            raise StreamEnded(f"{self._endpoint.name} ended its answer before it was finished.")
        yield Finished(reader.finish_reason or "unknown", time.perf_counter())

    def _words(self, response: httpx.Response, reader: ChunkReader, hangup: Hangup) -> Iterator[Event]:
        parser = SseParser()
        first, lingering, received = True, False, 0
        for chunk in pieces_of(response):
            at = time.perf_counter()
            if first:
                yield FirstByte(at)
                first = False
            received += len(chunk)
            if received > MAX_STREAM_BYTES:
                raise StreamTooLong(
                    f"{self._endpoint.name} sent {MAX_STREAM_BYTES // 2**20} MB without an end, and no more was read."
                )
            yield from self._take(self._parsed(parser, chunk), reader, at)
            if reader.done or self._cancel.is_set():
                return
            if reader.complete and not lingering:
                lingering = True
                hangup.end_by(time.monotonic() + LINGER_S)
        if not self._cancel.is_set():  # our own hanging up looks like the end of a body without a length
            yield from self._take(parser.flush(), reader, time.perf_counter())

    def _parsed(self, parser: SseParser, chunk: bytes) -> list[SseItem]:
        try:
            return parser.feed(chunk)
        except SseOverflow as error:
            raise StreamGarbled(f"{self._endpoint.name} sent something that is no event stream.") from error

    @staticmethod
    def _take(parsed: list[SseItem], reader: ChunkReader, at: float) -> Iterator[Event]:
        for item in parsed:
            if isinstance(item, SseComment):
                yield KeepAlive(at)
            elif isinstance(item, SseStray):
                reader.stray(item.text)
            else:
                yield from reader.read(item, at)


def _error_answer(response: httpx.Response, hangup: Hangup) -> Answer:
    """As much of an error's body as comes in time."""
    hangup.end_by(time.monotonic() + _ERROR_BODY_S)
    body = bytearray()
    try:
        for piece in pieces_of(response):
            body += piece
            if len(body) > LOOK_BYTES:
                break
    except (httpx.HTTPError, httpx.StreamError, OSError, Trouble):
        pass  # the status is known, and is the news
    return answer_of(response, bytes(body[:LOOK_BYTES]))
