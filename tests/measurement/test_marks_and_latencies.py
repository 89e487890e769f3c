"""Figures come from marks alone, and a missing mark is None."""

import math

import pytest

from app.clients import (
    AnswerDelta,
    Finished,
    FirstByte,
    HeadersArrived,
    KeepAlive,
    ReasoningDelta,
    RequestSent,
    RequestStarted,
    Resent,
    ServerTimings,
    Stopped,
    UsageReport,
)
from app.measurement import (
    CacheState,
    MarkRecorder,
    Marks,
    Preparation,
    Provenance,
    StageName,
    cache_state,
    latencies,
    waterfall,
)


def usage(prompt=1000, completion=11, cached=None):
    return UsageReport(prompt, completion, cached, None, None, at=9.0)


def recorded(*events):
    recorder = MarkRecorder()
    for event in events:
        recorder.feed(event)
    return recorder


WHOLE = (
    RequestStarted(10.0),
    RequestSent(10.1, 100),
    HeadersArrived(10.6),
    FirstByte(12.0),
    KeepAlive(12.0),
    ReasoningDelta("a", 12.5),
    ReasoningDelta("b", 13.0),
    AnswerDelta("c", 14.0),
    AnswerDelta("d", 14.5),
    usage(),
    Finished("stop", 14.6),
)


def test_recorder_notes_each_instant_once_and_last_at_every_token():
    recorder = recorded(*WHOLE)
    assert recorder.marks == Marks(
        sent=10.0,
        body_sent=10.1,
        headers=10.6,
        first_byte=12.0,
        first_reasoning=12.5,
        first_answer=14.0,
        last=14.5,
        ended=14.6,
    )
    assert recorder.finish_reason == "stop"


def test_figures_of_a_whole_answer():
    figures = latencies(recorded(*WHOLE).marks, usage(completion=11))
    assert figures.ttft_ms == pytest.approx(2500)
    assert figures.time_to_first_answer_ms == pytest.approx(4000)
    assert figures.send_ms == pytest.approx(100)
    assert figures.headers_ms == pytest.approx(500)
    assert figures.queue_and_prefill_ms == pytest.approx(1900)
    assert figures.reasoning_ms == pytest.approx(1500)
    assert figures.decode_tokens_per_second == pytest.approx(10 / 2.0)
    assert figures.time_per_output_token_ms == pytest.approx(200)
    assert figures.total_ms == pytest.approx(4500)


def test_a_keep_alive_is_no_first_token():
    assert latencies(recorded(RequestStarted(1.0), FirstByte(2.0), KeepAlive(2.0)).marks, None).ttft_ms is None


def test_nothing_measured_gives_none_everywhere():
    figures = latencies(Marks(), None)
    fields = [name for name in figures.__dataclass_fields__ if name != "provenance"]
    assert [getattr(figures, name) for name in fields] == [None] * len(fields)


@pytest.mark.parametrize("missing", ["sent", "body_sent", "headers", "first_reasoning", "first_answer", "last"])
def test_a_missing_mark_is_never_replaced_by_another(missing):
    marks = recorded(*WHOLE).marks
    holed = Marks(**{name: None if name == missing else getattr(marks, name) for name in Marks.__dataclass_fields__})
    whole, figures = latencies(marks, usage()), latencies(holed, usage())
    needs = {
        "sent": ["ttft_ms", "time_to_first_answer_ms", "send_ms", "total_ms"],
        "body_sent": ["send_ms", "headers_ms"],
        "headers": ["headers_ms", "queue_and_prefill_ms"],
        "first_reasoning": ["reasoning_ms"],
        "first_answer": ["time_to_first_answer_ms", "reasoning_ms"],
        "last": ["decode_tokens_per_second", "time_per_output_token_ms", "total_ms"],
    }[missing]
    for name in needs:
        assert getattr(whole, name) is not None
        assert getattr(figures, name) is None


