"""Sweeps against the simulator: everything measured once, cold, whatever one side does; pause, stop, budget."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from app.clients import Endpoint, Role, TextPrompt
from app.measurement import CacheState, Provenance
from app.paths import CONFIGS
from app.sweep import (
    Arm,
    Journal,
    Kind,
    Outcome,
    RunState,
    SweepPlan,
    SweepPlanError,
    SweepRun,
    SweepServer,
    SweepSubject,
    looked_at,
    novel_for,
    points,
    speedups,
)
from app.sweep.asking import ask_together
from renderer import RenderConfig
from tests.clients.scripted_server import DONE, HEADERS, ScriptedServer, delta, error_answer, usage
from tests.clients.simulators import simulator
from tests.sweep.conftest import PLAN, subject_with

WITHIN_S = 120


def swept(subject, plan, tmp_path, **options):
    journal = Journal.create(tmp_path / "sweep.jsonl", subject.header(plan))
    return SweepRun(subject, journal, tmp_path / "pages", **options)


def test_everything_is_measured_once_cold_and_says_that_it_is_simulated(subject, tmp_path):
    plan = replace(PLAN, at_once=(1, 3))
    look = swept(subject, plan, tmp_path).run()
    assert look.state is RunState.DONE
    assert len(look.records) == plan.task_count == look.done
    for record in look.records:
        assert record.outcome is Outcome.MEASURED, record
        assert record.provenance is Provenance.SIMULATED
        assert record.cache is CacheState.COLD
        assert len(record.ttft_ms) == record.task.at_once
        assert 0 < record.text_tokens <= record.task.text_tokens
        assert (record.visual_tokens is None) == (record.task.arm.dpi is None)
        assert (record.tokens_per_second is None) == (record.task.kind is Kind.PREFILL)
        assert record.prompt_tokens > (record.visual_tokens or record.text_tokens)
    assert {one.kind for one in speedups(points(look.records))} == set(Kind)
    assert not (tmp_path / "pages").exists()


def test_a_length_beyond_the_window_and_one_beyond_the_book_are_marks_and_the_rest_is_measured(subject, tmp_path):
    small = replace(subject.text_server, window_tokens=700)
    plan = replace(PLAN, lengths=(256, 1024, 50_000), repeats=1, decode=False)
    look = swept(replace(subject, text_server=small), plan, tmp_path).run()
    outcomes = {(one.task.arm.role, one.task.text_tokens): one for one in look.records}
    assert outcomes[Role.TEXT, 256].outcome is Outcome.MEASURED
    assert "window has 700" in outcomes[Role.TEXT, 1024].detail
    assert outcomes[Role.PAGES, 1024].outcome is Outcome.MEASURED
    for role in Role:
        assert outcomes[role, 50_000].outcome is Outcome.LEFT_OUT
        assert "fewer than the 50,000" in outcomes[role, 50_000].detail


def test_a_length_as_large_as_the_window_is_measured_with_what_fits_beside_its_answer(servers, tmp_path):
    """128K of text in a window of 128K: both sides get the same text, a little shorter, and its exact count is told."""
    window = replace(servers[0], window_tokens=4_096)
    plan = replace(PLAN, lengths=(4_096, 4_300), repeats=1, decode=False)
    title, words = novel_for(plan)
    subject = SweepSubject(title, words, RenderConfig.load(CONFIGS / "en.json"), window, servers[1])
    found = {(one.task.arm.role, one.task.text_tokens): one for one in swept(subject, plan, tmp_path).run().records}
    text, pages = found[Role.TEXT, 4_096], found[Role.PAGES, 4_096]
    assert text.outcome is pages.outcome is Outcome.MEASURED
    assert 0.97 * 4_096 <= text.text_tokens == pages.text_tokens < 4_096
    assert text.prompt_tokens + plan.prefill_answer_tokens <= 4_096
    assert found[Role.TEXT, 4_300].outcome is Outcome.LEFT_OUT


def test_the_servers_own_refusal_of_a_long_prompt_is_a_mark_too(servers, tmp_path):
    with simulator(Role.TEXT, "--speedup", "400", "--max-model-len", "600") as endpoint:
        unsaid = SweepServer(replace(endpoint, simulated=True), None)
        plan = replace(PLAN, repeats=1, decode=False)
        look = swept(subject_with(unsaid, servers[1]), plan, tmp_path).run()
    refused = [one for one in look.records if one.outcome is Outcome.LEFT_OUT]
    assert [(one.task.arm, one.task.text_tokens) for one in refused] == [(Arm(Role.TEXT), 1024)]


def test_a_side_that_is_not_there_takes_nothing_from_the_other_and_is_tried_again_on_resume(servers, tmp_path):
    gone = SweepServer(Endpoint(Role.PAGES, "pages", "http://127.0.0.1:9", servers[1].endpoint.model, simulated=True))
    plan = replace(PLAN, decode=False)
    subject = subject_with(servers[0], gone)
    look = swept(subject, plan, tmp_path).run()
    assert look.state is RunState.DONE
    by_role = {role: {one.outcome for one in look.records if one.task.arm.role is role} for role in Role}
    assert by_role == {Role.TEXT: {Outcome.MEASURED}, Role.PAGES: {Outcome.FAILED}}
    before = {one.task.key: one for one in look.records if one.outcome is Outcome.MEASURED}

    journal = Journal.resume(tmp_path / "sweep.jsonl")
    again = SweepRun(subject_with(*servers), journal, tmp_path / "pages").run()
    assert {one.outcome for one in again.records} == {Outcome.MEASURED}
    assert all(before[one.task.key] == one for one in again.records if one.task.key in before)


def test_pausing_asks_nothing_more_until_it_goes_on(subject, tmp_path):
    measured = threading.Event()
    run = swept(subject, PLAN, tmp_path, on_record=lambda *_: (run.pause(), measured.set()))
    run.start()
    assert measured.wait(WITHIN_S)
    assert not run.wait(0.5)
    paused = run.look()
    assert (paused.state, paused.done) == (RunState.PAUSED, 1)
    assert paused.seconds_left is not None
    run._on_record = None
    run.go_on()
    assert run.wait(WITHIN_S)
    assert run.look().done == PLAN.task_count


def test_stopping_gives_up_the_request_under_way_and_keeps_what_was_measured(servers, tmp_path):
    with simulator(Role.TEXT, "--speedup", "400", "--fail", "stall:60") as endpoint:
        stalled = subject_with(looked_at(endpoint)[0], servers[1])
        first_text = threading.Event()
        run = swept(stalled, PLAN, tmp_path)
        run._measurer.warm_up = lambda arm, cancel: first_text.set() if arm.role is Role.TEXT else None
        run.start()
        assert first_text.wait(WITHIN_S)
        run.stop()
        assert run.wait(WITHIN_S)
    look = run.look()
    assert look.state is RunState.STOPPED
    assert all(one.task.arm.role is Role.PAGES for one in look.records)
    with Journal.resume(tmp_path / "sweep.jsonl") as journal:
        assert journal.records == look.records


def test_the_budget_begins_nothing_that_would_go_beyond_it(subject, tmp_path):
    run = swept(subject, PLAN, tmp_path, budget_s=1e-6)
    look = run.run()
    assert look.state is RunState.BUDGET_SPENT
    assert look.done <= 1
    with pytest.raises(SweepPlanError, match="0 minutes measures nothing"):
        swept(subject, PLAN, tmp_path / "other", budget_s=0)


def test_more_at_once_ends_where_two_steps_in_a_row_gain_nothing(subject, tmp_path, monkeypatch):
    from app.sweep import measuring

    whole = measuring._together
    monkeypatch.setattr(measuring, "_together", lambda *given: replace(whole(*given), tokens_per_second=100.0))
    plan = SweepPlan(lengths=(256,), repeats=1, decode=False, at_once=(1, 2, 4, 8, 16), answer_tokens=8)
    look = swept(subject, plan, tmp_path).run()
    loads = [one for one in look.records if one.task.kind is Kind.LOAD and one.task.arm.role is Role.TEXT]
    assert [one.outcome for one in loads] == [Outcome.MEASURED] * 3 + [Outcome.LEFT_OUT] * 2
    assert "server is full" in loads[-1].detail


def test_a_disk_that_takes_no_more_ends_the_sweep_in_words(subject, tmp_path, monkeypatch):
    from app.sweep import JournalUnusable

    run = swept(subject, PLAN, tmp_path)

    def full(record):
        raise JournalUnusable("The disk is full.")

    monkeypatch.setattr(run._journal, "append", full)
    look = run.run()
    assert (look.state, look.detail) == (RunState.BROKEN, "The disk is full.")


def test_equal_requests_whose_salts_are_refused_are_not_called_cold():
    """They warm each other, emptied caches or not; with their salts, a server that reports nothing is cold by them."""
    untold = (HEADERS, delta(content="She did."), delta(finish="stop"), usage(cached=None), DONE)
    refused = error_answer(400, "Parameter 'cache_salt' is not supported.")
    with ScriptedServer() as server:
        endpoint = Endpoint(Role.TEXT, "Qwen", server.url, "qwen")
        server.chat(*untold)
        answered, errors = ask_together(endpoint, TextPrompt("Long ago.", "Who?"), 8, 2, threading.Event())
        assert ({one.cache for one in answered}, errors) == ({CacheState.SALTED}, [])
    with ScriptedServer() as server:
        endpoint = Endpoint(Role.TEXT, "Qwen", server.url, "qwen")
        for route in ("/reset_prefix_cache", "/reset_mm_cache", "/reset_encoder_cache"):
            server.route(route, {})
        server.chat(refused)
        server.chat(*untold)
        answered, errors = ask_together(endpoint, TextPrompt("Long ago.", "Who?"), 8, 1, threading.Event())
        assert ({one.cache for one in answered}, errors) == ({CacheState.UNKNOWN}, [])
