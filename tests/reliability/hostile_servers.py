"""Servers that lie, flood and drip, and what the client's and the launcher's code makes of them: seconds and memory.

    python tests/reliability/hostile_servers.py            # all cases; a table, then one JSON line; status 1 if one broke its promise
    python tests/reliability/hostile_servers.py deep       # the cases whose name holds the word

Each case is a server on a local socket that sends raw bytes (nothing of the client's code makes them), and one action of
ours in a process of its own, whose growth in peak memory and whose time are measured. Bounds are generous: they tell a
promise kept from one broken, not a fast machine from a slow one.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import re
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEY_VARIABLE, KEY = "HOSTILE_SERVERS_KEY", "sk-never-to-be-seen-elsewhere"
GIVEN_UP_S = 120.0

Conversation = Callable[[socket.socket, bytes], None]
"""What a server does with one connection and the first bytes it was sent."""


# --- the servers ----------------------------------------------------------------------------------------------------


def head(kind: str = "application/json", *more: str) -> bytes:
    return "\r\n".join(("HTTP/1.1 200 OK", f"Content-Type: {kind}", "Connection: close", *more, "", "")).encode()


def flood(first: bytes, block: bytes) -> Conversation:
    """`block` again and again, as fast as the client takes it."""

    def serve(connection: socket.socket, asked: bytes) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(block)

    return serve


def drip(first: bytes, byte: bytes, every_s: float = 0.2) -> Conversation:
    """One byte at a time, each within any timeout that begins anew with every byte."""

    def serve(connection: socket.socket, asked: bytes) -> None:
        connection.sendall(first)
        while True:
            time.sleep(every_s)
            connection.sendall(byte)

    return serve


def say(*parts: bytes) -> Conversation:
    def serve(connection: socket.socket, asked: bytes) -> None:
        for part in parts:
            connection.sendall(part)

    return serve


def redirect(target: str) -> Conversation:
    return say(f"HTTP/1.1 307 X\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())


def bomb(first: bytes, megabytes: int = 2000) -> Conversation:
    """Zeros that unpack a thousandfold, one gzip member after the other's stream never ends."""
    packed = gzip.compress(bytes(64 * 1024 * 1024), compresslevel=9)

    def serve(connection: socket.socket, asked: bytes) -> None:
        connection.sendall(first)
        for _ in range(megabytes // 64):
            connection.sendall(packed)

    return serve


def delta(words: str, finish: str = "null") -> bytes:
    chunk = '{"choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":%s}]}'  # written by hand: raw escapes
    return b"data: " + (chunk % (words, finish)).encode() + b"\n\n"


def whole_request(connection: socket.socket) -> bytes:
    """Headers and body. A socket closed over unread bytes resets the connection, and the answer sent is lost with it."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65536)
        if not piece:
            return request
        request += piece
    headers, body = request.split(b"\r\n\r\n", 1)
    length = re.search(rb"(?im)^content-length: *(\d+)", headers)
    left = int(length[1]) - len(body) if length else 0
    while left > 0 and (piece := connection.recv(left)):
        request += piece
        left -= len(piece)
    return request


@contextlib.contextmanager
def serving(conversation: Conversation) -> Iterator[tuple[str, list[bytes]]]:
    """Its address, and what it was asked."""
    listening = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []
    open_ones: list[socket.socket] = []

    def talk(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(GIVEN_UP_S)
            request = whole_request(connection)
            asked.append(request)
            conversation(connection, request)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                open_ones.append(connection)
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
    finally:
        listening.close()
        for connection in open_ones:
            connection.close()


# --- the cases ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """`action` of ours against a server. `expected`: what the outcome must be; `words`: what must be said of it."""

    name: str
    action: str
    conversation: Conversation
    expected: str
    words: str = ""
    max_s: float = 20.0
    max_mb: float = 100.0


MODELS, STREAM = head(), head("text/event-stream")
PACKED = "Content-Encoding: gzip"
DEEP = b"[" * 100_000
BLOCK = b"x" * 65536
CASES = (
    Case("endless /models", "look", flood(MODELS, BLOCK), "unreachable", "more than 1,048,576 bytes"),
    Case("endless /models, launcher", "launcher", flood(MODELS, BLOCK), "no model server"),
    Case("endless error page", "chat", flood(b"HTTP/1.1 500 X\r\n\r\n", BLOCK), "ServerFailed", "HTTP 500"),
    Case("endless headers", "look", flood(b"HTTP/1.1 200 OK\r\n", b"x-a: " + BLOCK + b"\r\n"), "unreachable"),
    Case("gzip bomb in /models", "look", bomb(head("application/json", PACKED)), "unreachable", "more than 1,048,576"),
    Case("gzip bomb in a stream", "chat", bomb(head("text/event-stream", PACKED)), "StreamGarbled"),
    Case("gzip bomb in a count", "count", bomb(head("application/json", PACKED)), "StreamGarbled", "more than 8,388,608"),
    Case("dripping headers", "look", drip(b"HTTP/1.1 200 OK\r\n", b"x"), "unreachable", "did not finish"),
    Case("dripping /models", "look", drip(MODELS, b" "), "unreachable", "did not finish"),
    Case("dripping /models, launcher", "launcher", drip(MODELS, b" "), "silent"),
    Case("dripping error", "chat", drip(b"HTTP/1.1 500 X\r\n\r\n", b"x"), "ServerFailed", "HTTP 500", max_s=40.0),
    Case("dripping after the answer", "chat", drip(STREAM + delta("The fox.", '"stop"'), b":"), "done", "The fox.", max_s=40.0),
    Case("data lines without an event's end", "chat", flood(STREAM, b"data: " + b"x" * 4000 + b"\n"), "StreamGarbled"),
    Case("a line without an end", "chat", flood(STREAM, BLOCK), "StreamGarbled"),
    Case("lines that are no events", "chat", flood(STREAM, b"x" * 4000 + b"\n"), "StreamGarbled"),
    Case("an answer without an end", "chat", flood(STREAM, delta("word " * 2000)), "StreamTooLong", "2,000,000"),
    Case("redirect with a key", "chat", redirect("{thief}/v1/chat/completions"), "Redirected", "points to"),
    Case("redirect with a key, look", "look", redirect("{thief}/v1/models"), "unreachable", "points to"),
    Case("redirect with a key, launcher", "launcher", redirect("{thief}/v1/models"), "redirects to another address"),
    Case("redirect with a key, count", "count", redirect("{thief}/tokenize"), "Redirected", "points to"),
    Case("lone surrogates", "chat", say(STREAM, delta("A \\ud83e"), delta("\\udd8a \\ud83e."), delta("", '"stop"')), "done", "A 🦊 \ufffd."),
    Case("deep JSON at once", "chat", say(STREAM, b"data: " + DEEP + b"\n\n"), "StreamGarbled"),
    Case("deep JSON after the answer", "chat", say(STREAM, delta("The fox.", '"stop"'), b"data: " + DEEP + b"\n\n"), "done", "The fox."),
    Case("deep JSON as /models", "look", say(MODELS, DEEP), "unreachable", "no JSON"),
    Case("deep JSON as an error", "chat", say(b"HTTP/1.1 400 X\r\n\r\n", DEEP), "RequestRefused", "HTTP 400"),
    Case("many small objects as /models", "look", say(MODELS, b'{"data":[' + b"{}," * 340_000 + b"{}]}"), "unreachable", "serves no model"),
    Case("a flood beside a good server", "watch", flood(MODELS, BLOCK), "the good one is seen"),
    Case("drips beside a good server", "watch", drip(b"HTTP/1.1 200 OK\r\n", b"x"), "the good one is seen"),
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    case: str
    seconds: float
    grown_mb: float
    outcome: str
    kept: bool


def run(case: Case) -> Result:
    good = say(MODELS, b'{"data":[{"id":"qwen"}]}')
    with serving(good) as (thief, stolen):
        conversation = redirect_to(case, thief)
        with serving(conversation) as (url, _):
            command = [sys.executable, str(Path(__file__).resolve()), "--child", case.action, url, thief]
            environment = {**os.environ, KEY_VARIABLE: KEY, "PYTHONPATH": str(ROOT)}
            try:
                done = subprocess.run(
                    command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=GIVEN_UP_S
                )
            except subprocess.TimeoutExpired:
                return Result(case.name, GIVEN_UP_S, 0.0, "never ended", False)
        robbed = case.action != "watch" and bool(stolen)
    if done.returncode:
        return Result(case.name, 0.0, 0.0, f"crashed: {done.stderr.strip()[-200:]}", False)
    seen = json.loads(done.stdout.splitlines()[-1])
    told = f"{seen['outcome']} {seen['words']}"
    kept = seen["outcome"] == case.expected and case.words in seen["words"] and KEY not in told and not robbed
    kept = kept and seen["seconds"] <= case.max_s and seen["grown_mb"] <= case.max_mb
    outcome = f"{seen['outcome']}{'; THE KEY WENT ELSEWHERE' if robbed else ''}"
    return Result(
        case.name, seen["seconds"], seen["grown_mb"], outcome if kept else f"{outcome}: {seen['words']}", kept
    )


def redirect_to(case: Case, thief: str) -> Conversation:
    """A redirect's target is known only once the other server runs."""
    paths = {"chat": "/v1/chat/completions", "count": "/tokenize"}
    return (
        redirect(thief + paths.get(case.action, "/v1/models"))
        if case.name.startswith("redirect")
        else case.conversation
    )


# --- our side, in a process of its own ------------------------------------------------------------------------------


def act(action: str, url: str, other: str) -> tuple[str, str]:
    """(outcome, what was said): the error's class, "done", or the state."""
    from app.clients import (
        AnswerDelta,
        ClientError,
        Endpoint,
        Role,
        SamplingSettings,
        TextPrompt,
        build_chat_request,
        count_tokens_on_server,
        probe,
        stream_chat,
    )
    from app.serving.health import check_remote

    endpoint = Endpoint(Role.TEXT, "Hostile", url, "qwen", api_key_env=KEY_VARIABLE)
    words = ""
    try:
        if action == "look":
            state = probe(endpoint, 1.0)
            return ("reachable" if state.reachable else "unreachable"), state.detail
        if action == "launcher":
            return check_remote(url, KEY_VARIABLE, 2.0).value, ""
        if action == "count":
            return "done", str(count_tokens_on_server(endpoint, "text", 10.0))
        if action == "watch":
            return watch(endpoint, Endpoint(Role.PAGES, "Good", other, "qwen"))
        request = build_chat_request(endpoint, TextPrompt("Book", "Who?"), SamplingSettings())
        for event in stream_chat(endpoint, request, threading.Event()):
            words += event.text if isinstance(event, AnswerDelta) else ""
        return "done", words.encode().decode()  # what cannot be encoded cannot be sent or shown
    except ClientError as error:
        return type(error).__name__, str(error)


def watch(hostile, good) -> tuple[str, str]:
    from app.endpoints.watch import ServerWatch

    watching = ServerWatch(lambda: ((hostile, good), "two"))
    watching.start()
    pair = watching.pair(wait_s=10.0)
    watching.stop()
    seen = pair.pages is not None and pair.pages.ready and not pair.text.ready
    return "the good one is seen" if seen else "the good one is not seen", str(pair)


def child(action: str, url: str, other: str) -> None:
    import app.clients
    import app.endpoints.watch  # noqa: F401 - its memory is not the server's doing

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    outcome, words = act(action, url, other)
    seconds = time.perf_counter() - began
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"outcome": outcome, "words": words[:600], "seconds": seconds, "grown_mb": grown_mb}))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="?", default="", help="only cases whose name holds it")
    results = []
    for case in (case for case in CASES if parser.parse_args().word in case.name):
        results.append(run(case))
        mark = "kept  " if results[-1].kept else "BROKEN"
        one = results[-1]
        print(f"{mark}  {one.seconds:6.2f} s  {one.grown_mb:6.1f} MB  {one.case}: {one.outcome}", flush=True)
    print(json.dumps([asdict(result) for result in results]))
    return 0 if results and all(result.kept for result in results) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:5])
    else:
        raise SystemExit(main())
