"""Servers that the tests of this folder share, cold before each test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.simulator.harness import Server, start


@pytest.fixture(scope="session")
def start_server() -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def begin(*arguments: str) -> Server:
        started.append(start(*arguments))
        return started[-1]

    yield begin
    for server in started:
        server.process.terminate()
    for server in started:
        server.process.wait(5)


@pytest.fixture(scope="session")
def text_server(start_server) -> Server:
    return start_server("--role", "text", "--speedup", "500")


@pytest.fixture(scope="session")
def pages_dir(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def pages_server(start_server, pages_dir) -> Server:
    return start_server("--role", "pages", "--speedup", "500", "--pages-dir", str(pages_dir))


@pytest.fixture(autouse=True)
def cold(request) -> None:
    """Every test meets empty caches."""
    for name in ("text_server", "pages_server"):
        if name in request.fixturenames:
            server = request.getfixturevalue(name)
            deadline = time.monotonic() + 5
            while not server.post("/reset_prefix_cache").json()["success"] and time.monotonic() < deadline:
                time.sleep(0.05)
            server.post("/reset_mm_cache")
            server.post("/reset_encoder_cache")
