"""History through the whole screen: what it says where nothing is kept, where nothing fits, and of runs that are gone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.paths import ROOT
from app.recordings import Keep, KeepChoice, RecordingStore, mend_index, shared
from app.recordings.keeping import VARIABLE
from app.recordings.run_file import written
from app.ui.history import run_list, taking_in, tidy_up
from tests.sharing.test_sharing import recording  # noqa: F401 - a fixture
from tests.ui.asking import button


@pytest.fixture
def store(tmp_path, monkeypatch):
    made = RecordingStore(tmp_path / "recordings")
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(shared, "_shared", made)
    monkeypatch.setattr(shared, "_choice", KeepChoice(tmp_path / "keep"))
    return made


@pytest.fixture
def two(store, recording):  # noqa: F811
    """Two runs of two books, the newest first."""
    ids = []
    for number, title in enumerate(("The lamp", "The wreck")):
        told = {"run_id": f"run{number}", "title": title, "question": f"What of {title}?"}
        header = replace(recording.header, began_at=recording.header.began_at + number, **told)
        ids.append(store.take_in(replace(recording, header=header)))
    return ids[::-1]


def history() -> AppTest:
    """The screen by itself, in a tab of its own."""
    return AppTest.from_file(str(ROOT / "pages" / "history.py"), default_timeout=90).run()


def words(app: AppTest) -> str:
    shown = [one.value for kind in (app.markdown, app.info, app.warning, app.error, app.caption) for one in kind]
    return " ".join(shown).replace("\\", "").replace("\u2060", "").replace("**", "")


def names(app: AppTest) -> list[str]:
    return [one.label.replace("\\", "") for one in app.button]


def said(app: AppTest) -> list[str]:
    return [one.text for one in app.session_state["glyph"].messages.kept]


def test_where_keeping_is_switched_off_it_says_so_and_where_to_switch_it_on(store):
    shared.keep_choice().choose(Keep.OFF)
    told = words(history())
    assert "Keeping is switched off" in told
    assert "Switch “Keep runs” on under “What is kept” here" in told
    assert "Nothing is kept yet" not in told
    shared.keep_choice().choose(Keep.WITHOUT_BOOK)
    assert "Nothing is kept yet" in words(history())


def test_where_the_environment_switched_it_off_it_names_the_variable(two, monkeypatch):
    monkeypatch.setenv(VARIABLE, "off")
    told = words(history())
    assert "Keeping is switched off by GLYPH_RECORDINGS=off in this app's environment" in told
    assert "2 of 2 runs" in told  # what was kept before is there


def test_an_app_that_replays_a_file_says_that_it_keeps_nothing(store, monkeypatch):
    monkeypatch.setenv(shared.REPLAY_VARIABLE, "/somewhere/run.ndjson")
    assert "Nothing new is kept here: this app was started to replay" in words(history())


def test_a_search_that_finds_nothing_is_cleared_by_one_press(two):
    app = history()
    app.text_input(key="history-search").set_value("100 % 'lamp'").run()
    assert "None of the 2 runs is like that." in words(app)
    assert "Recorded figures" not in words(app)  # nor a chart of nothing
    button(app, "Clear the search and the filters").click().run()
    assert "2 of 2 runs" in words(app)


def test_a_book_that_is_filtered_for_and_whose_last_run_goes_costs_no_screen(two):
    app = history()
    app.multiselect(key="history-books").set_value(["The wreck"]).run()
    app.button(key=f"delete-{two[0]}").click().run()
    assert not app.exception
    assert not app.error
    assert "of 1 runs" in words(app)


def test_a_run_whose_file_is_gone_says_so_in_its_row_and_is_compared_with_nothing(two, store):
    store.stream_path(two[0]).unlink()
    app = history()
    assert "its file is gone" in words(app)
    assert "can be neither shown nor exported" in words(app)
    for run_id in two:
        app.checkbox(key=f"pick-{run_id}").check().run()
    assert "Nothing to compare: “What of The wreck?” cannot be read any more" in words(app)
    assert "alike" not in words(app)


@pytest.mark.parametrize(("over", "draws_again"), [(False, 0), (True, 1)])
def test_a_run_that_is_still_running_is_drawn_again_once_it_is_over(store, recording, monkeypatch, over, draws_again):  # noqa: F811
    path = store.begin(recording.header)
    told = words(history())
    assert "still running" in told
    assert "its files can be taken when it is over" in told
    drawn = []
    monkeypatch.setattr(run_list, "draw_again", lambda: drawn.append(1))
    if over:
        path.write_text(written(recording))
        store.note_end(recording.header.run_id, True)
    run_list._wait_for_ends.__wrapped__((recording.header.run_id,))
    assert len(drawn) == draws_again


def test_what_was_deleted_is_put_back_from_another_tab(two, store):
    app, other = history(), history()
    app.button(key=f"delete-{two[0]}").click().run()
    app.button(key=f"delete-{two[1]}").click().run()
    assert "No run is left here" in words(app)
    other.run()
    assert "Put back: What of The wreck?" in names(other)
    other.button(key="back-all").click().run()
    assert "2 of 2 runs" in words(other)
    app.button(key="undo-delete").click().run()  # back already
    assert [one.run_id for one in store.entries()] == two
    assert not app.error


def test_two_tabs_that_delete_and_star_one_run_lose_nothing_and_say_what_happened(two, store):
    app, other = history(), history()
    app.button(key=f"delete-{two[0]}").click().run()
    other.button(key=f"star-{two[0]}").click().run()
    assert any("This run was deleted meanwhile" in one for one in said(other))
    store.remove_set_aside()
    app.button(key="undo-delete").click().run()
    assert any("gone for good" in one for one in said(app))
    assert [one.run_id for one in store.entries()] == two[1:]


@pytest.mark.parametrize(
    ("name", "shown"), [("", "What of The wreck?"), ("   ", "What of The wreck?"), ("x" * 10_000, "x" * 200)]
)
def test_a_name_is_taken_away_by_nothing_and_has_an_end(two, store, name, shown):
    store.rename(two[0], "before")
    store.rename(two[0], name)
    assert store.entry(two[0]).shown_name == shown


def test_a_tidy_up_says_what_goes_with_it_and_spares_what_got_a_star_meanwhile(two, store, recording, monkeypatch):  # noqa: F811
    now = recording.header.began_at + 40 * 24 * 3600
    monkeypatch.setattr(tidy_up.time, "time", lambda: now)
    for number in range(3):
        header = replace(recording.header, run_id=f"old{number}", began_at=recording.header.began_at - 1 - number)
        store.take_in(replace(recording, header=header))
    store.set_aside(("old0",))
    app = history()
    app.session_state["tidy-older"] = "30 days"
    app.run()
    assert "could still be put back goes with them: 1" in words(app)
    assert "Remove these 3 for good" in names(app)
    store.star("old1", True)
    app.button(key="tidy-now").click().run()
    assert any("Removed 2 runs" in one for one in said(app))
    assert [one.run_id for one in store.entries()] == [two[0], "old1"]
    assert store.deleted() == []


def test_a_variable_that_means_nothing_is_told_with_what_it_may_be(two, monkeypatch):
    monkeypatch.setenv(VARIABLE, "yes")
    assert "is “yes”, which is none of whole, without-book, off" in words(history())


def test_two_runs_of_one_question_in_one_minute_have_names_that_tell_them_apart(store, recording):  # noqa: F811
    for number in range(2):
        header = replace(recording.header, run_id=f"same{number}", began_at=recording.header.began_at + number)
        store.take_in(replace(recording, header=header))
    told = run_list._names(store.entries())
    assert len(set(told.values())) == len(told) == 8


def test_a_file_that_cannot_be_kept_says_why_and_the_list_stays(two, monkeypatch, recording):  # noqa: F811
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RecordingStore, "take_in", full)
    assert "is full. Make room there" in taking_in._take(written(recording).encode())
    assert "Choose a file that “Export as a file” gave" in taking_in._take(b"%PDF-1.7\n\xff\n")


def test_a_damaged_index_is_told_in_words_and_made_anew_from_the_runs_at_the_next_start(two, store):
    store.index_path.write_bytes(b"this is no database " * 1000)
    for left in store.folder.glob("index.sqlite-*"):
        left.unlink()
    assert "is damaged. End the app and start it again" in history().exception[0].message  # the page's guard tells it
    assert mend_index(store) == 2
    assert "2 of 2 runs" in words(history())
    assert all(entry.imported and entry.ended for entry in store.entries())
    assert list(store.folder.glob("damaged-*-index.sqlite"))
    assert mend_index(store) is None
