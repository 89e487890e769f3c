"""Two real servers, two threads: what one side does is never felt by the other."""

import threading
import time
from dataclasses import replace

import pytest

from app.clients import Dialect, Endpoint, ImageLedger, PageFile, Role, SamplingSettings, Timeouts, Turn
from app.live import (
    ComparisonSpec,
    Cursor,
    NothingToAsk,
    Options,
    Order,
    Phase,
    Registry,
    StillRunning,
    TooManyRunning,
    UnknownComparison,
)
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
    usage,
)

GOOD = (
    HEADERS,
    delta(reasoning="hm"),
    Pause(0.01),
    delta(content="She"),
    delta(content=" did."),
    delta(finish="stop"),
    usage(),
    DONE,
)


@pytest.fixture
def servers():
    with ScriptedServer() as text, ScriptedServer() as pages:
        yield text, pages


@pytest.fixture
def kept():
    registry = Registry(ledger=ImageLedger(), timeouts=Timeouts(silence_s=20))
    yield registry
    registry.stop_all()


@pytest.fixture
def spec(servers, tmp_path):
    path = tmp_path / "page_001.png"
    path.write_bytes(b"png")
    page = PageFile(path, "sha1", 590, 842)
    text, pages = servers
    return ComparisonSpec(
        title="Book",
        document="Long ago.",
        question="Who?",
        pages=lambda cancelled, on_progress: (page,),
        text_endpoint=Endpoint(Role.TEXT, "Qwen", text.url, "qwen"),
        pages_endpoint=Endpoint(Role.PAGES, "Glyph", pages.url, "glyph"),
    )


def wait_until(kept, comparison_id, condition, timeout_s=5.0):
    """The first snapshot that fulfils the condition; the last one seen is shown when none does."""
    deadline = time.perf_counter() + timeout_s
    shot = kept.snapshot(comparison_id)
    while not condition(shot):
        left = deadline - time.perf_counter()
        assert left > 0, f"never came about; last: {shot}"
        kept.wait_changed(comparison_id, shot.version, min(left, 0.5))
        shot = kept.snapshot(comparison_id)
    return shot


def finished(kept, comparison_id):
    return wait_until(kept, comparison_id, lambda shot: not shot.running)


def side_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith(("side-", "hangup"))]


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
        assert side.ended_at >= side.started_at
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
    assert "(Simulated.)" in shot.speedup.sentence


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


# --- order and cold -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("order", "first"), [(Order.TEXT_FIRST, 0), (Order.PAGES_FIRST, 1)])
def test_one_after_the_other(kept, servers, spec, order, first):
    go_on = threading.Event()
    servers[first].chat(WaitFor(go_on), *GOOD)
    servers[1 - first].chat(*GOOD)
    comparison_id = kept.start(replace(spec, options=Options(order=order)))
    roles = (Role.TEXT, Role.PAGES)
    shot = wait_until(kept, comparison_id, lambda shot: shot.side(roles[first]).phase is Phase.READING)
    time.sleep(0.15)
    assert kept.snapshot(comparison_id).side(roles[1 - first]).phase is Phase.WAITING
    assert servers[1 - first].chats == []
    go_on.set()
    shot = finished(kept, comparison_id)
    assert shot.order is order
    assert {side.phase for side in shot.sides} == {Phase.DONE}
    # The wait for its turn is nobody's time to first token.
    assert shot.side(roles[1 - first]).latencies.ttft_ms < 150


def test_the_second_goes_on_when_the_first_fails(kept, servers, spec):
    servers[0].chat(error_answer(503, ""))
    servers[1].chat(*GOOD)
    shot = finished(kept, kept.start(replace(spec, options=Options(order=Order.TEXT_FIRST))))
    assert shot.pages.phase is Phase.DONE


def test_stop_reaches_a_side_that_waits_for_its_turn(kept, servers, spec):
    servers[0].chat(HEADERS, WaitFor(threading.Event()))
    comparison_id = kept.start(replace(spec, options=Options(order=Order.TEXT_FIRST)))
    wait_until(kept, comparison_id, lambda shot: shot.text.phase is Phase.READING)
    kept.stop(comparison_id)
    assert {side.phase for side in kept.snapshot(comparison_id).sides} == {Phase.STOPPED}
    time.sleep(0.1)
    assert servers[1].chats == []


