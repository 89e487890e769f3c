"""What a person does with kept runs: star, name, delete and undo, vote, take in from a file, tidy up."""

import json
import multiprocessing
import re
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from app.clients import AnswerDelta, Endpoint, Finished, RequestStarted, Role
from app.comparisons import ComparisonSpec, Order, Phase
from app.recordings import BadRecording, Recorder, RecordingError, RecordingStore, RunState, Vote, Wish, read_run
from app.recordings.index import entry_of
from app.ui.history import answers
from app.ui.history.filters import BROKEN, MEASURED, RIGHT, SIMULATED, STARRED, Filters, shown
from app.ui.history.list_files import list_files
from app.ui.history.run_words import AXES, points, side_words
from tests.comparisons.comparisons import GOOD, finished


@pytest.fixture
def run(store, recorder, kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    shot = finished(kept, kept.start(spec))
    assert recorder.flush()
    return shot


def more(store, run, number):
    """Runs that follow, each a second later."""
    head = store.load(run.comparison_id).header
    for at in range(number):
        store.begin(replace(head, run_id=f"more{at}", began_at=head.began_at + 1 + at, question=f"Question {at}?"))


def test_a_run_s_figures_stand_in_the_index(run, store):
    (entry,) = store.entries()
    text = entry.summary.side(Role.TEXT)
    assert text.ttft_ms == pytest.approx(run.text.latencies.ttft_ms, abs=0.001)
    assert (text.model, text.phase, entry.state) == ("qwen", Phase.DONE, RunState.ENDED)
    assert entry.summary.speedup == pytest.approx(run.speedup.ratio, rel=1e-4)


def test_star_name_and_vote_last(run, store):
    store.star(run.comparison_id, True)
    store.rename(run.comparison_id, "  Talk, take 2  ")
    store.vote(run.comparison_id, Vote.PAGES)
    entry = RecordingStore(store.folder).entries("take 2")[0]
    assert (entry.starred, entry.shown_name, entry.vote) == (True, "Talk, take 2", Vote.PAGES)


@pytest.mark.parametrize(
    ("search", "found"), [("", 2), ("%", 0), ("_", 0), ("question 0", 1), ("QWEN", 2), ("'; --", 0)]
)
def test_a_search_means_its_characters(run, store, search, found):
    more(store, run, 1)
    assert len(store.entries(search)) == found


def test_what_is_deleted_can_be_put_back_until_it_goes_for_good(run, store):
    store.set_aside((run.comparison_id,))
    assert store.entries() == []
    assert store.entry(run.comparison_id) is None
    assert store.put_back((run.comparison_id,)) == 1
    assert store.load(run.comparison_id).header.question == "Who?"
    store.set_aside((run.comparison_id,))
    store.remove_set_aside(longer_than_s=3600)
    assert store.stream_path(run.comparison_id).is_file()
    store.remove_set_aside()
    assert not store.stream_path(run.comparison_id).is_file()
    assert list((store.folder / "blobs").iterdir()) == []
    assert store.put_back((run.comparison_id,)) == 0


def test_a_tidy_up_names_what_is_older_and_spares_the_starred(run, store):
    more(store, run, 3)
    store.star("more0", True)
    newest = store.entries()[0].began_at
    plan = store.tidying(Wish(500, 10**9, newest))
    assert [entry.run_id for entry in plan.runs] == [run.comparison_id, "more1"]
    assert len(store.entries()) == 4  # nothing has gone yet


def test_more_stars_than_room_are_told(store, kept, run):
    store.star(run.comparison_id, True)
    small = RecordingStore(store.folder, max_runs=1)
    more(small, run, 1)
    assert small.tidying().enough is False
    recorder = Recorder(small)
    recorder.began(
        "third",
        ComparisonSpec("B", "", "Who?", lambda *_: (), Endpoint(Role.TEXT, "t", "http://h", "m"), None),
        Order.TOGETHER,
        0.0,
    )
    assert recorder.flush()
    recorder.close()
    assert "stars" in recorder.trouble


class TestTakingIn:
    @pytest.fixture
    def elsewhere(self, tmp_path):
        return RecordingStore(tmp_path / "elsewhere")

    def test_a_file_is_here_with_all_its_figures_and_says_where_it_came_from(self, run, store, elsewhere):
        taken = elsewhere.take_in(read_run(store.stream(run.comparison_id)))
        (entry,) = elsewhere.entries()
        assert (entry.imported, entry.ended, entry.run_id) == (True, True, taken)
        assert elsewhere.load(taken).steps == store.load(run.comparison_id).steps
        assert elsewhere.load(taken).header.book.kept is False

    def test_the_same_file_twice_is_one_run(self, run, store, elsewhere):
        recording = read_run(store.stream(run.comparison_id))
        assert elsewhere.take_in(recording) == elsewhere.take_in(recording)
        assert len(elsewhere.entries()) == 1

    def test_a_file_cannot_take_the_place_of_a_run_nor_enter_a_conversation(self, run, store):
        recording = store.load(run.comparison_id)
        before = store.stream(run.comparison_id)
        forged = replace(recording, header=replace(recording.header, question="Forged?"))
        taken = store.take_in(forged)
        assert taken != run.comparison_id
        assert store.stream(run.comparison_id) == before
        assert [entry.run_id for entry in store.entries(conversation="c0ffee")] == [run.comparison_id]

    def test_a_file_that_was_broken_off_stays_so(self, run, store, elsewhere):
        lines = store.stream(run.comparison_id).splitlines(keepends=True)
        elsewhere.take_in(read_run(b"".join(lines[: len(lines) // 2])))
        assert elsewhere.entries()[0].state is RunState.BROKEN_OFF

    def test_pages_that_run_backwards_are_refused(self, run, store):
        head, *rest = store.stream(run.comparison_id).splitlines(keepends=True)
        told = json.loads(head)
        told["glyph"]["page_starts"] = [0, 50, 20]
        with pytest.raises(BadRecording, match="one after the other"):
            read_run(b"".join([json.dumps(told).encode() + b"\n", *rest]))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SQLITE_FULL", "is full. Make room there"),
        ("SQLITE_READONLY_DIRECTORY", "Give this user the right to write there"),
        ("SQLITE_BUSY", "Another program holds the index"),
        ("SQLITE_CORRUPT", "it makes a new one from the runs' files"),
        ("SQLITE_IOERR", "cannot be used: something"),
    ],
)
def test_what_is_wrong_with_the_index_is_told_with_what_to_do(store, run, monkeypatch, name, told):
    def fails(*_args, **_kwargs):
        error = sqlite3.OperationalError("something")
        error.sqlite_errorname = name
        raise error

    monkeypatch.setattr("app.recordings.store.prepare", fails)
    with pytest.raises(RecordingError, match=re.escape(told)):
        store.star(run.comparison_id, True)


def test_an_index_of_an_older_version_gets_what_it_lacks(tmp_path, run, store):
    old = tmp_path / "old"
    old.mkdir()
    with sqlite3.connect(old / "index.sqlite") as index:
        index.execute(
            "CREATE TABLE runs (run_id TEXT PRIMARY KEY, conversation TEXT NOT NULL, began_at REAL NOT NULL, title TEXT NOT NULL, "
            "question TEXT NOT NULL, models TEXT NOT NULL, simulated INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0, "
            "starred INTEGER NOT NULL DEFAULT 0, stream_bytes INTEGER NOT NULL DEFAULT 0)"
        )
        index.execute("INSERT INTO runs VALUES ('old', '', 1.0, 'T', 'Q', 'm', 0, 1, 1, 5)")
    index.close()
    (entry,) = RecordingStore(old).entries()
    assert (entry.run_id, entry.starred, entry.name, entry.summary) == ("old", True, "", None)


def test_columns_are_known_by_their_names_in_whatever_order_they_stand(run, store):
    store.rename(run.comparison_id, "A name")
    store.star(run.comparison_id, True)
    before = store.entries()
    index = sqlite3.connect(store.index_path)
    for table in ("runs", "kept_blobs"):
        names = [row[1] for row in index.execute(f"PRAGMA table_info({table})")]
        index.execute(f"ALTER TABLE {table} RENAME TO was")
        index.execute(f"CREATE TABLE {table} AS SELECT {', '.join(reversed(names))} FROM was")
        index.execute("DROP TABLE was")
    index.row_factory = sqlite3.Row
    turned = index.execute("SELECT * FROM runs").fetchone()
    assert turned.keys()[0] != "run_id"
    assert [entry_of(turned)] == store.entries() == before
    index.close()
    sha256 = store.keep_blob(run.comparison_id, b"page")
    store.make_room()
    store.remove(("another",))
    assert store.blob(sha256) == b"page"


class TestFilters:
    def test_each_mark_means_what_it_says(self, run, store):
        more(store, run, 1)
        store.star("more0", True)
        entries = store.entries()
        names = {
            mark: [e.run_id for e in shown(entries, Filters(marks=(mark,)))] for mark in (STARRED, SIMULATED, BROKEN)
        }
        assert names == {STARRED: ["more0"], SIMULATED: [], BROKEN: ["more0"]}
        assert len(shown(entries, Filters(marks=(MEASURED,)))) == 2
        assert shown(entries, Filters(marks=(RIGHT,))) == []
        assert shown(entries, Filters(books=("Other",))) == []
        assert len(shown(entries, Filters(models=("qwen",)))) >= 1

    def test_points_lack_what_the_run_does_not_tell(self, run, store):
        more(store, run, 1)
        assert len(points(store.entries(), "Day")) == 1  # the other has no figures yet
        assert points(store.entries(), "DPI") == []
        assert set(AXES) >= {"Day", "DPI", "Font"}
        assert side_words(store.entries()[0], Role.TEXT) == "–"

    def test_a_side_that_ended_early_says_so_beside_its_first_token(self, run, store):
        entry = store.entries()[0]
        for phase, end in ((Phase.STOPPED, " (stopped)"), (Phase.FAILED, " (failed)"), (Phase.DONE, "")):
            sides = tuple(replace(side, phase=phase, ttft_ms=1500.0, verdict=None) for side in entry.summary.sides)
            ended = replace(entry, summary=replace(entry.summary, sides=sides))
            assert side_words(ended, Role.TEXT) == "1.50\u00a0s" + end
            # Whole words in a narrow column: what holds them together would break them in the middle.
            silent = replace(
                ended, summary=replace(ended.summary, sides=tuple(replace(s, ttft_ms=None) for s in sides))
            )
            assert side_words(silent, Role.TEXT) == "no first token" + end


class TestWhatTheListHandsOut:
    def test_a_row_a_run_with_what_the_index_knows_and_no_recording_is_opened(self, run, store, monkeypatch):
        store.rename(run.comparison_id, "=HYPERLINK(1)")
        entries = store.entries()
        monkeypatch.setattr(RecordingStore, "load", lambda *_: pytest.fail("a recording was opened"))
        as_csv, as_json = (file.make() for file in list_files(entries))
        [row] = json.loads(as_json)
        assert (row["run"], row["question"], row["times_are"]) == (run.comparison_id, "Who?", "measured")
        assert row["text_ttft_ms"] == entries[0].summary.side(Role.TEXT).ttft_ms
        assert b"'=HYPERLINK(1)" in as_csv  # no formula for a spreadsheet
        assert list_files([]) == ()

    def test_a_run_whose_file_is_gone_or_damaged_is_known_before_files_are_made_of_it(self, run, store, monkeypatch):
        monkeypatch.setattr(answers, "recordings", lambda: store)
        entry = store.entry(run.comparison_id)
        assert answers.can_be_read(entry)
        store.stream_path(run.comparison_id).write_bytes(b"{}\n")
        assert not answers.can_be_read(replace(entry, stream_bytes=3))
        store.stream_path(run.comparison_id).unlink()
        assert not answers.can_be_read(entry)


def _session(folder: str, who: int) -> None:
    """One process that records three comparisons at once, interleaved."""
    recorder = Recorder(RecordingStore(Path(folder)))
    ends = [Endpoint(role, role, "http://127.0.0.1:9", role) for role in Role]
    ids = [f"s{who}n{number}" for number in range(3)]
    for run_id in ids:
        recorder.began(run_id, ComparisonSpec("Book", "", f"{run_id}?", lambda *_: (), *ends), Order.TOGETHER, 0.0)
    for at in range(40):
        for run_id in ids:
            for role in Role:
                step = RequestStarted(0.1) if at == 0 else AnswerDelta(f"{run_id}-{at} ", 1.0 + at)
                recorder.stepped(run_id, role, 1, step)
    for run_id in ids:
        for role in Role:
            recorder.stepped(run_id, role, 1, Finished("stop", 50.0))
    recorder.close(30)


def test_four_sessions_that_write_at_once_lose_nothing_and_mix_nothing(store):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_session, args=(str(store.folder), who)) for who in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
        assert writer.exitcode == 0
    entries = store.entries()
    assert sorted(entry.run_id for entry in entries) == sorted(
        f"s{who}n{number}" for who in range(4) for number in range(3)
    )
    assert all(entry.ended for entry in entries)
    for entry in entries:
        words = [one.step.text for one in store.load(entry.run_id).steps if isinstance(one.step, AnswerDelta)]
        assert len(words) == 2 * 39
        assert all(word.startswith(f"{entry.run_id}-") for word in words)


def test_a_clock_that_is_set_takes_no_run_for_broken_off(run, store, monkeypatch):
    more(store, run, 1)
    began = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: began(process) + 1)
    assert {entry.run_id: entry.state for entry in store.entries()}["more0"] is RunState.RUNNING


def test_a_run_whose_writer_is_gone_gets_the_figures_it_has(run, store):
    path = store.stream_path(run.comparison_id)
    lines = path.read_text().splitlines(keepends=True)
    with store._connection() as index:
        index.execute("UPDATE runs SET ended = 0, summary = '', writer = '1 0.00'")
    path.write_text("".join(lines[:-4]))
    assert store.entries()[0].state is RunState.BROKEN_OFF
    store.summarise_broken_off()
    assert store.entries()[0].summary.side(Role.TEXT).ttft_ms
    assert time.time() > store.entries()[0].began_at
