"""Fixtures that several packages' tests share."""

from pathlib import Path

import pytest

pytest_plugins = ("tests.retrying",)
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Texts and manifests that do not belong in the project; tests that need them skip where they are absent."""
    if not (SHARED / "golden").is_dir():
        pytest.skip(f"needs the shared test material in {SHARED}")
    return SHARED
