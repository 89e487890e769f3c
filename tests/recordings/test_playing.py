"""A recording played again: the figures it had, the timing it had, and marked as what it is."""

import threading
import time
from dataclasses import replace

import pytest

from app.clients import AnswerDelta, Role
from app.comparisons import Phase
from app.recordings import played
from app.recordings.run_file import moved
from app.web.comparison_json import turn_view
from tests.clients.scripted_server import DONE, HEADERS, Pause, delta, usage
from tests.comparisons.comparisons import finished


@pytest.fixture
def run(store, recorder, kept, servers, spec):
    for server in servers:
        server.chat(
            HEADERS,
            Pause(0.1),
            *[s for n in range(12) for s in (delta(content=f"w{n} "), Pause(0.03))],
            delta(finish="stop"),
            usage(),
            DONE,
        )
    shot = finished(kept, kept.start(spec))
    assert recorder.flush()
    return shot


def test_the_end_is_the_answer_as_it_was(run, store):
    shot = played(store.load(run.comparison_id)).snapshot()
    assert shot.text.answer == run.text.answer
    assert shot.text.latencies.ttft_ms == pytest.approx(run.text.latencies.ttft_ms, abs=0.001)
    assert shot.speedup.ratio == pytest.approx(run.speedup.ratio, rel=1e-4)
    assert not shot.running


def test_it_says_that_it_is_a_recording(run, store):
    shot = played(store.load(run.comparison_id)).snapshot()
    side = turn_view(shot, None)["sides"]["pages"]
    assert "recording of 20" in side["kind"]
    assert "glyph" in shot.recorded.sentence


def test_any_speed_gives_the_recorded_figures_and_a_pause_stands(run, store):
    one = played(store.load(run.comparison_id))
    one.play(0.0, min(at for _, at in one.snapshot().recorded.first_tokens_s) - 0.001)
    assert one.snapshot().text.answer == ""
    assert one.snapshot().running
    one.play(50.0)
    version = one.snapshot().version
    while one.snapshot().running:
        version = one.wait_changed(version, 20)
    assert one.snapshot().text.phase is Phase.DONE
    assert one.snapshot().text.latencies == played(store.load(run.comparison_id)).snapshot().text.latencies


def test_each_player_moves_only_itself_and_tells_where_the_first_tokens_lie(run, store):
    one = played(store.load(run.comparison_id))
    other = one.again()
    other.play(0.0, 0.0)
    assert one.snapshot().text.answer == run.text.answer
    assert other.snapshot().text.answer == ""
    told = other.snapshot().recorded
    assert {role for role, _ in told.first_tokens_s} == set(Role)
    assert all(0 < at < told.length_s for _, at in told.first_tokens_s)
    assert told.speed == 0


def test_a_retried_side_is_told_by_its_last_try(run, store):
    made = store.load(run.comparison_id)
    again = [
        replace(one, attempt=2, step=moved(one.step, made.steps[-1].step.at))
        for one in made.steps
        if one.role is Role.TEXT
    ]
    twice = played(replace(made, steps=(*made.steps, *again)))
    firsts = dict(twice.snapshot().recorded.first_tokens_s)
    assert firsts[Role.TEXT] > made.steps[-1].step.at > firsts[Role.PAGES]


def test_a_side_without_an_end_was_broken_off(run, store):
    path = store.stream_path(run.comparison_id)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[: len(lines) // 2]))
    made = store.load(run.comparison_id)
    assert made.broken_off
    assert played(made).snapshot().text.error.kind == "BrokenOff"


@pytest.mark.timed
def test_words_come_within_30_ms_of_their_recorded_marks(run, store):
    one = played(store.load(run.comparison_id))
    marks = [s.step.at for s in one._steps if isinstance(s.step, AnswerDelta) and s.role == "text"]
    seen, over = [], threading.Event()

    def look():
        attempt = one.snapshot().text
        while len(seen) < attempt.answer.count(" "):
            seen.append(time.perf_counter() - began)
        if attempt.phase.is_over:
            over.set()

    began = time.perf_counter()
    one.play(0.0, 0.0)
    one.subscribe(look)
    began = time.perf_counter()
    one.play(1.0)
    assert over.wait(30)
    late = sorted(abs(came - mark) for came, mark in zip(seen, marks, strict=True))
    assert late[int(0.95 * len(late)) - 1] < 0.030
