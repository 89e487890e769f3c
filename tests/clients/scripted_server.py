"""A real HTTP server on a free port that sends exactly the bytes a test scripts, when the test says.

In: for each path, a list of steps. Out: what was asked of it, and whether the client hung up. Shares no code with the
client: it speaks the wire.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Send:
    data: bytes


@dataclass
class Pause:
    seconds: float


@dataclass
class WaitFor:
    event: threading.Event


@dataclass
class Reset:
    """Close with RST, as a killed process does."""


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    hung_up_at: float | None = None

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class ScriptedServer:
    """`answers[path]` is a list of scripts, one a request; the last repeats."""

    answers: dict[str, list[list]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> ScriptedServer:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._served: dict[str, int] = {}
        self._connections: list[socket.socket] = []
        threading.Thread(target=self._accept, name="scripted-server", daemon=True).start()
        return self

    def __exit__(self, *exc_info) -> None:
        self._socket.close()
        for connection in self._connections:
            connection.close()

    def chat(self, *steps) -> None:
        """One more script for the chat route."""
        self.answers.setdefault("/v1/chat/completions", []).append(list(steps))

    def route(self, path: str, value, status: int = 200) -> None:
        self.answers.setdefault(path, []).append([json_answer(value, status)])

    def asked_for(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    @property
    def chats(self) -> list[Asked]:
        return self.asked_for("/v1/chat/completions")

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), name="scripted-answer", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as reader:
                while self._answer_one(connection, reader):
                    pass
        except OSError:
            pass

    def _answer_one(self, connection: socket.socket, reader) -> bool:
        line = reader.readline().decode("latin-1")
        words = line.split()
        if len(words) != 3 or not words[2].startswith("HTTP/"):  # nothing, or a TLS handshake, whose bytes are random
            return False
        method, path, _ = words
        headers = {}
        while header := reader.readline().strip().decode("latin-1"):
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        asked = Asked(method, path, headers, reader.read(int(headers.get("content-length", 0))))
        self.asked.append(asked)
        scripts = self.answers.get(path, [[json_answer({"detail": "Not Found"}, 404)]])
        index = min(self._served.get(path, 0), len(scripts) - 1)
        self._served[path] = self._served.get(path, 0) + 1
        try:
            for step in scripts[index]:
                self._play(step, connection, asked)
        except (OSError, ConnectionError):
            asked.hung_up_at = asked.hung_up_at or time.perf_counter()
            return False
        # Every answer of ours ends with its connection: no keep-alive between a test's requests.
        return False

    def _play(self, step, connection: socket.socket, asked: Asked) -> None:
        if isinstance(step, Send):
            connection.sendall(step.data)
        elif isinstance(step, Pause):
            time.sleep(step.seconds)
        elif isinstance(step, Reset):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise ConnectionError
        elif isinstance(step, WaitFor):
            self._wait(step.event, connection, asked)

    @staticmethod
    def _wait(event: threading.Event, connection: socket.socket, asked: Asked) -> None:
        """Until the event, or until the client has hung up, which is noted."""
        connection.setblocking(False)
        try:
            while not event.wait(0.01):
                try:
                    if connection.recv(1) == b"":
                        asked.hung_up_at = time.perf_counter()
                        raise ConnectionError
                except BlockingIOError:
                    continue
        finally:
            connection.setblocking(True)


HEADERS = Send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n")
CHUNKED_HEADERS = Send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
KEEP_ALIVE = Send(b": keep-alive\n\n")
DONE = Send(b"data: [DONE]\n\n")


def json_answer(value, status: int = 200) -> Send:
    body = json.dumps(value).encode()
    lines = (
        f"HTTP/1.1 {status} X",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return Send("\r\n".join((*lines, "", "")).encode() + body)


def error_answer(status: int, message: str, param: str | None = None) -> Send:
    """vLLM's shape."""
    return json_answer(
        {"error": {"message": message, "type": "BadRequestError", "param": param, "code": status}}, status
    )


def event(value) -> Send:
    return Send(f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode())


def delta(finish: str | None = None, usage=None, **fields) -> Send:
    chunk = {"id": "x", "object": "chat.completion.chunk", "model": "m"}
    chunk["choices"] = [{"index": 0, "delta": fields, "finish_reason": finish}]
    if usage is not None:
        chunk["usage"] = usage
    return event(chunk)


def usage(prompt=100, completion=3, cached=0, image=None, reasoning=None, metrics=None) -> Send:
    details = {"cached_tokens": cached}
    if image is not None:
        details["multimodal_tokens"] = {"image": image}
    chunk = {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion}}
    chunk["usage"]["prompt_tokens_details"] = details
    if reasoning is not None:
        chunk["usage"]["completion_tokens_details"] = {"reasoning_tokens": reasoning}
    if metrics is not None:
        chunk["metrics"] = metrics
    return event(chunk)


def chunked(send: Send) -> Send:
    return Send(f"{len(send.data):x}\r\n".encode() + send.data + b"\r\n")
