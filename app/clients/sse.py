r"""Split a byte stream into server-sent events.

In: bytes, cut anywhere. Out: each event's data, comment lines as a sign of life, and lines that belong to no event (a
server that answers with JSON or a web page instead). Knows nothing of JSON or HTTP.
Lines end as WHATWG's HTML standard, "Server-sent events", says: at \n, \r\n or \r, and nowhere else: str.splitlines
would also split at U+2028, which JSON may hold raw.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

MAX_EVENT_BYTES = 4 * 1024 * 1024  # a whole answer in one event is smaller
_LINE_END = re.compile(rb"\r\n|\n|\r")
_HEARTBEATS = ("ping", "heartbeat", "keepalive", "keep-alive")


@dataclass(frozen=True, slots=True)
class SseData:
    """One event's data lines, joined by newlines, and the event's name ("" is the usual kind)."""

    data: str
    event: str = ""


@dataclass(frozen=True, slots=True)
class SseComment:
    """A sign of life: a line that begins with a colon, an event without data, or one named ping."""

    text: str


@dataclass(frozen=True, slots=True)
class SseStray:
    """A line that is no field of an event stream."""

    text: str


SseItem = SseData | SseComment | SseStray


class SseOverflow(Exception):
    """One event grew past MAX_EVENT_BYTES: this is no event stream."""


class SseParser:
    """Feed bytes, get whole events; flush at the end for a last event that lacks its blank line."""

    def __init__(self) -> None:
        self._partial = bytearray()
        self._data: list[str] = []
        self._data_bytes = 0
        self._event = ""
        self._at_start = True
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[SseItem]:
        """Raises SseOverflow."""
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        self._partial += chunk
        if len(self._partial) > MAX_EVENT_BYTES:
            raise SseOverflow
        if self._at_start and not self._skip_mark():
            return []
        if not _LINE_END.search(chunk):
            return []
        self._after_cr = chunk.endswith(b"\r")  # its \n may come with the next chunk
        *lines, rest = _LINE_END.split(bytes(self._partial))
        self._partial = bytearray(rest)
        return self._take(lines)

    def flush(self) -> list[SseItem]:
        lines = _LINE_END.split(bytes(self._partial))
        self._partial = bytearray()
        return self._take([*lines, b""])

    def _skip_mark(self) -> bool:
        """Drop a byte order mark at the very start; False while it is not known whether there is one."""
        if len(self._partial) < 3 and codecs.BOM_UTF8.startswith(bytes(self._partial)):
            return False
        self._at_start = False
        if self._partial.startswith(codecs.BOM_UTF8):
            del self._partial[:3]
        return True

    def _take(self, lines: list[bytes]) -> list[SseItem]:
        events: list[SseItem] = []
        for line in lines:
            self._take_line(line, events)
        return events

    def _take_line(self, line: bytes, events: list[SseItem]) -> None:
        # Whole lines only are decoded, so a character split between two chunks is never seen in halves.
        text = line.decode("utf-8", errors="replace")
        name, _, value = text.partition(":")
        if not text:
            self._end_event(events)
        elif not name:
            events.append(SseComment(value.strip()))
        elif name == "data":
            self._data_bytes += len(line)
            if self._data_bytes > MAX_EVENT_BYTES:
                raise SseOverflow
            self._data.append(value.removeprefix(" "))
        elif name == "event":
            self._event = value.strip()[:40]
        elif name not in ("id", "retry"):
            events.append(SseStray(text))

    def _end_event(self, events: list[SseItem]) -> None:
        data, event = "\n".join(self._data), self._event
        if data.strip() and event not in _HEARTBEATS:
            events.append(SseData(data, event))
        elif self._data:
            events.append(SseComment(data.strip()))
        self._data, self._data_bytes, self._event = [], 0, ""
