"""What the server does once, when it starts; and that no address of its routes, however odd, is answered by a defect."""

import socket
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.books.samples import story
from app.bookshelf.shelf import shelf
from app.pagefiles.jobs import page_jobs
from app.preview.routes import preview_url
from app.ui.default_settings import default_settings
from app.web.comparison_routes import page_url_base
from app.web.server import routes, send_at_once


def test_what_is_accepted_sends_small_answers_at_once():
    with socket.socket() as listener:  # as Streamlit opens it: no protocol named
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert not listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        send_at_once()
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=routes())) as made:
        yield made


@pytest.fixture(scope="module")
def bases():
    """Addresses of one book's pages: its rendered files, and any setting's."""
    book = story().book
    job = page_jobs().start(book.content_hash, book.text, book.title, default_settings(book), "test-server")
    job.wait(60)
    yield page_url_base(job.key), f"{preview_url(shelf().put(book))}/pages/d=72"
    job.let_go("test-server")


def test_the_pages_are_there(client, bases):
    assert [client.get(f"{base}/1.png").status_code for base in bases] == [200, 200]


@pytest.mark.parametrize(
    "number", ["é", "0", "-1", "1.5", "9" * 10, "9" * 4_300, "9" * 20_000, "²", "１", "1e9", "%00", "1/2", "%C3%28"]
)
def test_page_numbers_that_are_none_are_not_found(client, bases, number):
    for base in bases:
        assert client.get(f"{base}/{number}.png").status_code == 404, base


@pytest.mark.parametrize("key", ["é", "é" * 48, "%ED%A0%BD", "%FF", "a" * 5_000, "ключ", "__", "%00"])
def test_keys_that_nobody_was_given_are_not_found(client, bases, key):
    key = key if key.startswith("%") else quote(key)
    for path in (f"pages/{key}/1.png", f"preview/{key}/page.png", f"preview/{key}/pages.zip"):
        assert client.get(f"/glyph/{path}").status_code == 404, path[:80]
    assert client.get(bases[1].replace("/pages/d=72", f"/reference/{key}/reference.png")).status_code == 404


@pytest.mark.parametrize("name", ["page", "at", "from", "to", "d", "s"])
@pytest.mark.parametrize("value", ["é", "9" * 3_900, "-" + "9" * 3_900, "nan", "１", "1e400", "%00", "%ED%A0%BD"])
def test_odd_numbers_in_a_query_are_answered_in_words(client, bases, name, value):
    book = bases[1].removesuffix("/pages/d=72")
    for route in ("page.png", "figures.json", "marks.json"):
        assert client.get(f"{book}/{route}?{name}={value}").status_code in (200, 414, 422)
