"""A comparison is written down whole as it runs; whatever fails in writing costs no answer."""

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from app.clients import AnswerDelta, Finished, Role
from app.comparisons import BookCost, Drawn, Order, Passages, Phase, Projected, Stamp
from app.paths import ROOT
from app.recordings import BadRecording, Keep, Recorder, RecordingStore, RunState, read_run
from tests.clients.scripted_server import DONE, HEADERS, delta, usage
from tests.comparisons.comparisons import GOOD, finished

SECRET = "sk-verysecret-123456"


@pytest.fixture
def run(store, recorder, kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    shot = finished(kept, kept.start(spec))
    assert recorder.flush()
    return shot


def test_a_run_is_kept_whole(run, store):
    made = store.load(run.comparison_id)
    assert not made.broken_off
    assert (made.header.question, made.header.title, made.header.conversation) == ("Who?", "Book", "c0ffee")
    assert {side.model for side in made.header.sides} == {"qwen", "glyph"}
    said = {
        role: "".join(t.step.text for t in made.steps if t.role is role and type(t.step).__name__ == "AnswerDelta")
        for role in Role
    }
    assert said[Role.TEXT] == run.text.answer
    reports = [t.step for t in made.steps if type(t.step).__name__ == "UsageReport"]
    assert [report.prompt_tokens for report in reports] == [run.text.usage.prompt_tokens] * 2
    (entry,) = store.entries()
    assert entry.ended
    assert entry.stream_bytes > 0


def test_a_question_asked_before_its_pages_were_drawn_is_kept_with_their_stamp(store, recorder, kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    stamp = Stamp(72, "Vera", 9.0, 10.0, 1, 3.7, 0.6, "key")
    drawn = Drawn(stamp, (0, 5), BookCost(900, 950, 131_072), Projected(12.0, "H100"))
    passages = Passages(spec.book.sha256, spec.book.text, (), "d=72")
    shot = finished(kept, kept.start(replace(spec, drawn=lambda: drawn, passages=passages)))
    assert (shot.spec.stamp, shot.spec.passages.page_at(6), shot.spec.pages_cost) == (stamp, 2, drawn.cost)
    assert recorder.flush()
    (entry,) = store.entries()
    header = store.load(entry.run_id).header
    assert entry.summary.stamp == header.stamp == stamp
    assert header.page_starts == (0, 5)
    assert [(side.cost, side.projected) for side in header.sides] == [(None, None), (drawn.cost, drawn.projected)]


def test_what_the_pages_cannot_tell_costs_no_answer(store, recorder, kept, servers, spec, caplog):
    for server in servers:
        server.chat(*GOOD)

    def gone():
        raise FileNotFoundError("the font")

    shot = finished(kept, kept.start(replace(spec, drawn=gone)))
    assert shot.pages.phase is Phase.DONE
    assert shot.spec.stamp is None


def test_marks_are_those_of_the_answer(run, store):
    steps = [t.step for t in store.load(run.comparison_id).steps if t.role is Role.TEXT]
    started = next(s.at for s in steps if type(s).__name__ == "RequestStarted")
    first = next(s.at for s in steps if type(s).__name__ in ("AnswerDelta", "ReasoningDelta"))
    assert 1000 * (first - started) == pytest.approx(run.text.latencies.ttft_ms, abs=0.001)


def test_the_stream_has_asciicasts_shape(run, store):
    lines = [json.loads(line) for line in store.stream_path(run.comparison_id).read_text().splitlines()]
    assert lines[0]["version"] == 3
    assert {"cols", "rows"} <= set(lines[0]["term"])
    assert all(len(line) == 3 and line[0] >= 0 and line[1] in "tp" for line in lines[1:])


def test_book_and_pages_are_stored_once(run, store, recorder, kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    finished(kept, kept.start(spec))
    assert recorder.flush()
    assert sorted(path.read_bytes() for path in (store.folder / "blobs").iterdir()) == [b"Long ago.", b"png"]
    assert store.blob(spec.book.sha256) == b"Long ago."


def test_a_private_book_leaves_neither_text_nor_pages(store, kept, servers, spec):
    recorder = Recorder(store, Keep.WITHOUT_BOOK)
    kept.observe(recorder)
    for server in servers:
        server.chat(*GOOD)
    shot = finished(kept, kept.start(spec))
    assert recorder.flush()
    assert list((store.folder / "blobs").iterdir()) == []
    assert b"Long ago." not in store.stream_path(shot.comparison_id).read_bytes()
    assert store.load(shot.comparison_id).header.book.kept is False


def test_no_key_is_ever_written_not_even_when_a_server_says_it_back(monkeypatch, store, recorder, kept, servers, spec):
    monkeypatch.setenv("GLYPH_TEST_KEY", SECRET)
    for server in servers:
        server.chat(HEADERS, delta(content=f"Your key is {SECRET}."), delta(finish="stop"), usage(), DONE)
    with_login = spec.text_endpoint.base_url.replace("http://", "http://anna:hunter2secret@")
    keyed = replace(
        spec,
        text_endpoint=replace(spec.text_endpoint, api_key_env="GLYPH_TEST_KEY"),
        pages_endpoint=replace(spec.pages_endpoint, api_key_env="GLYPH_TEST_KEY"),
        extra_headers=(("X-Extra", "Bearer other-secret-value"),),
    )
    shot = finished(kept, kept.start(keyed))
    recorder.began(
        "loggedin", replace(keyed, text_endpoint=replace(keyed.text_endpoint, base_url=with_login)), Order.TOGETHER, 0.0
    )
    assert recorder.flush()
    assert len(store.load(shot.comparison_id).steps) > 4
    written = b"".join(path.read_bytes() for path in store.folder.rglob("*") if path.is_file())
    assert b"Your key is [key]." in written
    for secret in (SECRET, "hunter2secret", "other-secret-value"):
        assert secret.encode() not in written


def test_only_the_owner_can_look_in(run, store):
    assert store.folder.stat().st_mode & 0o077 == 0
    assert store.stream_path(run.comparison_id).stat().st_mode & 0o077 == 0


def test_a_disk_that_fails_is_told_once_and_the_answers_go_on(
    monkeypatch, caplog, store, recorder, kept, servers, spec
):
    def full(*_):
        raise OSError(28, "No space left on device")

    def ask():
        for server in servers:
            server.chat(*GOOD)
        assert finished(kept, kept.start(spec)).text.phase is Phase.DONE
        assert recorder.flush()

    with monkeypatch.context() as patch:
        patch.setattr(store, "begin", full)
        ask()
        ask()
    assert "is full" in recorder.trouble
    assert sum("could not be recorded" in line for line in caplog.messages) == 1
    ask()
    assert (recorder.trouble, len(store.entries())) == ("", 1)  # there is room again, and nothing is wrong any more


def test_a_run_whose_disk_fails_in_mid_answer_is_broken_off_and_not_running_for_ever(
    store, recorder, spec, monkeypatch
):
    recorder.began("half", spec, Order.TOGETHER, 0.0)
    assert recorder.flush()
    assert store.entries()[0].state is RunState.RUNNING

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("app.recordings.recorder.os.open", full)
        recorder.stepped("half", Role.TEXT, 1, Finished("stop", 1.0))
        assert recorder.flush()
    assert store.entries()[0].state is RunState.BROKEN_OFF
    assert "is full" in recorder.trouble


def test_an_answer_without_an_end_is_broken_off_where_a_recording_ends(store, recorder, spec, monkeypatch):
    monkeypatch.setattr("app.recordings.recorder.MAX_FILE_BYTES", 100)
    recorder.began("long", spec, Order.TOGETHER, 0.0)
    for at in range(3):
        recorder.stepped("long", Role.TEXT, 1, AnswerDelta("word " * 20, float(at)))
    assert recorder.flush()
    assert store.entries()[0].state is RunState.BROKEN_OFF
    assert len(store.load("long").steps) == 1
    assert "longer than a recording may be" in recorder.trouble


def test_a_run_that_is_removed_while_it_is_answered_comes_back_by_no_half(store, recorder, spec):
    recorder.began("gone", spec, Order.TOGETHER, 0.0)
    assert recorder.flush()
    store.remove(("gone",))
    recorder.stepped("gone", Role.TEXT, 1, Finished("stop", 1.0))
    assert recorder.flush()
    assert (recorder.trouble, list((store.folder / "streams").iterdir())) == ("", [])


def test_an_observer_that_raises_costs_no_answer(kept, servers, spec):
    class Broken:
        def began(self, *_):
            raise RuntimeError("began")

        def stepped(self, *_):
            raise RuntimeError("stepped")

    kept.observe(Broken())
    for server in servers:
        server.chat(*GOOD)
    assert finished(kept, kept.start(spec)).pages.phase is Phase.DONE


def test_number_and_bytes_are_bounded_and_what_goes_is_told_first(run, store):
    head = store.load(run.comparison_id).header
    for number in range(4):
        store.begin(replace(head, run_id=f"more{number}", began_at=head.began_at + 1 + number))
    small = RecordingStore(store.folder, max_runs=3)
    plan = small.tidying()
    assert [entry.run_id for entry in plan.runs] == [run.comparison_id, "more0"]
    assert "2 oldest" in plan.sentence
    small.remove(tuple(entry.run_id for entry in plan.runs))
    assert [entry.run_id for entry in store.entries()] == ["more3", "more2", "more1"]
    assert not store.stream_path("more0").exists()
    assert list((store.folder / "blobs").iterdir()) == []
    assert [e.run_id for e in RecordingStore(store.folder, max_bytes=-1).tidying().runs] == ["more1", "more2"]


def test_four_writers_at_once_lose_nothing(run, store):
    head = store.load(run.comparison_id).header

    def write(who):
        for number in range(5):
            RecordingStore(store.folder).begin(replace(head, run_id=f"w{who}n{number}"))

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.entries()) == 21


KILLED = """
import os, signal, sys
from pathlib import Path
from app.clients import AnswerDelta, Endpoint, RequestStarted, Role
from app.comparisons import ComparisonSpec, Order
from app.recordings import Recorder, RecordingStore
recorder = Recorder(RecordingStore(Path(sys.argv[1])))
ends = [Endpoint(role, role, "http://127.0.0.1:9", role) for role in Role]
recorder.began("killed", ComparisonSpec("Book", "Long ago.", "Who?", lambda *_: (), *ends), Order.TOGETHER, 100.0)
recorder.stepped("killed", Role.TEXT, 1, RequestStarted(100.5))
for number in range(50):
    recorder.stepped("killed", Role.TEXT, 1, AnswerDelta(f"word{number} ", 101.0 + number))
recorder.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_came_before_a_kill_is_there_and_marked_as_broken_off(store):
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(store.folder)], cwd=ROOT, env=dict(os.environ), timeout=60
    )
    assert ended.returncode == -signal.SIGKILL
    made = store.load("killed")
    assert made.broken_off
    assert made.steps[-1].step.text == "word49 "
    assert store.entries()[0].ended is False
    with store.stream_path("killed").open("ab") as stream:
        stream.write(b'[0.1, "t", {"step": "Answ')  # killed in the middle of a line
    assert len(store.load("killed").steps) == len(made.steps)
    assert store.load("killed").note


class TestHostileFiles:
    @pytest.fixture
    def lines(self, run, store):
        return store.stream_path(run.comparison_id).read_bytes().splitlines(keepends=True)

    @pytest.mark.parametrize(
        "line",
        [
            b"not json\n",
            b"[" * 100_000 + b"\n",
            b'[0, "x", {"step": "Finished", "attempt": 1, "reason": "stop", "at": 1}]\n',
            b'[0, "t", {"step": "__class__", "attempt": 1, "at": 1}]\n',
            b'[0, "t", {"step": "AnswerDelta", "attempt": 1, "text": 7, "at": 1}]\n',
            b'[0, "t", {"step": "AnswerDelta", "attempt": 1, "text": "a", "at": NaN}]\n',
            b'[0, "t", {"step": "AnswerDelta", "attempt": 1, "text": "a", "at": 1e300}]\n',
            b'[0, "t", {"step": "AnswerDelta", "attempt": 1, "at": 1}]\n',
            b'[0, ["t"], 5]\n',
            b'[0, "t", {"step": "AnswerDelta", "attempt": true, "text": "a", "at": 1}]\n',
        ],
    )
    def test_a_line_that_cannot_be_is_refused(self, lines, line):
        with pytest.raises(BadRecording):
            read_run(b"".join([*lines, line]))

    @pytest.mark.parametrize("run_id", ["../../etc/passwd", "a/b", "", "x" * 65])
    def test_an_id_that_leads_elsewhere_is_refused(self, lines, run_id, store):
        head = json.loads(lines[0])
        head["glyph"]["run_id"] = run_id
        with pytest.raises(BadRecording):
            read_run(json.dumps(head).encode() + b"\n")
        with pytest.raises(BadRecording):
            store.stream_path(run_id) if run_id else read_run(b"\n")

    def test_a_page_has_no_path(self, lines):
        page = {"path": "/etc/passwd", "sha256": "a", "width_px": 1, "height_px": 1}
        line = json.dumps([0, "p", {"step": "PagesTaken", "attempt": 1, "pages": [page], "at": 1}]).encode() + b"\n"
        step = read_run(b"".join([*lines, line])).steps[-1].step
        assert str(step.pages[0].path) == "passwd"
