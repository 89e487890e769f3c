"""A connection that owes the rest of a request is closed; one that is being answered is not."""

import asyncio
import contextlib
import socket
import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from app.request_deadlines import with_deadlines

DEADLINE_S = 0.4
WORDS = 12  # of the slow answer; it takes three deadlines


async def echo(request):
    return PlainTextResponse(f"{len(await request.body())} bytes")


async def slowly(_request):
    async def words():
        for _ in range(WORDS):
            yield "word "
            await asyncio.sleep(3 * DEADLINE_S / WORDS)

    return StreamingResponse(words())


@pytest.fixture
def port():
    patient = with_deadlines(AutoHTTPProtocol, DEADLINE_S, 3 * DEADLINE_S, DEADLINE_S)
    app = Starlette(routes=[Route("/echo", echo, methods=["GET", "POST"]), Route("/slowly", slowly)])
    server = uvicorn.Server(uvicorn.Config(app, http=patient, log_level="critical", ws="none", timeout_keep_alive=30))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)
    listener.close()


def until_closed(connection: socket.socket, within_s: float = 20.0) -> bytes:
    """What comes until the server closes the connection."""
    connection.settimeout(within_s)
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(65536):
            heard += data
    return heard


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /echo HT",
        b"GET /echo HTTP/1.1\r\nHost: x\r\nX-Long: y",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",
        b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\nGET /echo HT",
    ],
)
def test_half_a_request_is_not_waited_for_without_end(port, sent):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(sent)
        until_closed(connection)  # times out where the server waits


def test_a_body_that_drips_meets_its_deadline_too(port):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        deadline, cut = time.monotonic() + 20, False
        while not cut and time.monotonic() < deadline:
            try:
                connection.sendall(b"x")
                time.sleep(DEADLINE_S / 4)
            except OSError:  # a reset or a broken pipe, as it falls
                cut = True
    assert cut


def test_a_long_answer_is_sent_to_its_end(port):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /slowly HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert until_closed(connection).count(b"word ") == WORDS


def test_a_whole_request_is_answered(port):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nfour")
        assert b"4 bytes" in until_closed(connection)
