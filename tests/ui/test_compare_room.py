"""The room that a book has in a window: what both models are sent fits, however long the conversation has become."""

from types import SimpleNamespace

import pytest

from app.clients import Role, Turn
from app.tokens import count_text_tokens, tokens_for_book
from app.tokens.fit import QUESTION_TOKENS
from app.ui.compare import book_summary, conversation
from app.ui.session import AppSession
from renderer import RenderConfig
from tests.comparisons.comparisons import GOOD, finished
from tests.comparisons.conftest import kept, servers, spec  # noqa: F401 - fixtures

NOVEL = "The lamp on the island was lit every evening by the keeper's daughter. " * 9_000
WINDOW = 32_768
ROOM = tokens_for_book(WINDOW, answer=0)


@pytest.fixture
def session(monkeypatch, kept, servers, spec) -> AppSession:  # noqa: F811
    """A session whose one question was answered at length by the text side, and in two words by the pages side."""
    for server in servers:
        server.chat(*GOOD)
    shot = finished(kept, kept.start(spec))
    text, pages = shot.sides
    long = "He walked along the shore until the evening came. " * 1_500
    long_side = SimpleNamespace(role=text.role, phase=text.phase, answer=long)
    turn = SimpleNamespace(
        running=False,
        spec=SimpleNamespace(question="Tell it all."),
        side={Role.TEXT: long_side, Role.PAGES: pages}.__getitem__,
    )
    monkeypatch.setattr(conversation, "turns", lambda now: [turn])
    return AppSession(RenderConfig.load("configs/en.json"))


def test_a_novel_asked_about_after_a_long_answer_still_fits_the_window(session):
    count = count_text_tokens(NOVEL)
    history = conversation.history_tokens(session, Role.TEXT)
    assert history > 10_000
    cut = conversation.needed_cut(NOVEL, count, tokens_for_book(WINDOW, 2048, history))
    prompt = count_text_tokens(cut.text).value + history + QUESTION_TOKENS
    assert prompt + 2048 <= WINDOW


def test_each_side_reckons_with_its_own_answers(session):
    assert conversation.history_tokens(session, Role.PAGES) < 20


def test_a_text_that_fits_is_not_cut():
    count = count_text_tokens("A short text.")
    assert conversation.needed_cut("A short text.", count, count.value) is None
    assert conversation.needed_cut("A short text." * 200, count_text_tokens("A short text." * 200), 300) is not None


@pytest.mark.parametrize(
    ("visual_tokens", "pages", "told"), [(30_000, 100, True), (ROOM - 200, 100, False), (ROOM - 199, 100, True)]
)
def test_pages_are_told_not_to_fit_with_their_marks_and_the_question_reckoned_in(
    monkeypatch, session, visual_tokens, pages, told
):
    warnings = []
    monkeypatch.setattr(book_summary, "history_tokens", lambda *_: 0)
    monkeypatch.setattr(book_summary.st, "warning", lambda text, **_: warnings.append(text))
    totals = SimpleNamespace(visual_tokens=visual_tokens, pages=pages)
    session.job = SimpleNamespace(snapshot=lambda: SimpleNamespace(page_set=SimpleNamespace(totals=totals)))
    server = SimpleNamespace(window_tokens=WINDOW, endpoint=SimpleNamespace(limits=SimpleNamespace(max_images=999)))
    book_summary._draw_pages_notice(session, SimpleNamespace(pages=server))
    assert any("do not fit Glyph's window" in text for text in warnings) is told


def test_a_turn_is_question_and_answer(session):
    assert conversation._history(conversation.turns(session), Role.PAGES) == (Turn("Tell it all.", "She did."),)
