"""A conversation comes back from its recordings, and only where it belongs."""

from dataclasses import replace

import pytest

from app.books import Book, BookFormat, Chapter
from app.books.book import text_hash
from app.books.samples import Question
from app.clients import SamplingSettings
from app.comparisons import BookText, Passages, Registry
from app.recordings import Keep, Recorder, RecordingStore, card_of
from app.recordings.run_file import written
from app.ui import kept_conversations
from app.ui.compare import conversation
from app.ui.link import PageLink, read_link, write_link
from app.ui.session import AppSession
from renderer import RenderConfig
from tests.comparisons.comparisons import GOOD, finished
from tests.comparisons.conftest import kept, servers, spec  # noqa: F401 - fixtures
from tests.sharing.test_sharing import recording, run  # noqa: F401 - fixtures

TEXT = "I\nLong ago.\n\nII\nLater on, the lamp was lit."
BOOK = Book(
    "A <b>book</b>",
    TEXT,
    BookFormat.EPUB,
    "embedded",
    (Chapter("I", 0, 13), Chapter("II", 13, len(TEXT))),
    text_hash(TEXT),
    999,
    ("A note.",),
)
QUESTIONS = (Question("When?", "Long ago.", (2, 11), "long ago"),)
KEY = "c0ffee"


@pytest.fixture
def store(tmp_path, monkeypatch):
    made = RecordingStore(tmp_path / "recordings")
    monkeypatch.setattr(kept_conversations, "recordings", lambda: made)
    return made


def asked(kept, servers, spec, store, keep=Keep.WHOLE, questions=("When?", "Who?")):  # noqa: F811
    """A conversation about BOOK, recorded; its ids."""
    recorder = Recorder(store, keep)
    kept.observe(recorder)
    ids = []
    for question in questions:
        for server in servers:
            server.chat(*GOOD)
        about = replace(
            spec,
            question=question,
            title=BOOK.title,
            book=BookText(TEXT, BOOK.content_hash, card_of(BOOK, QUESTIONS)),
            passages=Passages(BOOK.content_hash, TEXT, (0, 13), "d=96"),
            sampling=SamplingSettings(temperature=0.3),
            conversation=KEY,
        )
        ids.append(finished(kept, kept.start(about)).comparison_id)
    recorder.close()
    kept.observe(None)
    return ids


@pytest.fixture
def after_restart(monkeypatch):
    """A process that holds no comparison and no book."""

    def restart() -> AppSession:
        fresh = Registry()
        for module in (kept_conversations, conversation):
            monkeypatch.setattr(module, "registry", lambda: fresh)
        monkeypatch.setattr(kept_conversations, "open_kept", lambda *_: False)
        return AppSession(RenderConfig.load("configs/en.json"))

    return restart


def test_after_a_restart_book_settings_and_turns_are_there(kept, servers, spec, store, after_restart):  # noqa: F811
    ids = asked(kept, servers, spec, store)
    now = after_restart()
    assert kept_conversations.reopen(now, read_link(write_link(PageLink(talk=KEY)))) == ""
    assert now.book == BOOK
    assert now.questions == QUESTIONS
    assert (now.settings.dpi, now.sampling.temperature, now.pages_sampling) == (96, 0.3, None)
    shots = conversation.turns(now)
    assert [shot.comparison_id for shot in shots] == ids == now.turns
    assert all(shot.recorded and shot.text.answer for shot in shots)
    assert shots[0].spec.passages.page_at(14) == 2


def test_a_book_that_was_left_out_is_awaited_and_goes_on_with_its_conversation(
    kept,  # noqa: F811
    servers,  # noqa: F811
    spec,  # noqa: F811
    store,
    after_restart,
):
    ids = asked(kept, servers, spec, store, Keep.WITHOUT_BOOK)
    now = after_restart()
    assert kept_conversations.reopen(now, PageLink(talk=KEY)) == ""
    assert (now.book, len(conversation.turns(now))) == (None, 2)
    now.open_book(BOOK, "key")
    assert (now.turns, now.conversation) == (ids, KEY)
    now.open_book(replace(BOOK, text="Other", content_hash=text_hash("Other")), "key2")
    assert now.turns == []


def test_a_conversation_about_another_book_is_not_joined(kept, servers, spec, store, after_restart):  # noqa: F811
    asked(kept, servers, spec, store, questions=("When?",))
    now = after_restart()
    now.book = replace(BOOK, content_hash=text_hash("Other"))
    assert kept_conversations.reopen(now, PageLink(talk=KEY))
    assert now.turns == []


def test_a_reload_finds_what_still_runs_where_nothing_is_kept(kept, servers, spec, store, monkeypatch):  # noqa: F811
    ids = asked(kept, servers, spec, store, Keep.OFF)
    assert store.entries() == []
    monkeypatch.setattr(kept_conversations, "registry", lambda: kept)
    now = AppSession(RenderConfig.load("configs/en.json"))
    now.book = BOOK
    assert kept_conversations.reopen(now, PageLink(talk=KEY)) == ""
    assert now.turns == ids


@pytest.mark.parametrize("talk", ["../../etc", "é", "a" * 65, "%", ""])
def test_what_is_no_key_finds_nothing(store, talk, after_restart):
    assert read_link({"talk": talk}).talk == ""
    now = after_restart()
    assert kept_conversations.reopen(now, PageLink(talk=talk))


def test_a_damaged_card_costs_the_chapters_not_the_book(kept, servers, spec, store, after_restart):  # noqa: F811
    asked(kept, servers, spec, store, questions=("When?",))
    card = store.load(store.entries()[0].run_id).header.book.card
    store.blob_path(card).write_text('{"title": 5}')
    now = after_restart()
    assert kept_conversations.reopen(now, PageLink(talk=KEY)) == ""
    assert (now.book.text, now.book.content_hash, len(now.book.chapters)) == (TEXT, BOOK.content_hash, 1)


def test_turns_that_are_gone_everywhere_are_dropped(store, after_restart):
    now = after_restart()
    now.turns = ["longgone"]
    assert conversation.turns(now) == []
    assert now.turns == []


def test_a_run_that_another_app_still_writes_is_not_opened_as_broken_off(store, after_restart, recording):  # noqa: F811
    run_id = recording.header.run_id
    path = store.begin(recording.header)
    now = after_restart()
    for trouble in (kept_conversations.open_run(now, run_id), kept_conversations.reopen(now, PageLink(run=run_id))):
        assert "still being answered" in trouble
    assert (now.turns, now.run) == ([], "")
    path.write_text(written(recording), encoding="utf-8")
    store.note_end(run_id, True)
    assert kept_conversations.open_run(now, run_id) == ""
    assert all(side.answer for side in conversation.turns(now)[0].sides)
    assert "not kept here" in kept_conversations.open_run(now, "0" * 32)
