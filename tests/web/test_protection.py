"""Under foreign host names nothing is answered; everything that is carries headers that keep other sites out; a base path works."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.web.protection import Protection, is_allowed

ALLOWED = ["127.0.0.1", "localhost", "*.books.example"]


def client(base: str = "", host: str = "127.0.0.1:8501", allowed=ALLOWED) -> TestClient:
    async def words(request):
        return PlainTextResponse(request.url.path)

    async def socket(websocket):
        await websocket.accept()
        await websocket.send_text("open")

    app = Starlette(
        routes=[
            Route("/glyph/pages/{name}", words),
            WebSocketRoute("/_stcore/stream", socket),
            Route("/{rest:path}", words),
        ],
        middleware=[Middleware(Protection, allowed_hosts=lambda: allowed, base_path=lambda: base)],
    )
    return TestClient(app, base_url=f"http://{host}")


@pytest.mark.parametrize("path", ["/", "/glyph/pages/one.png", "/_stcore/health"])
@pytest.mark.parametrize("host", ["evil.test", "evil.test:8501", "127.0.0.1.evil.test", "localhost.evil.test:80"])
def test_a_foreign_host_name_gets_no_answer_and_is_told_what_to_set(path, host):
    answer = client(host=host).get(path)
    assert answer.status_code == 421
    assert host.split(":")[0] in answer.text
    assert "STREAMLIT_SERVER_ALLOWED_HOSTS" in answer.text


@pytest.mark.parametrize("host", ["", "user@127.0.0.1", "127.0.0.1/x", "127.0.0.1:port", "127.0.0.1#", "é.test", "a b"])
def test_what_is_no_host_name_is_not_allowed(host):
    assert not is_allowed(host, ALLOWED)


@pytest.mark.parametrize(
    "host", ["LOCALHOST", "localhost.", "127.0.0.1:9", "one.books.example", "a.b.books.example:443"]
)
def test_names_are_held_against_the_list_whatever_their_case_or_port(host):
    assert is_allowed(host, ALLOWED)
    assert not is_allowed("books.example", ALLOWED)
    assert is_allowed("anything.test", [])
    assert is_allowed("anything.test", ["*"])
    assert not is_allowed(None, ["*"])


def test_a_foreign_host_name_gets_no_websocket():
    with (
        pytest.raises(WebSocketDisconnect),
        client().websocket_connect("/_stcore/stream", headers={"host": "evil.test"}),
    ):
        pass
    with client().websocket_connect("/_stcore/stream", headers={"host": "localhost:80"}) as socket:
        assert socket.receive_text() == "open"


def test_our_answers_run_nothing_and_pages_fetch_from_nobody_else():
    ours, page = client().get("/glyph/pages/one.png").headers, client().get("/").headers
    assert "sandbox" in ours["content-security-policy"]
    assert "default-src 'none'" in ours["content-security-policy"]
    for policy in (ours, page):
        assert policy["x-content-type-options"] == "nosniff"
        assert policy["x-frame-options"] == "SAMEORIGIN"
        assert policy["referrer-policy"] == "no-referrer"
        assert policy["cross-origin-resource-policy"] == "same-origin"
    directives = dict(part.strip().split(" ", 1) for part in page["content-security-policy"].split(";"))
    assert directives["frame-ancestors"] == "'self'"
    assert directives["img-src"] == "'self' data: blob:"
    assert directives["connect-src"] == "'self' ws://127.0.0.1:8501 wss://127.0.0.1:8501"


@pytest.mark.parametrize("base", ["books", "/books/", "a/b"])
def test_our_routes_answer_under_the_base_path(base):
    answer = client(base).get(f"/{base.strip('/')}/glyph/pages/one.png")
    assert (answer.status_code, answer.text) == (200, "/glyph/pages/one.png")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert client(base).get("/glyph/pages/one.png").text == "/glyph/pages/one.png"
    assert client(base).get("/other/glyph/pages/one.png").text == "/other/glyph/pages/one.png"
