"""A file of exactly the size that is promised comes through."""

import tomllib
from pathlib import Path

from app.books import MAX_UPLOAD_BYTES

CONFIG = Path(__file__).resolve().parents[2] / "app" / ".streamlit" / "config.toml"


def test_the_request_that_carries_the_largest_book_is_not_refused_for_its_wrapping():
    # Streamlit holds Content-Length, which counts boundaries and headers too, against this setting in megabytes.
    limit = tomllib.loads(CONFIG.read_text())["server"]["maxUploadSize"] * 1024 * 1024
    assert limit >= MAX_UPLOAD_BYTES + 100_000