def test_random_order_is_decided_once(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    assert finished(kept, kept.start(replace(spec, options=Options(order=Order.RANDOM)))).order in (
        Order.TEXT_FIRST,
        Order.PAGES_FIRST,
    )


def test_cold_resets_caches_and_sends_images_in_full(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
        for route in ("/reset_prefix_cache", "/reset_mm_cache", "/reset_encoder_cache"):
            server.route(route, {})
    finished(kept, kept.start(spec))
    shot = finished(kept, kept.start(replace(spec, options=Options(cold=True))))
    assert "emptied" in shot.pages.cache_note
    body = servers[1].chats[1].json
    assert "cache_salt" not in body
    assert body["messages"][0]["content"][0]["image_url"] is not None
    paths = [asked.path for asked in servers[1].asked]
    assert paths.index("/reset_encoder_cache") < len(paths) - 1 - paths[::-1].index("/v1/chat/completions")


def test_cold_without_resets_uses_salts_and_says_so(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    shot = finished(kept, kept.start(replace(spec, options=Options(cold=True))))
    salts = {server.chats[0].json["cache_salt"] for server in servers}
    assert len(salts) == 2
    assert all("salt" in side.cache_note for side in shot.sides)


def test_cold_at_a_hosted_server_promises_nothing(kept, servers, spec):
    servers[0].chat(*GOOD)
    hosted = replace(spec.text_endpoint, dialect=Dialect.PLAIN)
    shot = finished(
        kept, kept.start(replace(spec, text_endpoint=hosted, pages_endpoint=None, options=Options(cold=True)))
    )
    assert "not known" in shot.text.cache_note
    assert "cache_salt" not in servers[0].chats[0].json


# --- watching -------------------------------------------------------------------------------------------------------


def test_words_after_a_cursor_add_up_to_the_answer(kept, servers, spec):
    words = [delta(content=f"w{number} ") for number in range(50)]
    for server in servers:
        server.chat(HEADERS, *[step for word in words for step in (word, Pause(0.002))], delta(finish="stop"), DONE)
    comparison_id = kept.start(spec)
    cursor, answer, version = Cursor(), "", -1
    while True:
        version = kept.wait_changed(comparison_id, version, 2)
        news = kept.deltas_since(comparison_id, Role.TEXT, cursor)
        answer = news.answer if news.restart else answer + news.answer
        cursor = news.cursor
        if news.phase.is_over:
            break
    assert answer == "".join(f"w{number} " for number in range(50)) == kept.snapshot(comparison_id).text.answer


def test_a_cursor_of_an_older_try_starts_again(kept, servers, spec):
    text, pages = servers
    text.chat(HEADERS, delta(content="half"), Reset())
    text.chat(*GOOD)
    pages.chat(*GOOD)
    comparison_id = kept.start(spec)
    finished(kept, comparison_id)
    cursor = kept.deltas_since(comparison_id, Role.TEXT, Cursor()).cursor
    kept.retry(comparison_id, Role.TEXT)
    finished(kept, comparison_id)
    news = kept.deltas_since(comparison_id, Role.TEXT, cursor)
    assert news.restart
    assert news.answer == "She did."


def test_wait_changed_gives_up_in_time_and_wakes_at_once(kept, servers, spec):
    go_on = threading.Event()
    servers[0].chat(HEADERS, WaitFor(go_on), *GOOD[1:])
    comparison_id = kept.start(replace(spec, pages_endpoint=None))
    version = wait_until(
        kept, comparison_id, lambda shot: shot.text.marks.first_byte or shot.text.marks.headers
    ).version
    started = time.perf_counter()
    version = kept.wait_changed(comparison_id, version, 0.2)
    assert kept.wait_changed(comparison_id, version, 0.05) == version
    assert time.perf_counter() - started < 1
    threading.Timer(0.1, go_on.set).start()
    started = time.perf_counter()
    assert kept.wait_changed(comparison_id, version, 5) > version
    assert time.perf_counter() - started < 1


def test_watchers_are_called_until_they_leave(kept, servers, spec):
    go_on = threading.Event()
    servers[0].chat(HEADERS, WaitFor(go_on), *GOOD[1:])
    comparison_id = kept.start(replace(spec, pages_endpoint=None))
    called = threading.Event()
    leave = kept.subscribe(comparison_id, called.set)
    go_on.set()
    assert called.wait(2)
    leave()
    leave()


def test_keep_alive_lines_show_that_the_server_lives(kept, servers, spec):
    go_on = threading.Event()
    servers[0].chat(HEADERS, Pause(0.1), KEEP_ALIVE, WaitFor(go_on), *GOOD[1:])
    comparison_id = kept.start(replace(spec, pages_endpoint=None))
    shot = wait_until(kept, comparison_id, lambda shot: shot.text.marks.first_byte is not None)
    shot = wait_until(kept, comparison_id, lambda shot: shot.text.last_heard_at >= shot.text.marks.first_byte)
    assert shot.text.phase is Phase.READING
    assert shot.text.last_heard_at - shot.text.marks.headers > 0.05
    go_on.set()


def test_a_snapshot_never_changes(kept, servers, spec):
    go_on = threading.Event()
    for server in servers:
        server.chat(HEADERS, delta(content="a"), WaitFor(go_on), *GOOD[3:])
    comparison_id = kept.start(spec)
    shot = wait_until(kept, comparison_id, lambda shot: shot.text.answer == "a")
    go_on.set()
    finished(kept, comparison_id)
    assert (shot.text.answer, shot.text.phase) == ("a", Phase.ANSWERING)


# --- the registry's bounds ------------------------------------------------------------------------------------------


def test_finished_comparisons_are_evicted_oldest_first(servers, spec):
    kept = Registry(max_kept=3, ledger=ImageLedger())
    servers[0].chat(*GOOD)
    alone = replace(spec, pages_endpoint=None)
    ids = []
    for _ in range(5):
        ids.append(kept.start(alone))
        finished(kept, ids[-1])
    assert len(kept) == 3
    assert [comparison_id in kept for comparison_id in ids] == [False, False, True, True, True]
    with pytest.raises(UnknownComparison):
        kept.snapshot(ids[0])


def test_books_of_finished_comparisons_are_bounded_and_a_shared_one_counts_once(servers, spec):
    kept = Registry(max_kept_characters=250, ledger=ImageLedger())
    servers[0].chat(*GOOD)
    ids = []
    for document in ("a" * 100, "b" * 100, "c" * 100):
        same = replace(spec, pages_endpoint=None, document=document)
        for _ in range(2):
            ids.append(kept.start(same))
            finished(kept, ids[-1])
    assert [comparison_id in kept for comparison_id in ids] == [False, False, True, True, True, True]


def test_running_comparisons_are_bounded_and_never_evicted(servers, spec):
    kept = Registry(max_kept=2, max_running=2, ledger=ImageLedger())
    servers[0].chat(HEADERS, WaitFor(threading.Event()))
    alone = replace(spec, pages_endpoint=None)
    ids = [kept.start(alone), kept.start(alone)]
    with pytest.raises(TooManyRunning, match="2 comparisons are running"):
        kept.start(alone)
    assert all(comparison_id in kept for comparison_id in ids)
    kept.stop_all()


def test_ids_cannot_be_guessed_and_nonsense_is_refused(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    ids = {kept.start(spec) for _ in range(3)}
    assert len(ids) == 3
    assert all(len(comparison_id) >= 32 for comparison_id in ids)
    with pytest.raises(NothingToAsk):
        kept.start(replace(spec, question="  "))
    with pytest.raises(NothingToAsk):
        kept.start(replace(spec, text_endpoint=None, pages_endpoint=None))
    with pytest.raises(UnknownComparison):
        kept.snapshot("guess")


def test_neither_book_nor_key_is_in_a_specs_repr(spec):
    assert "Long ago" not in repr(spec)
