"""The factsheet's switch on Compare: what it sends, and that it is told."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.books.samples import synthetic_novel
from app.paths import CONFIGS
from app.ui.compare import conversation
from app.ui.compare.circumstances import factsheet, stamp
from app.ui.session import AppSession
from renderer import RenderConfig
from tests.ui.asking import pair_of


@pytest.fixture
def now() -> AppSession:
    session = AppSession(RenderConfig.load(CONFIGS / "en.json"))
    session.book = synthetic_novel(text_tokens=3000, seed=4).book
    return session


@pytest.fixture
def specs(monkeypatch):
    found = []
    start = lambda spec: found.append(spec) or "an id"  # noqa: E731
    monkeypatch.setattr(conversation, "registry", lambda: SimpleNamespace(start=start))
    return found


def test_the_books_exact_strings_go_to_the_pages_side_only_when_the_switch_is_on(now, specs):
    servers = pair_of(SimpleNamespace(url="http://127.0.0.1:9"), SimpleNamespace(url="http://127.0.0.1:9"))
    conversation.ask(now, servers, "Which number?", None)
    now.turns.clear()
    now.factsheet = True
    conversation.ask(now, servers, "Which number?", None)
    without, with_sheet = specs
    assert without.factsheet == ""
    sheet = factsheet(now)
    assert with_sheet.factsheet == sheet.text
    assert any(one.isdigit() for one in sheet.strings)
    assert with_sheet.factsheet not in with_sheet.document
    assert with_sheet.document == without.document


def test_a_turn_that_had_one_says_so_with_its_tokens(now):
    totals = SimpleNamespace(pages=3, visual_tokens=900)
    assert "factsheet" not in stamp(now, SimpleNamespace(totals=totals), 3000).words
    now.factsheet = True
    assert f"factsheet of {factsheet(now).tokens:,} tokens" in stamp(now, SimpleNamespace(totals=totals), 3000).words
