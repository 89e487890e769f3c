"""A conversation's salt counts as new until something was asked with it, and not again after a reload."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from app.books.samples import synthetic_novel
from app.clients import salt_of
from app.comparisons import Options
from app.ui import kept_conversations
from app.ui.compare import conversation
from tests.comparisons.conftest import kept, servers, spec  # noqa: F401 - fixtures
from tests.ui.asking import pair_of
from tests.ui.test_factsheet_switch import now, specs  # noqa: F401 - fixtures
from tests.ui.test_kept_conversations import KEY, after_restart, asked, store  # noqa: F401 - fixtures

NOWHERE = SimpleNamespace(url="http://127.0.0.1:9")


def ask(session):
    conversation.ask(session, pair_of(NOWHERE, NOWHERE), "Which number?", None)
    session.turns.clear()  # even where none of them could be had again


def test_a_conversations_salt_is_new_for_the_first_question_that_carries_it(now, specs):  # noqa: F811
    now.options = Options(cold=True)
    ask(now)
    now.options, now.shared_caches = Options(), True
    ask(now)
    now.shared_caches = False
    for _ in range(2):
        ask(now)
    assert [one.salt_is_new for one in specs[2:]] == [True, False]
    now.open_book(replace(synthetic_novel(text_tokens=1000, seed=5).book), "key")
    ask(now)
    assert specs[-1].salt_is_new
    assert specs[-1].salt != specs[-2].salt == specs[-3].salt


def test_a_conversation_found_again_has_used_its_salt(kept, servers, spec, store, after_restart, specs):  # noqa: F811
    asked(kept, servers, spec, store)
    again = after_restart()
    assert kept_conversations.reopen(again, kept_conversations.PageLink(talk=KEY)) == ""
    assert again.salt_used
    assert salt_of(again.conversation) == salt_of(KEY)
