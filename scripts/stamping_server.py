"""Answers whose tokens carry the instant at which they were written to the socket, for bench_app.py's `token`."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN_EVERY_S = 0.02
FIRST_TOKEN_AFTER_S = 2.0  # the page's observer is in place by then


class Stamping(ThreadingHTTPServer):
    """Answers chats with tokens that carry the instant at which they were written to the socket."""

    daemon_threads = True

    def __init__(self, count: int) -> None:
        super().__init__(("127.0.0.1", 0), _Stamps)
        self.count = count
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Stamps(BaseHTTPRequestHandler):
    server: Stamping
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        known = {
            "/v1/models": {"object": "list", "data": [{"id": "stamp", "object": "model", "max_model_len": 131072}]}
        }
        self._json(200 if self.path in known else 404, known.get(self.path, {"detail": "Not Found"}))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.path.endswith("/chat/completions"):
            self._json(404, {"detail": "Not Found"})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        time.sleep(FIRST_TOKEN_AFTER_S)
        for number in range(self.server.count):
            due = time.perf_counter() + TOKEN_EVERY_S
            self._event({"content": f"{number}@{time.time() * 1000:.2f}; "}, None)
            time.sleep(max(0.0, due - time.perf_counter()))
        self._event({}, "stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, delta: dict, finish: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self.wfile.write(
            b"data: " + json.dumps({"id": "stamp", "model": "stamp", "choices": [choice]}).encode() + b"\n\n"
        )

    def _json(self, status: int, value: dict) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args) -> None:
        pass
