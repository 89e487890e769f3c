"""The factsheet's switch on Compare: what it sends, and that it is told."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.books.samples import synthetic_novel
from app.endpoints.pair import ServerPair
from app.pagefiles.jobs import JobSnapshot, JobState
from app.paths import CONFIGS
from app.ui.compare import conversation
from app.ui.compare.circumstances import drawn_with, factsheet
from app.ui.session import AppSession
from renderer import RenderConfig
from tests.ui.asking import pair_of

NOBODY = ServerPair(None, None, "Nobody answers.")
DRAWN = SimpleNamespace(
    totals=SimpleNamespace(pages=3, visual_tokens=900),
    pages=tuple(SimpleNamespace(text_span=(400 * at, 400 * at + 400), visual_tokens=300) for at in range(3)),
    seconds=0.2,
)


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
    assert "factsheet" not in drawn_with(now, NOBODY, 3000)(DRAWN).stamp.words
    now.factsheet = True
    words = drawn_with(now, NOBODY, 3000)(DRAWN).stamp.words
    assert f"factsheet of {factsheet(now).tokens:,} tokens" in words


def test_a_question_asked_before_its_pages_are_drawn_gets_their_stamp_once_they_are(now, specs):
    look = JobSnapshot(JobState.RUNNING, 1, 3, 0.1, None, None)
    now.job = SimpleNamespace(snapshot=lambda: look)
    servers = pair_of(SimpleNamespace(url="http://127.0.0.1:9"), SimpleNamespace(url="http://127.0.0.1:9"))
    conversation.ask(now, servers, "Which number?", None)
    (spec,) = specs
    assert (spec.stamp, spec.drawn()) == (None, None)
    asked_with, now.settings = now.settings, replace(now.settings, dpi=144)
    look = replace(look, state=JobState.DONE, page_set=DRAWN)
    drawn = spec.drawn()
    assert (drawn.stamp.pages, drawn.stamp.settings_key, drawn.page_starts) == (3, asked_with.key, (0, 400, 800))
    assert (drawn.cost.tokens, drawn.projected.ttft_ms > 0) == (900, True)
    asked_later = spec.with_drawn(drawn)
    assert asked_later.passages.page_at(500) == 2
    now.settings = asked_with
    now.turns.clear()
    now.salt_used = False
    conversation.ask(now, servers, "Which number?", None)
    assert specs[1] == replace(asked_later, render_ms=specs[1].render_ms)  # as one that was asked after
