"""What our screens caught must not hide from the tests: a guarded error fails the test, unless it says that it wants one."""

from __future__ import annotations

import logging

import pytest
from streamlit.elements.lib import policies


def pytest_configure(config):
    config.addinivalue_line("markers", "fails_on_purpose: a part of a page fails in this test, and says so")


class _Caught(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def no_hidden_errors(request):
    """`app.ui` logs every error that it caught and told."""
    caught, logger = _Caught(), logging.getLogger("app.ui")
    logger.addHandler(caught)
    yield caught.records
    logger.removeHandler(caught)
    if not request.node.get_closest_marker("fails_on_purpose"):
        assert [logging.Formatter().format(record) for record in caught.records] == []


@pytest.fixture(autouse=True)
def no_widget_has_two_values(monkeypatch):
    """A default and a value set through the session's state: Streamlit warns of it once a process, here once a test."""
    monkeypatch.setattr(policies, "_shown_default_value_warning", False)
    caught, logger = _Caught(), policies._LOGGER
    caught.setLevel(logging.WARNING)
    logger.addHandler(caught)
    yield
    logger.removeHandler(caught)
    assert [record.getMessage() for record in caught.records] == []
