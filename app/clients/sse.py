r"""Split a byte stream into server-sent events.

In: bytes, cut anywhere. Out: each event's data, and comment lines as a sign of life. Knows nothing of JSON or HTTP.
Lines end at \n only (a \r before it is dropped): str.splitlines would also split at U+2028, which JSON may hold raw.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_EVENT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SseData:
    """One event's data lines, joined by newlines."""

    data: str


@dataclass(frozen=True, slots=True)
class SseComment:
    """A line that begins with a colon: keep-alive."""

    text: str


class SseOverflow(Exception):
    """One event grew past MAX_EVENT_BYTES: this is no event stream."""


class SseParser:
    """Feed bytes, get whole events; flush at the end for a last event that lacks its blank line."""

    def __init__(self) -> None:
        self._partial = bytearray()
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[SseData | SseComment]:
        self._partial += chunk
        if len(self._partial) > MAX_EVENT_BYTES:
            raise SseOverflow
        if b"\n" not in chunk:
            return []
        *lines, rest = bytes(self._partial).split(b"\n")
        self._partial = bytearray(rest)
        events: list[SseData | SseComment] = []
        for line in lines:
            self._take_line(line, events)
        return events

    def flush(self) -> list[SseData | SseComment]:
        events: list[SseData | SseComment] = []
        if self._partial:
            self._take_line(bytes(self._partial), events)
            self._partial = bytearray()
        self._take_line(b"", events)
        return events

    def _take_line(self, line: bytes, events: list[SseData | SseComment]) -> None:
        # Whole lines only are decoded, so a character split between two chunks is never seen in halves.
        text = line.removesuffix(b"\r").decode("utf-8", errors="replace")
        if not text:
            if self._data:
                events.append(SseData("\n".join(self._data)))
                self._data = []
        elif text.startswith(":"):
            events.append(SseComment(text[1:].strip()))
        else:
            name, _, value = text.partition(":")
            if name == "data":
                self._data.append(value.removeprefix(" "))
