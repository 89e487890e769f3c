import pytest

from app.books.book import text_hash
from app.clients import Endpoint, PageFile, Role
from app.comparisons import BookText, ComparisonSpec
from app.recordings import Recorder, RecordingStore
from tests.comparisons.conftest import kept, servers  # noqa: F401 - fixtures


@pytest.fixture
def store(tmp_path):
    return RecordingStore(tmp_path / "recordings")


@pytest.fixture
def recorder(store, kept):  # noqa: F811
    made = Recorder(store)
    kept.observe(made)
    yield made
    made.close()


@pytest.fixture
def spec(servers, tmp_path):  # noqa: F811
    path = tmp_path / "page_001.png"
    path.write_bytes(b"png")
    text, pages = servers
    return ComparisonSpec(
        title="Book",
        document="Long ago.",
        question="Who?",
        pages=lambda cancelled, on_progress: (PageFile(path, "sha1", 590, 842),),
        text_endpoint=Endpoint(Role.TEXT, "Qwen", text.url, "qwen"),
        pages_endpoint=Endpoint(Role.PAGES, "Glyph", pages.url, "glyph"),
        book=BookText("Long ago.", text_hash("Long ago.")),
        conversation="c0ffee",
    )
