"""Two real servers, two threads: what one side does is never felt by the other."""

import threading
import time
from dataclasses import replace

import pytest

from app.clients import Role, SamplingSettings, Turn
from app.comparisons import Options, Phase, StillRunning
from app.measurement import CacheState, Provenance
from renderer import RenderError
from tests.clients.scripted_server import (
    DONE,
    HEADERS,
    KEEP_ALIVE,
    Pause,
    Reset,
    ScriptedServer,
    WaitFor,
    delta,
    error_answer,
)
from tests.comparisons.comparisons import GOOD, finished, side_threads, wait_until

# --- the good case --------------------------------------------------------------------------------------------------


def test_both_sides_answer_with_marks_and_figures(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    shot = finished(kept, kept.start(spec))
    for side in shot.sides:
        assert side.phase is Phase.DONE
        assert side.phase.label == "Done"
        assert side.reasoning == "hm"
        assert side.answer == "She did."
        assert side.prompt_tokens == 100
        assert side.cache is CacheState.COLD
        assert side.latencies.ttft_ms > 0
        assert side.latencies.decode_tokens_per_second > 0
        assert side.provenance is Provenance.MEASURED
    assert shot.speedup is not None
    assert shot.pages.pages_total == 1


def test_sides_are_asked_at_the_same_time(kept, servers, spec):
    meet = threading.Barrier(2, timeout=5)

    class Met:
        def wait(self, timeout):
            meet.wait()
            return True

    for server in servers:
        server.chat(WaitFor(Met()), *GOOD)
    assert {side.phase for side in finished(kept, kept.start(spec)).sides} == {Phase.DONE}


def test_phases_are_named_as_they_come(kept, servers, spec):
    text, pages = servers
    text.chat(*GOOD)
    gates = [threading.Event() for _ in range(4)]
    rendering, reading, reasoning, answering = gates
    pages.chat(
        WaitFor(reading),
        HEADERS,
        KEEP_ALIVE,
        delta(reasoning="hm"),
        WaitFor(reasoning),
        delta(content="<answer>"),
        delta(content="She"),
        WaitFor(answering),
        delta(finish="stop"),
        DONE,
    )

    def render(cancelled, on_progress):
        on_progress(3, 10)
        rendering.wait(5)
        return spec.pages(cancelled, on_progress)

    comparison_id = kept.start(replace(spec, pages=render))
    shot = wait_until(kept, comparison_id, lambda shot: shot.pages.pages_done == 3)
    assert (shot.pages.phase, shot.pages.pages_total) == (Phase.RENDERING, 10)
    for phase, gate in zip(
        (Phase.RENDERING, Phase.READING, Phase.REASONING, Phase.ANSWERING, Phase.DONE), [*gates, None], strict=True
    ):
        shot = wait_until(kept, comparison_id, lambda shot, phase=phase: shot.pages.phase is phase)
        assert shot.pages.phase_since <= shot.now
        if gate is not None:
            gate.set()
    assert shot.pages.answer == "She"


def test_rendering_is_timed_and_counted_when_asked(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)

    def render(cancelled, on_progress):
        time.sleep(0.2)
        return spec.pages(cancelled, on_progress)

    asked = replace(spec, pages=render, parse_ms=7.0, options=Options(include_preparation=True))
    shot = finished(kept, kept.start(asked))
    figures = shot.pages.latencies
    assert figures.ttft_with_preparation_ms - figures.ttft_ms > 200
    assert shot.text.latencies.ttft_with_preparation_ms - shot.text.latencies.ttft_ms >= 7
    assert shot.speedup.pages_ms == figures.ttft_with_preparation_ms
    assert [stage.name for stage in shot.pages.waterfall.stages][:3] == ["parse", "render", "encode"]


def test_render_time_spent_before_the_question_is_the_one_given(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    shot = finished(kept, kept.start(replace(spec, render_ms=1234.0)))
    render = next(stage for stage in shot.pages.waterfall.stages if stage.name == "render")
    assert render.duration_ms == 1234.0


def test_history_and_sampling_reach_their_own_side(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    asked = replace(
        spec,
        text_history=(Turn("First?", "text said"),),
        pages_history=(Turn("First?", "pages said"),),
        pages_sampling=SamplingSettings(max_tokens=9),
    )
    finished(kept, kept.start(asked))
    text, pages = (server.chats[0].json for server in servers)
    assert text["messages"][1]["content"] == "text said"
    assert pages["messages"][1]["content"] == "pages said"
    assert (text["max_tokens"], pages["max_tokens"]) == (SamplingSettings().max_tokens, 9)


def test_one_side_alone(kept, servers, spec):
    servers[1].chat(*GOOD)
    shot = finished(kept, kept.start(replace(spec, text_endpoint=None)))
    assert shot.text is None
    assert shot.pages.phase is Phase.DONE
    assert shot.speedup is None


def test_simulated_is_told(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    both = replace(
        spec,
        text_endpoint=replace(spec.text_endpoint, simulated=True),
        pages_endpoint=replace(spec.pages_endpoint, simulated=True),
    )
    shot = finished(kept, kept.start(both))
    assert {side.provenance for side in shot.sides} == {Provenance.SIMULATED}
    assert shot.speedup.sentence.startswith("Projected: ")


# --- one side's trouble ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        ((error_answer(400, "Input length (300) exceeds model's maximum context length (200)."),), "ContextExceeded"),
        ((HEADERS, delta(content="half"), Reset()), "StreamEnded"),
        ((Reset(),), "StreamEnded"),
    ],
)
def test_one_sides_failure_leaves_the_other_alone(kept, servers, spec, trouble, kind):
    text, pages = servers
    text.chat(*trouble)
    pages.chat(HEADERS, Pause(0.3), *GOOD[1:])
    shot = finished(kept, kept.start(spec))
    assert shot.text.phase is Phase.FAILED
    assert shot.text.error.kind == kind
    assert shot.text.error.what_to_do
    assert shot.pages.phase is Phase.DONE
    assert shot.pages.answer == "She did."


def test_what_arrived_before_a_failure_is_kept(kept, servers, spec):
    text, pages = servers
    text.chat(HEADERS, delta(content="half"), Pause(0.05), Reset())
    pages.chat(*GOOD)
    assert finished(kept, kept.start(spec)).text.answer == "half"


def test_a_dead_server_is_one_sides_matter(kept, servers, spec):
    servers[0].chat(*GOOD)
    dead = replace(spec, pages_endpoint=replace(spec.pages_endpoint, base_url="http://127.0.0.1:9"))
    shot = finished(kept, kept.start(dead))
    assert shot.pages.error.kind == "ConnectionRefused"
    assert shot.text.phase is Phase.DONE


@pytest.mark.parametrize("failure", [RenderError("Font 'x' has no glyph for U+4E2D."), KeyError("a bug")])
def test_failing_pages_end_their_side_only(kept, servers, spec, failure):
    servers[0].chat(*GOOD)

    def render(cancelled, on_progress):
        raise failure

    shot = finished(kept, kept.start(replace(spec, pages=render)))
    assert shot.text.phase is Phase.DONE
    assert shot.pages.phase is Phase.FAILED
    expected = str(failure) if isinstance(failure, RenderError) else "unexpected"
    assert expected in shot.pages.error.what_happened


def test_retry_asks_one_side_again_and_renders_nothing_anew(kept, servers, spec):
    text, pages = servers
    text.chat(*GOOD)
    pages.chat(error_answer(503, "loading"))
    pages.chat(*GOOD)
    rendered = []

    def render(cancelled, on_progress):
        rendered.append(1)
        return spec.pages(cancelled, on_progress)

    comparison_id = kept.start(replace(spec, pages=render))
    first = finished(kept, comparison_id)
    assert first.pages.error.kind == "ServerNotReady"
    kept.retry(comparison_id, Role.PAGES)
    second = finished(kept, comparison_id)
    assert second.pages.phase is Phase.DONE
    assert second.pages.attempt == 2
    assert second.pages.error is None
    assert second.text == first.text
    assert len(text.chats) == 1
    assert rendered == [1]


def test_retry_goes_where_the_same_reader_is_now_and_never_to_another(kept, servers, spec):
    text, gone = servers
    text.chat(*GOOD)
    gone.chat(error_answer(503, "loading"))
    gone.chat(*GOOD)
    comparison_id = kept.start(spec)
    finished(kept, comparison_id)
    with ScriptedServer() as moved:
        moved.chat(*GOOD)
        elsewhere = replace(spec.pages_endpoint, base_url=moved.url)
        for another in (replace(elsewhere, model="another"), replace(elsewhere, simulated=True), spec.text_endpoint):
            kept.retry(comparison_id, Role.PAGES, another)
            finished(kept, comparison_id)
            assert moved.chats == []
            gone.chat(*GOOD)
        kept.retry(comparison_id, Role.PAGES, elsewhere)
        assert finished(kept, comparison_id).pages.phase is Phase.DONE
        assert len(moved.chats) == 1
    assert len(text.chats) == 1


def test_retry_of_a_running_side_is_refused(kept, servers, spec):
    for server in servers:
        server.chat(HEADERS, WaitFor(threading.Event()))
    comparison_id = kept.start(spec)
    with pytest.raises(StillRunning):
        kept.retry(comparison_id, Role.TEXT)


# --- stopping -------------------------------------------------------------------------------------------------------


def test_stop_closes_both_streams_within_a_second_and_keeps_the_words(kept, servers, spec):
    for server in servers:
        server.chat(HEADERS, delta(content="half"), WaitFor(threading.Event()))
    comparison_id = kept.start(spec)
    wait_until(kept, comparison_id, lambda shot: all(side.answer == "half" for side in shot.sides))
    stopped_at = time.perf_counter()
    kept.stop(comparison_id)
    shot = kept.snapshot(comparison_id)
    assert {side.phase for side in shot.sides} == {Phase.STOPPED}
    assert {side.answer for side in shot.sides} == {"half"}
    for server in servers:
        while server.chats[0].hung_up_at is None and time.perf_counter() < stopped_at + 2:
            time.sleep(0.01)
        assert server.chats[0].hung_up_at - stopped_at < 1


def test_stop_of_one_side_leaves_the_other_running(kept, servers, spec):
    text, pages = servers
    go_on = threading.Event()
    text.chat(HEADERS, WaitFor(threading.Event()))
    pages.chat(HEADERS, delta(content="a"), WaitFor(go_on), delta(finish="stop"), DONE)
    comparison_id = kept.start(spec)
    wait_until(kept, comparison_id, lambda shot: shot.pages.answer == "a")
    kept.stop(comparison_id, Role.TEXT)
    go_on.set()
    shot = finished(kept, comparison_id)
    assert (shot.text.phase, shot.pages.phase) == (Phase.STOPPED, Phase.DONE)


def test_stop_while_rendering_sends_nothing(kept, servers, spec):
    servers[0].chat(*GOOD)

    def render(cancelled, on_progress):
        while not cancelled():
            time.sleep(0.01)
        return ()

    comparison_id = kept.start(replace(spec, pages=render))
    wait_until(kept, comparison_id, lambda shot: shot.pages.phase is Phase.RENDERING)
    kept.stop(comparison_id)
    time.sleep(0.1)
    assert kept.snapshot(comparison_id).pages.phase is Phase.STOPPED
    assert servers[1].chats == []


def test_a_worker_that_comes_late_changes_nothing_on_a_stopped_side(kept, servers, spec):
    servers[0].chat(*GOOD)
    left = threading.Event()

    def render(cancelled, on_progress):
        while not cancelled():
            time.sleep(0.01)
        time.sleep(0.05)
        on_progress(9, 9)
        left.set()
        raise RenderError("too late")

    comparison_id = kept.start(replace(spec, pages=render))
    wait_until(kept, comparison_id, lambda shot: shot.pages.phase is Phase.RENDERING)
    kept.stop(comparison_id, Role.PAGES)
    stopped = kept.snapshot(comparison_id).pages
    assert left.wait(2)
    time.sleep(0.05)
    assert stopped.phase is Phase.STOPPED
    assert kept.snapshot(comparison_id).pages == stopped


def test_a_stopped_side_can_be_asked_again(kept, servers, spec):
    text, pages = servers
    text.chat(*GOOD)
    pages.chat(HEADERS, delta(content="half"), WaitFor(threading.Event()))
    pages.chat(*GOOD)
    comparison_id = kept.start(spec)
    wait_until(kept, comparison_id, lambda shot: shot.pages.answer == "half")
    kept.stop(comparison_id, Role.PAGES)
    kept.retry(comparison_id, Role.PAGES)
    assert finished(kept, comparison_id).pages.answer == "She did."


def test_threads_end_with_their_answers(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    for _ in range(4):
        finished(kept, kept.start(spec))
    kept.stop_all()
    deadline = time.perf_counter() + 3
    while side_threads() and time.perf_counter() < deadline:
        time.sleep(0.02)
    assert side_threads() == []
