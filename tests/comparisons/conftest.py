import pytest

from app.clients import Endpoint, ImageLedger, PageFile, Role, Timeouts
from app.comparisons import ComparisonSpec, Registry
from tests.clients.scripted_server import ScriptedServer


@pytest.fixture
def servers():
    with ScriptedServer() as text, ScriptedServer() as pages:
        yield text, pages


@pytest.fixture
def kept():
    registry = Registry(ledger=ImageLedger(), timeouts=Timeouts(silence_s=20))
    yield registry
    registry.stop_all()


@pytest.fixture
def spec(servers, tmp_path):
    path = tmp_path / "page_001.png"
    path.write_bytes(b"png")
    page = PageFile(path, "sha1", 590, 842)
    text, pages = servers
    return ComparisonSpec(
        title="Book",
        document="Long ago.",
        question="Who?",
        pages=lambda cancelled, on_progress: (page,),
        text_endpoint=Endpoint(Role.TEXT, "Qwen", text.url, "qwen"),
        pages_endpoint=Endpoint(Role.PAGES, "Glyph", pages.url, "glyph"),
    )