def test_one_token_has_no_rate():
    marks = recorded(RequestStarted(1.0), AnswerDelta("a", 2.0)).marks
    assert latencies(marks, usage(completion=1)).decode_tokens_per_second is None
    assert latencies(marks, usage(completion=5)).decode_tokens_per_second is None  # all in one chunk: no time passed


def test_preparation_is_added_only_in_its_own_figure():
    figures = latencies(recorded(*WHOLE).marks, None, Preparation(parse_ms=10, render_ms=900, encode_ms=90))
    assert figures.ttft_ms == pytest.approx(2500)
    assert figures.ttft_with_preparation_ms == pytest.approx(3500)


def test_running_usage_does_not_wipe_what_was_told():
    first = UsageReport(1000, 1, 640, 630, None, at=1.0)
    recorder = recorded(first, UsageReport(1000, 7, None, None, 3, at=2.0))
    merged = recorder.usage
    assert (merged.completion_tokens, merged.cached_tokens, merged.image_tokens) == (7, 640, 630)
    assert merged.reasoning_tokens == 3


@pytest.mark.parametrize(
    ("report", "was_reset", "new_salt", "expected"),
    [
        (usage(cached=0), False, False, CacheState.COLD),
        (usage(prompt=100_000, cached=16), False, False, CacheState.COLD),
        (usage(prompt=100_000, cached=99_000), False, False, CacheState.WARM),
        (usage(prompt=1000, cached=512), True, True, CacheState.WARM),
        (usage(cached=0), False, True, CacheState.COLD),
        (usage(cached=None), False, False, CacheState.UNKNOWN),
        (usage(cached=None), True, False, CacheState.COLD),
        (usage(cached=None), False, True, CacheState.SALTED),
        (None, True, True, CacheState.COLD),
        (None, False, True, CacheState.SALTED),
        (None, False, False, CacheState.UNKNOWN),
    ],
)
def test_badge_says_what_the_server_reused(report, was_reset, new_salt, expected):
    assert cache_state(report, was_reset, new_salt) is expected


# --- a simulator's stand-in -----------------------------------------------------------------------------------------


def late(by_ms, *events):
    timings = ServerTimings(None, None, None, None, None, 14.6, stand_in_waited_ms=900, stand_in_late_ms=by_ms)
    return recorded(*(events or WHOLE), timings).marks


def test_what_a_simulators_stand_in_needed_beyond_counts_in_no_figure():
    counted = latencies(late(400), usage(completion=11), provenance=Provenance.SIMULATED)
    assert counted.total_ms == pytest.approx(4100)
    assert counted.time_per_output_token_ms == pytest.approx(160)
    assert counted.ttft_ms == pytest.approx(2500)
    fall = waterfall(late(400), provenance=Provenance.SIMULATED)
    assert fall.done_ms == pytest.approx(4100)
    assert fall.stages[-1].duration_ms == pytest.approx(100)
    assert late(400).last == 14.5  # the mark itself stays what was seen


def test_a_first_token_that_a_busy_machine_brought_late_leaves_the_simulated_decode_its_length():
    """Else nothing would be left between first and last of a fast simulator, and no rate could be told."""
    timings = ServerTimings(None, None, 250.0, None, None, 14.6, stand_in_waited_ms=900, stand_in_late_ms=1_950)
    brought = (RequestStarted(10.0), AnswerDelta("It", 12.5), AnswerDelta(" was.", 14.5), timings)
    counted = latencies(recorded(*brought).marks, usage(completion=11), provenance=Provenance.SIMULATED)
    assert counted.total_ms == pytest.approx(2750)
    assert counted.time_per_output_token_ms == pytest.approx(25)


def test_a_measured_side_cannot_talk_its_times_down():
    assert latencies(late(400), usage()) == latencies(recorded(*WHOLE).marks, usage())
    assert waterfall(late(400)) == waterfall(recorded(*WHOLE).marks)


