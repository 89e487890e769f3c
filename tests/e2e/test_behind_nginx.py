"""Published below a path by a reverse proxy that forwards nothing else: pages, pictures, downloads and streams come through."""

from __future__ import annotations

import re

import pytest

from app.serving.ports import free_port
from tests.e2e.driver import start_app, stop_app, until
from tests.e2e.test_journey import ask, open_story, wait_answer
from tests.e2e.test_pages_page import picture_width, wait_figures
from tests.nginx import needs_nginx, nginx

BASE = "tools/glyph"
SITE = """
server {{
  listen 127.0.0.1:{port};
  location /{base}/ {{
    proxy_pass {upstream};
    proxy_http_version 1.1; proxy_set_header Host $host:$server_port;
    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";
    proxy_read_timeout 600s;
  }}
  location / {{ return 404; }}
}}
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The app's address as the world outside knows it."""
    needs_nginx()
    folder = tmp_path_factory.mktemp("nginx")
    app = start_app(folder, GLYPH_SIMULATOR="always", GLYPH_SIMULATOR_SPEEDUP="40", STREAMLIT_SERVER_BASE_URL_PATH=BASE)
    port = free_port()
    url = f"http://127.0.0.1:{port}/{BASE}"
    site = SITE.format(port=port, base=BASE, upstream=app.url.removesuffix(f"/{BASE}"))
    try:
        with nginx(folder, site, f"{url}/_stcore/health"):
            yield url
    finally:
        stop_app(app)


def test_answers_stream_and_page_pictures_come_through(published, page):
    outside = []
    page.on("response", lambda answer: outside.append(answer.url) if answer.status >= 400 else None)
    open_story(page, published)
    picture = page.get_by_role("button", name="Page 1, open large").locator("img")
    picture.wait_for()
    page.wait_for_function("node => node.complete && node.naturalWidth > 100", arg=picture.element_handle())
    ask(page, "Who kept the light at Corrin Point?")
    for role in ("text", "pages"):
        assert "Simulated" in wait_answer(page, role)
    assert [url for url in outside if "/glyph/" in url.replace(f"/{BASE}/", "/", 1)] == []


def test_the_pages_screen_draws_and_its_downloads_arrive(published, page):
    open_story(page, published)
    page.get_by_role("link", name="Pages", exact=True).first.click()
    wait_figures(page)
    until(lambda: picture_width(page) > 100)
    for name in ("Settings", "Manifest", "PDF"):
        with page.expect_download() as coming:
            page.locator(".downloads a", has_text=re.compile(f"^{name}$")).click()
        assert coming.value.failure() is None
        assert coming.value.path().stat().st_size > 100
