"""A sweep against real vLLM: every length measured cold by both sides, several at once too, and nothing called simulated."""

from __future__ import annotations

import pytest

from app.clients import Role
from app.measurement import CacheState, Provenance
from app.paths import CONFIGS
from app.sweep import (
    UNTIL_FULL,
    Arm,
    Journal,
    Kind,
    Outcome,
    RunState,
    SweepPlan,
    SweepRun,
    SweepSubject,
    looked_at,
    novel_for,
    points,
)
from renderer import RenderConfig
from tests.vllm.pairs import READY_WITHIN_S, endpoints, launch, need_vllm


@pytest.mark.timeout(600)
def test_a_small_sweep_is_measured_cold_on_both_sides(pair, tmp_path):
    plan = SweepPlan(lengths=(512, 4096), repeats=3, at_once=(1, 4), answer_tokens=32)
    title, text = novel_for(plan)
    sides = [looked_at(endpoint)[0] for endpoint in (pair.text, pair.pages)]
    subject = SweepSubject(title, text, RenderConfig.load(CONFIGS / "en.json"), *sides)
    journal = Journal.create(tmp_path / "sweep.jsonl", subject.header(plan))
    look = SweepRun(subject, journal, pair.folder / "sweep").run()
    assert look.state is RunState.DONE
    for record in look.records:
        assert record.outcome is Outcome.MEASURED, record
        assert record.provenance is (Provenance.MEASURED if pair.real else Provenance.SIMULATED)
        assert record.cache is CacheState.COLD, record
        assert record.prompt_tokens > (record.visual_tokens or record.text_tokens)
        assert pair.real is False or (record.kv_cache_peak is not None) == (record.task.kind is Kind.LOAD), record
    median = {(one.kind, one.arm.role, one.aimed_tokens): one.ttft_ms.median for one in points(look.records)}
    if pair.real:  # a cached prefix or encoder would make the longer one as quick as the shorter
        for role in Role:
            assert median[Kind.PREFILL, role, 4096] > 1.5 * median[Kind.PREFILL, role, 512], median


@pytest.mark.vllm
@pytest.mark.timeout(900)
def test_more_at_once_ends_where_the_servers_own_gauge_says_that_its_cache_is_full(tmp_path):
    """48 blocks of 128 tokens hold five texts of 1,024 tokens: with eight at once some must wait."""
    need_vllm()
    with launch("tiny-small-cache", tmp_path) as launched:
        launched.wait(lambda state: all(server.is_serving for server in state.servers), READY_WITHIN_S, "serving")
        text = looked_at(endpoints(launched)["text"])[0]
        plan = SweepPlan(lengths=(1024,), repeats=1, decode=False, at_once=UNTIL_FULL[:6], answer_tokens=96)
        title, words = novel_for(plan)
        subject = SweepSubject(title, words, RenderConfig.load(CONFIGS / "en.json"), text, text)
        tasks = [task for task in plan.tasks() if task.kind is Kind.LOAD and task.arm == Arm(Role.TEXT)]
        journal = Journal.create(tmp_path / "sweep.jsonl", subject.header(plan))
        run = SweepRun(subject, journal, tmp_path / "pages")
        run._waiting = tasks
        look = run.run()
    by_users = {one.task.at_once: one for one in look.records}
    assert by_users[1].outcome is Outcome.MEASURED
    assert by_users[1].kv_cache_peak < 0.5
    left_out = [one for one in look.records if one.outcome is Outcome.LEFT_OUT]
    assert [one.task.at_once for one in left_out] == [16, 32], [(one.task.at_once, one.detail) for one in look.records]
    assert "KV cache is full" in left_out[-1].detail
