"""Failures that can be ordered: `KIND[:ARG[:ARG]]` texts in, typed values out. Knows nothing of HTTP.

Ordered for every chat request by --fail (repeatable), or for one request by the header `x-simulate-failure`
(several, separated by commas).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.simulator.errors import SimulatorOptionError

MAX_SECONDS = 3600.0
MAX_TOKENS = 1_000_000


class Kind(StrEnum):
    ERROR = "error"
    REFUSE = "refuse"
    SLOW_HEADERS = "slow-headers"
    STALL = "stall"
    STALL_MID = "stall-mid"
    DISCONNECT = "disconnect"
    ENGINE_CRASH = "engine-crash"
    STREAM_ERROR = "stream-error"
    SPLIT_BYTES = "split-bytes"
    OLD_FIELDS = "old-fields"
    NO_USAGE = "no-usage"
    ANSWER_TAGS = "answer-tags"


HELP = MappingProxyType(
    {
        "error-STATUS": "answer with that HTTP status (400 to 599) in vLLM's error shape",
        "refuse": "drop the connection before any answer",
        "slow-headers:SECONDS": "wait before the HTTP headers, as a server that preprocesses images for long",
        "stall:SECONDS": "send the headers, then wait before the first token",
        "stall-mid:N[:SECONDS]": "fall silent after N tokens, for SECONDS (default: an hour)",
        "disconnect:N": "drop the TCP connection after N tokens, in the middle of the stream",
        "stream-error:N": "after N tokens send an error event, then [DONE]; the server stays healthy",
        "engine-crash:N[:SECONDS|:exit]": "after N tokens send an error event, then [DONE]; then /health is 503, "
        "for SECONDS (default: for ever), or until the process exits with 0 a moment later, as vLLM's does",
        "split-bytes": "send the stream cut at odd byte positions, in the middle of events and of characters",
        "old-fields": "say delta.reasoning_content, as older vLLM servers do, instead of delta.reasoning",
        "no-usage": "leave out the usage chunk, as servers do that do not know include_usage",
        "answer-tags": "wrap the answer in <answer></answer>, as GLM-4.1V does",
    }
)


@dataclass(frozen=True, slots=True)
class Failure:
    kind: Kind
    after_tokens: int = 0
    seconds: float = 0.0
    status: int = 500
    exits: bool = False


_NEEDS_SECONDS = {Kind.SLOW_HEADERS, Kind.STALL}
_NEEDS_TOKENS = {Kind.STALL_MID, Kind.DISCONNECT, Kind.ENGINE_CRASH, Kind.STREAM_ERROR}


def parse_failure(text: str) -> Failure:
    """One failure. Raises SimulatorOptionError, which lists what is allowed."""
    name, *arguments = text.strip().split(":")
    if name.startswith("error-"):
        status = _whole(name.removeprefix("error-"), text)
        if not 400 <= status <= 599 or arguments:
            raise _wrong(text)
        return Failure(Kind.ERROR, status=status)
    if name not in set(Kind) - {Kind.ERROR}:
        raise _wrong(text)
    kind = Kind(name)
    if kind in _NEEDS_SECONDS:
        if len(arguments) != 1:
            raise _wrong(text)
        return Failure(kind, seconds=_seconds(arguments[0], text))
    if kind in _NEEDS_TOKENS:
        return _failure_after_tokens(kind, arguments, text)
    if arguments:
        raise _wrong(text)
    return Failure(kind)


def parse_failures(header: str) -> tuple[Failure, ...]:
    return tuple(parse_failure(part) for part in header.split(",") if part.strip())


def _failure_after_tokens(kind: Kind, arguments: list[str], text: str) -> Failure:
    if not arguments or len(arguments) > 2:
        raise _wrong(text)
    after = _whole(arguments[0], text)
    if after > MAX_TOKENS:
        raise _wrong(text)
    if len(arguments) == 1:
        return Failure(kind, after_tokens=after, seconds=MAX_SECONDS)
    if kind is Kind.ENGINE_CRASH and arguments[1] == "exit":
        return Failure(kind, after_tokens=after, exits=True)
    if kind in (Kind.ENGINE_CRASH, Kind.STALL_MID):
        return Failure(kind, after_tokens=after, seconds=_seconds(arguments[1], text))
    raise _wrong(text)


def _whole(argument: str, text: str) -> int:
    if not (argument.isascii() and argument.isdigit() and len(argument) < 10):
        raise _wrong(text)
    return int(argument)


def _seconds(argument: str, text: str) -> float:
    try:
        seconds = float(argument)
    except ValueError:
        raise _wrong(text) from None
    if not 0 <= seconds <= MAX_SECONDS:
        raise _wrong(text)
    return seconds


def _wrong(text: str) -> SimulatorOptionError:
    return SimulatorOptionError(f"'{text[:80]}' is no failure to simulate. Allowed: {', '.join(HELP)}.")
