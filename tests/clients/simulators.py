"""Start the project's simulator as a child process, the way the app does. Shares nothing with it but its command line."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from app.clients import ChatRequest, Endpoint, Role

ROOT = Path(__file__).resolve().parents[2]
MODELS = {Role.TEXT: "Qwen/Qwen3-8B", Role.PAGES: "zai-org/Glyph"}


@contextlib.contextmanager
def simulator(role: Role, *options: str) -> Iterator[Endpoint]:
    """An endpoint on a free port; gone when the block ends, and with this process at the latest."""
    with simulator_process(role, *options) as (endpoint, _):
        yield endpoint


@contextlib.contextmanager
def simulator_process(role: Role, *options: str) -> Iterator[tuple[Endpoint, subprocess.Popen]]:
    """The same with the process, for tests that kill it."""
    command = [sys.executable, str(ROOT / "scripts" / "simulate.py"), "--role", str(role), "--port", "0"]
    command += ["--exit-with-parent", str(os.getpid()), "--reader", "manifest", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        ready = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert ready, f"the simulator did not get ready: {line!r}"
        yield Endpoint(role, f"simulated {role}", ready[0], MODELS[role], simulated=True), process
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def requests_running(endpoint: Endpoint) -> float:
    """The server's own gauge: what it still works on."""
    text = httpx.get(f"{endpoint.server_root}/metrics", trust_env=False).text
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith("vllm:num_requests_running"))


def count_request(endpoint: Endpoint, request: ChatRequest) -> int:
    """Prompt tokens of a request by the server's own /tokenize, template and images included, without generating."""
    asked = json.loads(request.body)
    fields = {key: asked[key] for key in ("model", "messages", "chat_template_kwargs")}
    url = f"{endpoint.server_root}/tokenize"
    answer = httpx.post(url, json={**fields, "add_generation_prompt": True}, trust_env=False, timeout=60)
    return answer.raise_for_status().json()["count"]