@pytest.mark.parametrize("by_ms", [99_000, -99_000, None])
def test_no_word_of_a_simulators_puts_the_end_before_the_answers_first_token_or_after_its_last(by_ms):
    counted = latencies(late(by_ms), usage(), provenance=Provenance.SIMULATED)
    assert counted.total_ms == pytest.approx(4000 if by_ms == 99_000 else 4500)
    nothing = latencies(late(by_ms, RequestStarted(10.0)), None, provenance=Provenance.SIMULATED)
    assert nothing.total_ms is None


# --- waterfall ------------------------------------------------------------------------------------------------------


def names(fall):
    return [stage.name for stage in fall.stages]


def test_stages_follow_each_other_without_gap_or_overlap():
    recorder = recorded(*WHOLE)
    timings = ServerTimings(
        queue_ms=300.0,
        time_to_first_token_ms=1900,
        generation_ms=2000,
        mean_inter_token_ms=200,
        tokens_per_second=5,
        at=14.6,
    )
    fall = waterfall(recorder.marks, Preparation(parse_ms=20, render_ms=800, encode_ms=30), timings)
    assert names(fall) == list(StageName)
    end = 0.0
    for stage in fall.stages:
        assert stage.start_ms == pytest.approx(end)
        end = stage.start_ms + stage.duration_ms
    assert end == pytest.approx(fall.done_ms) == pytest.approx(850 + 4500)
    assert fall.first_token_ms == pytest.approx(850 + 2500)
    durations = {stage.name: stage.duration_ms for stage in fall.stages}
    assert durations[StageName.QUEUE] == pytest.approx(300)
    assert durations[StageName.PREFILL] == pytest.approx(1600)


def test_without_the_servers_word_queue_is_part_of_prefill_and_said_so():
    fall = waterfall(recorded(*WHOLE).marks)
    assert StageName.QUEUE not in names(fall)
    assert "queue included" in next(stage for stage in fall.stages if stage.name is StageName.PREFILL).note


def test_a_queue_longer_than_the_wait_is_cut_to_it():
    timings = ServerTimings(99_000.0, None, None, None, None, at=14.6)
    durations = {stage.name: stage.duration_ms for stage in waterfall(recorded(*WHOLE).marks, timings=timings).stages}
    assert durations[StageName.QUEUE] == pytest.approx(1900)
    assert durations[StageName.PREFILL] == 0


def test_a_hosted_servers_headers_prove_nothing():
    fall = waterfall(recorded(*WHOLE).marks, headers_end_preprocessing=False)
    assert StageName.PREPROCESS not in names(fall)
    prefill = next(stage for stage in fall.stages if stage.name is StageName.PREFILL)
    assert prefill.duration_ms == pytest.approx(2400)


def test_our_own_work_is_measured_even_when_the_server_is_simulated():
    fall = waterfall(recorded(*WHOLE).marks, Preparation(render_ms=5), provenance=Provenance.SIMULATED)
    told = {stage.name: stage.provenance for stage in fall.stages}
    assert told[StageName.RENDER] is Provenance.MEASURED
    assert told[StageName.PREFILL] is Provenance.SIMULATED


def test_a_stopped_answer_has_the_stages_it_reached():
    fall = waterfall(recorded(*WHOLE[:3], Stopped(11.0)).marks)
    assert names(fall) == [StageName.SEND, StageName.PREPROCESS]
    assert fall.first_token_ms is None
    assert fall.done_ms is None


def test_reasoning_that_was_all_ends_with_the_last_token():
    fall = waterfall(recorded(*WHOLE[:7], Finished("length", 13.1)).marks)
    reason = fall.stages[-1]
    assert reason.name is StageName.REASON
    assert math.isclose(reason.duration_ms, 500)


def test_a_request_sent_twice_says_so():
    events = (RequestStarted(1.0), Resent(1.5, "forgotten"), RequestSent(1.6, 9), HeadersArrived(2.0))
    fall = waterfall(recorded(*events).marks)
    assert fall.stages[0].duration_ms == pytest.approx(600)
    assert "twice" in fall.stages[0].note
