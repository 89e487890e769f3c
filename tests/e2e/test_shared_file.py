"""A shared run is opened in a browser whose network is cut, as its receiver may do on a train."""

import pytest

from app.sharing import html_page
from tests.sharing.test_sharing import page_png, recording, run  # noqa: F401 - fixtures


@pytest.fixture
def file(run, tmp_path):  # noqa: F811
    path = tmp_path / "run.html"
    path.write_text(html_page(run, lambda _: page_png()), encoding="utf-8")
    return path


def test_a_shared_run_opens_without_a_network_and_runs_nothing(page, file):
    asked, complaints = [], []
    page.context.set_offline(True)
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(file.as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert complaints == []
    assert page.locator("script").count() == 0
    assert page.locator("section .answer").count() == 4
    assert "<script>" in page.locator("section.text .answer").last.inner_text()
    assert page.locator(".thumbnails img").evaluate("(image) => image.naturalWidth") > 50
    assert page.locator("svg rect").count() == 2
